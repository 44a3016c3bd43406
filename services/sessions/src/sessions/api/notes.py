"""HTTP in: clinical notes, for staff whose sign-in asked for notes; never published, cached or logged."""

from datetime import UTC, datetime
from typing import Any

from fastapi import Depends
from fastapi.responses import JSONResponse

from chassis.auth import Scope
from chassis.cursors import After, Limit
from chassis.errors import Invalid, NotFound
from chassis.http import CommandDep, IfMatch, require_version
from chassis.journal import Tx
from chassis.routes import Routes
from contracts.classes import DataClass
from contracts.ids import Id, new_id
from sessions import telling, wrong_place
from sessions.api.bodies import NoteIn, NoteTextIn
from sessions.api.desk import Desk, DeskDep, Stores, conflict
from sessions.api.showing import shown_note
from sessions.api.signing import sign
from sessions.notes import KINDS, Note, NoteError, NoteState
from sessions.sessions import State

router = Routes(
    prefix="/tenants/{tenant_id}/clients/{client_id}", tags=["notes"], dependencies=[Depends(Scope("notes"))]
)


SESSION_CLASSES = (DataClass.ATTENDANCE, DataClass.SESSION_SUMMARY)
"""What signing a session with its note writes."""


@router.post("/sessions/{session_id}/notes", status_code=201)
async def write_note(session_id: Id, body: NoteIn, desk: DeskDep, command: CommandDep) -> JSONResponse:
    """Keep a note as a draft, or sign it at once. A psychotherapy note is its author's alone, always."""
    data_class = KINDS[body.note_class]
    desk.must_write(data_class)
    await _check_place(desk, data_class, session_id, body.text)
    now = datetime.now(UTC)
    note = Note(body.id or new_id(), session_id, data_class, desk.person_id, body.text, now)
    if body.status == "signed":
        note = note.signed(desk.person_id, now)

    async def work(tx: Tx) -> None:
        stores = desk.stores(tx)
        await stores.sessions.get(desk.client_id, session_id)
        await stores.notes[data_class].add(desk.client_id, note)
        if note.state is NoteState.SIGNED:
            await _close(tx, desk, stores, note)
        tx.audit("note_written", desk.client_id, data_class)
        tx.answer(_answer(note))

    return await desk.write(work, command, classes=(data_class, *SESSION_CLASSES), status=201)


@router.get("/notes")
async def notes(desk: DeskDep, limit: Limit = 50, after: After = None) -> dict[str, Any]:
    """The client's notes that the caller may read, newest first."""
    return await _listed(desk, None, limit, after)


@router.get("/sessions/{session_id}/notes")
async def notes_of_session(
    session_id: Id, desk: DeskDep, limit: Limit = 50, after: After = None
) -> dict[str, Any]:
    """The notes of one session that the caller may read, newest first."""
    return await _listed(desk, session_id, limit, after)


@router.get("/notes/{note_id}")
async def one_note(note_id: Id, desk: DeskDep) -> dict[str, Any]:
    """One note that the caller may read; no other is opened for it."""
    for data_class in KINDS.values():
        if desk.grants.may(data_class):
            found = await desk.stores().notes[data_class].find(desk.client_id, note_id)
            if found is not None and found.readable_by(desk.person_id):
                await desk.saw(data_class, detail_id=note_id)
                return shown_note(found)
    raise NotFound


@router.put("/notes/{note_id}")
async def rewrite_note(
    note_id: Id, body: NoteTextIn, desk: DeskDep, command: CommandDep, seen: IfMatch
) -> JSONResponse:
    """Change the text of an own draft."""
    found = await _own(desk, note_id)
    await _check_place(desk, found.data_class, found.session_id, body.text)

    async def work(tx: Tx) -> None:
        stores = desk.stores(tx)
        stored = await _again(stores, desk, found)
        require_version(stored.version, seen)
        changed = _changed(lambda: stored.rewritten(body.text, desk.person_id))
        await stores.notes[stored.data_class].save(desk.client_id, changed)
        tx.audit("note_written", desk.client_id, stored.data_class)
        tx.answer(_answer(changed))

    return await desk.write(work, command, classes=(found.data_class,))


