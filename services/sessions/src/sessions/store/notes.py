"""Notes at rest: each class in a collection and under a key of its own; they never leave this service."""

from datetime import datetime
from typing import Any

from chassis.cursors import cursor_of
from chassis.errors import Conflict, NotFound
from chassis.mongo import Doc, Duplicate, TenantCollection
from chassis.seal import KeyName, Keyring
from contracts.classes import DataClass
from sessions.notes import Amendment, Note, NoteState

NEWEST = (("written_at", -1), ("_id", -1))


class NoteStore:
    """The notes of one class in one tenant, inside a transaction or outside."""

    def __init__(self, rows: TenantCollection, keys: Keyring, data_class: DataClass) -> None:
        self._rows = rows
        self._keys = keys
        self._class = data_class

    async def find(self, client_id: str, note_id: str) -> Note | None:
        """The note, or None."""
        row = await self._rows.find_one({"_id": self._rows.key(client_id, note_id)})
        found = await self._open([row]) if row else []
        return found[0] if found else None

    async def readable(
        self,
        client_id: str,
        person_id: str,
        session_id: str | None = None,
        *,
        limit: int | None = None,
        after: str | None = None,
    ) -> list[Note]:
        """What one person may read, newest first: drafts and psychotherapy notes only of their own.

        All of it, or `limit` notes beyond the place `after`. Raises Invalid.
        """
        where: dict[str, Any] = {"client_id": client_id}
        if session_id:
            where["session_id"] = session_id
        if self._class is DataClass.NOTE_PSYCHOTHERAPY:
            where["author"] = person_id
        else:
            where["$or"] = [{"author": person_id}, {"state": {"$ne": NoteState.DRAFT.value}}]
        return await self._open(await self._rows.find(where, sort=NEWEST, limit=limit, after=after))

    def cursor(self, client_id: str, note: Note) -> str:
        """The place just after a note in the list of what one person may read, in whichever class."""
        return cursor_of([note.written_at, self._rows.key(client_id, note.note_id)])

    async def add(self, client_id: str, note: Note) -> None:
        """Insert. Raises Conflict when its id is taken."""
        try:
            await self._rows.insert_one(await self._row(client_id, note))
        except Duplicate as error:
            raise Conflict("This id is taken.", "id", "Make a fresh one.") from error

    async def save(self, client_id: str, note: Note) -> None:
        """Replace the version before this one. Raises NotFound when another change came first."""
        row = await self._row(client_id, note)
        done = await self._rows.replace_one({"_id": row["_id"], "version": note.version - 1}, row)
        if not done.matched:
            raise NotFound

    async def _row(self, client_id: str, note: Note) -> Doc:
        key = self._rows.key(client_id, note.note_id)
        added = [{"text": a.text, "by": a.by, "at": a.at.isoformat()} for a in note.amendments]
        words = {"text": note.text, "amendments": added}
        return {
            "_id": key,
            "client_id": client_id,
            "note_id": note.note_id,
            "session_id": note.session_id,
            "author": note.author,
            "state": note.state.value,
            "written_at": note.written_at,
            "signed_at": note.signed_at,
            "version": note.version,
            "box": await self._keys.seal(self._rows.tenant_id, client_id, self._class, key, words),
        }

    async def _open(self, rows: list[Doc]) -> list[Note]:
        names = [
            (KeyName(self._rows.tenant_id, r["client_id"], self._class), r["_id"], r["box"]) for r in rows
        ]
        opened = await self._keys.open_many(names)
        return [self._note(row, words) for row, words in zip(rows, opened, strict=True) if words is not None]

    def _note(self, row: Doc, words: dict[str, Any]) -> Note:
        added = tuple(
            Amendment(a["text"], a["by"], datetime.fromisoformat(a["at"])) for a in words["amendments"]
        )
        return Note(
            note_id=row["note_id"],
            session_id=row["session_id"],
            data_class=self._class,
            author=row["author"],
            text=words["text"],
            written_at=row["written_at"],
            state=NoteState(row["state"]),
            signed_at=row["signed_at"],
            amendments=added,
            version=row["version"],
        )
