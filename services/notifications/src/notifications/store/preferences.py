"""How each person wants to be told; global by design, because a person has one set for all tenants."""

from typing import Any


class PreferenceStore:
    """Reads and writes a person's channels."""

    def __init__(self, mongo: Any) -> None:
        self._rows = mongo.crossing_tenants("preferences", why="a person has one set of preferences for all tenants")

    async def channels(self, person_id: str) -> list[str]:
        """The channels the person chose, in order; empty where they never chose."""
        row = await self._rows.find_one({"_id": person_id})
        return list(row["channels"]) if row else []

    async def version(self, person_id: str) -> int:
        """The version of the person's preferences, 0 before the first choice."""
        row = await self._rows.find_one({"_id": person_id})
        return int(row["version"]) if row else 0
