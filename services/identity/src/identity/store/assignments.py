"""Assignments and supervisions: a row each, ids and dates only."""

from collections.abc import Collection
from datetime import datetime

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

    async def clients_of(self, persons: Collection[str], now: datetime) -> set[str]:
        """The clients that any of these staff members works with at that moment."""
        work = await self.select({"person_id": {"$in": sorted(persons)}})
        return {item.client_id for item in work if not item.over(now)}


class SupervisionStore(NounStore[Supervision]):
    """Who oversees whom."""

    collection = "supervisions"
    noun = Supervision

    async def over(self, supervisees: Collection[str]) -> list[Supervision]:
        """All supervisions of these staff members, ended ones included."""
        return await self.select({"supervisee_id": {"$in": sorted(supervisees)}})

    async def of_person(self, person_id: str) -> list[Supervision]:
        """All supervisions in which this staff member oversees or is overseen, ended ones included."""
        return await self.select({"$or": [{"supervisor_id": person_id}, {"supervisee_id": person_id}]})
