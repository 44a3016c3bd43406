"""Planning a session, writing down what happened, and the notes that nobody but staff reads."""

from datetime import UTC, datetime
from typing import Any

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from chassis.errors import Invalid, NotFound, Problem
from chassis.routes import Routes
from family_portal.portal import Portal, PortalDep
from family_portal.views.reader import Reach
from family_portal.web.forms import Typed, remembering, typed
from family_portal.web.frame import render
from family_portal.web.heads import LONDON, base_of, clock, head, slug
from family_portal.web.models import Form, Line, SessionNewPage
from family_portal.web.session_record import AFTER_FIELDS, after_page, record_body, session_path
from family_portal.web.session_rows import session_rows
from family_portal.web.staff_reach import staff_reach
from family_portal.web.visitor import StaffVisitor, Visitor

router = Routes(prefix="/staff", include_in_schema=False)


@router.get("/clients/{client}/sessions/new")
async def new(client: str, request: Request, visitor: StaffVisitor, portal: PortalDep) -> Response:
    """Plan a session, or begin one now."""
    reach = await staff_reach(request, portal, visitor, client)
    return render(request, "staff/session_new.html", page=await _new_page(portal, visitor, reach, None))


async def _new_page(portal: Portal, visitor: Visitor, reach: Reach, form: Form | None) -> SessionNewPage:
    now = datetime.now(LONDON)
    usual = {
        "day": now.date().isoformat(),
        "time": f"{now:%H:%M}",
        "minutes": "40",
        "modality": "in_person",
        "now": "yes",
    }
    coming = [row for row in await session_rows(visitor, reach, limit=20) if row["state"] == "scheduled"]
    return SessionNewPage(
        client=await head(portal, reach, "staff"),
        form=form or Form(f"{base_of('staff', reach.client_id)}/sessions/new", usual),
        coming=tuple(
            Line(clock(datetime.fromisoformat(row["scheduled_for"])), href=_after(row["id"], reach))
            for row in coming
        ),
    )


def _after(session_id: str, reach: Reach) -> str:
    return f"/staff/sessions/{session_id}/after?client={slug(reach.client_id)}"


@router.post("/clients/{client}/sessions/new")
async def schedule(client: str, request: Request, visitor: StaffVisitor, portal: PortalDep) -> Response:
    """Put it into the calendar; one that begins now opens at once."""
    reach = await staff_reach(request, portal, visitor, client)
    form = await typed(request, visitor)
    try:
        body = {
            "kind": "individual",
            "scheduled_for": _moment(form).isoformat(),
            "modality": form.text("modality") or "in_person",
        }
        sent = await visitor.upstream.send("sessions", f"{session_path(reach)}", body, form.command_id)
    except NotFound:
        raise
    except Problem as problem:
        fields = {"scheduled_for": "day"}
        page = await _new_page(portal, visitor, reach, form.again(request.url.path, problem, fields))
        return render(request, "staff/session_new.html", status=problem.status, page=page)
    now = form.text("now") == "yes"
    where = _after(sent.json()["id"], reach) if now else base_of("staff", reach.client_id)
    return remembering(RedirectResponse(where, 303), sent.headers.get("kith-position"))


def _moment(form: Typed) -> datetime:
    if form.text("now") == "yes":
        return datetime.now(UTC)
    try:
        local = datetime.fromisoformat(f"{form.text('day')}T{form.text('time')}")
    except ValueError as error:
        raise Invalid(
            "This is no day and time.", field="scheduled_for", fix="Give a day and a time."
        ) from error
    return local.replace(tzinfo=LONDON).astimezone(UTC)


@router.get("/sessions/{session_id}/after")
async def after(
    session_id: str, client: str, request: Request, visitor: StaffVisitor, portal: PortalDep, saved: str = ""
) -> Response:
    """Two minutes after a session: who came, results, what family reads, the note."""
    reach = await staff_reach(request, portal, visitor, client)
    page = await after_page(portal, visitor, reach, session_id, None, saved=bool(saved))
    return render(request, "staff/session_after.html", page=page)


@router.post("/sessions/{session_id}/after")
async def record(
    session_id: str, client: str, request: Request, visitor: StaffVisitor, portal: PortalDep
) -> Response:
    """Keep what happened; the note is kept apart from everything that is shared."""
    reach = await staff_reach(request, portal, visitor, client)
    form = await typed(request, visitor)
    path = f"{session_path(reach)}/{session_id}"
    try:
        sent = await visitor.upstream.send("sessions", f"{path}/record", record_body(form), form.command_id)
        await _note(visitor, path, form)
    except NotFound:
        raise
    except Problem as problem:
        again = form.again(f"{request.url.path}?{request.url.query}", problem, AFTER_FIELDS)
        page = await after_page(portal, visitor, reach, session_id, again)
        return render(request, "staff/session_after.html", status=problem.status, page=page)
    signed = form.text("do") == "sign"
    where = base_of("staff", reach.client_id) if signed else f"{_after(session_id, reach)}&saved=1"
    return remembering(RedirectResponse(where, 303), sent.headers.get("kith-position"))


async def _note(visitor: Visitor, path: str, form: Typed) -> None:
    text = form.text("note")
    if text is None:
        return
    body: dict[str, Any] = {
        "id": form.command_id.lower()[:60],
        "note_class": form.text("note_class") or "progress",
        "text": text,
        "status": "signed" if form.text("do") == "sign" else "draft",
    }
    await visitor.upstream.send("sessions", f"{path}/notes", body, f"{form.command_id}-n")


@router.post("/clients/{client}/notes/{note_id}/sign")
async def sign(
    client: str, note_id: str, request: Request, visitor: StaffVisitor, portal: PortalDep
) -> Response:
    """Sign an own draft."""
    reach = await staff_reach(request, portal, visitor, client)
    form = await typed(request, visitor)
    path = f"/tenants/{reach.caller.tenant_id}/clients/{reach.client_id}/notes/{note_id}/sign"
    await visitor.upstream.send("sessions", path, {}, form.command_id)
    return RedirectResponse(base_of("staff", reach.client_id), 303)
