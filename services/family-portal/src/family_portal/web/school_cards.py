"""Fills the pages about one pupil from what school may see: this week, goals, what was noted and what came of it."""

from datetime import UTC, datetime

from contracts.classes import DataClass
from family_portal.portal import Portal
from family_portal.views.names import UNKNOWN
from family_portal.views.opened import Entry
from family_portal.views.reader import Reach
from family_portal.web.about import school_lines
from family_portal.web.answering import waiting
from family_portal.web.family_cards import summaries
from family_portal.web.goals import (
    active,
    changed,
    earlier,
    now_sentence,
    over,
    resting_text,
    sort_entries,
    worked_on,
)
from family_portal.web.heads import base_of, day, head
from family_portal.web.models import Line, Link, Live, PupilPage, SchoolGoal, Seen, SummariesPage
from family_portal.web.seen import seen_goals
from family_portal.web.strategies import came_of, may_say, own_notes, this_week
from family_portal.web.wishes import plan_link
from policy.facts import in_force, opens_to
from policy.filters import shows

SAW_WORDS = {
    "did_not": "not this time", "another_way": "another way", "joined_in": "joined in", "wrote": "wrote it",
    "walked": "walked there", "message": "sent a message",
}  # fmt: skip
LATEST = 3
"""Summaries on the pupil's own page; all of them have one of their own."""
PART_WORDS = {
    "got_to_it": "I got to my part",
    "partly": "partly got to my part",
    "did_not": "did not get to my part",
}


async def shared_until(portal: Portal, reach: Reach) -> str:
    """By which organisation and until when the pupil is shared with this reader, as the page says it."""
    tenant = reach.caller.tenant_id
    organisation = (await portal.names.client(tenant, tenant)).name
    by = "shared" if organisation == UNKNOWN else f"shared by {organisation}"
    now, me = datetime.now(UTC), reach.caller.person_id
    mine = [fact for fact in reach.document.consents if in_force(fact, now) and opens_to(fact, me)]
    ends = [fact.expires for fact in mine if fact.expires]
    return f"{by} until {day(min(ends))}" if ends else by


async def _read(portal: Portal, reach: Reach) -> list[Entry]:
    return sort_entries(await portal.reader.parts(reach, (DataClass.PLAN_SCHOOL,))).goals


async def goals_of(portal: Portal, reach: Reach) -> list[Entry]:
    """The goals in school wording that are worked on, or rest for a while."""
    return [goal for goal in await _read(portal, reach) if active(goal)]


async def week_of(portal: Portal, reach: Reach) -> tuple[str, ...]:
    """What school does this week, three things at most."""
    goals = [goal for goal in await goals_of(portal, reach) if worked_on(goal)]
    return this_week((goal.meta["version_at"], goal.body.get("strategies", ())) for goal in goals).seen


def hears_of_sessions(reach: Reach) -> bool:
    """Whether a summary that is released to school reaches this reader; it hangs on no goal."""
    return shows(reach.grants, DataClass.SESSION_SUMMARY, ("school",))


async def latest(portal: Portal, reach: Reach) -> SummariesPage | None:
    """The newest summaries; None where no consent opens them."""
    if not hears_of_sessions(reach):
        return None
    return await summaries(portal, reach, "school", None, limit=LATEST, part="latest")


async def pupil_page(portal: Portal, reach: Reach) -> PupilPage:
    """One pupil: about me, this week, goals, who to ask, what this reader noted and what came of it."""
    base, moved = base_of("school", reach), (f"plan-{reach.client_id}",)
    noted = await portal.reader.items(reach, (DataClass.OBSERVATION,), limit=5)
    asked = await waiting(portal, reach, "school")
    found = await _read(portal, reach)
    goals, past = [goal for goal in found if active(goal)], [goal for goal in found if over(goal)]
    seen = await seen_goals(portal, reach, "school", [*goals, *past])
    team = [fact.person_id for fact in reach.document.assignments if fact.lead]
    week = await week_of(portal, reach)
    pupil = await head(portal, reach, "school", line=await shared_until(portal, reach))
    return PupilPage(
        pupil=pupil,
        about=await school_lines(portal, reach),
        about_by=f"{pupil.name} said yes to each of these lines.",
        about_live=Live("about", f"{base}/fragments/about", (f"about-{reach.client_id}",)),
        strategies=week,
        say=f"{base}/strategies" if week and may_say(reach) else "",
        because=came_of(await own_notes(portal, reach)),
        week_live=Live("week", f"{base}/fragments/week", moved),
        goals=tuple(_school_goal(goal, seen.each.get(goal.record_id)) for goal in goals),
        goals_live=Live("goals", f"{base}/fragments/goals", moved),
        observe=f"{base}/observe" if any(map(worked_on, goals)) else "",
        ask=tuple(Line(n.name, n.title, "message") for n in (await portal.names.persons(team)).values()),
        asked=Link("Read the new goal", f"{base}/plan") if asked else None,
        plan=plan_link(reach, base),
        noted=tuple(_noted(entry) for entry in noted.entries),
        noted_live=_noted_live(reach),
        sessions=await latest(portal, reach),
        seen=seen.page,
        earlier=earlier(past, seen.each, lambda goal_id: f"{base}/plan#goal-{goal_id}"),
    )


def may_note(reach: Reach) -> bool:
    """Whether this reader may say what they saw."""
    return reach.grants.may(DataClass.OBSERVATION, "write")


def _noted_live(reach: Reach) -> Live | None:
    where = f"{base_of('school', reach)}/fragments/noted"
    return Live("noted", where, (f"log-{reach.client_id}",)) if may_note(reach) else None


def _school_goal(goal: Entry, seen: Seen | None) -> SchoolGoal:
    return SchoolGoal(
        id=goal.record_id,
        title=goal.body["statement"],
        now=now_sentence(goal),
        link=goal.body.get("school_link") or "",
        version=goal.meta["version"],
        changed=changed(goal),
        resting=resting_text(goal),
        seen=seen,
    )


def _noted(entry: Entry) -> Line:
    saw = SAW_WORDS.get(entry.body["saw"], entry.body["saw"])
    return Line(
        f"{saw.capitalize()}, {PART_WORDS.get(entry.body['my_part'], '')}",
        day(entry.happened_at),
        "school",
        words=entry.body.get("words") or "",
    )
