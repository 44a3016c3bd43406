"""Pages of a young person or adult client: what is theirs, in their own words."""

from dataclasses import replace

from fastapi import Request, Response

from chassis.errors import NotFound
from chassis.routes import Routes
from contracts.classes import DataClass
from family_portal.portal import Portal, PortalDep
from family_portal.views.opened import Entry
from family_portal.views.reader import Reach
from family_portal.web.afterwards import add_way
from family_portal.web.answering import plan_seen, plan_to_answer, post_answer, waiting
from family_portal.web.appointments import still_to_come
from family_portal.web.boxes import box_of
from family_portal.web.family_cards import summaries
from family_portal.web.frame import render
from family_portal.web.goals import (
    active,
    changed,
    earlier,
    ended_text,
    episode_in,
    live,
    now_sentence,
    own_sentence,
    planned,
    proposed,
    resting_text,
    sort_entries,
    steps_of,
)
from family_portal.web.heads import head, own_reach, seat
from family_portal.web.logging_page import new_log, post_log, thanks_page, undo_log
from family_portal.web.models import (
    Line,
    Link,
    Live,
    MineGoal,
    MineGoalPage,
    MinePage,
    Quote,
    TodayCard,
)
from family_portal.web.models.pieces import MINE_BEGUN, NO_GOAL
from family_portal.web.notices import notices_for
from family_portal.web.pausing import pause_part
from family_portal.web.seen import seen_goals
from family_portal.web.task_reading import show_task
from family_portal.web.todays import Todays, todays
from family_portal.web.visitor import FamilyVisitor, Visitor

router = Routes(prefix="/mine", include_in_schema=False)
OWN = (DataClass.PLAN_OWN, DataClass.PLAN_PRIVATE)


async def _reach(request: Request, portal: Portal, visitor: Visitor) -> Reach:
    reach = await own_reach(request, portal, visitor)
    await seat(request, portal, visitor, "mine")
    return reach


@router.get("")
async def mine(request: Request, visitor: FamilyVisitor, portal: PortalDep) -> Response:
    """My words, today, my people."""
    reach = await _reach(request, portal, visitor)
    told, ahead = await notices_for(portal, visitor), await still_to_come(portal, reach)
    rest = await pause_part(portal, [reach], "mine")
    page = replace(await _mine(portal, reach), notices=told, next=ahead, pause=rest)
    return render(request, "mine/mine.html", page=page)


@router.get("/fragments/goals")
async def goals_fragment(request: Request, visitor: FamilyVisitor, portal: PortalDep) -> Response:
    """My goals alone."""
    reach = await _reach(request, portal, visitor)
    return render(request, "fragments/mine_goals.html", page=await _mine(portal, reach))


@router.get("/fragments/today")
async def today_fragment(request: Request, visitor: FamilyVisitor, portal: PortalDep) -> Response:
    """Today alone."""
    reach = await _reach(request, portal, visitor)
    return render(request, "fragments/today_card.html", card=(await _mine(portal, reach)).today)


@router.get("/fragments/next")
async def next_fragment(request: Request, visitor: FamilyVisitor, portal: PortalDep) -> Response:
    """When my sessions are, alone."""
    reach = await _reach(request, portal, visitor)
    part = await still_to_come(portal, reach)
    return render(request, "fragments/appointments.html", part=part)


