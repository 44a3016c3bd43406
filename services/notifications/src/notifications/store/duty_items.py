"""Duty items: something was written that should not wait, until somebody has seen to it. Ids and times only."""

from typing import Any

from chassis.errors import NotFound
from chassis.journal import Tx
from chassis.mongo import Mongo
from contracts.duty import DutyCall

ITEMS = "duty_items"
OPEN, DONE = "open", "done"


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
    """Lists and closes duty items."""

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo

    async def waiting(
        self, tenant_id: str, limit: int, after: str | None
    ) -> tuple[list[dict[str, Any]], str | None]:
        """A page of what nobody has seen to yet, oldest first, and the cursor of the next."""
        rows = self._mongo.tenant(ITEMS, tenant_id)
        return await rows.page({"state": OPEN}, sort=[("at", 1)], limit=limit, after=after)

    async def done(self, tx: Tx, item_id: str, by: str) -> str | None:
        """Somebody has seen to it; a second time changes nothing. Answers whom it is about. Raises NotFound."""
        rows, key = tx.tenant(ITEMS), f"{tx.tenant_id}:{item_id}"
        row = await rows.find_one({"_id": key})
        if row is None:
            raise NotFound
        if row["state"] == OPEN:
            await rows.update_one({"_id": key}, {"$set": {"state": DONE, "done_by": by}})
        client_id: str | None = row["client_id"]
        return client_id
