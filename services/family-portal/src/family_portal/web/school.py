"""Pages of school staff: my pupils, one pupil, the plan to answer, I saw something, does it work here."""

import asyncio
from dataclasses import replace
from itertools import groupby
from typing import Annotated

from fastapi import Query, Request, Response

from chassis.errors import NotFound
from chassis.routes import Routes
from contracts.access import Role
from family_portal.portal import Portal, PortalDep
from family_portal.views.reader import Reach
from family_portal.web.afterwards import undo_of
from family_portal.web.answering import plan_seen, plan_to_answer, post_answer, waiting
from family_portal.web.family_cards import summaries
from family_portal.web.forms import form_id
from family_portal.web.frame import render
from family_portal.web.heads import base_of, find_reach, head, seat
from family_portal.web.models import Form, Link, Live, NoticesPart, PupilGroup, PupilRow, SchoolPage
from family_portal.web.notices import notices_for
from family_portal.web.noting_strategies import post_strategy, strategies_page
from family_portal.web.observing import observe_page, post_observation, undo_observation
from family_portal.web.school_cards import (
    hears_of_sessions,
    latest,
    may_note,
    pupil_page,
    shared_until,
    week_of,
)
from family_portal.web.start import elsewhere
from family_portal.web.visitor import FamilyVisitor, Visitor
from family_portal.web.worry import whom_at_school

router = Routes(prefix="/school", include_in_schema=False)


async def _reach(request: Request, portal: Portal, visitor: Visitor, pupil: str) -> Reach:
    reach = await find_reach(request, portal, visitor, pupil)
    if "school" not in reach.grants.labels:
        raise NotFound()
    await seat(request, portal, visitor, "school")
    return reach


@router.get("")
async def pupils(request: Request, visitor: FamilyVisitor, portal: PortalDep) -> Response:
    """My pupils, of all organisations in one list."""
    if away := elsewhere(visitor, Role.SCHOOL_STAFF):
        return away
    await seat(request, portal, visitor, "school")
    page = await _pupils(portal, visitor, await notices_for(portal, visitor))
    return render(request, "school/pupils.html", page=page)


@router.get("/fragments/pupils")
async def pupils_fragment(request: Request, visitor: FamilyVisitor, portal: PortalDep) -> Response:
    """The list alone."""
    await seat(request, portal, visitor, "school")
    return render(request, "fragments/pupils.html", page=await _pupils(portal, visitor))


async def _pupils(portal: Portal, visitor: Visitor, notices: NoticesPart | None = None) -> SchoolPage:
    reached = [r for r in await portal.reader.clients(visitor.callers) if "school" in r.grants.labels]
    rows = sorted(
        [(r.document.class_id or "", await _row(portal, r)) for r in reached], key=lambda x: (x[0], x[1].name)
    )
    groups = [
        PupilGroup(
            class_id.removeprefix("cs_").replace("_", " ").upper() or "My pupils",
            tuple(row for _, row in found),
        )
        for class_id, found in groupby(rows, key=lambda pair: pair[0])
    ]
    names = tuple(f"plan-{r.client_id}" for r in reached) or ("access",)
    return SchoolPage(tuple(groups), Live("pupils", "/school/fragments/pupils", names), notices)


async def _row(portal: Portal, reach: Reach) -> PupilRow:
    named = await head(portal, reach, "school")
    week = await week_of(portal, reach)
    asked = await waiting(portal, reach, "school")
    base = base_of("school", reach)
    return PupilRow(
        name=named.name,
        mark=named.mark,
        href=base,
        week=week[0] if week else "",
        until=await shared_until(portal, reach),
        asked=Link(f"Read {named.name}’s new goal", f"{base}/plan") if asked else None,
    )


TOLD = {"noted": "It is written down.", "undone": "It is taken back. Nobody reads it any more."}


@router.get("/pupils/{pupil}")
async def one_pupil(
    pupil: str,
    request: Request,
    visitor: FamilyVisitor,
    portal: PortalDep,
    said: str = "",
    noted: Annotated[str, Query(alias="id")] = "",
) -> Response:
    """About me, this week, the shared goals, who to ask; and for a minute the way to take back what was noted."""
    reach = await _reach(request, portal, visitor, pupil)
    action = f"{base_of('school', reach)}/observations/{noted}/undo"
    undo = await undo_of(portal, reach, "observations", noted, action) if noted else None
    page, worried = await asyncio.gather(pupil_page(portal, reach), whom_at_school(portal, visitor, reach))
    page = replace(page, ask=(*page.ask, worried), told=TOLD.get(said, ""), undo=undo)
    return render(request, "school/pupil.html", page=page)


@router.get("/pupils/{pupil}/fragments/seen")
async def seen_fragment(pupil: str, request: Request, visitor: FamilyVisitor, portal: PortalDep) -> Response:
    """Who sees the goals of the pupil's page, alone."""
    reach = await _reach(request, portal, visitor, pupil)
    return render(request, "fragments/seen.html", line=(await pupil_page(portal, reach)).seen)


@router.get("/pupils/{pupil}/fragments/plan-seen")
async def plan_seen_fragment(
    pupil: str, request: Request, visitor: FamilyVisitor, portal: PortalDep
) -> Response:
    """Who sees the goals of the whole plan, alone."""
    reach = await _reach(request, portal, visitor, pupil)
    return render(request, "fragments/seen.html", line=await plan_seen(portal, reach, "school"))


@router.get("/pupils/{pupil}/fragments/about")
async def about_fragment(pupil: str, request: Request, visitor: FamilyVisitor, portal: PortalDep) -> Response:
    """What the pupil says about themself, alone."""
    reach = await _reach(request, portal, visitor, pupil)
    return render(request, "fragments/pupil_about.html", page=await pupil_page(portal, reach))