async def _mine(portal: Portal, reach: Reach) -> MinePage:
    found = sort_entries(await portal.reader.parts(reach, (*OWN, DataClass.TASK)))
    goals = [g for g in found.goals if active(g) or proposed(g)]
    named = await head(portal, reach, "mine")
    words = next((g.body["client_words"] for g in goals if g.body.get("client_words")), None)
    team = [fact.person_id for fact in reach.document.assignments]
    people = (await portal.names.persons(team)).values()
    tasks = [t for t in found.tasks if live(t)]
    now = await todays(portal, reach, tasks)
    begun = not found.goals and episode_in(await portal.reader.parts(reach, (DataClass.PLAN_PLAIN,)))
    return MinePage(
        empty=MINE_BEGUN if begun else NO_GOAL,
        mark=named.mark,
        words=Quote(words) if words else None,
        goals=tuple(_mine_goal(goal) for goal in goals),
        goals_live=Live("goals", "/mine/fragments/goals", (f"plan-{reach.client_id}",)),
        earlier=earlier(found.goals, {}, lambda goal_id: f"/mine/goals/{goal_id}"),
        today=replace(
            _today(reach, named.name, named.mark, now),
            asked=Link("Read the new goal", "/mine/plan") if await waiting(portal, reach, "mine") else None,
        ),
        people=tuple(Line(each.name, each.title, "people") for each in people),
        sees=(
            Link("My page “about me”", "/mine/about"),
            Link("Who can see what", "/mine/who-can-see"),
            Link("What was said after sessions", "/mine/sessions"),
        ),
    )


def _today(reach: Reach, name: str, mark: str, now: Todays) -> TodayCard:
    first = now.first
    moved = tuple(f"{group}-{reach.client_id}" for group in ("task", "log", "plan"))
    return TodayCard(
        name=name,
        mark=mark,
        live=Live("today", "/mine/fragments/today", moved),
        how=None,
        title=first.body["title"] if first else "",
        why=first.body["why"] if first else "",
        minutes=first.body.get("takes_minutes") if first else None,
        when=planned(first) if first else "",
        open=Link("Open it", f"/mine/tasks/{first.record_id}") if first else None,
        others=tuple(Link(t.body["title"], f"/mine/tasks/{t.record_id}") for t in now.others),
        resting=now.resting,
    )


def _mine_goal(goal: Entry) -> MineGoal:
    href = f"/mine/goals/{goal.record_id}"
    return MineGoal(
        id=goal.record_id,
        sentence=str(goal.body.get("client_words") or own_sentence(goal)),
        now=now_sentence(goal),
        href=href,
        asked=Link("Say what you think of it", "/mine/plan") if proposed(goal) else None,
        resting=resting_text(goal),
        version=goal.meta["version"],
        changed=changed(goal),
    )


@router.get("/goals/{goal_id}")
async def one_goal(goal_id: str, request: Request, visitor: FamilyVisitor, portal: PortalDep) -> Response:
    """My sentence, my five levels, who sees it."""
    reach = await _reach(request, portal, visitor)
    return render(request, "mine/goal.html", page=await _goal_page(portal, reach, goal_id))


@router.get("/fragments/goals/{goal_id}")
async def goal_fragment(
    goal_id: str, request: Request, visitor: FamilyVisitor, portal: PortalDep
) -> Response:
    """One goal alone."""
    reach = await _reach(request, portal, visitor)
    return render(request, "fragments/mine_goal.html", page=await _goal_page(portal, reach, goal_id))


async def _goal_page(portal: Portal, reach: Reach, goal_id: str) -> MineGoalPage:
    found = sort_entries(await portal.reader.parts(reach, (*OWN, DataClass.TASK)))
    goal = next((g for g in found.goals if g.record_id == goal_id), None)
    if goal is None:
        raise NotFound()
    seen = (await seen_goals(portal, reach, "mine", [goal])).page
    moved = tuple(f"{group}-{reach.client_id}" for group in ("plan", "task", "who"))
    own_tasks = [t for t in found.tasks if t.goal_id == goal_id and live(t)]
    return MineGoalPage(
        me=await head(portal, reach, "mine"),
        id=goal_id,
        sentence=own_sentence(goal),
        steps=steps_of(goal),
        live=Live("goal", f"/mine/fragments/goals/{goal_id}", moved),
        seen=replace(seen, live=None, version=goal.meta["version"], changed=changed(goal)),
        box=await box_of(portal, reach),
        words=Quote(goal.body["client_words"]) if goal.body.get("client_words") else None,
        others_will=tuple(goal.body.get("others_will", ())),
        practice=tuple(Link(t.body["title"], f"/mine/tasks/{t.record_id}") for t in own_tasks),
        resting=resting_text(goal),
        ended=ended_text(goal),
    )


