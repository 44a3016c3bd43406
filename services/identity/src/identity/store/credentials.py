"""Who signs in by what: digests of logins and the hash of a password, nothing that can be read."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from chassis.errors import Conflict
from chassis.journal import Tx
from chassis.mongo import Duplicate, GlobalCollection, IndexModel, Mongo
from identity.logins import normal_login
from identity.passwords import Passwords
from identity.subject_keys import KmsRoot

COLLECTION = "credentials"
_WHY = "a login belongs to a person, and persons are global"


@dataclass(frozen=True)
class Found:
    """The person behind a login, and the kept hash."""

    person_id: str
    password: str


class Credentials:
    """Logins and passwords of all persons."""

    def __init__(self, mongo: Mongo, root: KmsRoot, passwords: Passwords) -> None:
        self._mongo = mongo
        self._rows = mongo.crossing_tenants(COLLECTION, why=_WHY)
        self._root = root
        self.passwords = passwords

    async def prepare(self) -> None:
        """Make the collection: a login opens one door only."""
        await self._mongo.ensure(COLLECTION, [IndexModel([("logins", 1)], unique=True)], across=True)

    def digest(self, typed: str) -> str:
        """What is kept of a login."""
        return self._root.digest(f"login|{normal_login(typed)}")

    async def set_password(self, person_id: str, logins: Iterable[str], password: str) -> None:
        """Let a person sign in by any of these logins, besides those they had.

        Raises Conflict when a login is another person's, Invalid for a password that cannot be one.
        """
        await self._put(self._rows, person_id, logins, await self.passwords.hash(password))

    async def put_hashed(self, tx: Tx, person_id: str, logins: Iterable[str], hashed: str) -> None:
        """The same inside a command; `hashed` comes from `passwords.hash`, made before it began."""
        await self._put(tx.crossing_tenants(COLLECTION, why=_WHY), person_id, logins, hashed)

    async def find(self, typed: str) -> Found | None:
        """Whose login this is."""
        row = await self._rows.find_one({"logins": self.digest(typed)})
        return Found(row["_id"], row["password"]) if row else None

    async def rehash(self, person_id: str, password: str) -> None:
        """Keep the same password under today's costs."""
        hashed = await self.passwords.hash(password)
        await self._rows.update_one({"_id": person_id}, {"$set": {"password": hashed}})

    async def _put(self, rows: GlobalCollection, person_id: str, logins: Iterable[str], hashed: str) -> None:
        digests = sorted({self.digest(login) for login in logins})
        if await rows.find_one({"logins": {"$in": digests}, "_id": {"$ne": person_id}}):
            raise _taken()
        change = {
            "$set": {"password": hashed, "changed_at": datetime.now(UTC)},
            "$addToSet": {"logins": {"$each": digests}},
        }
        try:
            await rows.update_one({"_id": person_id}, change, upsert=True)
        except Duplicate as error:
            raise _taken() from error


def _taken() -> Conflict:
    return Conflict("Somebody else signs in by this already.", "username", "Choose another way to sign in.")
