"""When sessions are: the next one of each child, for one person all that are to come; and what is called off."""

from collections.abc import Iterator
from datetime import UTC, datetime

from contracts.classes import DataClass
from contracts.sessions import SessionScheduled
from family_portal.portal import Portal
from family_portal.views.opened import Entry
from family_portal.views.reader import Reach
from family_portal.web.heads import clock
from family_portal.web.models import Appointment, AppointmentsPart, Live

MOST_AHEAD = 200
"""So many sessions ahead are looked at for the soonest."""


async def next_of(portal: Portal, reached: list[Reach]) -> AppointmentsPart:
    """The soonest session of each child that is still to come, and those that are cancelled, soonest first."""
    found: list[tuple[datetime, str]] = []
    for reach in reached:
        named = await portal.names.client(reach.caller.tenant_id, reach.client_id)
        planned, off = await _ahead(portal, reach)
        found += _lines(planned[:1], off, f"{named.name}’s session")
    return _part("/home", reached, sorted(found))


async def still_to_come(portal: Portal, reach: Reach) -> AppointmentsPart:
    """Every session of one's own that is still to come or was cancelled, soonest first."""
    planned, off = await _ahead(portal, reach)
    return _part("/mine", [reach], sorted(_lines(planned, off, "Your session")))


def _part(where: str, reached: list[Reach], lines: list[tuple[datetime, str]]) -> AppointmentsPart:
    live = Live("next", f"{where}/fragments/next", tuple(f"session-{reach.client_id}" for reach in reached))
    return AppointmentsPart(live, tuple(Appointment(clock(at), said) for at, said in lines))


def _lines(planned: list[Entry], off: list[Entry], whose: str) -> Iterator[tuple[datetime, str]]:
    yield from ((entry.happened_at, whose) for entry in planned)
    yield from ((entry.happened_at, f"{whose} is cancelled.") for entry in off)


async def _ahead(portal: Portal, reach: Reach) -> tuple[list[Entry], list[Entry]]:
    """What the reader may know of sessions whose time is to come: the planned ones, soonest first, the cancelled."""
    coming = {"happened_at": {"$gt": datetime.now(UTC).isoformat()}}
    page = await portal.reader.items(reach, (DataClass.ATTENDANCE,), limit=MOST_AHEAD, match=coming)
    planned = [entry for entry in page.entries[::-1] if entry.type == SessionScheduled.TYPE]
    return planned, [entry for entry in page.entries if entry.meta.get("state") == "cancelled"]
