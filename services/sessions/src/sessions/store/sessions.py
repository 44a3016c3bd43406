"""Sessions at rest: times and a coarse state in the clear; who came and what was said sealed."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from chassis.cursors import cursor_of, row_cursor, unknown_place, values_of
from chassis.errors import Conflict, NotFound
from chassis.mongo import Doc, Duplicate, TenantCollection
from chassis.seal import KeyName, Keyring
from contracts.classes import DataClass
from sessions.sessions import Attendance, Session, State, Summary

SESSIONS = "sessions"
SCHEMA = 1
_NEWEST = [("scheduled_for", -1), ("_id", -1)]
_SOONEST = [("scheduled_for", 1), ("_id", 1)]


@dataclass(frozen=True, slots=True)
class Window:
    """Which sessions a list holds, by their time: from `since` on, before `until`; and with which it begins."""

    since: datetime | None = None
    until: datetime | None = None
    soonest: bool = False

    def where(self) -> dict[str, Any]:
        """The filter; it goes through the same index in both directions."""
        ends = {"$gte": self.since, "$lt": self.until}
        known = {end: moment for end, moment in ends.items() if moment is not None}
        return {"scheduled_for": known} if known else {}


class SessionStore:
    """The sessions of one tenant, inside a transaction or outside."""

    def __init__(self, rows: TenantCollection, keys: Keyring) -> None:
        self._rows = rows
        self._keys = keys

    async def get(self, client_id: str, session_id: str) -> Session:
        """The session. Raises NotFound."""
        row = await self._rows.find_one({"_id": self._rows.key(client_id, session_id)})
        if row is None:
            raise NotFound
        return (await self._open([row]))[0]

    async def page(
        self,
        client_id: str,
        window: Window,
        *,
        summaries_for: Iterable[str] | None,
        limit: int,
        after: str | None,
    ) -> tuple[list[Session], str | None]:
        """A client's sessions of a window, and the next cursor. Raises Invalid.

        `summaries_for`: only sessions with a summary written for one of these parties, of all times; None for all.
        """
        where: dict[str, Any] = {"client_id": client_id}
        if summaries_for is None:
            sort = _SOONEST if window.soonest else _NEWEST
            rows, cursor = await self._rows.page(where | window.where(), sort=sort, limit=limit, after=after)
            return await self._open(rows), cursor
        where["summary_parties"] = {"$in": sorted(summaries_for)}
        place = await self._place(where, after) if after else None
        rows, cursor = await self._rows.page(where, sort=_NEWEST, limit=limit, after=place)
        return await self._open(rows), cursor_of([rows[-1]["session_id"]]) if cursor else None

    async def _place(self, where: dict[str, Any], after: str) -> str:
        """The place behind a session whose summary is open. Raises Invalid.

        It is named by its session and never by a time: who may not know when sessions are could read it there.
        """
        [session_id, *more] = values_of(after) or [None]
        key = self._rows.key(where["client_id"], str(session_id))
        found = None if more else await self._rows.find_one({**where, "_id": key})
        if found is None:
            raise unknown_place()
        return row_cursor(found, _NEWEST)

    async def add(self, session: Session) -> None:
        """Insert under the id its maker chose. Raises Conflict when that id is taken."""
        try:
            await self._rows.insert_one(await self._row(session))
        except Duplicate as error:
            raise Conflict("This id is taken.", "id", "Make a fresh one.") from error

    async def save(self, session: Session, *, seen: int) -> None:
        """Replace the version that was read. Raises Conflict when another change came first."""
        row = await self._row(session)
        done = await self._rows.replace_one({"_id": row["_id"], "version": seen}, row)
        if not done.matched:
            raise Conflict("The session has changed.", "If-Match", "Read it again.")

    async def _row(self, session: Session) -> Doc:
        key = self._rows.key(session.client_id, session.session_id)
        return {
            "_id": key,
            "schema": SCHEMA,
            "client_id": session.client_id,
            "session_id": session.session_id,
            "by": session.by,
            "kind": session.kind,
            "scheduled_for": session.scheduled_for,
            "ends": session.ends,
            "modality": session.modality,
            "state": clear_state(session),
            "released_to_school": session.released_to_school,
            "summary_shared": session.summary_shared,
            "summary_parties": list(session.summary_parties),
            "version": session.version,
            "attendance": await self._seal(session, DataClass.ATTENDANCE, key, session.attendance),
            "summary": await self._seal(session, DataClass.SESSION_SUMMARY, key, session.summary),
        }

    async def _seal(
        self, session: Session, data_class: DataClass, key: str, words: Attendance | Summary | None
    ) -> str | None:
        if words is None:
            return None
        return await self._keys.seal(self._rows.tenant_id, session.client_id, data_class, key, asdict(words))

    async def _open(self, rows: list[Doc]) -> list[Session]:
        boxes = [
            (KeyName(self._rows.tenant_id, row["client_id"], data_class), row["_id"], row[field])
            for row in rows
            for data_class, field in _SEALED
            if row[field]
        ]
        opened = iter(await self._keys.open_many(boxes))
        return [_session(row, {f: next(opened) for _, f in _SEALED if row[f]}) for row in rows]


_SEALED = ((DataClass.ATTENDANCE, "attendance"), (DataClass.SESSION_SUMMARY, "summary"))


def clear_state(session: Session) -> str:
    """The state as it may stand in the clear: that nobody came is attendance, and sealed."""
    return State.ENDED.value if session.state is State.NO_SHOW else session.state.value


def _session(row: Doc, words: dict[str, Any]) -> Session:
    """The session of a row; a summary that does not say so was shared when it was written."""
    attendance = Attendance(**words["attendance"]) if words.get("attendance") else None
    state = State(row["state"])
    if state is State.ENDED and attendance is not None and attendance.status == "absent":
        state = State.NO_SHOW
    return Session(
        session_id=row["session_id"],
        client_id=row["client_id"],
        by=row["by"],
        kind=row["kind"],
        scheduled_for=row["scheduled_for"],
        ends=row["ends"],
        modality=row["modality"],
        state=state,
        attendance=attendance,
        summary=Summary(**words["summary"]) if words.get("summary") else None,
        summary_shared=row.get("summary_shared", row["summary"] is not None),
        released_to_school=row["released_to_school"],
        version=row["version"],
    )
