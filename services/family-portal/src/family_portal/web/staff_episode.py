"""Who waits, oldest first; and how far the work with one person is, written down and moved on by the therapist."""

import asyncio
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from chassis.errors import Conflict, Invalid, NotFound, Problem, Unavailable
from chassis.routes import Routes
from contracts.care_plans import EpisodeState
from contracts.classes import DataClass
from family_portal.portal import Portal, PortalDep
from family_portal.views.opened import Entry
from family_portal.views.reader import Reach
from family_portal.web.forms import Typed, errors_of, remembering, typed
from family_portal.web.frame import render
from family_portal.web.goals import episode_in
from family_portal.web.heads import base_of, day, head, seat
from family_portal.web.models import (
    EpisodePage,
    EpisodePart,
    FieldError,
    Form,
    Line,
    Link,
    Live,
    Referral,
    ReferralsPage,
)
from family_portal.web.staff_plan_changed import differing, has_seen
from family_portal.web.staff_reach import staff_reach
from family_portal.web.visitor import StaffVisitor, Visitor
from family_portal.web.words import counted
from policy.days import LONDON, today

router = Routes(prefix="/staff", include_in_schema=False)
STATE = {
    EpisodeState.REFERRED: "Referred. Nobody has told them yet that they wait.",
    EpisodeState.WAITING: "Waiting",
    EpisodeState.ASSESSING: "Assessing. The plan is being written.",
    EpisodeState.ACTIVE: "Active",
    EpisodeState.STEPPING_DOWN: "Stepping down",
    EpisodeState.ENDED: "Ended. The way back is short.",
}
WAITS = (EpisodeState.REFERRED, EpisodeState.WAITING)
NEEDED = (
    "Ask first what they want, in their own way of saying it.",
    "Look at who may see what: the consents stand on their page.",
    "Write the first goal. Home and school are asked before it begins.",
)
MOVES: dict[str, tuple[str, str, tuple[EpisodeState, ...]]] = {
    "accept": ("Accept", "Those at home who may know read that the team has begun.", WAITS),
    "step_down": ("Step down", "You meet less often, and look whether it holds.", (EpisodeState.ACTIVE,)),
    "end": (
        "End it",
        "The goals stay as they are, and it can begin again without a new referral.",
        tuple(state for state in EpisodeState if state is not EpisodeState.ENDED),
    ),
    "reopen": (
        "Begin again",
        "Those at home who may know read that the team has begun.",
        (EpisodeState.ENDED,),
    ),
}
"""What each move is called, what happens then, and where it starts."""


@router.get("/referrals")
async def referrals(request: Request, visitor: StaffVisitor, portal: PortalDep) -> Response:
    """Who waits, oldest first, with how they were told."""
    await seat(request, portal, visitor, "staff")
    return render(request, "staff/referrals.html", page=await _referrals(portal, visitor))


async def _referrals(portal: Portal, visitor: Visitor) -> ReferralsPage:
    reached = [r for r in await portal.reader.clients(visitor.callers) if "team" in r.grants.labels]
    found = [(reach, await episode_of(portal, reach)) for reach in reached]
    waits = [(reach, entry) for reach, entry in found if entry and entry.meta["state"] in WAITS]
    waits.sort(key=lambda each: (each[1].body["referred_on"], each[1].at))
    rows = await asyncio.gather(*(_referral(portal, visitor, reach, entry) for reach, entry in waits))
    return ReferralsPage(tuple(rows), NEEDED)


async def episode_of(portal: Portal, reach: Reach) -> Entry | None:
    """How far the work with somebody is, as the team reads it."""
    return episode_in(await portal.reader.parts(reach, (DataClass.PLAN_TEAM,)))


async def _referral(portal: Portal, visitor: Visitor, reach: Reach, entry: Entry) -> Referral:
    base = base_of("staff", reach)
    now = await visitor.upstream.find("care-plans", _path(reach)) if _writes(reach) else None
    form = Form(f"{base}/episode/moves", version=now["doc_version"]) if now else None
    told = entry.body.get("told")
    return Referral(
        client=await head(portal, reach, "staff"),
        text=_referred(entry),
        told=f"How they were told: {told}" if told else "Nobody has told them yet that they wait.",
        change=Link("Change what is written", f"{base}/episode"),
        accept=form,
    )


def _referred(entry: Entry) -> str:
    by = f" by {entry.body['referred_by']}" if entry.body.get("referred_by") else ""
    return f"Referred on {_on(entry.body['referred_on'])}{by}."


def _on(text: str) -> str:
    return day(datetime.combine(date.fromisoformat(text), time(12), LONDON))


def _path(reach: Reach) -> str:
    return f"/tenants/{reach.caller.tenant_id}/clients/{reach.client_id}/episode"


def _writes(reach: Reach) -> bool:
    return reach.grants.may(DataClass.PLAN_TEAM, "write")


async def episode_part(portal: Portal, visitor: Visitor, reach: Reach) -> EpisodePart:
    """The lines of somebody's page: how far it is, the rhythm, and when it ends."""
    entry, base = await episode_of(portal, reach), base_of("staff", reach)
    text = "Change" if entry else "Record the referral"
    return EpisodePart(
        live=Live("episode", f"{base}/fragments/episode", (f"plan-{reach.client_id}",)),
        lines=_lines(entry) if entry else (Line("No referral is recorded."),),
        change=Link(text, f"{base}/episode") if _writes(reach) else None,
    )


