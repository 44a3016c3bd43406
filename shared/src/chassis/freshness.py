"""How old the access facts of this service are, by the database's clock and never by the process's own."""

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from chassis.mongo import Mongo

COLLECTION = "freshness"
ROW = "access"
LOOK_AGAIN_S = 0.25
_WHY = "one heartbeat for all tenants"


async def raise_to(mongo: Mongo, beat_at: datetime) -> None:
    """Note that every fact up to `beat_at` is stored; an earlier time than the noted one changes nothing."""
    rows = mongo.crossing_tenants(COLLECTION, why=_WHY)
    await rows.update_one({"_id": ROW}, {"$max": {"beat_at": beat_at}}, upsert=True)


@dataclass(frozen=True)
class _Look:
    """What the database said, and when by this process's steady clock."""

    age_s: float
    now: datetime
    at: float


class Freshness:
    """Reads the age of the facts at most every 250 ms, however many requests ask."""

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo
        self._rows = mongo.crossing_tenants(COLLECTION, why=_WHY)
        self._seen: _Look | None = None
        self._looking = asyncio.Lock()

    async def age_s(self) -> float:
        """Seconds since the last heartbeat that is stored with all before it; infinite before the first."""
        seen = await self._look()
        return seen.age_s + time.monotonic() - seen.at

    async def now(self) -> datetime:
        """The database's time, which every process shares."""
        seen = await self._look()
        return seen.now + timedelta(seconds=time.monotonic() - seen.at)

    async def beat_at(self) -> datetime | None:
        """The moment up to which every fact is stored, read now; None before the first heartbeat."""
        found = await self._rows.find_one({"_id": ROW})
        return found["beat_at"] if found else None

    async def _look(self) -> _Look:
        if (seen := self._current()) is not None:
            return seen
        async with self._looking:
            if (seen := self._current()) is None:
                seen = self._seen = await self._read()
            return seen

    def _current(self) -> _Look | None:
        seen = self._seen
        return seen if seen is not None and time.monotonic() - seen.at < LOOK_AGAIN_S else None

    async def _read(self) -> _Look:
        asked = time.monotonic()
        age: dict[str, Any] = {"$subtract": ["$$NOW", "$beat_at"]}
        found = await self._rows.aggregate(
            [{"$match": {"_id": ROW}}, {"$project": {"now": "$$NOW", "age_ms": age}}]
        )
        if not found:
            return _Look(float("inf"), (await self._mongo.now()).astimezone(UTC), asked)
        return _Look(found[0]["age_ms"] / 1000, found[0]["now"], asked)
