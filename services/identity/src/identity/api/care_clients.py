"""Clients over HTTP: an administrator adds them; their record is for the people around them."""

import asyncio
from typing import Annotated

from fastapi import Query
from pydantic import Field

from chassis.auth import CallerDep
from chassis.errors import Invalid, NotFound
from chassis.http import IfMatch, Strict, require_version
from chassis.journal import Tx
from chassis.routes import Routes
from contracts.access import Role
from contracts.classes import DataClass
from contracts.ids import ClientId, Id, PersonId
from identity.api.desks import (
    AdministeringClientDep,
    AdministeringDep,
    AdministratorDep,
    Answer,
    ChassisDep,
    DeskDep,
    is_administrator,
)
from identity.care_clients import CareClient, ClientWords
from identity.clock import now
from identity.jurisdictions import birth_of, thresholds
from identity.schools import School
from identity.store.desk import Desk
from identity.store.publishing import publish_access, publish_client_names
from policy.days import day_of

router = Routes(prefix="/tenants/{tenant_id}/clients", tags=["clients"])

ShortText = Annotated[str, Field(min_length=1, max_length=100)]


class ClientDetails(Strict):
    """What may be changed about a client: the names used with whom, and the school."""

    names: Annotated[dict[Id, ShortText], Field(min_length=1, max_length=20)]
    pronouns: ShortText | None = None
    mark: ShortText | None = None
    school_id: Id | None = None
    class_id: Id | None = None


class NewClient(ClientDetails):
    """A client: names by audience, and either the birth month and year or the age today."""

    id: ClientId
    birth_month: Annotated[int, Field(ge=1, le=12)] | None = None
    birth_year: Annotated[int, Field(ge=1900, le=2200)] | None = None
    age: Annotated[int, Field(ge=0, le=120)] | None = None
    person_id: PersonId | None = None


@router.post("", status_code=201)
async def add_client(body: NewClient, admin: AdministeringDep) -> Answer:
    """Add a client; with a person, that person signs in as the client."""
    if "everyone" not in body.names:
        raise Invalid(
            "One name has to be for everyone.",
            field="names.everyone",
            fix="Add the name used with everybody.",
        )
    if body.id == admin.caller.tenant_id:
        raise Invalid("This is the organisation's own id.", field="id", fix="Choose another id.")
    words = _words(body)
    await admin.subject_keys.ensure(admin.caller.tenant_id, body.id)

    async def work(tx: Tx, desk: Desk) -> Answer:
        client = await _checked(desk, body, words)
        await desk.clients.add(client)
        if client.person_id:
            await _put_on_client_hat(desk, client.person_id)
        await publish_client_names(tx, admin.chassis.keys, client)
        document = await publish_access(tx, desk, client.id, now())
        tx.audit("client_added", client.id, detail_id=client.id)
        return {"id": client.id, "version": client.version + 1, "rev": document.rev}

    return await admin.write(work)


@router.get("")
async def list_clients(
    desk: DeskDep,
    admin: AdministratorDep,
    chassis: ChassisDep,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    after: Annotated[str | None, Query(max_length=500)] = None,
) -> Answer:
    """The clients an administrator looks after, by id; their names are for the people around them."""
    clients, more = await desk.clients.page(limit, after)
    await asyncio.gather(*(chassis.audit.read(admin, one.id, [DataClass.CONTACT_NAMES]) for one in clients))
    items = [
        {"id": one.id, "version": one.version, "school_id": one.school_id, "person_id": one.person_id}
        for one in clients
    ]
    return {"items": items, "next": more}


_NOT_THEIRS = {"consents", "care_days", "handover_at", "receipts_for", "next_change_at", "closed"}
"""What the facts of a client hold that an administrator has no part in: whose days they are is the team's to read."""


@router.get("/{client_id}")
async def read_client(client_id: ClientId, desk: DeskDep, caller: CallerDep, chassis: ChassisDep) -> Answer:
    """Who stands around a client, by id: for the administrators who keep that right."""
    if not is_administrator(caller):
        raise NotFound()
    client = await desk.clients.get(client_id)
    document = await desk.document(client_id)
    told = document.model_dump(mode="json", exclude=_NOT_THEIRS)
    await chassis.audit.read(caller, client_id, [DataClass.CONTACT_NAMES, DataClass.COURT_ORDER])
    return {"id": client.id, "version": client.version, **told}


@router.put("/{client_id}")
async def change_client(
    client_id: ClientId, body: ClientDetails, admin: AdministeringClientDep, seen: IfMatch
) -> Answer:
    """Change names, pronouns, mark or school."""
    _check_names(body)

    async def work(tx: Tx, desk: Desk) -> Answer:
        before = await desk.clients.get(client_id)
        require_version(before.version, seen)
        _check_class(await desk.schools.find(body.school_id) if body.school_id else None, body)
        words = before.words.model_copy(update=body.model_dump(include={"names", "pronouns", "mark"}))
        place = {"school_id": body.school_id, "class_id": body.class_id}
        client = before.model_copy(update={**place, "words": words, "version": before.version + 1})
        await desk.clients.save(client)
        await publish_client_names(tx, admin.chassis.keys, client)
        document = await publish_access(tx, desk, client_id, now())
        tx.audit("client_changed", client_id, detail_id=client_id)
        return {"id": client_id, "version": client.version + 1, "rev": document.rev}

    return await admin.write(work)


def _check_names(body: ClientDetails) -> None:
    if "everyone" not in body.names:
        raise Invalid(
            "One name has to be for everyone.",
            field="names.everyone",
            fix="Add the name used with everybody.",
        )


def _words(body: NewClient) -> ClientWords:
    year, month = _birth(body)
    return ClientWords(
        names=body.names, pronouns=body.pronouns, mark=body.mark, birth_year=year, birth_month=month
    )


def _birth(body: NewClient) -> tuple[int, int]:
    if body.age is not None and body.birth_year is None:
        return birth_of(body.age, body.birth_month, day_of(now()))
    if body.birth_year is not None and body.birth_month is not None and body.age is None:
        return body.birth_year, body.birth_month
    raise Invalid(
        "Without the age nobody can say who decides for this client.",
        field="birth_year",
        fix="Send birth_month and birth_year, or age (with birth_month if you know it).",
    )


async def _checked(desk: Desk, body: NewClient, words: ClientWords) -> CareClient:
    tenant = await desk.tenants.own()
    assert words.birth_year is not None and words.birth_month is not None
    dates = thresholds(tenant.pack, words.birth_year, words.birth_month)
    _check_class(await desk.schools.find(body.school_id) if body.school_id else None, body)
    if body.person_id and await desk.memberships.find(body.person_id) is None:
        raise Invalid(
            "Nobody of this id belongs to the organisation.", field="person_id", fix="Add the person first."
        )
    return CareClient(
        id=body.id,
        person_id=body.person_id,
        school_id=body.school_id,
        class_id=body.class_id,
        privacy_from=dates.privacy_from,
        consents_from=dates.consents_from,
        majority_from=dates.majority_from,
        words=words,
    )


def _check_class(school: School | None, body: ClientDetails) -> None:
    if body.school_id and school is None:
        raise Invalid("There is no school of this id.", field="school_id", fix="Add the school first.")
    if body.class_id and (school is None or body.class_id not in school.class_ids):
        raise Invalid(
            "The school has no class of this id.", field="class_id", fix="Choose one of its classes."
        )


async def _put_on_client_hat(desk: Desk, person_id: PersonId) -> None:
    membership = await desk.memberships.get(person_id)
    hatted = membership.with_derived(Role.CLIENT)
    if hatted is not membership:
        await desk.memberships.save(hatted)