def _lines(entry: Entry) -> tuple[Line, ...]:
    body = entry.body
    weeks = f"Planned for {counted(body['planned_weeks'], 'week')}." if body.get("planned_weeks") else ""
    lines = [
        Line(STATE[EpisodeState(entry.meta["state"])], _referred(entry), "flag"),
        Line(f"Rhythm: {body['rhythm']}", weeks, "clock") if body.get("rhythm") else None,
        Line(f"Ends when: {body['ends_when']}", "", "tick") if body.get("ends_when") else None,
    ]
    return tuple(line for line in lines if line)


@router.get("/clients/{client}/episode")
async def episode(client: str, request: Request, visitor: StaffVisitor, portal: PortalDep) -> Response:
    """What is written about a referral and the work that follows, and where it goes from here."""
    reach = await _writer(client, request, visitor, portal)
    return render(request, "staff/episode.html", page=await _page(portal, reach, await _now(visitor, reach)))


async def _writer(client: str, request: Request, visitor: Visitor, portal: Portal) -> Reach:
    reach = await staff_reach(request, portal, visitor, client)
    if not _writes(reach):
        raise NotFound()
    return reach


async def _now(visitor: Visitor, reach: Reach) -> dict[str, Any] | None:
    """The episode that a change starts from, None where nobody was referred. Raises Unavailable."""
    try:
        found: dict[str, Any] = await visitor.upstream.get("care-plans", _path(reach))
    except NotFound:
        return None
    return found


async def _page(portal: Portal, reach: Reach, now: dict[str, Any] | None) -> EpisodePage:
    base, state = base_of("staff", reach), EpisodeState(now["state"]) if now else None
    return EpisodePage(
        client=await head(portal, reach, "staff"),
        form=_form(f"{base}/episode", now),
        state=STATE[state] if state else "",
        moves=tuple(
            (text, then, Form(f"{base}/episode/moves", {"move": move}, version=now["doc_version"]))
            for move, (text, then, begins) in MOVES.items()
            if now and state in begins
        ),
    )


def _form(action: str, now: dict[str, Any] | None) -> Form:
    if now is None:
        return Form(action, {"referred_on": today().isoformat()})
    values = {name: str(now[name]) for name in EpisodePage.LABELS if now[name] is not None}
    return Form(action, values, version=now["doc_version"])


@router.post("/clients/{client}/episode")
async def save(client: str, request: Request, visitor: StaffVisitor, portal: PortalDep) -> Response:
    """Record the referral, or write anew what is agreed."""
    reach = await _writer(client, request, visitor, portal)
    form, path = await typed(request, visitor), _path(reach)
    method = "POST" if form.version is None else "PUT"
    try:
        body = _body(form)
        sent = await visitor.upstream.send(
            "care-plans", path, body, form.command_id, method=method, version=form.version
        )
    except (NotFound, Unavailable):
        raise
    except Problem as problem:
        page = _again(await _page(portal, reach, await _now(visitor, reach)), form, problem)
        return render(request, "staff/episode.html", status=problem.status, page=page)
    return remembering(RedirectResponse(base_of("staff", reach), 303), sent.headers.get("kith-position"))


def _again(page: EpisodePage, form: Typed, problem: Problem) -> EpisodePage:
    """The page with what was typed; where somebody else wrote meanwhile, it can be saved over what is there now."""
    again = form.again(page.form.action, problem, labels=EpisodePage.LABELS)
    if not isinstance(problem, Conflict):
        return replace(page, form=again)
    there = differing(form, page.form, EpisodePage.LABELS)
    return replace(page, form=has_seen(again, page.form, there, "this"), meanwhile=there)


def _body(form: Typed) -> dict[str, Any]:
    """What is written, as care-plans takes it. Raises Invalid."""
    if form.text("referred_on") is None:
        raise Invalid(
            "The day is missing.", field="referred_on", fix="Write on which day they were referred."
        )
    named = ("referred_by", "referred_on", "told", "rhythm", "ends_when")
    return {**{name: form.text(name) for name in named}, "planned_weeks": form.number("planned_weeks")}


@router.post("/clients/{client}/episode/moves")
async def move(client: str, request: Request, visitor: StaffVisitor, portal: PortalDep) -> Response:
    """Accept, step down, end or begin again; what is needed then stands on the person's page."""
    reach = await _writer(client, request, visitor, portal)
    form = await typed(request, visitor)
    body = {"move": form.text("move") or ""}
    try:
        sent = await visitor.upstream.send(
            "care-plans", f"{_path(reach)}/moves", body, form.command_id, version=form.version
        )
    except (NotFound, Unavailable):
        raise
    except Problem as problem:
        page = await _page(portal, reach, await _now(visitor, reach))
        wrong = tuple(replace(error, field="") for error in errors_of(problem, {}))
        page = replace(page, errors=wrong or (FieldError("", problem.detail or problem.title),))
        return render(request, "staff/episode.html", status=problem.status, page=page)
    return remembering(RedirectResponse(base_of("staff", reach), 303), sent.headers.get("kith-position"))
