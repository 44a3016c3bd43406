"""Live pages: one change stream a process, fanned out as pings that name a section and nothing else."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any

from chassis.changes import Changed, changes
from chassis.errors import NotFound, Problem, Unavailable
from chassis.runtime import Chassis
from contracts.access import AccessDocument
from contracts.classes import DataClass
from contracts.ids import new_id
from family_portal.care_days import home_at
from family_portal.views.parts import SIGNED_NOTES, goal_of
from policy.caller import Caller
from policy.days import day_of
from policy.filters import shows
from policy.grants import Grants
from policy.readers import known_to

_GROUP = {
    DataClass.TASK: "task",
    DataClass.TASK_LOG: "log",
    DataClass.OBSERVATION: "log",
    DataClass.MEASURE: "log",
    DataClass.SESSION_SUMMARY: "session",
    DataClass.ATTENDANCE: "session",
    DataClass.NOTE_PROGRESS: "note",
    DataClass.ABOUT_ME: "about",
}
REMEMBERED = 2000
"""How many changes a reconnecting page can catch up on before it is told to read everything again."""
DRAWN_WITHIN = timedelta(seconds=30)
"""A page that does not say when it was drawn was drawn at most so long ago."""
MOST_OPEN = 20
"""So many pages of one sign-in listen at once in one process; hidden tabs do not. The oldest then looks by itself."""
IDLE_S = 5.0
"""So often at least a page that hears nothing is looked after."""
ASK_AGAIN_S = 1.0
"""So often a page asks whose reader nobody can decide about yet."""
UNSEEN = timedelta(seconds=2)
"""A page may miss what was committed so shortly before it was drawn."""


@dataclass(frozen=True)
class Moved:
    """Something in a view moved: where, of which class, and which parties it concerns."""

    id: str
    tenant_id: str
    client_id: str
    data_class: DataClass | None
    parties: tuple[str, ...] = ()
    goal_id: str | None = None
    sid: str | None = None
    removed: bool = False
    """True where a document is gone and nobody knows whom it concerned; holders of the class look again."""
    everything: bool = False
    """True after a break in the change stream: pages read everything again."""
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    """When it was committed, by the database's clock."""


@dataclass(frozen=True)
class Ping:
    """What leaves: a random id and the name of a section, for example `task-cl_kofi`."""

    id: str
    name: str


@dataclass(eq=False)
class Listener:
    """One open page: who reads it, and what they could see when it last looked."""

    callers: tuple[Caller, ...]
    queue: asyncio.Queue[Moved | None]
    """None: another page has taken this one's place."""
    known: dict[str, "Known"] = field(default_factory=dict)
    turns: dict[str, "Turn"] = field(default_factory=dict)
    aged: bool = False
    """Whether the page says that it shows what was known at an earlier moment."""

    @property
    def sid(self) -> str:
        """Whose sign-in it is."""
        return self.callers[0].sid if self.callers else ""

    @property
    def sids(self) -> set[str]:
        """The sign-in as each of the reader's organisations knows it."""
        return {caller.sid for caller in self.callers}

    async def must_go(self, within_s: float) -> bool:
        """Whether, within so long, its sign-in ends or its place is taken; all else that it is told is forgotten."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while True:
                    moved = await self.queue.get()
                    if moved is None or moved.sid in self.sids:
                        self.queue.put_nowait(moved)
                        return True
        return False


Turn = tuple[date, str | None]
"""What moves by the clock alone: the day, and which home has the client."""


@dataclass(frozen=True)
class Known:
    """What a reader may do with a client's record, and what they may know of who else may; None: nothing."""

    grants: Grants | None = None
    document: AccessDocument | None = None

    @cached_property
    def known_facts(self) -> AccessDocument | None:
        """The facts that are not kept from the reader."""
        return known_to(self.grants, self.document) if self.grants and self.document else None


