"""How a noun becomes a row and back: the clear fields as they are, the words in one sealed box."""

from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from chassis.errors import Conflict, NotFound
from chassis.handles import TenantCollection
from chassis.seal import Keyring
from contracts.classes import DataClass

Rows = Callable[[str], TenantCollection]
"""A collection's rows of one tenant, by name: `tx.tenant`, or reads outside a transaction."""


T = TypeVar("T", bound=BaseModel)


class NounStore(Generic[T]):
    """One tenant's rows of one noun. Subclasses say the collection, the noun and how its words are sealed."""

    collection: str
    noun: type[T]
    data_class = DataClass.CONTACT_NAMES

    def __init__(self, rows: Rows, keys: Keyring, tenant_id: str) -> None:
        self._rows = rows(self.collection)
        self._keys = keys
        self.tenant_id = tenant_id

    def key_of(self, noun: T) -> str:
        """The part of the row's `_id` after the tenant."""
        return str(noun.model_dump()["id"])

    def subject_of(self, fields: Mapping[str, Any]) -> str:
        """Whose key seals the words of a row."""
        return self.tenant_id

    def words_of(self, noun: T) -> dict[str, Any] | None:
        """The words of a noun, None where it has none."""
        return None

    def with_words(self, fields: dict[str, Any], words: dict[str, Any]) -> T:
        """The noun from its clear fields and its opened words."""
        return self.noun.model_validate({**fields, **words})

    async def find(self, key: str) -> T | None:
        """The noun under that id, or None."""
        row = await self._rows.find_one({"_id": self._rows.key(key)})
        return await self._noun(row) if row else None

    async def get(self, key: str) -> T:
        """The noun under that id. Raises NotFound."""
        found = await self.find(key)
        if found is None:
            raise NotFound()
        return found

    async def of(self, client_id: str, key: str) -> T:
        """The noun under that id, of that client. Raises NotFound."""
        row = await self._rows.find_one({"_id": self._rows.key(key), "client_id": client_id})
        if row is None:
            raise NotFound()
        return await self._noun(row)

    async def add(self, noun: T) -> None:
        """Insert a new noun. Raises Conflict when its id is taken."""
        key = self.key_of(noun)
        if await self._rows.find_one({"_id": self._rows.key(key)}, projection={"_id": 1}):
            raise taken("id")
        await self._rows.insert_one(await self._row(noun))

    async def save(self, noun: T) -> None:
        """Replace the noun, whose version is one higher than the stored one. Raises Conflict."""
        row = await self._row(noun)
        done = await self._rows.replace_one({"_id": row["_id"], "version": row["version"] - 1}, row)
        if not done.matched:
            raise Conflict(
                "Somebody else changed this at the same moment.", fix="Load it again and repeat your change."
            )

    async def select(self, filter: Mapping[str, Any]) -> list[T]:
        """All nouns that match, in the order of their ids."""
        return [await self._noun(row) for row in await self._rows.find(filter, sort=[("_id", 1)])]

    async def page(self, limit: int, after: str | None) -> tuple[list[T], str | None]:
        """One page of all nouns of the tenant, and the cursor of the next."""
        rows, more = await self._rows.page({}, sort=[("_id", 1)], limit=limit, after=after)
        return [await self._noun(row) for row in rows], more

    async def _row(self, noun: T) -> dict[str, Any]:
        fields = noun.model_dump(mode="json")
        row = {**fields, "_id": self._rows.key(self.key_of(noun))}
        words = self.words_of(noun)
        if words is not None:
            subject = self.subject_of(fields)
            row["box"] = await self._keys.seal(self.tenant_id, subject, self.data_class, row["_id"], words)
        return row

    async def _noun(self, row: Mapping[str, Any]) -> T:
        fields = {name: value for name, value in row.items() if name not in {"_id", "tenant_id", "box"}}
        words: dict[str, Any] = {}
        if row.get("box"):
            subject = self.subject_of(fields)
            words = await self._keys.open(
                self.tenant_id, subject, self.data_class, str(row["_id"]), row["box"]
            )
        return self.with_words(fields, words)


def taken(field: str) -> Conflict:
    """The error of an id that somebody else has used."""
    return Conflict("This id is already in use.", field=field, fix="Choose another id.")
