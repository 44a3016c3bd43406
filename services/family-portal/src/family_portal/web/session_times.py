"""Sessions by their time: those to come, the soonest first, and those that were, the newest first."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from contracts.sessions import EARLY
from family_portal.views.reader import Reach
from family_portal.web.session_record import session_path
from family_portal.web.visitor import Visitor

STILL_NEXT = timedelta(hours=3)
"""So long after its time a session that nobody has written down may still be going on."""
AT_ONCE, MOST_PAGES = 50, 10
"""How many are asked for at once, and how often: what is looked for may stand among others."""
MOST_PLANNED = 20
"""The soonest in the calendar: the next is among them, and some whose time has just gone by."""
Row = dict[str, Any]


async def planned(visitor: Visitor, reach: Reach) -> list[Row] | None:
    """The next sessions in the calendar, soonest first; None where sessions does not answer now."""
    return await _coming(visitor, reach, frozenset({"scheduled"}), MOST_PLANNED)


async def next_session(visitor: Visitor, reach: Reach) -> list[Row] | None:
    """The next one, or the one that is going on, alone in a list; None where sessions does not answer now."""
    return await _coming(visitor, reach, frozenset({"scheduled", "in_progress"}), 1)


async def _coming(visitor: Visitor, reach: Reach, states: frozenset[str], most: int) -> list[Row] | None:
    since = datetime.now(UTC) - STILL_NEXT
    window = {"since": since.isoformat(), "order": "soonest"}
    return await _first(visitor, reach, lambda row: row["state"] in states, most, window)


async def last_held(visitor: Visitor, reach: Reach) -> list[Row] | None:
    """The newest session that took place, alone in a list; None where sessions does not answer now."""
    return await _first(visitor, reach, lambda row: row.get("outcome") == "held", 1, _begun())


async def lately(visitor: Visitor, reach: Reach, most: int) -> list[Row] | None:
    """The newest sessions whose time has come, whatever became of them; None where sessions does not answer now."""
    return await _first(visitor, reach, lambda row: True, most, _begun())


def _begun() -> dict[str, str]:
    """Sessions that may have begun: nothing that is only planned stands before them in a list."""
    return {"until": (datetime.now(UTC) + EARLY).isoformat()}


async def _first(
    visitor: Visitor, reach: Reach, wanted: Callable[[Row], bool], most: int, window: dict[str, str]
) -> list[Row] | None:
    """So many that are wanted, over pages, in the order of the window; none for who may not know when they are."""
    if not reach.knows_when:
        return []
    found: list[Row] = []
    after: dict[str, str] = {}
    for _ in range(MOST_PAGES):
        page = await visitor.upstream.find("sessions", session_path(reach), limit=AT_ONCE, **window, **after)
        if page is None:
            return None
        found += [row for row in page["items"] if "scheduled_for" in row and wanted(row)]
        if len(found) >= most or not page["next"]:
            break
        after = {"after": page["next"]}
    return found[:most]
