"""Sessions and notes as the sessions service answers them to staff; the web tier keeps none of it."""

from datetime import datetime
from typing import Any

from chassis.errors import Forbidden, Problem
from family_portal.portal import Portal
from family_portal.views.reader import Reach
from family_portal.web.heads import clock
from family_portal.web.models import Form, NoteLine, NotesPart, Part
from family_portal.web.visitor import Visitor

KIND = {"progress": "Clinical note", "psychotherapy": "Psychotherapy note, yours alone"}


async def session_rows(visitor: Visitor, reach: Reach, *, limit: int) -> list[dict[str, Any]]:
    """The client's sessions, newest first; none where the service does not answer now."""
    path = f"/tenants/{reach.caller.tenant_id}/clients/{reach.client_id}/sessions"
    found = await visitor.upstream.find("sessions", path, limit=limit)
    rows: list[dict[str, Any]] = [row for row in (found or {"items": []})["items"] if "scheduled_for" in row]
    return rows


async def notes_part(portal: Portal, visitor: Visitor, reach: Reach, base: str) -> Part[NotesPart]:
    """The notes the reader may read, opened for this answer alone; without them the page stands."""
    path = f"/tenants/{reach.caller.tenant_id}/clients/{reach.client_id}/notes"
    url = f"{base}/fragments/notes"
    try:
        found = await visitor.upstream.find("sessions", path)
    except Forbidden:
        return Part("notes", "Notes", url, NotesPart(()))
    except Problem:
        found = None
    if found is None:
        return Part("notes", "Notes", url, None)
    names = await portal.names.persons([row["author"] for row in found["items"]])
    notes = tuple(
        NoteLine(
            id=row["id"],
            kind=KIND.get(row["note_class"], row["note_class"]),
            when=clock(datetime.fromisoformat(row["written_at"])),
            by=names[row["author"]].name,
            state=row["state"],
            state_text="Signed" if row["signed_at"] else "Draft",
            text=row["text"],
            sign=None if row["signed_at"] else Form(f"{base}/notes/{row['id']}/sign"),
        )
        for row in found["items"]
    )
    return Part("notes", "Notes", url, NotesPart(notes))
