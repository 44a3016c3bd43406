"""Households: one row each per tenant, with an index by member."""

from collections.abc import Collection
from typing import Any

from identity.households import Household
from identity.store.rows import NounStore


class HouseholdStore(NounStore[Household]):
    """The homes a tenant knows."""

    collection = "households"
    noun = Household

    def words_of(self, noun: Household) -> dict[str, Any]:
        """The home's label."""
        return {"label": noun.label}

    async def around(self, ids: Collection[str], person_id: str | None) -> list[Household]:
        """The homes of these ids, and those that person lives in."""
        named = [self._rows.key(one) for one in sorted(ids)]
        own = [{"members": person_id}] if person_id else []
        return await self.select({"$or": [{"_id": {"$in": named}}, *own]})
