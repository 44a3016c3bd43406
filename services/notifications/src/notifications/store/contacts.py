"""How persons are reached: what identity tells of them, sealed under their own keys."""

from chassis.runtime import Chassis
from chassis.seal import KeyGone
from contracts.classes import DataClass
from contracts.identity import Contact


class ContactStore:
    """Opens contact details; somebody whose key is gone has none."""

    def __init__(self, chassis: Chassis) -> None:
        self._keys = chassis.keys
        self._people = chassis.mongo.crossing_tenants(
            "people", why="contact details belong to persons, who are global"
        )

    async def of_person(self, person_id: str) -> Contact:
        """The person's own details."""
        return await self._opened("-", person_id, f"person:{person_id}")

    async def for_message(self, tenant_id: str, person_id: str) -> Contact:
        """How to reach the person, under their own sender name or else the organisation's neutral one."""
        contact = await self.of_person(person_id)
        if contact.sender_name:
            return contact
        organisation = await self._opened(tenant_id, tenant_id, f"client:{tenant_id}:{tenant_id}")
        return contact.model_copy(update={"sender_name": organisation.sender_name})

    async def _opened(self, tenant_id: str, subject_id: str, key: str) -> Contact:
        row = await self._people.find_one({"_id": key})
        box = (row or {}).get("sections", {}).get(DataClass.CONTACT.value)
        if not box:
            return Contact()
        try:
            opened = await self._keys.open(tenant_id, subject_id, DataClass.CONTACT, key, box)
        except KeyGone:
            return Contact()
        return Contact.read(opened)
