"""What services ask each other and operators ask a service: missed events, its state, its parked streams."""

from typing import Annotated, Any

from fastapi import Path, Query, Request

from chassis.auth import ServiceDep
from chassis.gaps import PAGE
from chassis.journal import Stream
from chassis.parking import list_parked, unpark
from chassis.routes import Routes
from chassis.runtime import Chassis
from contracts.ids import ID_PATTERN

internal_router = Routes(prefix="/internal", include_in_schema=False)

PathId = Annotated[str, Path(pattern=ID_PATTERN)]
_SHOWN = ("seq", "type", "event", "access_rev", "traceparent")
_STATUS_WHY = "the state of this service's own workers"


def _chassis(request: Request) -> Chassis:
    chassis: Chassis = request.app.state.chassis
    return chassis


@internal_router.get("/journal/{tenant_id}/{client}")
async def journal_rows(
    request: Request,
    service: ServiceDep,
    tenant_id: PathId,
    client: Annotated[str, Path(pattern=rf"^-$|{ID_PATTERN}")],
    after: Annotated[int, Query(ge=0)] = 0,
) -> dict[str, Any]:
    """The next events of one stream after a place, words sealed; `client` is `-` for a stream without one."""
    stream = Stream(tenant_id, None if client == "-" else client)
    rows = await _chassis(request).journal.rows(stream, after=after, limit=PAGE)
    return {"rows": [{name: row.get(name) for name in _SHOWN} for row in rows]}


@internal_router.get("/status")
async def status(request: Request, service: ServiceDep) -> dict[str, Any]:
    """What each worker of this service last said about itself, and how long ago: lag, parked streams, freshness."""
    mongo = _chassis(request).mongo
    workers = mongo.crossing_tenants("workers", why=_STATUS_WHY)
    rows, now = await workers.find({}, limit=100), await mongo.now()
    return {"workers": [_plain(row) | {"age_s": (now - row["at"]).total_seconds()} for row in rows]}


@internal_router.get("/parked")
async def parked(request: Request, service: ServiceDep) -> dict[str, Any]:
    """The streams that stand, oldest first."""
    return {"parked": await list_parked(_chassis(request).mongo)}


@internal_router.post("/parked/{id}/unpark")
async def unpark_one(request: Request, service: ServiceDep, id: PathId) -> dict[str, Any]:
    """Let a parked stream go on; its worker fetches what it missed. Raises NotFound."""
    return await unpark(_chassis(request), id)


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in row.items()}
