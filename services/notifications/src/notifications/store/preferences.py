"""How each person wants to be told; global by design, because a person has one set for all tenants."""

from dataclasses import dataclass

from chassis.errors import Conflict
from chassis.journal import Tx
from chassis.mongo import Mongo

_WHY = "a person has one set of preferences for all tenants"


@dataclass(frozen=True)
class Choice:
    """The channels somebody chose, in order, and how often they have."""

    channels: list[str]
    version: int


class PreferenceStore:
    """Reads and writes a person's channels."""

    def __init__(self, mongo: Mongo) -> None:
        self._rows = mongo.crossing_tenants("preferences", why=_WHY)

    async def choice(self, person_id: str) -> Choice:
        """What the person chose last; nothing, at version 0, where they never chose."""
        row = await self._rows.find_one({"_id": person_id})
        return Choice(list(row["channels"]), int(row["version"])) if row else Choice([], 0)

    async def save(self, tx: Tx, person_id: str, channels: list[str], version: int) -> None:
        """Keep the choice as this version. Raises Conflict when another choice came first."""
        rows = tx.crossing_tenants("preferences", why=_WHY)
        values = {"channels": channels, "version": version}
        if version == 1:
            done = await rows.update_one({"_id": person_id}, {"$setOnInsert": values}, upsert=True)
        else:
            done = await rows.update_one({"_id": person_id, "version": version - 1}, {"$set": values})
        if not done.inserted and not done.modified:
            raise Conflict("The choice was changed elsewhere.", field="If-Match", fix="Read it again.")