@router.post("/notes/{note_id}/sign")
async def sign_note(note_id: Id, desk: DeskDep, command: CommandDep) -> JSONResponse:
    """Sign an own draft. A progress note also signs its session, once somebody has said who came."""
    found = await _own(desk, note_id)

    async def work(tx: Tx) -> None:
        stores = desk.stores(tx)
        stored = await _again(stores, desk, found)
        signed = _changed(lambda: stored.signed(desk.person_id, datetime.now(UTC)))
        if signed is not stored:
            await stores.notes[stored.data_class].save(desk.client_id, signed)
            await _close(tx, desk, stores, signed)
            tx.audit("note_signed", desk.client_id, stored.data_class)
        tx.answer(_answer(signed))

    return await desk.write(work, command, classes=(found.data_class, *SESSION_CLASSES))


@router.post("/notes/{note_id}/amendments", status_code=201)
async def amend_note(note_id: Id, body: NoteTextIn, desk: DeskDep, command: CommandDep) -> JSONResponse:
    """Append to an own signed note; the signed words stay as they are."""
    found = await _own(desk, note_id)
    await _check_place(desk, found.data_class, found.session_id, body.text)

    async def work(tx: Tx) -> None:
        stores = desk.stores(tx)
        stored = await _again(stores, desk, found)
        amended = _changed(lambda: stored.amended(body.text, desk.person_id, datetime.now(UTC)))
        await stores.notes[stored.data_class].save(desk.client_id, amended)
        tx.audit("note_amended", desk.client_id, stored.data_class)
        tx.answer(_answer(amended))

    return await desk.write(work, command, classes=(found.data_class,), status=201)


async def _listed(desk: Desk, session_id: str | None, limit: int, after: str | None) -> dict[str, Any]:
    classes = [c for c in KINDS.values() if desk.grants.may(c)]
    if not classes:
        raise NotFound
    stores = [desk.stores().notes[data_class] for data_class in classes]
    found = [
        note
        for store in stores
        for note in await store.readable(
            desk.client_id, desk.person_id, session_id, limit=limit + 1, after=after
        )
        if note.readable_by(desk.person_id)
    ]
    found.sort(key=lambda note: (note.written_at, note.note_id), reverse=True)
    page = found[:limit]
    more = stores[0].cursor(desk.client_id, page[-1]) if len(found) > limit else None
    await desk.saw(*{note.data_class for note in page}, detail_id=session_id)
    return {"items": [shown_note(note) for note in page], "next": more}


async def _own(desk: Desk, note_id: str) -> Note:
    """A note of the caller's own. Raises NotFound for others' too: their existence is nobody's business."""
    stores = desk.stores()
    for data_class in KINDS.values():
        if desk.grants.may(data_class, "write"):
            note = await stores.notes[data_class].find(desk.client_id, note_id)
            if note is not None and note.author == desk.person_id:
                return note
    raise NotFound


async def _again(stores: Stores, desk: Desk, found: Note) -> Note:
    note = await stores.notes[found.data_class].find(desk.client_id, found.note_id)
    if note is None:
        raise NotFound
    return note


def _changed(change: Any) -> Note:
    try:
        note: Note = change()
    except NoteError as error:
        raise conflict(error) from error
    return note


async def _close(tx: Tx, desk: Desk, stores: Stores, note: Note) -> None:
    """A signed progress note signs its session and is told by its id; other classes leave no trace."""
    if note.data_class is not DataClass.NOTE_PROGRESS:
        return
    session = await stores.sessions.get(desk.client_id, note.session_id)
    if session.state is not State.CANCELLED:
        await sign(tx, desk, stores, session)
    tx.record(telling.note_signed(desk.tenant_id, desk.client_id, note.session_id, note.note_id))


async def _check_place(desk: Desk, data_class: DataClass, session_id: str, text: str) -> None:
    """Raises Invalid for what may not stand in a note of this class alone."""
    kind = data_class.value.removeprefix("note_")
    elsewhere: list[str] = []
    if data_class is DataClass.NOTE_PSYCHOTHERAPY:
        progress = desk.stores().notes[DataClass.NOTE_PROGRESS]
        own = await progress.readable(desk.client_id, desk.person_id, session_id)
        elsewhere = [note.text for note in own]
    for finding in wrong_place.check(kind, text, elsewhere):
        raise Invalid(finding.tell, "text", f"Move it, or write it there too: “{finding.found}”.")


def _answer(note: Note) -> dict[str, Any]:
    return {"id": note.note_id, "version": note.version, "state": note.state.value}
