"""What the sessions of a caseload ask for today: the next one, and those that are not written down or signed."""

import asyncio
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


_AT_ONCE = 10
"""So many clients are asked about at the same moment; a service that is away is waited for once."""


@dataclass(frozen=True)
class SessionsNow:
    """The session that comes next, and what waits for a word or a signature, oldest first."""

    next: NextSession | None
    to_sign: tuple[Line, ...]


async def sessions_now(portal: Portal, visitor: Visitor, reached: list[Reach]) -> SessionsNow | None:
    """Over everybody of the caseload; what others of the team held says by whom.

    None where the service does not answer now for all of them: a part would look like the whole.
    """
    found = await _rows(visitor, reached)
    if found is None:
        return None
    coming: list[tuple[datetime, NextSession]] = []
    to_sign: list[tuple[datetime, Line]] = []
    for reach, rows in found:
        for row in rows:
            at = datetime.fromisoformat(row["scheduled_for"])
            still = row["state"] in ("scheduled", "in_progress") and at > datetime.now(UTC) - STILL_NEXT
            if still:
                coming.append((at, await _next(portal, reach, row, at)))
            elif row["state"] not in DONE and reach.grants.may(DataClass.SESSION_SUMMARY, "write"):
                to_sign.append((at, await _unsigned(portal, reach, row, at)))
    coming.sort(key=_when)
    to_sign.sort(key=_when)
    return SessionsNow(coming[0][1] if coming else None, tuple(line for _, line in to_sign))


async def _rows(visitor: Visitor, reached: list[Reach]) -> list[tuple[Reach, list[dict[str, Any]]]] | None:
    found: list[tuple[Reach, list[dict[str, Any]]]] = []
    for first in range(0, len(reached), _AT_ONCE):
        asked = reached[first : first + _AT_ONCE]
        answers = await asyncio.gather(*(session_rows(visitor, each, limit=LOOKED_AT) for each in asked))
        known = [rows for rows in answers if rows is not None]
        if len(known) < len(asked):
            return None
        found += zip(asked, known, strict=True)
    return found


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