class Hub:
    """Holds the change stream and the open pages of this process."""

    def __init__(self, chassis: Chassis) -> None:
        self._chassis = chassis
        self._listeners: set[Listener] = set()
        self._of_sign_in: dict[str, list[Listener]] = {}
        self._recent: deque[Moved] = deque(maxlen=REMEMBERED)
        self._began = datetime.now(UTC)

    async def run(self) -> None:
        """Tail the views, the access facts and the ended sign-ins until cancelled; a lost stream is reopened."""
        async for change in changes(
            self._chassis.mongo, ("views", "items", SIGNED_NOTES, "access", "ended_sessions")
        ):
            for moved in _moved(change) if change else (Moved(new_id(), "", "", None, everything=True),):
                self._recent.append(moved)
                for listener in list(self._listeners):
                    listener.queue.put_nowait(moved)

    async def pings(
        self,
        callers: tuple[Caller, ...],
        last_id: str | None,
        drawn: datetime | None = None,
        *,
        aged: bool = False,
    ) -> AsyncIterator[Ping]:
        """The pings of one page, first those it missed; ends at sign-out and when freshness is lost.

        One that begins without it stays and hears nothing, until all that stands on it may be read again.

        `last_id`: the last ping it has heard. `drawn`: without one, when the page was drawn. `aged`: whether it was
        drawn with the line that says how old it is; that is told when it becomes true, and when it is so no more.
        """
        listener = Listener(callers, asyncio.Queue(), aged=aged)
        self._enter(listener)
        try:
            if not await self._remembers(listener):
                await self._until_known(listener)
                yield Ping(new_id(), "refresh")
            else:
                for moved in self._missed(last_id, drawn):
                    listener.queue.put_nowait(moved)
                if self._has_forgotten(last_id, drawn):
                    yield Ping(new_id(), "refresh")
            async for ping in self._until_closed(listener):
                yield ping
        finally:
            self._leave(listener)

    def _enter(self, listener: Listener) -> None:
        self._listeners.add(listener)
        pages = self._of_sign_in.setdefault(listener.sid, [])
        pages.append(listener)
        if len(pages) > MOST_OPEN:
            oldest = pages.pop(0)
            self._listeners.discard(oldest)
            oldest.queue.put_nowait(None)

    def _leave(self, listener: Listener) -> None:
        self._listeners.discard(listener)
        pages = self._of_sign_in.get(listener.sid, [])
        if listener in pages:
            pages.remove(listener)
        if not pages:
            self._of_sign_in.pop(listener.sid, None)

    async def _until_closed(self, listener: Listener) -> AsyncIterator[Ping]:
        while True:
            for turned in _turned(listener, datetime.now(UTC)):
                yield Ping(new_id(), turned)
            left = await self._fresh_for_s()
            if (left < 0) != listener.aged:
                listener.aged = not listener.aged
                yield Ping(new_id(), "aged")
            try:
                moved = await asyncio.wait_for(
                    listener.queue.get(), min(IDLE_S, left) if left > 0 else IDLE_S
                )
            except TimeoutError:
                if not await self._still_fresh(listener):
                    return
                continue
            if moved is None:
                yield Ping(new_id(), "enough")
                return
            if moved.sid and moved.sid in listener.sids:
                yield Ping(new_id(), "access")
                return
            try:
                name = await self._name_for(listener, moved)
            except Unavailable:
                return
            if name:
                yield Ping(moved.id, name)

    async def _name_for(self, listener: Listener, moved: Moved) -> str | None:
        if moved.everything:
            return "refresh"
        caller = next((c for c in listener.callers if c.tenant_id == moved.tenant_id), None)
        if caller is None or moved.sid:
            return None
        key = f"{moved.tenant_id}:{moved.client_id}"
        known = await self._known(caller, moved.client_id)
        if moved.data_class is None:
            before, listener.known[key] = listener.known.get(key, Known()), known
            if _differs(before.grants, known.grants):
                return "access"
            return f"who-{moved.client_id}" if before.known_facts != known.known_facts else None
        grants = known.grants
        if grants is None or not grants.may(moved.data_class):
            return None
        if not moved.removed and not shows(grants, moved.data_class, moved.parties, moved.goal_id):
            return None
        return f"{_GROUP.get(moved.data_class, 'plan')}-{moved.client_id}"

    async def _known(self, caller: Caller, client_id: str) -> Known:
        try:
            document, grants = await self._chassis.access.decided(caller, client_id)
        except NotFound:
            return Known()
        return Known(grants, document)

    async def _remembers(self, listener: Listener) -> bool:
        """Note what the page's reader may see now; False where nobody can decide that."""
        listener.known.clear()
        try:
            for caller in listener.callers:
                for document in await self._chassis.access.clients_of(caller.person_id, [caller.tenant_id]):
                    listener.known[document.key] = await self._known(caller, document.client_id)
        except Unavailable:
            return False
        return True

    async def _until_known(self, listener: Listener) -> None:
        while not (await listener.must_go(ASK_AGAIN_S) or await self._remembers(listener)):
            pass

    async def _fresh_for_s(self) -> float:
        """So long the views are of this moment at least; less than 0 where they hold only what happened before."""
        try:
            age = await self._chassis.access.age_s()
        except Problem:
            return IDLE_S
        return self._chassis.settings.freshness_limit_s - age if age < float("inf") else IDLE_S

    async def _still_fresh(self, listener: Listener) -> bool:
        try:
            for caller in listener.callers:
                await self._chassis.access.ensure_fresh(caller)
        except Problem:
            return False
        return True

    def _has_forgotten(self, last_id: str | None, drawn: datetime | None) -> bool:
        """Whether the page may have missed more than is remembered here."""
        if last_id:
            return not any(moved.id == last_id for moved in self._recent)
        full = len(self._recent) == REMEMBERED
        return drawn is not None and drawn - UNSEEN < (self._recent[0].at if full else self._began)

    def _missed(self, last_id: str | None, drawn: datetime | None) -> list[Moved]:
        recent = list(self._recent)
        if last_id is None:
            since = (drawn or datetime.now(UTC) - DRAWN_WITHIN) - UNSEEN
            latest = {_place(moved): moved for moved in recent if moved.at >= since}
            return list(latest.values())
        for place, moved in enumerate(recent):
            if moved.id == last_id:
                return recent[place + 1 :]
        return []


