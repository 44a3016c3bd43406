"""Fills the guardians' pages from what the reader may see."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from chassis.errors import Invalid
from contracts.classes import DataClass
from family_portal.portal import Portal
from family_portal.views.opened import Entry
from family_portal.views.reader import Reach
from family_portal.web.answering import no_goal_yet, waiting
from family_portal.web.appointments import next_of
from family_portal.web.goals import (
    active,
    earlier,
    episode_in,
    family_goal,
    live,
    over,
    planned,
    sort_entries,
    worked_on,
)
from family_portal.web.heads import address_of, base_of, called, clock, head
from family_portal.web.lately import changes, wrote_back
from family_portal.web.models import (
    AppointmentsPart,
    ChildPage,
    Empty,
    HomePage,
    Line,
    Link,
    Live,
    RepliesPart,
    SummariesPage,
    SummaryCard,
    TodayCard,
)
from family_portal.web.models.pieces import BEGUN, NOTHING_NOW, Area
from family_portal.web.notices import notices_for
from family_portal.web.pausing import children_of, pause_part
from family_portal.web.school_weeks import school_weeks
from family_portal.web.seen import seen_goals
from family_portal.web.todays import rests_of, todays
from family_portal.web.visitor import Visitor
from family_portal.web.wishes import may_wish
from policy.days import LONDON

STATES = {
    "queued": "This one waits. It starts when another one in your home is done, so that it does not get too much.",
    "paused": "This one is resting. Nothing to do, nothing to explain.",
    "ended": "This one has ended. Thank you.",
}

NEW = timedelta(days=14)
"""So long what was said after a session is new."""


async def home_page(portal: Portal, visitor: Visitor) -> HomePage:
    """Everything for every child of this person, each child once, all organisations together."""
    reached = await children_of(portal, visitor)
    now = datetime.now(LONDON)
    part = "morning" if now.hour < 12 else "afternoon" if now.hour < 18 else "evening"
    person = await portal.names.person(visitor.person_id)
    return HomePage(
        eyebrow=f"{now:%A} {part}",
        greeting=f"Good {part}, {called(person)}",
        lead="One thing for each child, and only if it is a good day for it.",
        cards=tuple([await today_card(portal, reach) for reach in reached]),
        scene=part,
        replies=await wrote_back(portal, reached),
        appointments=await next_of(portal, reached),
        pause=await pause_part(portal, reached, "family"),
        notices=await notices_for(portal, visitor),
    )


async def appointments(portal: Portal, visitor: Visitor) -> AppointmentsPart:
    """The next appointment of every child of this person."""
    return await next_of(portal, await children_of(portal, visitor))


async def replies(portal: Portal, visitor: Visitor) -> RepliesPart:
    """What the team wrote back to this person lately, about every child."""
    return await wrote_back(portal, await children_of(portal, visitor))


async def today_card(portal: Portal, reach: Reach) -> TodayCard:
    """Today's one thing for one child."""
    tasks = [t for t in await _tasks(portal, reach) if live(t)]
    named = await portal.names.client(reach.caller.tenant_id, reach.client_id)
    base = base_of("family", reach)
    now = await todays(portal, reach, tasks)
    first = now.first
    goals = await waiting(portal, reach, "family")
    plain = await portal.reader.parts(reach, (DataClass.PLAN_PLAIN,))
    return TodayCard(
        name=named.name,
        mark=named.mark,
        live=Live(
            f"today-{address_of(reach)}",
            f"/home/fragments/today/{address_of(reach)}",
            tuple(f"{group}-{reach.client_id}" for group in ("task", "log", "plan", "session")),
        ),
        how=Link(f"How {named.name} is doing", base),
        title=first.body["title"] if first else "",
        why=first.body["why"] if first else "",
        minutes=first.body.get("takes_minutes") if first else None,
        when=planned(first) if first else "",
        open=Link(f"Open {named.name}’s", f"{base}/tasks/{first.record_id}") if first else None,
        others=tuple(Link(t.body["title"], f"{base}/tasks/{t.record_id}") for t in now.others),
        resting=now.resting,
        asked=Link(f"Read {named.name}’s new goal", f"{base}/plan") if goals else None,
        begun=_begun(reach, named.name).text if episode_in(plain) and not sort_entries(plain).goals else "",
        told=Link(f"What was said after {named.name}’s session", f"{base}/sessions")
        if await _told_lately(portal, reach)
        else None,
    )


async def _told_lately(portal: Portal, reach: Reach) -> bool:
    """Whether there is something new to read about a session."""
    since = {
        "at": {"$gt": (datetime.now(UTC) - NEW).isoformat()}
    }  # when it was said, not when the session was
    return bool(
        (await portal.reader.items(reach, (DataClass.SESSION_SUMMARY,), limit=1, match=since)).entries
    )


def _empty(reach: Reach, name: str, past: bool, *, begun: bool) -> Empty:
    """What stands where goals would."""
    if past:
        return NOTHING_NOW
    return _begun(reach, name) if begun else no_goal_yet(reach, name)


def _begun(reach: Reach, name: str) -> Empty:
    """That the team has begun, and as much of the plan as is true for this reader where no goal stands."""
    now = no_goal_yet(reach, name)
    return replace(BEGUN, text=f"{now.title} {now.text}")


