"""What the sessions of a caseload ask for today: the next one, and those that are not written down or signed."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from contracts.classes import DataClass
from family_portal.portal import Portal
from family_portal.views.reader import Reach
from family_portal.web.heads import clock, head
from family_portal.web.models import Line, Link, NextSession
from family_portal.web.session_page import has_begun
from family_portal.web.session_record import session_page
from family_portal.web.session_times import STILL_NEXT, lately, next_session
from family_portal.web.visitor import Visitor

DONE = frozenset({"signed", "cancelled"})
LOOKED_AT = 50
"""The newest sessions of each client whose time has come; older ones stand in the client's own list."""
GOES_ON = frozenset({"scheduled", "in_progress"})
Dated = tuple[datetime, Any]
Rows = list[dict[str, Any]]
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
    for reach, soonest, begun in found:
        coming += [(at, await _next(portal, reach, row, at)) for at, row in _dated(soonest)]
        if reach.grants.may(DataClass.SESSION_SUMMARY, "write"):
            waits = [(at, row) for at, row in _dated(begun) if _waits(row, at)]
            to_sign += [(at, await _unsigned(portal, reach, row, at)) for at, row in waits]
    coming.sort(key=_when)
    to_sign.sort(key=_when)
    return SessionsNow(coming[0][1] if coming else None, tuple(line for _, line in to_sign))


async def _rows(visitor: Visitor, reached: list[Reach]) -> list[tuple[Reach, Rows, Rows]] | None:
    """The next session of each, and the latest that have begun."""
    found: list[tuple[Reach, Rows, Rows]] = []
    for first in range(0, len(reached), _AT_ONCE):
        for each in await asyncio.gather(
            *(_of(visitor, reach) for reach in reached[first : first + _AT_ONCE])
        ):
            if each is None:
                return None
            found.append(each)
    return found


async def _of(visitor: Visitor, reach: Reach) -> tuple[Reach, Rows, Rows] | None:
    soonest, begun = await asyncio.gather(next_session(visitor, reach), lately(visitor, reach, LOOKED_AT))
    return None if soonest is None or begun is None else (reach, soonest, begun)


def _dated(rows: Rows) -> list[tuple[datetime, dict[str, Any]]]:
    return [(datetime.fromisoformat(row["scheduled_for"]), row) for row in rows]


def _waits(row: dict[str, Any], at: datetime) -> bool:
    """Whether a session that has begun is neither done with nor, as far as anybody knows, still going on."""
    goes_on = row["state"] in GOES_ON and at > datetime.now(UTC) - STILL_NEXT
    return row["state"] not in DONE and not goes_on


def _when(dated: Dated) -> datetime:
    return dated[0]


async def _next(portal: Portal, reach: Reach, row: dict[str, Any], at: datetime) -> NextSession:
    named = await head(portal, reach, "staff")
    starts = has_begun(at) and reach.grants.may(DataClass.ATTENDANCE, "write")
    start = Link("Start session" if starts else "Open session", session_page(reach, row["id"]))
    return NextSession(clock(at), named.name, named.mark, start)


async def _unsigned(portal: Portal, reach: Reach, row: dict[str, Any], at: datetime) -> Line:
    named = await head(portal, reach, "staff")
    missing = "Not signed yet" if row.get("outcome") else "Nothing is written down yet"
    by = row.get("by")
    other = (await portal.names.person(by)).name if by and by != reach.caller.person_id else ""
    soft = f"{missing} · {other}" if other else f"{missing}."
    return Line(f"{named.name}, {clock(at)}", soft, "calendar", session_page(reach, row["id"]))