def _turned(listener: Listener, now: datetime) -> list[str]:
    """The sections of practice whose day is over, or whose home changes hands, since the page was last asked."""
    at_home = {
        key: known.document
        for key, known in listener.known.items()
        if known.grants and known.document and known.grants.labels & {"client", "guardians"}
    }
    turns = {key: (day_of(now), home_at(document, now)) for key, document in at_home.items()}
    before, listener.turns = listener.turns, turns
    return [f"task-{at_home[key].client_id}" for key, turn in turns.items() if before.get(key, turn) != turn]


def _differs(before: Grants | None, after: Grants | None) -> bool:
    if before is None or after is None:
        return before is not after
    return (before.classes, before.labels, before.narrowed) != (after.classes, after.labels, after.narrowed)


def _place(moved: Moved) -> tuple[object, ...]:
    """What a page would fetch anew for this change; more than once is not needed."""
    return (moved.tenant_id, moved.client_id, moved.data_class, moved.parties, moved.goal_id, moved.removed)


def _moved(change: Changed) -> list[Moved]:
    if change.collection == "ended_sessions":
        return [Moved(new_id(), "", "", None, sid=change.key, at=change.at)]
    tenant_id, client_id, *rest = change.key.split(":")
    if change.collection == "access":
        return [Moved(new_id(), tenant_id, client_id, None, at=change.at)]
    data_class = DataClass(rest[0])
    document = change.document
    if document is not None and change.collection == SIGNED_NOTES:
        return [Moved(new_id(), tenant_id, client_id, data_class, at=change.at)]
    if document is None:
        return [Moved(new_id(), tenant_id, client_id, data_class, removed=True, at=change.at)]
    touched = [document] if change.collection == "items" else _touched_parts(change, document)
    return [
        Moved(new_id(), tenant_id, client_id, data_class, _concerned(entry), goal_of(entry), at=change.at)
        for entry in touched
    ]


def _concerned(entry: dict[str, Any]) -> tuple[str, ...]:
    """The parties of an entry, and those it had before: what leaves a page moves it too."""
    return tuple(dict.fromkeys([*entry["parties"], *entry.get("was", ())]))


def _touched_parts(change: Changed, document: dict[str, Any]) -> list[dict[str, Any]]:
    parts: dict[str, dict[str, Any]] = document.get("parts") or {}
    if change.fields is None:
        return list(parts.values())
    named = [name.split(".") for name in (*change.fields, *change.removed)]
    names = {name[1] for name in named if name[0] == "parts" and len(name) > 1}
    if any(name == ["parts"] for name in named):
        return list(parts.values())
    return [parts[name] for name in sorted(names) if name in parts]
