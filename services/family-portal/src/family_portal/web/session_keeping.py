"""Sends on what was typed after a session: the record, then the note, each once however often it is sent."""

from typing import Any

import httpx

from chassis.errors import Conflict, Invalid, NotFound
from family_portal.clients import Upstream
from family_portal.views.reader import Reach
from family_portal.web.forms import Typed
from family_portal.web.session_record import session_path


def check_can_sign(form: Typed) -> None:
    """Raises Invalid where a form is to be signed and does not say who came, before any of it is sent."""
    if form.text("do") == "sign" and form.text("attendance") is None:
        raise Invalid("Nobody has said yet who came.", field="attendance", fix="Choose who came, then sign.")


async def keep_record(
    upstream: Upstream, reach: Reach, session_id: str, body: dict[str, Any], form: Typed
) -> httpx.Response:
    """Keep what happened; a result that is kept already is corrected, not kept twice.

    Raises Conflict where somebody else kept something since the form was drawn.
    """
    path = f"{session_path(reach)}/{session_id}/record"
    return await upstream.send("sessions", path, body, form.command_id, version=form.version)


async def sign_session(upstream: Upstream, reach: Reach, session_id: str, form: Typed) -> httpx.Response:
    """Close the session, with its note or without one."""
    return await upstream.send("sessions", f"{session_path(reach)}/{session_id}/sign", {}, form.command_id)


async def sign_drafts(upstream: Upstream, reach: Reach, session_id: str, form: Typed, person_id: str) -> None:
    """Sign the progress notes of the session that this person kept as drafts, if they read any notes at all.

    Raises Unavailable where that is not known now: a draft that was meant to be signed is not left behind.
    """
    sessions = session_path(reach)
    try:
        notes = await upstream.items("sessions", f"{sessions}/{session_id}/notes")
    except NotFound:  # none of them are open to this person
        return
    for note in notes:
        if (note["author"], note["state"], note["note_class"]) == (person_id, "draft", "progress"):
            where = f"{sessions.removesuffix('/sessions')}/notes/{note['id']}/sign"
            await upstream.send("sessions", where, {}, form.command_id)


async def keep_note(upstream: Upstream, reach: Reach, session_id: str, form: Typed) -> None:
    """Keep the note, if one was typed; one that is kept already and is now to be signed is signed."""
    text, note_class = form.text("note"), form.text("note_class") or "progress"
    if text is None:
        return
    signs = form.text("do") == "sign"
    note_id = form.made_id(note_class, text)
    body = {"id": note_id, "note_class": note_class, "text": text, "status": "signed" if signs else "draft"}
    sessions = session_path(reach)
    try:
        await upstream.send("sessions", f"{sessions}/{session_id}/notes", body, form.command_id)
    except Conflict as problem:
        if problem.field != "id":
            raise
        if signs:
            where = f"{sessions.removesuffix('/sessions')}/notes/{note_id}/sign"
            await upstream.send("sessions", where, {}, form.command_id)
