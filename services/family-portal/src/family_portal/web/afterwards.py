"""After something was written: take it back within a minute, by a button that works without scripts too."""

from datetime import UTC, datetime

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from chassis.errors import Problem
from contracts.classes import DataClass
from family_portal.portal import Portal
from family_portal.store.afterthoughts import Called
from family_portal.views.reader import Reach
from family_portal.web.forms import SENT_BEFORE, Typed, remembering, typed
from family_portal.web.heads import ID
from family_portal.web.models import FieldError, Form, Undo
from family_portal.web.visitor import Visitor
from family_portal.web.words import joined
from family_portal.write_back import Stands
from policy.days import LONDON
from policy.worries import worrying

CLASSES = {
    "task_logs": (DataClass.TASK_LOG, DataClass.PLAN_PRIVATE),
    "observations": (DataClass.OBSERVATION,),
}
"""Where what was written is kept, and in which classes it may be read."""
GONE = "You took this back. Send it again if you want to say it after all."


async def undo_of(portal: Portal, reach: Reach, kind: str, record_id: str, action: str) -> Undo | None:
    """The button that takes back what this reader has just written; None for anything else."""
    if not ID.fullmatch(record_id):
        return None
    page = await portal.reader.items(reach, CLASSES[kind], limit=2, match={"record_id": record_id})
    own = [entry for entry in page.entries if entry.by == reach.caller.person_id]
    if not own or worrying(own[0].body.get("words")):
        return None
    ends = await portal.afterthoughts.until(reach.caller, reach.client_id, kind, record_id)
    if ends is None or ends < datetime.now(UTC):
        return None
    return Undo(Form(action), f"{ends.astimezone(LONDON):%H:%M:%S}")


async def take_back(
    request: Request, portal: Portal, visitor: Visitor, reach: Reach, kind: str, record_id: str, back: str
) -> Response | Undo:
    """Take it back and go on to `back`; once the minute is over, what the page says instead. Raises NotFound."""
    form = await typed(request, visitor)
    command = form.command(visitor)
    try:
        written = await portal.afterthoughts.take_back(
            reach.caller, reach.client_id, kind, record_id, command
        )
    except (Stands, Called) as stays:
        over = "the minute is over" if isinstance(stays, Stands) else "whoever is on duty has been told of it"
        told = f"This stands now: {over}. Tell {await leads(portal, reach)} what to put right."
        return Undo(Form(request.url.path, errors=(FieldError("", told),)))
    return remembering(RedirectResponse(back, 303), written.position)


async def sent_anew(
    portal: Portal, reach: Reach, kind: str, record_id: str, form: Typed, action: str
) -> Form:
    """A form that was sent before as a new one, with what became of what it said then."""
    gone = await portal.afterthoughts.is_gone(reach.caller, reach.client_id, kind, record_id)
    return form.anew(action, GONE if gone else SENT_BEFORE)


async def leads(portal: Portal, reach: Reach) -> str:
    """Who leads the work, by name; somebody is always to be told."""
    people = [fact.person_id for fact in reach.document.assignments if fact.lead]
    named = joined(each.name for each in (await portal.names.persons(people)).values())
    return named or "the people you know there"


async def add_way(
    request: Request, portal: Portal, visitor: Visitor, reach: Reach, log_id: str, thanks: str
) -> Response:
    """Keep what got in the way, one tap; whatever was wrong with it, nothing else is asked of anybody."""
    form = await typed(request, visitor)
    command, reason = form.command(visitor), form.text("got_in_the_way") or ""
    try:
        written = await portal.afterthoughts.add_reason(
            reach.caller, reach.client_id, log_id, reason, command
        )
    except Problem as problem:
        if problem.status != 422:
            raise
        return RedirectResponse(f"{thanks}?said=couldnt&log={log_id}", 303)
    return remembering(RedirectResponse(f"{thanks}?said=reason", 303), written.position)
