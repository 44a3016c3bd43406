"""The sign-ins that have ended: a token of one of them is dead before it expires."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo import IndexModel

from chassis.mongo import Mongo

COLLECTION = "ended_sessions"
WHY = "a sign-in belongs to a person, and persons are global"
KEPT = timedelta(minutes=10)
"""Twice the life of an access token: after that no token of the sign-in can still be valid."""
LOOK_EVERY_S = 0.25
OVERLAP = timedelta(seconds=15)
"""Rows committed late may carry an earlier time; each look goes back this far again."""


async def ensure_ended_sessions(mongo: Mongo) -> None:
    """Make the collection's index: rows leave by themselves when they no longer matter."""
    leave = IndexModel([("heard_at", 1)], expireAfterSeconds=int(KEPT.total_seconds()))
    await mongo.ensure(COLLECTION, [leave], across=True)


class EndedSessions:
    """The list as an API process sees it: read again at most every quarter of a second."""

    def __init__(self, mongo: Mongo) -> None:
        self._rows = mongo.crossing_tenants(COLLECTION, why=WHY)
        self._sids: dict[str, datetime] = {}
        self._since = datetime.now(UTC) - KEPT
        self._looked_at = float("-inf")
        self._looking = asyncio.Lock()

    async def has(self, sid: str) -> bool:
        """True when this sign-in has ended; at most a quarter of a second behind the database."""
        if self._is_old():
            async with self._looking:
                if self._is_old():  # whoever waited for another's look needs none
                    await self._look()
        return sid in self._sids

    async def add(self, sid: str) -> None:
        """From now on no token of this sign-in is accepted in this service, before identity tells of its end."""
        row = {"$set": {"heard_at": datetime.now(UTC)}}
        await self._rows.update_one({"_id": sid}, row, upsert=True)

    def _is_old(self) -> bool:
        return time.monotonic() - self._looked_at > LOOK_EVERY_S

    async def _look(self) -> None:
        looked_at = time.monotonic()
        found: list[dict[str, Any]] = await self._rows.find({"heard_at": {"$gt": self._since}})
        for row in found:
            self._sids[row["_id"]] = row["heard_at"]
        if found:
            self._since = max(row["heard_at"] for row in found) - OVERLAP
        edge = datetime.now(UTC) - KEPT
        self._sids = {sid: heard for sid, heard in self._sids.items() if heard > edge}
        self._looked_at = looked_at
