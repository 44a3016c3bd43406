"""Pages of guardians: home, one child, the plan to answer, a task, how it went, what was said after sessions."""

from fastapi import Request, Response

from chassis.errors import NotFound
from chassis.routes import Routes
from contracts.access import Role
from family_portal.portal import Portal, PortalDep
from family_portal.views.reader import Reach
from family_portal.web.afterwards import add_way
from family_portal.web.answering import plan_seen, plan_to_answer, post_answer
from family_portal.web.family_cards import (
    appointments,
    child_page,
    home_page,
    replies,
    summaries,
    today_card,
)
from family_portal.web.frame import render
from family_portal.web.heads import base_of, find_reach, seat
from family_portal.web.logging_page import new_log, post_log, thanks_page, undo_log
from family_portal.web.start import elsewhere
from family_portal.web.task_reading import show_task
from family_portal.web.visitor import FamilyVisitor, Visitor

router = Routes(prefix="/home", include_in_schema=False)


async def _reach(request: Request, portal: Portal, visitor: Visitor, child: str) -> Reach:
    reach = await find_reach(request, portal, visitor, child)
    await seat(request, portal, visitor, "family")
    if not ({"guardians"} & reach.grants.labels):
        raise NotFound()
    return reach


@router.get("")
async def home(request: Request, visitor: FamilyVisitor, portal: PortalDep) -> Response:
    """Today's one thing for each child, over all organisations."""
    if away := elsewhere(visitor, Role.GUARDIAN):
        return away
    await seat(request, portal, visitor, "family")
    return render(request, "family/home.html", page=await home_page(portal, visitor))


@router.get("/fragments/today/{child}")
async def today_fragment(child: str, request: Request, visitor: FamilyVisitor, portal: PortalDep) -> Response:
    """One child's card."""
    reach = await _reach(request, portal, visitor, child)
    return render(request, "fragments/today_card.html", card=await today_card(portal, reach))


@router.get("/fragments/next")
async def next_fragment(request: Request, visitor: FamilyVisitor, portal: PortalDep) -> Response:
    """The next appointment of each child, alone."""
    await seat(request, portal, visitor, "family")
    return render(request, "fragments/appointments.html", part=await appointments(portal, visitor))


@router.get("/fragments/replies")
async def replies_fragment(request: Request, visitor: FamilyVisitor, portal: PortalDep) -> Response:
    """What the team wrote back, alone."""
    await seat(request, portal, visitor, "family")
    return render(request, "fragments/replies.html", part=await replies(portal, visitor))


@router.get("/{child}")
async def one_child(child: str, request: Request, visitor: FamilyVisitor, portal: PortalDep) -> Response:
    """What the child is working on, in plain words."""
    reach = await _reach(request, portal, visitor, child)
    return render(request, "family/child.html", page=await child_page(portal, reach))


@router.get("/{child}/fragments/seen")
async def seen_fragment(child: str, request: Request, visitor: FamilyVisitor, portal: PortalDep) -> Response:
    """Who sees the goals of the child's page, alone."""
    reach = await _reach(request, portal, visitor, child)
    return render(request, "fragments/seen.html", line=(await child_page(portal, reach)).child.seen)


@router.get("/{child}/fragments/plan-seen")
async def plan_seen_fragment(
    child: str, request: Request, visitor: FamilyVisitor, portal: PortalDep
) -> Response:
    """Who sees the goals of the whole plan, alone."""
    reach = await _reach(request, portal, visitor, child)
    return render(request, "fragments/seen.html", line=await plan_seen(portal, reach, "family"))


PARTS = {
    "goals": "fragments/child_goals.html",
    "practice": "fragments/child_practice.html",
    "earlier": "fragments/child_earlier.html",
    "others": "fragments/child_others.html",
    "changes": "fragments/child_changes.html",
    "asked": "fragments/asked.html",
}
"""The parts of the child's page that ask for themselves, by their address."""


@router.get("/{child}/plan")
async def plan(child: str, request: Request, visitor: FamilyVisitor, portal: PortalDep) -> Response:
    """The goals put to this reader, to approve, ask about or say no to."""
    reach = await _reach(request, portal, visitor, child)
    return render(request, "plan/answer.html", page=await plan_to_answer(portal, reach, "family"))


