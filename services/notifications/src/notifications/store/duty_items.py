"""Duty items: something was written that should not wait, until somebody has seen to it. Ids and times only.

open → acknowledged → done; open → escalated → acknowledged → done; any of them → done at once.
"""

from datetime import datetime
from typing import Any

from chassis.errors import NotFound
from chassis.journal import Tx
from chassis.mongo import Mongo
from contracts.duty import DutyCall

ITEMS = "duty_items"
OPEN, ESCALATED, ACKNOWLEDGED, DONE = "open", "escalated", "acknowledged", "done"
UNSEEN = (OPEN, ESCALATED)
"""Nobody has said yet that they see to it."""
_IN_TURN = [("state", -1), ("at", 1)]
"""By the names of the states: open, escalated, acknowledged."""


def item_row(event: DutyCall, told: str, *, access_rev: int) -> tuple[str, dict[str, Any]]:
    """The `_id` and the values of a new item; the same event makes one, ever. `told`: who is told of it."""
    values = {
        "client_id": event.client_id,
        "record_id": event.record_id,
        "classes": [event.data_class.value],
        "goal_ids": [event.goal_id] if event.goal_id else [],
        "parties": list(event.parties),
        "access_rev": access_rev,
        "told": told,
        "at": event.at,
        "state": OPEN,
    }
    return f"{event.tenant_id}:{event.event_id}", values


class DutyItems:
    """Lists what waits."""

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo

    async def waiting(
        self, tenant_id: str, limit: int, after: str | None
    ) -> tuple[list[dict[str, Any]], str | None]:
        """A page of what nobody has seen to yet, and the cursor of the next: first what nobody has said anything
        about, then what somebody sees to, which would fill the page before it; each the oldest first."""
        rows = self._mongo.tenant(ITEMS, tenant_id)
        return await rows.page({"state": {"$ne": DONE}}, sort=_IN_TURN, limit=limit, after=after)


async def acknowledge(tx: Tx, item_id: str, by: str, at: datetime) -> dict[str, Any]:
    """Somebody sees to it now, so nobody else need be called; who said so first stays. Raises NotFound."""
    change = {"state": ACKNOWLEDGED, "acknowledged_by": by, "acknowledged_at": at}
    return await _move(tx, item_id, UNSEEN, change)


async def done(tx: Tx, item_id: str, by: str) -> dict[str, Any]:
    """Somebody has seen to it; a second time changes nothing. Answers the item. Raises NotFound."""
    return await _move(tx, item_id, (*UNSEEN, ACKNOWLEDGED), {"state": DONE, "done_by": by})


async def escalate(tx: Tx, item_id: str, to: str) -> None:
    """Nobody has said that they see to it: `to` is called as well."""
    await _move(tx, item_id, (OPEN,), {"state": ESCALATED, "escalated_to": to})


async def told(tx: Tx, item_id: str, person_id: str) -> None:
    """Somebody is told of it who can be told: nobody was named when it came."""
    await _move(tx, item_id, (OPEN,), {"told": person_id})


async def open_item(tx: Tx, item_id: str) -> dict[str, Any] | None:
    """An item that nobody has said anything about; None where somebody has, or it was called for already."""
    return await tx.tenant(ITEMS).find_one({"_id": f"{tx.tenant_id}:{item_id}", "state": OPEN})


async def _move(tx: Tx, item_id: str, before: tuple[str, ...], change: dict[str, Any]) -> dict[str, Any]:
    """The item after the change, which is made only where it is in one of the states `before`."""
    rows, key = tx.tenant(ITEMS), f"{tx.tenant_id}:{item_id}"
    row = await rows.find_one({"_id": key})
    if row is None:
        raise NotFound
    if row["state"] not in before:
        return row
    await rows.update_one({"_id": key}, {"$set": change})
    return {**row, **change}
