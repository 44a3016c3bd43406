"""Notes as the sessions service answers them to staff; the web tier keeps none of it."""

from datetime import datetime
from typing import Any

from chassis.errors import Forbidden, Problem
from family_portal.portal import Portal
from family_portal.views.reader import Reach
from family_portal.web.heads import clock
from family_portal.web.models import Form, Link, NoteLine, NotesPart, Part, TrialLine
from family_portal.web.visitor import Visitor

KIND = {"progress": "Clinical note", "psychotherapy": "Psychotherapy note, yours alone"}


async def notes_part(portal: Portal, visitor: Visitor, reach: Reach, base: str) -> Part[NotesPart]:
    """The notes the reader may read, opened for this answer alone; without them the page stands."""
    path = f"/tenants/{reach.caller.tenant_id}/clients/{reach.client_id}/notes"
    url = f"{base}/fragments/notes"
    try:
        found = await visitor.upstream.find_every("sessions", path)
    except Forbidden:
        return Part("notes", "Notes", url, NotesPart(()))
    except Problem:
        found = None
    if found is None:
        return Part("notes", "Notes", url, None)
    names = await portal.names.persons([row["author"] for row in found])
    notes = tuple(
        _note(row, names[row["author"]].name, f"{base}/notes/{row['id']}", reach.caller.person_id)
        for row in found
    )
    return Part("notes", "Notes", url, NotesPart(notes))


def _note(row: dict[str, Any], by: str, address: str, reader: str) -> NoteLine:
    signed = bool(row["signed_at"])
    return NoteLine(
        id=row["id"],
        kind=KIND.get(row["note_class"], row["note_class"]),
        when=clock(datetime.fromisoformat(row["written_at"])),
        by=by,
        state=row["state"],
        state_text="Signed" if signed else "Draft",
        text=row["text"],
        write=Link("Add to this note" if signed else "Change it", address)
        if row["author"] == reader
        else None,
        sign=None if signed else Form(f"{address}/sign"),
        closes=row["note_class"] == "progress",
        added=added_to(row),
    )


def added_to(row: dict[str, Any]) -> tuple[TrialLine, ...]:
    """What was added to a note after it was signed, and when."""
    return tuple(
        TrialLine(each["text"], clock(datetime.fromisoformat(each["at"]))) for each in row["amendments"]
    )