async def child_page(portal: Portal, reach: Reach) -> ChildPage:
    """One child: goals in plain words, this week's practice, what others do."""
    plain = await portal.reader.parts(reach, (DataClass.PLAN_PLAIN,))
    found = sort_entries(plain).goals
    goals, past = [g for g in found if active(g)], [g for g in found if over(g)]
    tasks = [t for t in await _tasks(portal, reach) if live(t)]
    base = base_of("family", reach)
    seen = await seen_goals(portal, reach, "family", [*goals, *past])
    child = await head(portal, reach, "family", seen=seen.page)
    now = [goal for goal in goals if worked_on(goal)]
    rests = await rests_of(portal, reach)
    others = [line for goal in now for line in goal.body.get("others_will", ())]
    asked = await waiting(portal, reach, "family")
    plan, who = f"plan-{reach.client_id}", f"who-{reach.client_id}"
    return ChildPage(
        child=child,
        goals=tuple(family_goal(goal, child.name, seen.each.get(goal.record_id)) for goal in goals),
        live=Live("goals", f"{base}/fragments/goals", (plan, who)),
        practice=tuple(Link(t.body["title"], f"{base}/tasks/{t.record_id}") for t in tasks),
        practice_live=Live(
            "practice", f"{base}/fragments/practice", (f"task-{reach.client_id}", f"log-{reach.client_id}")
        ),
        resting=rests.sentence if tasks and all(rests.of(task) for task in tasks) else "",
        others_live=Live("others", f"{base}/fragments/others", (plan,)),
        changes_live=Live("changes", f"{base}/fragments/changes", (plan, f"task-{reach.client_id}")),
        asked_live=Live("asked", f"{base}/fragments/asked", (plan,)),
        earlier_live=Live("past", f"{base}/fragments/earlier", (plan, who)),
        earlier=earlier(past, seen.each, lambda goal_id: f"{base}/plan#goal-{goal_id}"),
        empty=_empty(reach, child.name, bool(past), begun=bool(episode_in(plain)) and not asked),
        others=tuple(Line(text, icon="people") for text in dict.fromkeys(others)),
        school_weeks=await school_weeks(portal, reach, goals),
        stop_if=tuple(dict.fromkeys(text for goal in now if (text := goal.body.get("stop_if")))),
        changes=changes([*now, *past], tasks, datetime.now(UTC)),
        asked=Link(f"Read {child.name}’s new goal", f"{base}/plan") if asked else None,
        more=_more(reach, base),
    )


def _more(reach: Reach, base: str) -> tuple[Link, ...]:
    links = []
    if reach.grants.may(DataClass.PLAN_PLAIN):
        text = "The whole plan, what you said to it, and what you would wish for"
        text = text if may_wish(reach, "family") else "The whole plan, and what you said to it"
        links.append(Link(text, f"{base}/plan"))
    if reach.grants.may(DataClass.ABOUT_ME):
        links.append(Link("The page “about me”", f"{base}/about"))
    if reach.grants.may(DataClass.SESSION_SUMMARY):
        links.append(Link("What was said after sessions", f"{base}/sessions"))
    if reach.grants.may(DataClass.CONSENT):
        links.append(Link("Consents", f"{base}/consents"))
    return (*links, Link("Who can see", f"{base}/who-can-see"))


async def thank_you(portal: Portal, reach: Reach, task_id: str) -> str:
    """The practice's own thank-you line; nothing where it has none, or is gone since."""
    task = await find_task(portal, reach, task_id)
    return (task.body.get("thanks") or "") if task else ""


async def find_task(portal: Portal, reach: Reach, task_id: str) -> Entry | None:
    """The practice, where this reader has it."""
    return next((task for task in await _tasks(portal, reach) if task.record_id == task_id), None)


async def _tasks(portal: Portal, reach: Reach) -> list[Entry]:
    return sort_entries(await portal.reader.parts(reach, (DataClass.TASK, DataClass.PLAN_PRIVATE))).tasks


async def summaries(
    portal: Portal, reach: Reach, area: Area, after: str | None, *, limit: int = 20, part: str = "sessions"
) -> SummariesPage:
    """What was shared about sessions, newest first, a page at a time; `part` is the fragment's address.

    On which day they were stands there for those alone who may know when the client comes.
    """
    try:
        page = await portal.reader.items(reach, (DataClass.SESSION_SUMMARY,), limit=limit, after=after)
    except Invalid:  # an address kept from another day: the list begins anew
        page = await portal.reader.items(reach, (DataClass.SESSION_SUMMARY,), limit=limit)
    base = base_of(area, reach)
    cards = [
        SummaryCard(
            id=entry.record_id,
            when=clock(entry.happened_at) if reach.knows_when else "A session",
            title="What we did",
            text=entry.body["text"],
            try_at_home=entry.body.get("try_at_home") or "",
        )
        for entry in page.entries
    ]
    return SummariesPage(
        child=await head(portal, reach, area),
        summaries=tuple(cards),
        live=Live("summaries", f"{base}/fragments/{part}", (f"session-{reach.client_id}",)),
        older=Link("Older ones", f"{base}/sessions?after={page.next}") if page.next else None,
    )
