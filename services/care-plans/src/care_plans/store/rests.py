"""Rests at rest: whose, and until when; there is no word in them."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from care_plans.rests import Rest
from chassis.journal import Tx
from chassis.mongo import Doc, TenantCollection
from contracts.classes import DataClass

RESTS = "rests"


class RestStore:
    """The rests of one tenant."""

    def __init__(self, rows: TenantCollection) -> None:
        self._rows = rows

    async def get(self, client_id: str, household_id: str | None) -> Rest:
        """The rest of this home, or of the client; one that nobody has begun does not hold."""
        rest = Rest(self._rows.tenant_id, client_id, household_id)
        row = await self._rows.find_one({"_id": self._rows.key(client_id, rest.id)})
        return _rest(row) if row else rest

    async def page(
        self, client_id: str, where: Mapping[str, Any], day: date, *, limit: int, after: str | None
    ) -> tuple[list[Rest], str | None]:
        """One page of what rests on a day, and the next cursor."""
        still = {"client_id": client_id, "until": {"$gte": day.isoformat()}, **where}
        rows, cursor = await self._rows.page(still, sort=[("rest_id", 1)], limit=limit, after=after)
        return [_rest(row) for row in rows], cursor

    async def save(self, tx: Tx, rest: Rest) -> None:
        """Store the rest and tell its events; nothing is stored where nothing was told."""
        if not rest.events:
            return
        key = self._rows.key(rest.client_id, rest.id)
        row = {
            "_id": key,
            "client_id": rest.client_id,
            "rest_id": rest.id,
            "household_id": rest.household_id,
            "class": DataClass.TASK_LOG.value,
            "parties": [rest.party],
            "goal_id": None,
            "until": rest.until.isoformat() if rest.until else None,
        }
        await self._rows.replace_one({"_id": key}, row, upsert=True)
        for event in rest.events:
            tx.record(event)
        tx.audit("rest_saved", rest.client_id, DataClass.TASK_LOG, rest.id)
        rest.events.clear()


def _rest(row: Doc) -> Rest:
    until = date.fromisoformat(row["until"]) if row["until"] else None
    return Rest(row["tenant_id"], row["client_id"], row["household_id"], until)
