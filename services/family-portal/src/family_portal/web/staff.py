"""Pages of therapists: today and the caseload."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from fastapi import Request, Response

from chassis.routes import Routes
from contracts.access import Role
from contracts.classes import DataClass
from family_portal.portal import Portal, PortalDep
from family_portal.views.reader import Reach
from family_portal.web.boxes import who_is_on_duty
from family_portal.web.caseload_filters import WAITING, filters, school_of
from family_portal.web.duty import duty_calls
from family_portal.web.frame import render
from family_portal.web.goals import active, episode_in, over, proposed, sort_entries
from family_portal.web.heads import head, seat
from family_portal.web.models import (
    CaseloadPage,
    CaseloadRow,
    Empty,
    Line,
    Live,
    NextSession,
    Part,
    TodayPage,
)
from family_portal.web.sessions_now import SessionsNow, sessions_now
from family_portal.web.staff_episode import WAITS
from family_portal.web.staff_rests import paused_row
from family_portal.web.to_answer import waits_for_team, words_now
from family_portal.web.visitor import StaffVisitor, Visitor
from family_portal.web.words import joined
from policy.days import LONDON

router = Routes(prefix="/staff", include_in_schema=False)


async def _caseload(portal: Portal, visitor: Visitor) -> list[Reach]:
    return [r for r in await portal.reader.clients(visitor.callers) if "team" in r.grants.labels]


@router.get("/today")
async def today(request: Request, visitor: StaffVisitor, portal: PortalDep) -> Response:
    """What waits: the next session, words to answer, sessions to sign, what is due."""
    await seat(request, portal, visitor, "staff")
    return render(request, "staff/today.html", page=await _today(portal, visitor))


@router.get("/fragments/to-answer")
async def to_answer_fragment(request: Request, visitor: StaffVisitor, portal: PortalDep) -> Response:
    """What waits for an answer, alone."""
    await seat(request, portal, visitor, "staff")
    return render(request, "fragments/to_answer.html", page=await _today(portal, visitor))


@router.get("/fragments/next_session")
async def next_fragment(request: Request, visitor: StaffVisitor, portal: PortalDep) -> Response:
    """The next session, alone."""
    return await _part_alone(request, visitor, portal, "next_session", _next)


@router.get("/fragments/to_sign")
async def to_sign_fragment(request: Request, visitor: StaffVisitor, portal: PortalDep) -> Response:
    """What waits for a signature, alone."""
    return await _part_alone(request, visitor, portal, "to_sign", _to_sign)


async def _part_alone(
    request: Request,
    visitor: Visitor,
    portal: Portal,
    name: str,
    make: Callable[[SessionsNow | None], Part[Any]],
) -> Response:
    """A part of Today that was away, asked for again."""
    await seat(request, portal, visitor, "staff")
    sessions = await sessions_now(portal, visitor, await _caseload(portal, visitor))
    return render(request, f"fragments/{name}.html", part=make(sessions), alone=True)


def _next(sessions: SessionsNow | None) -> Part[tuple[NextSession, ...]]:
    body = None if sessions is None else (sessions.next,) if sessions.next else ()
    return Part("next-session", "Next session", "/staff/fragments/next_session", body)


def _to_sign(sessions: SessionsNow | None) -> Part[tuple[Line, ...]]:
    body = None if sessions is None else sessions.to_sign
    return Part("to-sign", "To sign", "/staff/fragments/to_sign", body)


async def _today(portal: Portal, visitor: Visitor) -> TodayPage:
    reached = await _caseload(portal, visitor)
    words = await words_now(portal, reached)
    sessions = await sessions_now(portal, visitor, reached)
    moved = tuple(f"{group}-{reach.client_id}" for reach in reached for group in ("log", "plan"))
    now = datetime.now(LONDON)
    return TodayPage(
        day=f"{now:%A} {now.day} {now:%B}",
        duty=await who_is_on_duty(portal, [caller.tenant_id for caller in visitor.callers]),
        calls=await duty_calls(portal, visitor),
        answers=words.answers,
        answers_more=words.answers_more,
        heard=words.heard,
        heard_more=words.heard_more,
        answers_live=Live("to-answer", "/staff/fragments/to-answer", moved),
        next=_next(sessions),
        later=f"Next: {sessions.next.eyebrow}." if sessions and sessions.next else "",
        to_sign=_to_sign(sessions),
        due=tuple([line for reach in reached for line in await _due(portal, reach)]),
        paused=tuple([line for reach in reached for line in await paused_row(portal, reach)]),
    )


async def _due(portal: Portal, reach: Reach) -> list[Line]:
    goals = sort_entries(await portal.reader.parts(reach, (DataClass.PLAN_TEAM,))).goals
    if not any(proposed(goal) for goal in goals):
        return []
    named = await head(portal, reach, "staff")
    return [Line(f"{named.name}, a plan waits for answers", "", "flag", f"{named.href}/plan")]


@router.get("/caseload")
async def caseload(request: Request, visitor: StaffVisitor, portal: PortalDep, show: str = "") -> Response:
    """People with something open, then all others; `show` names those who wait to begin, or one school."""
    await seat(request, portal, visitor, "staff")
    reached = await _caseload(portal, visitor)
    found = [(school_of(reach), await _row(portal, reach)) for reach in reached]
    rows = [row for school, row in found if _is_shown(row, school, show)]
    waits = any(row.plan == WAITS_TO_BEGIN for _, row in found)
    page = CaseloadPage(
        waiting=tuple(row for row in rows if row.waiting),
        others=tuple(row for row in rows if not row.waiting),
        empty=NOBODY_SHOWN if found else _nobody(visitor),
        filters=await filters(visitor, reached, show, waits=waits),
    )
    return render(request, "staff/caseload.html", page=page)


NOBODY_SHOWN = Empty("Nobody here now.", "Everyone else stands on the whole caseload.", "people")
WAITS_TO_BEGIN = "Waiting to begin"


def _is_shown(row: CaseloadRow, school: str, show: str) -> bool:
    return show in ("", school) or (show == WAITING and row.plan == WAITS_TO_BEGIN)


NOBODY = {
    Role.THERAPIST: Empty(
        "Nobody is assigned to you yet.", "An administrator can assign people to you.", "people"
    ),
    Role.SUPERVISOR: Empty(
        "Nobody whom you supervise works with anybody yet.", "An administrator can change that.", "people"
    ),
    Role.ORG_ADMIN: Empty(
        "No client’s record opens to an administrator.",
        "You look after the organisation and say who works with whom. The pages for that are not here yet.",
        "people",
    ),
    Role.AUDITOR: Empty(
        "No client’s record opens to an auditor.",
        "You see that records are kept, and none of their words. The pages for that are not here yet.",
        "people",
    ),
}
"""What stands on an empty caseload, by the first of these hats that somebody wears."""


def _nobody(visitor: Visitor) -> Empty:
    worn = [role for role in NOBODY if any(caller.wears(role) for caller in visitor.callers)]
    return NOBODY[worn[0]] if worn else NOBODY[Role.THERAPIST]


async def _row(portal: Portal, reach: Reach) -> CaseloadRow:
    named = await head(portal, reach, "staff")
    entries = await portal.reader.parts(reach, (DataClass.PLAN_TEAM, DataClass.PLAN_PRIVATE))
    goals, episode = sort_entries(entries).goals, episode_in(entries)
    waits = episode is not None and episode.meta["state"] in WAITS
    plan = WAITS_TO_BEGIN if waits else "Being written"
    if any(active(goal) for goal in goals):
        plan = "Plan active"
    elif any(proposed(goal) for goal in goals):
        plan = "Waiting for answers"
    elif any(over(goal) for goal in goals):
        plan = "No goal now"
    waiting = "something to answer" if await waits_for_team(portal, reach) else ""
    lead = [fact.person_id for fact in reach.document.assignments if fact.lead]
    names = await portal.names.persons(lead)
    return CaseloadRow(
        name=named.name,
        mark=named.mark,
        href=named.href,
        line=named.line,
        plan=plan,
        waiting=waiting,
        lead=joined(each.name for each in names.values()),
    )
