"""Assignments and supervisions: a row each, ids and dates only."""

from collections.abc import Collection

from identity.assignments import Assignment, Supervision
from identity.store.rows import NounStore


class AssignmentStore(NounStore[Assignment]):
    """Which staff work with which client."""

    collection = "assignments"
    noun = Assignment

    async def of_client(self, client_id: str) -> list[Assignment]:
        """All assignments of one client, ended ones included."""
        return await self.select({"client_id": client_id})

    async def of_person(self, person_id: str) -> list[Assignment]:
        """All assignments of one staff member, ended ones included."""
        return await self.select({"person_id": person_id})


class SupervisionStore(NounStore[Supervision]):
    """Who oversees whom."""

    collection = "supervisions"
    noun = Supervision

    async def over(self, supervisees: Collection[str]) -> list[Supervision]:
        """All supervisions of these staff members, ended ones included."""
        return await self.select({"supervisee_id": {"$in": sorted(supervisees)}})
