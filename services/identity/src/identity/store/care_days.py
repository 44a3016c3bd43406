"""Care calendars: one row for each client that has one; ids, days and a time, and no word."""

from identity.care_days import CareCalendar
from identity.store.rows import NounStore


class CareCalendarStore(NounStore[CareCalendar]):
    """The care calendars of a tenant."""

    collection = "care_calendars"
    noun = CareCalendar

    async def of_client(self, client_id: str) -> CareCalendar:
        """The client's calendar; one that nobody has made is empty, at version 0."""
        return await self.find(client_id) or CareCalendar(id=client_id)

    async def keep(self, calendar: CareCalendar) -> None:
        """Add the first, or replace the one before. Raises Conflict."""
        if calendar.version == 1:
            await self.add(calendar)
        else:
            await self.save(calendar)
