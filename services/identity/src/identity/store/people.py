"""People: global by design, one row per human, and one row per handle they may sign in by."""

from collections.abc import Callable, Mapping
from typing import Any

from chassis.errors import Conflict, NotFound
from chassis.handles import GlobalCollection
from chassis.mongo import NO_TENANT, Mongo
from chassis.seal import Keyring
from contracts.classes import DataClass
from identity.people import Person, PersonWords
from identity.store.rows import taken

WHY = "persons are global: one human, one login, several tenants"
GlobalRows = Callable[[str], GlobalCollection]


class PeopleStore:
    """All persons; every command it sends says that it crosses tenants."""

    def __init__(self, rows: GlobalRows, keys: Keyring) -> None:
        self._people = rows("people")
        self._handles = rows("handles")
        self._keys = keys

    @classmethod
    def reading(cls, mongo: Mongo, keys: Keyring) -> "PeopleStore":
        """The store outside a transaction, for reads."""
        return cls(lambda name: mongo.crossing_tenants(name, why=WHY), keys)

    async def find(self, person_id: str) -> Person | None:
        """The person of that id, or None."""
        row = await self._people.find_one({"_id": person_id})
        return await self._person(row) if row else None

    async def get(self, person_id: str) -> Person:
        """The person of that id. Raises NotFound."""
        found = await self.find(person_id)
        if found is None:
            raise NotFound()
        return found

    async def find_many(self, person_ids: list[str]) -> list[Person]:
        """The persons of these ids that exist."""
        rows = await self._people.find({"_id": {"$in": person_ids}}, sort=[("_id", 1)])
        return [await self._person(row) for row in rows]

    async def holder_of(self, digests: list[str]) -> str | None:
        """The id of the person who signs in by any of these handles, or None."""
        row = await self._handles.find_one({"_id": {"$in": digests}}, sort=[("_id", 1)])
        return str(row["person_id"]) if row else None

    async def add(self, person: Person) -> None:
        """Insert a new person and their handles. Raises Conflict when the id or a handle is taken.

        The answer never says whose handle it was.
        """
        if await self._people.find_one({"_id": person.id}, projection={"_id": 1}):
            raise taken("id")
        if await self.holder_of(list(person.handles)):
            raise Conflict(
                "This e-mail, phone number or user name cannot be used for a new person.",
                field="email",
                fix="If it is somebody who already signs in, use their id; otherwise choose another.",
            )
        await self._people.insert_one(await self._row(person))
        await self._handles.insert_many([{"_id": one, "person_id": person.id} for one in person.handles])

    async def save(self, person: Person) -> None:
        """Replace the person, whose rev is one higher than the stored one. Raises Conflict."""
        done = await self._people.replace_one(
            {"_id": person.id, "rev": person.rev - 1}, await self._row(person)
        )
        if not done.matched:
            raise Conflict("Somebody else changed this person at the same moment.", fix="Load it again.")

    async def _row(self, person: Person) -> dict[str, Any]:
        box = await self._keys.seal(NO_TENANT, person.id, DataClass.CONTACT, person.id, person.words)
        return {**person.model_dump(mode="json"), "_id": person.id, "box": box}

    async def _person(self, row: Mapping[str, Any]) -> Person:
        words = await self._keys.open(NO_TENANT, row["_id"], DataClass.CONTACT, row["_id"], row["box"])
        return Person.model_validate({**row, "words": PersonWords.model_validate(words)})
