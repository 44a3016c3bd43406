"""What the sessions of a caseload ask for today: the next one, and those that are not written down or signed."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from contracts.classes import DataClass
from family_portal.portal import Portal
from family_portal.views.reader import Reach
from family_portal.web.heads import clock, head
from family_portal.web.models import Line, Link, NextSession
from family_portal.web.session_page import has_begun
from family_portal.web.session_record import session_page
from family_portal.web.session_rows import session_rows
from family_portal.web.visitor import Visitor

STILL_NEXT = timedelta(hours=3)
"""So long after its time a session that nobody has written down may still be going on."""
DONE = frozenset({"signed", "cancelled"})
LOOKED_AT = 50
"""The newest sessions of each client; older ones stand in the client's own list."""
Dated = tuple[datetime, Any]


@dataclass(frozen=True)
class SessionsNow:
    """The session that comes next, and what waits for a word or a signature, oldest first."""

    next: NextSession | None
    to_sign: tuple[Line, ...]


async def sessions_now(portal: Portal, visitor: Visitor, reached: list[Reach]) -> SessionsNow:
    """Over everybody of the caseload; what others of the team held says by whom."""
    coming: list[tuple[datetime, NextSession]] = []
    to_sign: list[tuple[datetime, Line]] = []
    for reach in reached:
        for row in await session_rows(visitor, reach, limit=LOOKED_AT):
            at = datetime.fromisoformat(row["scheduled_for"])
            still = row["state"] in ("scheduled", "in_progress") and at > datetime.now(UTC) - STILL_NEXT
            if still:
                coming.append((at, await _next(portal, reach, row, at)))
            elif row["state"] not in DONE and reach.grants.may(DataClass.SESSION_SUMMARY, "write"):
                to_sign.append((at, await _unsigned(portal, reach, row, at)))
    coming.sort(key=_when)
    to_sign.sort(key=_when)
    return SessionsNow(coming[0][1] if coming else None, tuple(line for _, line in to_sign))


def _when(dated: Dated) -> datetime:
    return dated[0]


async def _next(portal: Portal, reach: Reach, row: dict[str, Any], at: datetime) -> NextSession:
    named = await head(portal, reach, "staff")
    start = Link("Start session" if has_begun(at) else "Open session", session_page(reach, row["id"]))
    return NextSession(clock(at), named.name, named.mark, start)


async def _unsigned(portal: Portal, reach: Reach, row: dict[str, Any], at: datetime) -> Line:
    named = await head(portal, reach, "staff")
    missing = "Not signed yet" if row.get("outcome") else "Nothing is written down yet"
    by = row.get("by")
    other = (await portal.names.person(by)).name if by and by != reach.caller.person_id else ""
    soft = f"{missing} · {other}" if other else f"{missing}."
    return Line(f"{named.name}, {clock(at)}", soft, "calendar", session_page(reach, row["id"]))