@router.get("/fragments/plan-seen")
async def seen_fragment(request: Request, visitor: FamilyVisitor, portal: PortalDep) -> Response:
    """Who sees my goals, alone."""
    reach = await _reach(request, portal, visitor)
    return render(request, "fragments/seen.html", line=await plan_seen(portal, reach, "mine"))


@router.get("/plan")
async def plan(request: Request, visitor: FamilyVisitor, portal: PortalDep) -> Response:
    """The goals put to me."""
    reach = await _reach(request, portal, visitor)
    return render(request, "plan/answer.html", page=await plan_to_answer(portal, reach, "mine"))


@router.get("/fragments/plan")
async def plan_fragment(request: Request, visitor: FamilyVisitor, portal: PortalDep) -> Response:
    """The goals put to me alone."""
    reach = await _reach(request, portal, visitor)
    return render(request, "fragments/plan_answer.html", page=await plan_to_answer(portal, reach, "mine"))


@router.post("/plan/{goal_id}")
async def answer(goal_id: str, request: Request, visitor: FamilyVisitor, portal: PortalDep) -> Response:
    """My answer to one goal."""
    reach = await _reach(request, portal, visitor)
    return await post_answer(request, portal, visitor, reach, goal_id, "mine")


@router.get("/sessions")
async def sessions(
    request: Request, visitor: FamilyVisitor, portal: PortalDep, after: str | None = None
) -> Response:
    """What was shared about sessions."""
    reach = await _reach(request, portal, visitor)
    return render(request, "family/sessions.html", page=await summaries(portal, reach, "mine", after))


@router.get("/fragments/sessions")
async def sessions_fragment(request: Request, visitor: FamilyVisitor, portal: PortalDep) -> Response:
    """The summaries alone."""
    reach = await _reach(request, portal, visitor)
    return render(request, "fragments/summaries.html", page=await summaries(portal, reach, "mine", None))


@router.get("/tasks/{task_id}")
async def task(task_id: str, request: Request, visitor: FamilyVisitor, portal: PortalDep) -> Response:
    """One thing to try."""
    reach = await _reach(request, portal, visitor)
    return await show_task(request, portal, reach, task_id, "mine")


@router.get("/tasks/{task_id}/log")
async def log(task_id: str, request: Request, visitor: FamilyVisitor, portal: PortalDep) -> Response:
    """Four equal answers."""
    reach = await _reach(request, portal, visitor)
    return await new_log(request, portal, reach, task_id, "mine")


@router.post("/tasks/{task_id}/log")
async def save_log(task_id: str, request: Request, visitor: FamilyVisitor, portal: PortalDep) -> Response:
    """Keep the answer."""
    reach = await _reach(request, portal, visitor)
    return await post_log(request, portal, visitor, reach, task_id, "mine")


@router.get("/tasks/{task_id}/thanks")
async def thanks(
    task_id: str,
    request: Request,
    visitor: FamilyVisitor,
    portal: PortalDep,
    said: str = "did",
    log: str = "",
) -> Response:
    """Thank you; nothing else is needed."""
    reach = await _reach(request, portal, visitor)
    page = await thanks_page(portal, reach, task_id, said, "mine", log)
    return render(request, "family/thanks.html", page=page)


@router.post("/tasks/{task_id}/logs/{log_id}/way")
async def way(
    task_id: str, log_id: str, request: Request, visitor: FamilyVisitor, portal: PortalDep
) -> Response:
    """What got in the way, one tap; I need not say."""
    reach = await _reach(request, portal, visitor)
    return await add_way(request, portal, visitor, reach, log_id, f"/mine/tasks/{task_id}/thanks")


@router.post("/tasks/{task_id}/logs/{log_id}/undo")
async def undo(
    task_id: str, log_id: str, request: Request, visitor: FamilyVisitor, portal: PortalDep
) -> Response:
    """Take my answer back within a minute."""
    reach = await _reach(request, portal, visitor)
    return await undo_log(request, portal, visitor, reach, task_id, log_id, "mine")
