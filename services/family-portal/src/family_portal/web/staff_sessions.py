"""Planning a session, or beginning one now."""

from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from chassis.errors import Conflict, Invalid, NotFound, Problem
from chassis.routes import Routes
from family_portal.portal import Portal, PortalDep
from family_portal.views.reader import Reach
from family_portal.web.forms import PLANNED_BEFORE, Typed, form_id, remembering, sent_before, typed
from family_portal.web.frame import render
from family_portal.web.heads import base_of, clock, head
from family_portal.web.models import Form, Line, Part, SessionNewPage
from family_portal.web.session_page import has_begun
from family_portal.web.session_record import minutes_of, session_page, session_path
from family_portal.web.session_times import planned as coming
from family_portal.web.staff_reach import staff_reach
from family_portal.web.visitor import StaffVisitor, Visitor
from policy.days import LONDON

router = Routes(prefix="/staff", include_in_schema=False)
NEW_FIELDS = {"scheduled_for": "day", "ends": "minutes"}


@router.get("/clients/{client}/sessions/new")
async def new(client: str, request: Request, visitor: StaffVisitor, portal: PortalDep) -> Response:
    """Plan a session, or begin one now."""
    reach = await staff_reach(request, portal, visitor, client)
    now = datetime.now(LONDON)
    usual = {
        "day": now.date().isoformat(),
        "time": f"{now:%H:%M}",
        "minutes": "40",
        "modality": "in_person",
        "now": "yes",
    }
    where = f"{base_of('staff', reach)}/sessions/new"
    page = await _new_page(portal, visitor, reach, Form(where, usual, command_id=form_id(request)))
    return render(request, "staff/session_new.html", page=page)


async def _new_page(portal: Portal, visitor: Visitor, reach: Reach, form: Form) -> SessionNewPage:
    return SessionNewPage(await head(portal, reach, "staff"), form, await _planned(visitor, reach))


@router.get("/clients/{client}/fragments/planned")
async def planned(client: str, request: Request, visitor: StaffVisitor, portal: PortalDep) -> Response:
    """The sessions in the calendar, alone."""
    reach = await staff_reach(request, portal, visitor, client)
    part = await _planned(visitor, reach)
    return render(request, "fragments/planned.html", part=part, alone=True)


async def _planned(visitor: Visitor, reach: Reach) -> Part[tuple[Line, ...]]:
    rows = await coming(visitor, reach)
    lines = tuple(
        Line(clock(datetime.fromisoformat(row["scheduled_for"])), href=session_page(reach, row["id"]))
        for row in rows or ()
    )
    where = f"{base_of('staff', reach)}/fragments/planned"
    return Part("planned", "Already planned", where, None if rows is None else lines)


YEARS = range(1900, 2200)


@router.post("/clients/{client}/sessions/new")
async def schedule(client: str, request: Request, visitor: StaffVisitor, portal: PortalDep) -> Response:
    """Put it into the calendar; one that begins now opens at once."""
    reach = await staff_reach(request, portal, visitor, client)
    form = await typed(request, visitor)
    try:
        body = session_body(form)
        position = await _plan(visitor, reach, form, body)
    except NotFound:
        raise
    except Problem as problem:
        page = await _new_page(portal, visitor, reach, _again(request.url.path, form, problem))
        return render(request, "staff/session_new.html", status=problem.status, page=page)
    now = form.text("now") == "yes"
    where = session_page(reach, body["id"]) if now else base_of("staff", reach)
    return remembering(RedirectResponse(where, 303), position)


def session_body(form: Typed) -> dict[str, Any]:
    """What was typed, as the sessions service takes it, under the id of its form: sent again, it is the same."""
    begins, minutes = _moment(form), minutes_of(form)
    body: dict[str, Any] = {
        "id": form.made_id(),
        "kind": "individual",
        "scheduled_for": begins.isoformat(),
        "modality": form.text("modality") or "in_person",
    }
    if minutes is not None:
        body["ends"] = (begins + timedelta(minutes=minutes)).isoformat()
    return body


async def _plan(visitor: Visitor, reach: Reach, form: Typed, body: dict[str, Any]) -> str | None:
    """Put it into the calendar, or find it there. Raises Conflict where the form made another one before."""
    try:
        sent = await visitor.upstream.send("sessions", session_path(reach), body, form.command_id)
    except Conflict as problem:
        if not sent_before(problem) or not await _is_there(visitor, reach, form, body):
            raise
        return None
    position: str | None = sent.headers.get("kith-position")
    return position


async def _is_there(visitor: Visitor, reach: Reach, form: Typed, body: dict[str, Any]) -> bool:
    """Whether this is the session that the form made before. One without day and time began when it was sent."""
    there = await visitor.upstream.get("sessions", f"{session_path(reach)}/{body['id']}")
    same = ("modality",) if form.text("day") is None else ("modality", "scheduled_for", "ends")
    return _length(there) == _length(body) and all(there.get(name) == body.get(name) for name in same)


def _length(session: dict[str, Any]) -> timedelta | None:
    begins, ends = session["scheduled_for"], session.get("ends")
    return datetime.fromisoformat(ends) - datetime.fromisoformat(begins) if ends else None


def _again(action: str, form: Typed, problem: Problem) -> Form:
    """What was typed, with what to do about it; what was planned with this form before stands as it was."""
    if sent_before(problem):
        return form.anew(action, PLANNED_BEFORE)
    return form.again(action, problem, NEW_FIELDS)


def _moment(form: Typed) -> datetime:
    """When it begins or began. Raises Invalid for what is no moment, and where what has happened is still to come."""
    happened = form.text("now") == "yes"
    if happened and not form.text("day") and not form.text("time"):
        return datetime.now(UTC)
    try:
        local = datetime.fromisoformat(f"{form.text('day')}T{form.text('time')}")
    except ValueError:
        local = datetime.min
    if local.year not in YEARS:
        raise Invalid("This is no day and time.", field="scheduled_for", fix="Give a day and a time.")
    begins = local.replace(tzinfo=LONDON).astimezone(UTC)
    if not happened and begins < datetime.now(UTC):
        raise Invalid(
            "This day and time have gone by.",
            field="scheduled_for",
            fix="Give a coming one, or say that it happened.",
        )
    if happened and not has_begun(begins):
        raise Invalid(
            "This is still to come.",
            field="scheduled_for",
            fix="Put it in the calendar, or give the day and time at which it began.",
        )
    return begins
