"""What school does for a pupil: which three things this week, what it said of them, and what came of that."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain, zip_longest

from contracts.care_plans import StrategyNoted
from contracts.classes import DataClass
from family_portal.portal import Portal
from family_portal.views.opened import Entry
from family_portal.views.reader import Reach

MOST = 3
"""Nobody does more than three new things in a week beside teaching."""
LATELY = timedelta(weeks=4)
"""So long what came of a note stands on the pupil's page."""
_SOME = 50
"""So many notes are looked at: of what waits the oldest, else the newest."""


@dataclass(frozen=True)
class Week:
    """What school sees, at most three, and what does not fit beside it."""

    seen: tuple[str, ...]
    waiting: tuple[str, ...]


def this_week(goals: Iterable[tuple[str, Sequence[str]]]) -> Week:
    """The strategies of goals, each with the day of its version: in turn one of each goal, the newest first."""
    newest = [lines for _, lines in sorted(goals, key=lambda goal: goal[0], reverse=True)]
    lines = [line for line in chain.from_iterable(zip_longest(*newest)) if line]
    each = tuple(dict.fromkeys(lines))
    return Week(each[:MOST], each[MOST:])


def may_say(reach: Reach) -> bool:
    """Whether this reader may say of what school does that it works, or does not."""
    return reach.grants.may(DataClass.PLAN_SCHOOL, "propose")


async def own_notes(portal: Portal, reach: Reach) -> list[Entry]:
    """What this reader said of strategies, newest first."""
    return await _notes(portal, reach, {"parties": f"person:{reach.caller.person_id}"})


async def all_notes(portal: Portal, reach: Reach) -> list[Entry]:
    """What everybody at school said of strategies, newest first, as far as this reader sees it."""
    return await _notes(portal, reach, {})


async def waiting_notes(portal: Portal, reach: Reach) -> list[Entry]:
    """What waits for an answer of the team, the one that waits longest first."""
    match = {"type": StrategyNoted.TYPE, "meta.waits": True}
    return await portal.reader.oldest(reach, (DataClass.PLAN_SCHOOL,), limit=_SOME, match=match)


async def _notes(portal: Portal, reach: Reach, match: dict[str, object]) -> list[Entry]:
    match = {"type": StrategyNoted.TYPE, **match}
    return (await portal.reader.items(reach, (DataClass.PLAN_SCHOOL,), limit=_SOME, match=match)).entries


def came_of(notes: Iterable[Entry]) -> tuple[tuple[str, str], ...]:
    """What became lately of what somebody noted, newest first: in a few words, and what stands there now."""
    lately = [note for note in notes if note.at > datetime.now(UTC) - LATELY]
    lately.sort(key=lambda note: note.at, reverse=True)
    return tuple([said for note in lately if (said := _came_of(note))][:MOST])


def _came_of(note: Entry) -> tuple[str, str] | None:
    strategy, reply = note.body["strategy"], note.body.get("reply") or ""
    if note.meta["waits"]:
        return "You noted what does not work here:", f"“{strategy}” The team answers here."
    if another := note.body.get("changed_to"):
        return "Because of what you noted", f"we changed “{strategy}” Now: “{another}” {reply}".rstrip()
    return ("The team wrote back", f"about “{strategy}” {reply}") if reply else None
