"""One holder at a time, by the database's clock: for the relay, the timers and whatever must run once."""

from chassis.mongo import Duplicate, Mongo
from contracts.ids import new_id

COLLECTION = "leases"
LIVES_MS = 5_000
RENEW_S = 1.2


class Lease:
    """A claim on a named piece of work; it is lost when it is not renewed in time."""

    def __init__(self, mongo: Mongo, name: str, *, lives_ms: int = LIVES_MS) -> None:
        self._rows = mongo.crossing_tenants(COLLECTION, why="work of the whole process belongs to no tenant")
        self._name = name
        self._lives_ms = lives_ms
        self.holder = new_id()
        self.term = 0
        """Grows with each new holder; writes of a holder that was replaced carry an older one."""

    async def take(self) -> bool:
        """Take or renew the lease; False while another holds it. Raises when the database is away."""
        free = {"$or": [{"$eq": ["$holder", self.holder]}, {"$lt": ["$until", "$$NOW"]}]}
        mine = {"$eq": ["$holder", self.holder]}
        term = {"$add": [{"$ifNull": ["$term", 0]}, {"$cond": [mine, 0, 1]}]}
        taken = {"term": term, "holder": self.holder, "until": {"$add": ["$$NOW", self._lives_ms]}}
        try:
            row = await self._rows.find_one_and_update(
                {"_id": self._name, "$expr": free}, [{"$set": taken}], upsert=True
            )
        except Duplicate:
            return False
        self.term = int(row["term"]) if row else 0
        return row is not None

    async def give_up(self) -> None:
        """Let another take it at once."""
        over = [{"$set": {"holder": None, "until": {"$subtract": ["$$NOW", 1]}}}]
        await self._rows.update_one({"_id": self._name, "holder": self.holder}, over)
