"""HTTP in: what waits for whoever is on duty; ids and times, and whom to ask where the record is not theirs to read."""

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import Request, Response

from chassis.auth import CallerDep
from chassis.commands import Command
from chassis.cursors import After, Limit
from chassis.errors import NotFound
from chassis.http import CommandDep, answer_written
from chassis.journal import Tx
from chassis.routes import Routes
from chassis.runtime import Chassis
from contracts.ids import Id
from notifications.deliveries import concerns, now
from notifications.store import duty_items as items
from notifications.store.duty_items import DutyItems
from policy.caller import Caller
from policy.duty import on_rota

router = Routes(prefix="/tenants/{tenant_id}/duty-items", tags=["duty"])


@router.get("")
async def duty_items(
    request: Request, caller: CallerDep, limit: Limit = 50, after: After = None
) -> dict[str, Any]:
    """What waits for whom the organisation's rota names, first what nobody sees to yet, the oldest of it first; for
    everybody else there is nothing.

    `client_id` and `record_id` are told to who may read what was written. To others `ask` names who leads the
    work with that person; that somebody is on duty opens no record. `seen_to_by` is who has said that they see to
    it, `also_called` whom nobody's saying so has called as well.
    """
    chassis: Chassis = request.app.state.chassis
    if not await _on_duty(chassis, caller):
        return {"items": [], "next": None}
    found, following = await DutyItems(chassis.mongo).waiting(caller.tenant_id, limit, after)
    return {"items": [await _shown(chassis, caller, row) for row in found], "next": following}


@router.post("/{item_id}/acknowledge")
async def acknowledge(
    request: Request, response: Response, item_id: Id, caller: CallerDep, command: CommandDep
) -> dict[str, object]:
    """Somebody of the rota sees to it now: nobody else is called for it. Who said so first stays."""

    async def move(tx: Tx) -> dict[str, Any]:
        return await items.acknowledge(tx, item_id, caller.person_id, now())

    return await _moved(request, response, item_id, caller, command, "duty_item_acknowledged", move)


@router.post("/{item_id}/done")
async def done(
    request: Request, response: Response, item_id: Id, caller: CallerDep, command: CommandDep
) -> dict[str, object]:
    """Somebody of the rota has seen to it; it waits for nobody any more. Saying it twice changes nothing more."""

    async def move(tx: Tx) -> dict[str, Any]:
        return await items.done(tx, item_id, caller.person_id)

    return await _moved(request, response, item_id, caller, command, "duty_item_done", move)


async def _moved(
    request: Request,
    response: Response,
    item_id: str,
    caller: Caller,
    command: Command,
    audited: str,
    move: Callable[[Tx], Awaitable[dict[str, Any]]],
) -> dict[str, object]:
    """Run the change for who stands on the rota. Raises NotFound for everybody else."""
    chassis: Chassis = request.app.state.chassis
    if not await _on_duty(chassis, caller):
        raise NotFound()

    async def work(tx: Tx) -> None:
        row = await move(tx)
        tx.audit(audited, row["client_id"], detail_id=item_id)
        tx.answer({"id": item_id, "state": row["state"]})

    written = await chassis.journal.write(
        work, tenant_id=caller.tenant_id, by=caller.person_id, command=command
    )
    return answer_written(response, written)


async def _on_duty(chassis: Chassis, caller: Caller) -> bool:
    return caller.area != "family" and on_rota(await chassis.duty.named(caller.tenant_id), caller.person_id)


async def _shown(chassis: Chassis, caller: Caller, row: dict[str, Any]) -> dict[str, Any]:
    shown = {
        "id": row["_id"].split(":")[1],
        "at": row["at"].isoformat(),
        "state": row["state"],
        "seen_to_by": row.get("acknowledged_by"),
        "also_called": row.get("escalated_to"),
        "client_id": None,
        "record_id": None,
        "ask": [],
    }
    try:
        _, granted = await chassis.access.decided(caller, row["client_id"])
        if concerns(granted, row):
            return {**shown, "client_id": row["client_id"], "record_id": row["record_id"]}
    except NotFound:
        pass
    document = await chassis.access.document(caller.tenant_id, row["client_id"])
    return {
        **shown,
        "ask": [each.person_id for each in document.assignments if each.lead] if document else [],
    }
