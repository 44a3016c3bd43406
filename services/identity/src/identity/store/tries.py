"""Wrong passwords of the last minutes, by account and by address; digests only, and gone after an hour."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from weakref import WeakValueDictionary

from chassis.mongo import Duplicate, IndexModel, Mongo
from chassis.tenancy import Update
from identity.subject_keys import KmsRoot

COLLECTION = "sign_in_tries"
ACCOUNT_WINDOW = timedelta(minutes=1)
ADDRESS_WINDOW = timedelta(minutes=10)


class Over(StrEnum):
    """Which limit was reached: guessing at one account, or trying one account after another."""

    ACCOUNT = "account"
    ADDRESS = "address"


@dataclass(frozen=True)
class Limit:
    """How often one account may fail within a minute, and how many accounts at one address within ten."""

    per_account: int
    per_address: int


@dataclass(frozen=True)
class Pause:
    """How long nothing is tried, and for whom."""

    over: Over
    seconds: int


class Tries:
    """Counts failures alone: typing the right password often never makes anybody wait.

    An account counts failures wherever they come from. An address counts accounts and not failures: behind
    one may sit a whole school, and whoever forgot a password there tries one account, however often. An
    account is what was typed, whether or not somebody comes in by it: both wait alike.
    """

    def __init__(self, mongo: Mongo, root: KmsRoot, limit: Limit) -> None:
        self._mongo = mongo
        self._rows = mongo.crossing_tenants(COLLECTION, why="nobody is signed in yet, so there is no tenant")
        self._root = root
        self._limit = limit
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def prepare(self) -> None:
        """Make the collection."""
        leave = IndexModel([("last", 1)], expireAfterSeconds=3600)
        by_address = IndexModel([("address", 1), ("last", -1)])
        await self._mongo.ensure(COLLECTION, [leave, by_address], across=True)

    def turn(self, account: str) -> asyncio.Lock:
        """Held while one try for an account is checked: many at once cannot slip past the count."""
        return self._turns.setdefault(account, asyncio.Lock())

    async def pause(self, account: str, address: str) -> Pause | None:
        """How long this account or this address has to wait, if it has failed too often of late."""
        now = datetime.now(UTC)
        row = await self._rows.find_one({"_id": self._id("account", account)})
        failed = [at for at in row["at"] if at > now - ACCOUNT_WINDOW] if row else []
        if len(failed) >= self._limit.per_account:
            return Pause(Over.ACCOUNT, int(ACCOUNT_WINDOW.total_seconds()))
        since = now - ADDRESS_WINDOW
        of_address = {"address": self._id("address", address), "last": {"$gt": since}}
        rows = await self._rows.find(of_address, sort=[("last", -1)], limit=self._limit.per_address)
        if len(rows) < self._limit.per_address:
            return None
        return Pause(Over.ADDRESS, int((rows[-1]["last"] - since).total_seconds()) + 1)

    async def failed(self, account: str, address: str) -> None:
        """Count one failure."""
        now = datetime.now(UTC)
        kept = {"$each": [now], "$slice": -self._limit.per_account}
        await self._put(self._id("account", account), {"$push": {"at": kept}, "$set": {"last": now}})
        place = {"address": self._id("address", address), "last": now}
        await self._put(self._of_both(account, address), {"$set": place})

    async def came_in(self, account: str, address: str) -> None:
        """Whoever came in after all was no stranger to the account: the address forgets that it failed."""
        await self._rows.delete_one({"_id": self._of_both(account, address)})

    async def _put(self, id: str, change: Update) -> None:
        try:
            await self._rows.update_one({"_id": id}, change, upsert=True)
        except Duplicate:
            await self._rows.update_one({"_id": id}, change)

    def _of_both(self, account: str, address: str) -> str:
        return self._id("both", f"{address}|{account}")

    def _id(self, kind: str, what: str) -> str:
        return self._root.digest(f"try|{kind}|{what}")
