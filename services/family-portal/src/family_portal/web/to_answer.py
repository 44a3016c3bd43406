"""What waits for a word from the team, however old it is; and what home and school wrote lately, to read."""

from dataclasses import dataclass
from datetime import UTC, datetime

from contracts.care_plans import LogAnswered, PlanAnswered, ProposalChanged, ProposalState, StrategyNoted
from contracts.classes import DataClass
from family_portal.portal import Portal
from family_portal.views.opened import Entry
from family_portal.views.reader import Reach
from family_portal.web.goals import sort_entries
from family_portal.web.heads import day, head
from family_portal.web.log_answers import answers_since
from family_portal.web.models import ClientHead, Link, ToAnswer
from family_portal.web.staff_words import RECENT, how
from family_portal.web.strategies import waiting_notes
from family_portal.web.wishes import waiting_wishes

ANSWERED = (DataClass.PLAN_PLAIN, DataClass.PLAN_SCHOOL, DataClass.PLAN_OWN, DataClass.PLAN_PRIVATE)
"""The wordings that people answer."""
WRITTEN = (DataClass.TASK_LOG, DataClass.OBSERVATION, DataClass.PLAN_SCHOOL, DataClass.PLAN_PRIVATE)
SHOWN = 20
"""So many lines stand on Today, of what waits and of what was written of one client; it says where it is cut."""
_AT_ONCE, _PAGES = 50, 10
"""What was written is looked through so far; beyond that the page says that there is more."""


@dataclass(frozen=True)
class Words:
    """What people said about the clients of a caseload: lines for Today, and where the rest of them stands."""

    answers: tuple[ToAnswer, ...]
    answers_more: Link | None
    heard: tuple[ToAnswer, ...]
    heard_more: tuple[Link, ...]


async def waiting_answers(portal: Portal, reach: Reach) -> list[Entry]:
    """Questions about a goal, noes, and what does not work at school, that nobody has answered yet; the one that
    waits longest first.

    What somebody said counts until they say something else to the same goal, and as long as the goal stands; what
    school said of what it does, as long as the goal is school's.
    """
    parts = await portal.reader.parts(reach, (DataClass.PLAN_TEAM, DataClass.PLAN_PRIVATE))
    found = sort_entries(parts).goals
    goals = {goal.record_id for goal in found}
    schools = {goal.record_id for goal in found if "school" in goal.parties}
    if not goals:
        return []
    match = {"type": PlanAnswered.TYPE, "goal_id": {"$in": sorted(goals)}}
    said = await portal.reader.latest(reach, ANSWERED, match=match)
    notes = [note for note in await waiting_notes(portal, reach) if note.goal_id in schools]
    return sorted([*filter(_waits, said), *notes], key=lambda entry: entry.happened_at)


async def waits_for_team(portal: Portal, reach: Reach) -> list[Entry]:
    """Everything that waits for a word from the team: what was asked about goals, and what was wished for."""
    return [*await waiting_answers(portal, reach), *await waiting_wishes(portal, reach)]


async def words_now(portal: Portal, reached: list[Reach]) -> Words:
    """Over everybody of a caseload."""
    waiting = [(reach, entry) for reach in reached for entry in await waits_for_team(portal, reach)]
    waiting.sort(key=lambda each: each[1].happened_at)
    left = len(waiting) - SHOWN
    heard: list[ToAnswer] = []
    more: list[Link] = []
    for reach in reached:
        lately, cut = await _lately(portal, reach)
        heard += [await _line(portal, reach, entry) for entry in lately]
        if cut:
            named = await head(portal, reach, "staff")
            more.append(Link(f"More about {named.name}", named.href))
    return Words(
        answers=tuple([await _line(portal, reach, entry) for reach, entry in waiting[:SHOWN]]),
        answers_more=Link(f"And {left} more: the caseload says with whom", "/staff/caseload")
        if left > 0
        else None,
        heard=tuple(heard),
        heard_more=tuple(more),
    )


async def _lately(portal: Portal, reach: Reach) -> tuple[list[Entry], bool]:
    """What home and school wrote in the last two weeks, newest first, and whether there is more of it.

    Notes without words or a reason are passed over, and what has its answer, a page at a time.
    """
    since = {
        "happened_at": {"$gt": (datetime.now(UTC) - RECENT).isoformat()},
        "type": {"$nin": [PlanAnswered.TYPE, LogAnswered.TYPE, ProposalChanged.TYPE]},
    }
    answered = {answer.meta["log_id"] for answer in await answers_since(portal, reach, RECENT)}
    written: list[Entry] = []
    after: str | None = None
    for _ in range(_PAGES):
        page = await portal.reader.items(reach, WRITTEN, limit=_AT_ONCE, after=after, match=since)
        said = [entry for entry in page.entries if _says(entry) and not (_waits(entry) or _settled(entry))]
        written += [entry for entry in said if entry.record_id not in answered]
        after = page.next
        if after is None or len(written) > SHOWN:
            break
    return written[:SHOWN], after is not None or len(written) > SHOWN


def _says(entry: Entry) -> bool:
    """Whether it holds more than a tap: words, or what got in the way."""
    return bool(entry.body.get("words") or entry.body.get("got_in_the_way"))


def _settled(entry: Entry) -> bool:
    """What did not work at school and waits no more: whoever settled it has told it last, and did not say it."""
    return entry.type == StrategyNoted.TYPE and not entry.body["works"] and not entry.meta["waits"]


def _waits(entry: Entry) -> bool:
    """A question about a goal, a no, a wish, or what does not work at school, that nobody has answered yet."""
    if entry.type == ProposalChanged.TYPE:
        return bool(entry.meta["state"] == ProposalState.OPEN)
    asked = entry.body.get("answer") in ("ask", "no") and not entry.body.get("reply")
    return asked or bool(entry.meta.get("waits"))


async def _line(portal: Portal, reach: Reach, entry: Entry) -> ToAnswer:
    named = await head(portal, reach, "staff")
    who = (await portal.names.person(entry.by)).name if entry.by else "Somebody"
    return ToAnswer(
        id=entry.record_id,
        client=named.name,
        mark=named.mark,
        who=f"{who}, {day(entry.happened_at)}",
        felt=how(entry),
        words=entry.body.get("words") or "",
        links=(_link(entry, named),),
    )


def _link(entry: Entry, named: ClientHead) -> Link:
    if _waits(entry):
        place = f"wish-{entry.record_id}" if entry.type == ProposalChanged.TYPE else f"goal-{entry.goal_id}"
        return Link("Answer", f"{named.href}/plan#{place}")
    if "task_id" in entry.meta:
        return Link("Answer", f"{named.href}/tasks/{entry.meta['task_id']}/logs/{entry.record_id}/answer")
    return Link(f"Open {named.name}", named.href)
