"""After a session: who came, results, what the family reads, the note; and what may be added once it is signed."""

from dataclasses import replace
from typing import Any

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from chassis.errors import Invalid, NotFound, Problem
from chassis.routes import Routes
from family_portal.portal import PortalDep
from family_portal.views.reader import Reach
from family_portal.web.forms import Typed, remembering, typed
from family_portal.web.heads import base_of
from family_portal.web.models import Form
from family_portal.web.session_keeping import (
    check_can_sign,
    keep_note,
    keep_record,
    sign_drafts,
    sign_session,
)
from family_portal.web.session_page import show
from family_portal.web.session_record import (
    AFTER_FIELDS,
    SUMMARY_FIELDS,
    check_summary_of_missed,
    record_body,
    session_page,
    session_path,
    summary_of,
)
from family_portal.web.session_results import TypedResult, result_fields, typed_results
from family_portal.web.staff_plan_changed import moved
from family_portal.web.staff_reach import staff_reach
from family_portal.web.visitor import StaffVisitor

router = Routes(prefix="/staff/sessions/{session_id}", include_in_schema=False)
ONLY_THE_NOTE = "What you wrote about the session is saved. The note is not saved yet."


@router.get("/after")
async def after(
    session_id: str, client: str, request: Request, visitor: StaffVisitor, portal: PortalDep, saved: str = ""
) -> Response:
    """Two minutes after a session; of a signed one, what was written down."""
    reach = await staff_reach(request, portal, visitor, client)
    return await show(request, portal, visitor, reach, session_id, saved=None if saved else "")


@router.post("/after")
async def record(
    session_id: str, client: str, request: Request, visitor: StaffVisitor, portal: PortalDep
) -> Response:
    """Keep what happened, and sign it if asked; the note is kept apart from everything that is shared."""
    reach = await staff_reach(request, portal, visitor, client)
    form = await typed(request, visitor)
    results: list[TypedResult] = []
    kept = False
    try:
        check_can_sign(form)
        found = await visitor.upstream.get("sessions", f"{session_path(reach)}/{session_id}")
        check_summary_of_missed(form, found)
        results = typed_results(form, found["trials"])
        body = record_body(form, results)
        sent = await keep_record(visitor.upstream, reach, session_id, body, form)
        kept = True
        form = replace(form, version=sent.json().get("version"))
        await keep_note(visitor.upstream, reach, session_id, form)
        signs = form.text("do") == "sign" and body["state"] != "cancelled"
        if signs:
            await sign_drafts(visitor.upstream, reach, session_id, form, visitor.person_id)
            sent = await sign_session(visitor.upstream, reach, session_id, form)
    except NotFound:
        raise
    except Problem as problem:
        again = _again(request, form, problem, results, kept=kept)
        saved = ONLY_THE_NOTE if kept else ""
        return await show(
            request,
            portal,
            visitor,
            reach,
            session_id,
            form=again,
            changed=moved(problem),
            saved=saved,
            status=problem.status,
        )
    where = base_of("staff", reach) if signs else _saved(session_id, reach)
    return remembering(RedirectResponse(where, 303), sent.headers.get("kith-position"))


@router.post("/summary")
async def correct_summary(
    session_id: str, client: str, request: Request, visitor: StaffVisitor, portal: PortalDep
) -> Response:
    """Correct, or share later, what the family reads of a signed session."""
    reach = await staff_reach(request, portal, visitor, client)
    form = await typed(request, visitor)
    path = f"{session_path(reach)}/{session_id}/summary"
    try:
        said = summary_of(form)
        if not said:
            raise Invalid("There is nothing to share.", field="summary", fix="Write what you did.")
        body: dict[str, Any] = {**said, "release_to_school": form.text("release_to_school") == "yes"}
        sent = await visitor.upstream.send(
            "sessions", path, body, form.command_id, method="PUT", version=form.version
        )
    except NotFound:
        raise
    except Problem as problem:
        again = form.again(request.url.path, problem, SUMMARY_FIELDS)
        return await show(
            request,
            portal,
            visitor,
            reach,
            session_id,
            form=again,
            changed=moved(problem),
            status=problem.status,
        )
    return remembering(RedirectResponse(_saved(session_id, reach), 303), sent.headers.get("kith-position"))


@router.post("/note")
async def another_note(
    session_id: str, client: str, request: Request, visitor: StaffVisitor, portal: PortalDep
) -> Response:
    """Write one more note about a signed session."""
    reach = await staff_reach(request, portal, visitor, client)
    form = await typed(request, visitor)
    try:
        if form.text("note") is None:
            raise Invalid("There is no note yet.", field="note", fix="Write it, then save it.")
        await keep_note(visitor.upstream, reach, session_id, form)
    except NotFound:
        raise
    except Problem as problem:
        again = form.again(request.url.path, problem, AFTER_FIELDS)
        return await show(request, portal, visitor, reach, session_id, form=again, status=problem.status)
    return RedirectResponse(_saved(session_id, reach), 303)


def _saved(session_id: str, reach: Reach) -> str:
    return f"{session_page(reach, session_id)}&saved=1"


def _again(
    request: Request, form: Typed, problem: Problem, results: list[TypedResult], *, kept: bool
) -> Form:
    """The form as it was typed; results that are kept now stand in it as such."""
    fields = {**AFTER_FIELDS, **result_fields(results)}
    again = form.again(f"{request.url.path}?{request.url.query}", problem, fields)
    ids = {f"{each.stem}-id": each.trial["id"] for each in results if kept and each.trial}
    return replace(again, values={**again.values, **ids})