@router.get("/pupils/{pupil}/fragments/goals")
async def goals_fragment(pupil: str, request: Request, visitor: FamilyVisitor, portal: PortalDep) -> Response:
    """The goals alone."""
    reach = await _reach(request, portal, visitor, pupil)
    return render(request, "fragments/pupil_goals.html", page=await pupil_page(portal, reach))


@router.get("/pupils/{pupil}/fragments/week")
async def week_fragment(pupil: str, request: Request, visitor: FamilyVisitor, portal: PortalDep) -> Response:
    """This week alone."""
    reach = await _reach(request, portal, visitor, pupil)
    return render(request, "fragments/pupil_week.html", page=await pupil_page(portal, reach))


@router.get("/pupils/{pupil}/fragments/noted")
async def noted_fragment(pupil: str, request: Request, visitor: FamilyVisitor, portal: PortalDep) -> Response:
    """What this reader noted, alone."""
    reach = await _reach(request, portal, visitor, pupil)
    if not may_note(reach):
        raise NotFound()
    return render(request, "fragments/pupil_noted.html", page=await pupil_page(portal, reach))


@router.get("/pupils/{pupil}/sessions")
async def sessions(
    pupil: str, request: Request, visitor: FamilyVisitor, portal: PortalDep, after: str | None = None
) -> Response:
    """What was released to school after sessions."""
    reach = await _told_of_sessions(request, portal, visitor, pupil)
    return render(request, "family/sessions.html", page=await summaries(portal, reach, "school", after))


@router.get("/pupils/{pupil}/fragments/sessions")
async def sessions_fragment(
    pupil: str, request: Request, visitor: FamilyVisitor, portal: PortalDep
) -> Response:
    """The summaries alone."""
    reach = await _told_of_sessions(request, portal, visitor, pupil)
    return render(request, "fragments/summaries.html", page=await summaries(portal, reach, "school", None))


@router.get("/pupils/{pupil}/fragments/latest")
async def latest_fragment(
    pupil: str, request: Request, visitor: FamilyVisitor, portal: PortalDep
) -> Response:
    """The newest summaries alone."""
    reach = await _told_of_sessions(request, portal, visitor, pupil)
    return render(request, "fragments/summaries.html", page=await latest(portal, reach))


async def _told_of_sessions(request: Request, portal: Portal, visitor: Visitor, pupil: str) -> Reach:
    reach = await _reach(request, portal, visitor, pupil)
    if not hears_of_sessions(reach):
        raise NotFound()
    return reach


@router.get("/pupils/{pupil}/plan")
async def plan(pupil: str, request: Request, visitor: FamilyVisitor, portal: PortalDep) -> Response:
    """The goals in school wording, to approve, ask about or say no to."""
    reach = await _reach(request, portal, visitor, pupil)
    return render(request, "plan/answer.html", page=await plan_to_answer(portal, reach, "school"))


@router.get("/pupils/{pupil}/fragments/plan")
async def plan_fragment(pupil: str, request: Request, visitor: FamilyVisitor, portal: PortalDep) -> Response:
    """The goals to answer alone."""
    reach = await _reach(request, portal, visitor, pupil)
    return render(request, "fragments/plan_answer.html", page=await plan_to_answer(portal, reach, "school"))


@router.post("/pupils/{pupil}/plan/{goal_id}")
async def answer(
    pupil: str, goal_id: str, request: Request, visitor: FamilyVisitor, portal: PortalDep
) -> Response:
    """Send the school's answer to one goal."""
    reach = await _reach(request, portal, visitor, pupil)
    return await post_answer(request, portal, visitor, reach, goal_id, "school")


@router.get("/pupils/{pupil}/observe")
async def observe(pupil: str, request: Request, visitor: FamilyVisitor, portal: PortalDep) -> Response:
    """Three taps."""
    reach = await _reach(request, portal, visitor, pupil)
    form = Form(f"{base_of('school', reach)}/observe", command_id=form_id(request))
    return render(request, "school/observe.html", page=await observe_page(portal, reach, form))


@router.post("/pupils/{pupil}/observe")
async def save_observation(
    pupil: str, request: Request, visitor: FamilyVisitor, portal: PortalDep
) -> Response:
    """The third tap saves."""
    reach = await _reach(request, portal, visitor, pupil)
    return await post_observation(request, portal, visitor, reach)


@router.post("/pupils/{pupil}/observations/{observation_id}/undo")
async def undo(
    pupil: str, observation_id: str, request: Request, visitor: FamilyVisitor, portal: PortalDep
) -> Response:
    """Take back what was noted, within a minute."""
    reach = await _reach(request, portal, visitor, pupil)
    return await undo_observation(request, portal, visitor, reach, observation_id)


@router.get("/pupils/{pupil}/strategies")
async def strategies(pupil: str, request: Request, visitor: FamilyVisitor, portal: PortalDep) -> Response:
    """Does it work here: what school does this week, and two answers as good as each other."""
    reach = await _reach(request, portal, visitor, pupil)
    form = Form(f"{base_of('school', reach)}/strategies", command_id=form_id(request))
    return render(request, "school/strategies.html", page=await strategies_page(portal, reach, form))


@router.post("/pupils/{pupil}/strategies")
async def say_of_strategy(
    pupil: str, request: Request, visitor: FamilyVisitor, portal: PortalDep
) -> Response:
    """Keep what was said of one."""
    reach = await _reach(request, portal, visitor, pupil)
    return await post_strategy(request, portal, visitor, reach)
