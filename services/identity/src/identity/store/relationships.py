"""Relationships: one row each, the evidence under the client's key."""

from collections.abc import Mapping
from typing import Any

from contracts.classes import DataClass
from identity.relationships import Relationship
from identity.store.rows import NounStore


class RelationshipStore(NounStore[Relationship]):
    """The family ties of a tenant's clients."""

    collection = "relationships"
    noun = Relationship
    data_class = DataClass.CONSENT

    def subject_of(self, fields: Mapping[str, Any]) -> str:
        """The client's key."""
        return str(fields["client_id"])

    def words_of(self, noun: Relationship) -> dict[str, Any]:
        """What was seen as evidence."""
        return {"evidence": noun.evidence}

    async def of_client(self, client_id: str) -> list[Relationship]:
        """All ties of one client, ended ones included."""
        return await self.select({"client_id": client_id})

    async def of_person(self, person_id: str) -> list[Relationship]:
        """All ties of one person, ended ones included."""
        return await self.select({"person_id": person_id})
