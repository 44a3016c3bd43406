"""Wrong passwords of the last minute, by account and by address; digests only, and gone after an hour."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from weakref import WeakValueDictionary

from chassis.mongo import Duplicate, IndexModel, Mongo
from identity.subject_keys import KmsRoot

COLLECTION = "sign_in_tries"
WINDOW = timedelta(minutes=1)
_KEPT = 32


@dataclass(frozen=True)
class Limit:
    """How many failures one account and one address may have within a minute."""

    per_account: int
    per_address: int


class Tries:
    """Counts failures alone: typing the right password often never makes anybody wait."""

    def __init__(self, mongo: Mongo, root: KmsRoot, limit: Limit) -> None:
        self._mongo = mongo
        self._rows = mongo.crossing_tenants(COLLECTION, why="nobody is signed in yet, so there is no tenant")
        self._root = root
        self._limit = limit
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def prepare(self) -> None:
        """Make the collection."""
        leave = IndexModel([("last", 1)], expireAfterSeconds=3600)
        await self._mongo.ensure(COLLECTION, [leave], across=True)

    def turn(self, account: str) -> asyncio.Lock:
        """Held while one try for an account is checked: many at once cannot slip past the count."""
        return self._turns.setdefault(account, asyncio.Lock())

    async def too_many(self, account: str, address: str) -> bool:
        """Whether this account or this address has failed too often within the last minute."""
        since = datetime.now(UTC) - WINDOW
        failed = await self._failures(self._id("account", account), since)
        if failed >= self._limit.per_account:
            return True
        return await self._failures(self._id("address", address), since) >= self._limit.per_address

    async def failed(self, account: str, address: str) -> None:
        """Count one failure."""
        now = datetime.now(UTC)
        change = {"$push": {"at": {"$each": [now], "$slice": -_KEPT}}, "$set": {"last": now}}
        for id in (self._id("account", account), self._id("address", address)):
            try:
                await self._rows.update_one({"_id": id}, change, upsert=True)
            except Duplicate:
                await self._rows.update_one({"_id": id}, change)

    async def _failures(self, id: str, since: datetime) -> int:
        row = await self._rows.find_one({"_id": id})
        return sum(1 for at in row["at"] if at > since) if row else 0

    def _id(self, kind: str, what: str) -> str:
        return self._root.digest(f"try|{kind}|{what}")
