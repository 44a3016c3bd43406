"""One holder at a time, by the database's clock: for the relay, the timers and whatever must run once."""

import time
from datetime import UTC, datetime

from chassis.mongo import Duplicate, Mongo
from contracts.ids import new_id

COLLECTION = "leases"
LIVES_MS = 5_000
RENEW_S = 1.2
_SURE = 0.3
"""The share of its life in which a lease that was taken is ours without asking."""
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class Lease:
    """A claim on a named piece of work; it is lost when it is not renewed in time."""

    def __init__(self, mongo: Mongo, name: str, *, lives_ms: int = LIVES_MS) -> None:
        self._rows = mongo.crossing_tenants(COLLECTION, why="work of the whole process belongs to no tenant")
        self._name = name
        self._lives_ms = lives_ms
        self.holder = new_id()
        self.term = 0
        """Grows with each new holder; writes of a holder that was replaced carry an older one."""
        self._sure_until = float("-inf")

    async def hold(self) -> bool:
        """As `take`, but the database is asked only when what it said last is no longer certain."""
        asked = time.monotonic()
        if asked < self._sure_until:
            return True
        held = await self.take()
        self._sure_until = asked + self._lives_ms * _SURE / 1000 if held else float("-inf")
        return held

    async def take(self) -> bool:
        """Take or renew the lease; False while another holds it. Raises when the database is away."""
        if await self._claim():
            return True
        try:
            await self._rows.insert_one({"_id": self._name, "holder": None, "until": _LONG_AGO, "term": 0})
        except Duplicate:
            return False
        return await self._claim()

    async def _claim(self) -> bool:
        mine = {"$eq": ["$holder", self.holder]}
        free = {"$or": [mine, {"$lt": ["$until", "$$NOW"]}]}
        term = {"$add": ["$term", {"$cond": [mine, 0, 1]}]}
        taken = {"term": term, "holder": self.holder, "until": {"$add": ["$$NOW", self._lives_ms]}}
        where = {"_id": self._name, "$expr": free}
        row = await self._rows.find_one_and_update(where, [{"$set": taken}])
        self.term = int(row["term"]) if row else 0
        return row is not None

    async def give_up(self) -> None:
        """Let another take it at once."""
        self._sure_until = float("-inf")
        over = [{"$set": {"holder": None, "until": {"$subtract": ["$$NOW", 1]}}}]
        await self._rows.update_one({"_id": self._name, "holder": self.holder}, over)
