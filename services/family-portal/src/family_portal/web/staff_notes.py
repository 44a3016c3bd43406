"""One note of one's own: a draft is written anew and signed, a signed one is added to; only staff reads either."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from chassis.errors import Invalid, NotFound, Problem
from chassis.routes import Routes
from family_portal.portal import Portal, PortalDep
from family_portal.views.reader import Reach
from family_portal.web.forms import Typed, form_id, typed
from family_portal.web.frame import render
from family_portal.web.heads import base_of, clock, head
from family_portal.web.models import FieldError, Form, Meanwhile, NotePage
from family_portal.web.session_rows import KIND, added_to
from family_portal.web.staff_plan_changed import moved, told
from family_portal.web.staff_reach import staff_reach
from family_portal.web.visitor import StaffVisitor, Visitor

router = Routes(prefix="/staff/clients/{client}/notes/{note_id}", include_in_schema=False)


@router.get("")
async def note(
    client: str, note_id: str, request: Request, visitor: StaffVisitor, portal: PortalDep
) -> Response:
    """An own note: a draft to change, or a signed one to add to."""
    reach = await staff_reach(request, portal, visitor, client)
    row = await _own(visitor, reach, note_id)
    values = {"text": row["text"]} if _is_draft(row) else {}
    form = Form(_action(reach, row), values, command_id=form_id(request), version=row["version"])
    return render(request, "staff/note.html", page=await _page(portal, reach, row, form))


@router.post("")
async def rewrite(
    client: str, note_id: str, request: Request, visitor: StaffVisitor, portal: PortalDep
) -> Response:
    """Change the words of an own draft."""
    reach = await staff_reach(request, portal, visitor, client)
    form = await typed(request, visitor)
    return await _keep(request, portal, visitor, reach, note_id, form, method="PUT", under="")


@router.post("/amend")
async def amend(
    client: str, note_id: str, request: Request, visitor: StaffVisitor, portal: PortalDep
) -> Response:
    """Add to an own signed note; the signed words stay as they are."""
    reach = await staff_reach(request, portal, visitor, client)
    form = await typed(request, visitor)
    return await _keep(request, portal, visitor, reach, note_id, form, method="POST", under="/amendments")


@router.post("/sign")
async def sign(
    client: str, note_id: str, request: Request, visitor: StaffVisitor, portal: PortalDep
) -> Response:
    """Sign an own draft."""
    reach = await staff_reach(request, portal, visitor, client)
    form = await typed(request, visitor)
    await visitor.upstream.send("sessions", f"{_notes(reach)}/{note_id}/sign", {}, form.command_id)
    return RedirectResponse(base_of("staff", reach), 303)


async def _keep(
    request: Request,
    portal: Portal,
    visitor: Visitor,
    reach: Reach,
    note_id: str,
    form: Typed,
    *,
    method: str,
    under: str,
) -> Response:
    """Send what was typed, or show it again with what is to be done."""
    row = await _own(visitor, reach, note_id)
    path, seen = f"{_notes(reach)}/{note_id}{under}", form.version if method == "PUT" else None
    try:
        text = form.text("text")
        if text is None:
            raise Invalid("Nothing is written yet.", field="text", fix="Write it, then save it.")
        await visitor.upstream.send(
            "sessions", path, {"text": text}, form.command_id, method=method, version=seen
        )
    except NotFound:
        raise
    except Problem as problem:
        row = await _own(visitor, reach, note_id)  # it may have been signed, or changed, meanwhile
        page = await _page(portal, reach, row, *_again(reach, row, form, problem))
        return render(request, "staff/note.html", page=page, status=problem.status)
    return RedirectResponse(f"{base_of('staff', reach)}#note-{note_id}", 303)


def _again(
    reach: Reach, row: dict[str, Any], form: Typed, problem: Problem
) -> tuple[Form, tuple[Meanwhile, ...]]:
    """What was typed as a form for the note as it is now, and what stands there where somebody changed it."""
    again = form.again(_action(reach, row), problem)
    if not moved(problem):
        return again, ()
    seen = replace(again, errors=(FieldError("meanwhile", told("this note")),), version=row["version"])
    return seen, (Meanwhile("text", "Note", row["text"]),)


async def _own(visitor: Visitor, reach: Reach, note_id: str) -> dict[str, Any]:
    """A note of the visitor's own. Raises NotFound for others' too, Unavailable where sessions does not answer."""
    row: dict[str, Any] = await visitor.upstream.get("sessions", f"{_notes(reach)}/{note_id}")
    if row["author"] != reach.caller.person_id:
        raise NotFound
    return row


async def _page(
    portal: Portal, reach: Reach, row: dict[str, Any], form: Form, meanwhile: tuple[Meanwhile, ...] = ()
) -> NotePage:
    draft = _is_draft(row)
    return NotePage(
        client=await head(portal, reach, "staff"),
        title="Change this note" if draft else "Add to this note",
        kind=KIND.get(row["note_class"], row["note_class"]),
        when=clock(datetime.fromisoformat(row["written_at"])),
        form=form,
        label="Note" if draft else "What to add",
        text="" if draft else row["text"],
        added=added_to(row),
        meanwhile=meanwhile,
    )


def _is_draft(row: dict[str, Any]) -> bool:
    return bool(row["state"] == "draft")


def _action(reach: Reach, row: dict[str, Any]) -> str:
    page = f"{base_of('staff', reach)}/notes/{row['id']}"
    return page if _is_draft(row) else f"{page}/amend"


def _notes(reach: Reach) -> str:
    return f"/tenants/{reach.caller.tenant_id}/clients/{reach.client_id}/notes"