@router.get("/{child}/fragments/plan")
async def plan_fragment(child: str, request: Request, visitor: FamilyVisitor, portal: PortalDep) -> Response:
    """The goals to answer alone."""
    reach = await _reach(request, portal, visitor, child)
    return render(request, "fragments/plan_answer.html", page=await plan_to_answer(portal, reach, "family"))


@router.post("/{child}/plan/{goal_id}")
async def answer(
    child: str, goal_id: str, request: Request, visitor: FamilyVisitor, portal: PortalDep
) -> Response:
    """Send one answer to one goal."""
    reach = await _reach(request, portal, visitor, child)
    return await post_answer(request, portal, visitor, reach, goal_id, "family")


@router.get("/{child}/tasks/{task_id}")
async def task(
    child: str, task_id: str, request: Request, visitor: FamilyVisitor, portal: PortalDep
) -> Response:
    """One practice, readable in two minutes."""
    reach = await _reach(request, portal, visitor, child)
    return await show_task(request, portal, reach, task_id, "family")


@router.get("/{child}/tasks/{task_id}/log")
async def log(
    child: str, task_id: str, request: Request, visitor: FamilyVisitor, portal: PortalDep
) -> Response:
    """Four equal answers."""
    reach = await _reach(request, portal, visitor, child)
    return await new_log(request, portal, reach, task_id, "family")


@router.post("/{child}/tasks/{task_id}/log")
async def save_log(
    child: str, task_id: str, request: Request, visitor: FamilyVisitor, portal: PortalDep
) -> Response:
    """Keep the answer. Every answer helps the same."""
    reach = await _reach(request, portal, visitor, child)
    return await post_log(request, portal, visitor, reach, task_id, "family")


@router.get("/{child}/tasks/{task_id}/thanks")
async def thanks(
    child: str,
    task_id: str,
    request: Request,
    visitor: FamilyVisitor,
    portal: PortalDep,
    said: str = "did",
    log: str = "",
) -> Response:
    """Thank you; nothing else is needed."""
    reach = await _reach(request, portal, visitor, child)
    page = await thanks_page(portal, reach, task_id, said, "family", log)
    return render(request, "family/thanks.html", page=page)


@router.post("/{child}/tasks/{task_id}/logs/{log_id}/way")
async def way(
    child: str, task_id: str, log_id: str, request: Request, visitor: FamilyVisitor, portal: PortalDep
) -> Response:
    """What got in the way, one tap; nobody has to say."""
    reach = await _reach(request, portal, visitor, child)
    thanks = f"{base_of('family', reach)}/tasks/{task_id}/thanks"
    return await add_way(request, portal, visitor, reach, log_id, thanks)


@router.post("/{child}/tasks/{task_id}/logs/{log_id}/undo")
async def undo(
    child: str, task_id: str, log_id: str, request: Request, visitor: FamilyVisitor, portal: PortalDep
) -> Response:
    """Take an answer back within a minute."""
    reach = await _reach(request, portal, visitor, child)
    return await undo_log(request, portal, visitor, reach, task_id, log_id, "family")


@router.get("/{child}/sessions")
async def sessions(
    child: str, request: Request, visitor: FamilyVisitor, portal: PortalDep, after: str | None = None
) -> Response:
    """What was shared about each session."""
    reach = await _reach(request, portal, visitor, child)
    return render(request, "family/sessions.html", page=await summaries(portal, reach, "family", after))


@router.get("/{child}/fragments/sessions")
async def sessions_fragment(
    child: str, request: Request, visitor: FamilyVisitor, portal: PortalDep
) -> Response:
    """The summaries alone."""
    reach = await _reach(request, portal, visitor, child)
    return render(request, "fragments/summaries.html", page=await summaries(portal, reach, "family", None))


@router.get("/{child}/fragments/{part}")
async def child_fragment(
    child: str, part: str, request: Request, visitor: FamilyVisitor, portal: PortalDep
) -> Response:
    """One part of the child's page alone."""
    if part not in PARTS:
        raise NotFound()
    reach = await _reach(request, portal, visitor, child)
    return render(request, PARTS[part], page=await child_page(portal, reach))
