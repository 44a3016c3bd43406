"""Class keys and access revisions for the other services; a person's token sees none of it."""

import base64
from typing import Annotated

from pydantic import Field, StringConstraints

from chassis.auth import ServiceDep
from chassis.http import Strict
from chassis.routes import Routes
from chassis.seal import KeyName
from contracts.classes import DataClass
from contracts.ids import Id
from identity.api.desks import Answer, ChassisDep, SubjectKeysDep

router = Routes(prefix="/internal", include_in_schema=False)

TenantOrNone = Annotated[str, StringConstraints(pattern=r"^(-|[a-z0-9][a-z0-9_-]{0,62})$")]
AccessKey = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}:[a-z0-9][a-z0-9_-]{0,62}$")]


class KeyRequest(Strict):
    """One class key of one subject."""

    tenant_id: TenantOrNone
    subject_id: Id
    data_class: DataClass


class KeyRequests(Strict):
    """Class keys, many at once."""

    requests: Annotated[list[KeyRequest], Field(max_length=1000)]


class RevRequests(Strict):
    """Access documents by key, `tenant:client`."""

    keys: Annotated[list[AccessKey], Field(max_length=1000)]


@router.post("/keys")
async def hand_out_keys(body: KeyRequests, service: ServiceDep, keys: SubjectKeysDep) -> Answer:
    """The keys that exist and that the table allows the calling service; all others are left out."""
    names = [KeyName(one.tenant_id, one.subject_id, one.data_class) for one in body.requests]
    found = await keys.for_service(service.name, names)
    rows = [
        {**name._asdict(), "key": base64.urlsafe_b64encode(key).decode().rstrip("=")}
        for name, key in found.items()
    ]
    return {"keys": rows}


@router.post("/access/revs")
async def access_revs(body: RevRequests, service: ServiceDep, chassis: ChassisDep) -> Answer:
    """The current revision of each access document, for a service whose own copy may be old."""
    revs: dict[str, int] = {}
    for tenant_id in sorted({key.partition(":")[0] for key in body.keys}):
        wanted = sorted(key for key in body.keys if key.startswith(f"{tenant_id}:"))
        rows = await chassis.mongo.tenant("access_documents", tenant_id).find(
            {"_id": {"$in": wanted}}, projection={"rev": 1, "tenant_id": 1}
        )
        revs |= {row["_id"]: row["rev"] for row in rows}
    return {"revs": revs}
