"""When sessions are: the next one of each child, and for one person all that are still to come or are called off."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from contracts.classes import DataClass
from contracts.sessions import SessionScheduled
from family_portal.portal import Portal
from family_portal.views.opened import Entry
from family_portal.views.reader import Reach
from family_portal.web.heads import base_of, clock
from family_portal.web.models import Appointment, AppointmentsPart, Live
from family_portal.web.models.pieces import Area

MOST_AHEAD = 200
"""So many sessions ahead are looked at for the soonest."""


async def next_of(portal: Portal, reached: list[Reach]) -> AppointmentsPart:
    """The soonest session of each child that is still to come, soonest first."""
    found = []
    for reach in reached:
        entries = await _ahead(portal, reach, {"type": SessionScheduled.TYPE})
        if entries:
            named = await portal.names.client(reach.caller.tenant_id, reach.client_id)
            found.append((entries[0].happened_at, named.name))
    live = Live("next", "/home/fragments/next", tuple(f"session-{reach.client_id}" for reach in reached))
    return AppointmentsPart(
        live, tuple(Appointment(clock(at), f"{name}’s session") for at, name in sorted(found))
    )


async def still_to_come(portal: Portal, reach: Reach, area: Area, whose: str) -> AppointmentsPart:
    """Every session of one person that is still to come, soonest first, and those of these days that are cancelled."""
    entries = await _ahead(portal, reach, {})
    live = Live("next", f"{base_of(area, reach)}/fragments/next", (f"session-{reach.client_id}",))
    lines = [(entry, _said(entry, whose)) for entry in entries]
    return AppointmentsPart(
        live, tuple(Appointment(clock(entry.happened_at), said) for entry, said in lines if said)
    )


def _said(entry: Entry, whose: str) -> str:
    """What a line says of a session; nothing of one that has been held early."""
    if entry.type == SessionScheduled.TYPE:
        return whose
    return f"{whose} is cancelled." if entry.meta["state"] == "cancelled" else ""


async def _ahead(portal: Portal, reach: Reach, match: Mapping[str, Any]) -> list[Entry]:
    """What the reader may know of sessions whose time is still to come, soonest first."""
    coming = {"happened_at": {"$gt": datetime.now(UTC).isoformat()}, **match}
    page = await portal.reader.items(reach, (DataClass.ATTENDANCE,), limit=MOST_AHEAD, match=coming)
    return page.entries[::-1]
