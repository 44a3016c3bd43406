"""HTTP in: the notices of a person's next page; a sentence and where to read on, never what stands there."""

from typing import Annotated, Any

from fastapi import Query, Request, Response
from pydantic import Field

from chassis.auth import CallerDep
from chassis.errors import NotFound
from chassis.http import CommandDep, Strict, answer_written
from chassis.journal import Tx
from chassis.routes import Routes
from chassis.runtime import Chassis
from contracts.ids import Id
from notifications.deliveries import LOCK_SCREEN, Template, classes_of, concerns
from notifications.store.deliveries import DeliveryStore, mark_seen
from policy.caller import Caller

router = Routes(prefix="/tenants/{tenant_id}/notices", tags=["notices"])


class SeenIn(Strict):
    """Which notices have been read."""

    ids: list[Id] | None = Field(
        default=None, max_length=50, description="all that were shown, where left out"
    )


@router.get("")
async def notices(
    request: Request,
    caller: CallerDep,
    limit: Annotated[int, Query(ge=1, le=50)] = 20,
    after: str | None = None,
) -> dict[str, Any]:
    """What the caller has not been shown yet and may still read of, newest first; each is one fixed sentence.

    `classes` are those of the record that it is of; they say on which page to read on. A page may hold fewer
    than `limit`: of what has been closed to the caller since, nothing is told, until it is open to them again.
    """
    chassis: Chassis = request.app.state.chassis
    store = DeliveryStore(chassis.mongo)
    found, following = await store.notices(caller.tenant_id, caller.person_id, limit, after)
    rows = [row for row in found if await _still_concerns(chassis, caller, row)]
    await store.mark_shown(caller.tenant_id, rows)
    items = [
        {
            "id": row["_id"].split(":")[1],
            "text": LOCK_SCREEN[Template(row["template"])],
            "kind": row["template"],
            "client_id": row["client_id"],
            "classes": classes_of(row),
            "at": row["made_at"].isoformat(),
            "channel": row.get("channel"),
        }
        for row in rows
    ]
    return {"items": items, "next": following}


async def _still_concerns(chassis: Chassis, caller: Caller, row: dict[str, Any]) -> bool:
    """Whether the caller would find anything of what a row is about now. Raises Unavailable for stale facts."""
    try:
        _, granted = await chassis.access.decided(caller, row["client_id"])
    except NotFound:
        return False
    return concerns(granted, row)


@router.post("/seen")
async def seen(
    request: Request, response: Response, caller: CallerDep, command: CommandDep, body: SeenIn | None = None
) -> dict[str, object]:
    """These have been read, or all that were shown. Saying it twice changes nothing more."""
    chassis: Chassis = request.app.state.chassis
    ids = body.ids if body else None

    async def work(tx: Tx) -> None:
        tx.answer({"seen": await mark_seen(tx, caller.person_id, ids)})

    written = await chassis.journal.write(
        work, tenant_id=caller.tenant_id, by=caller.person_id, command=command
    )
    return answer_written(response, written)
