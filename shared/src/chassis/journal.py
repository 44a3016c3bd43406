"""The journal: one transaction commits a command's state, its audit entries and the events it caused."""

import hmac
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from pymongo import IndexModel

from chassis.audit import AUDIT, audit_entry
from chassis.direct import Direct
from chassis.errors import Conflict, Problem, TooLarge, Unavailable
from chassis.locks import Held, Locks
from chassis.mongo import (
    NO_TENANT,
    DatabaseError,
    Doc,
    Duplicate,
    GlobalCollection,
    Mongo,
    Session,
    TenantCollection,
    is_transient,
    pause,
    raise_unavailable,
)
from chassis.positions import Position, Positions
from chassis.rows import JOURNAL, TIMERS, Stream, due_row, event_row, state_row
from chassis.seal import KeyName, Keyring, subject_of
from chassis.settings import ServiceSettings
from contracts.event import Event
from contracts.ids import ID_PATTERN

__all__ = ["Command", "Journal", "Stream", "Tx", "Work", "Written"]

COMMANDS = "commands"
STREAMS = "streams"
_PERSON = re.compile(ID_PATTERN)
"""A service that acts for itself stands in no event as its author."""
_LARGEST = 900_000
_ATTEMPTS = 20
_COMMANDS_LIVE = timedelta(days=90)


@dataclass(frozen=True)
class Command:
    """One request to change something, recognised when it is sent again."""

    key: str
    person_id: str
    fingerprint: str
    """A digest of what was asked; the journal keys it before it is stored, so that no row gives it away."""
    client_id: str | None = None
    """The client in the request's path, if any: lets the journal queue on the right stream at once."""


@dataclass(frozen=True)
class Written:
    """What a write answers: ids, versions and states, and the place it put its streams."""

    answer: Doc
    position: str
    replayed: bool = False


@dataclass
class _State:
    """One message for a compacted topic."""

    topic: str
    key: str
    body: Doc


@dataclass
class _Added:
    """A row to insert at the end, and the problem to answer where its key is taken."""

    collection: str
    row: Mapping[str, Any]
    taken: Problem


class Tx:
    """One running command. Everything done through it commits together, or not at all."""

    def __init__(self, mongo: Mongo, session: Session, tenant_id: str, by: str | None, service: str) -> None:
        self.tenant_id = tenant_id
        self.by = by
        self.session = session
        self.events: list[Event] = []
        self.states: list[_State] = []
        self.audits: list[Doc] = []
        self.added: list[_Added] = []
        self.answered: Doc = {}
        self.decided_by: dict[str, int] = {}
        self._mongo = mongo
        self._service = service

    def tenant(self, name: str) -> TenantCollection:
        """This tenant's rows of a collection, inside the transaction."""
        return self._mongo.tenant(name, self.tenant_id, session=self.session)

    def crossing_tenants(self, name: str, *, why: str) -> GlobalCollection:
        """All rows of a collection, inside the transaction."""
        return self._mongo.crossing_tenants(name, why=why, session=self.session)

    def add(self, collection: str, row: Mapping[str, Any], *, taken: Problem) -> None:
        """Insert a row of this tenant in the trip that commits; until then no read sees it. Raises `taken` then."""
        self.added.append(_Added(collection, row, taken))

    def decided(self, client_id: str, rev: int) -> None:
        """Say by which revision of a client's facts this was decided, which spares looking it up again."""
        self.decided_by[Stream(self.tenant_id, client_id).key] = rev

    def record(self, event: Event) -> None:
        """Tell others. Raises ValueError for another tenant's event or another service's type."""
        if event.tenant_id != self.tenant_id:
            raise ValueError("an event belongs to the tenant of its command")
        if type(event).producer() != self._service:
            raise ValueError(f"{self._service} may not publish {event.TYPE}")
        person = self.by if self.by and _PERSON.fullmatch(self.by) else None
        self.events.append(event if event.by else event.model_copy(update={"by": person}))

    def audit(
        self, action: str, client_id: str | None, data_class: str | None = None, detail_id: str | None = None
    ) -> None:
        """Write down who did what; ids and class names only."""
        classes = [str(data_class)] if data_class else []
        self.audits.append(
            audit_entry(self.tenant_id, self.by, action, client_id, classes=classes, detail_id=detail_id)
        )

    def answer(self, answer: Mapping[str, Any]) -> None:
        """What the caller is told, again when the command is replayed: ids, versions, states, no words."""
        self.answered = dict(answer)

    def publish_state(self, topic: str, key: str, body: Mapping[str, Any]) -> None:
        """Publish a whole state, with its `rev`, to a compacted topic; the latest of a key stays there."""
        if "rev" not in body:
            raise ValueError("a published state has a rev")
        self.states.append(_State(topic, key, dict(body)))

    async def schedule(self, name: str, id: str, due_at: datetime, payload: Mapping[str, Any]) -> None:
        """Set a timer, or move it; it exists once the transaction has committed. Ids only in the payload."""
        row = due_row(self.tenant_id, name, id, due_at, payload)
        await self.tenant(TIMERS).replace_one({"_id": row["_id"]}, row, upsert=True)

    async def unschedule(self, name: str, id: str) -> None:
        """Take a timer away."""
        timers = self.tenant(TIMERS)
        await timers.delete_one({"_id": timers.key(name, id)})


Work = Callable[[Tx], Awaitable[None]]


class _Again(Exception):
    """This attempt cannot commit as it is; the next one will be better prepared."""


@dataclass
class _Attempt:
    """What one attempt learnt that the next one needs."""

    streams: set[str]
    keys: list[KeyName] = field(default_factory=list)


class Journal:
    """Writes commands and their events, each stream numbered without a gap."""

    def __init__(self, mongo: Mongo, keys: Keyring, positions: Positions, settings: ServiceSettings) -> None:
        self.service = settings.name
        self._mongo = mongo
        self._keys = keys
        self._positions = positions
        self._locks = Locks()
        self._secret = bytes.fromhex(settings.position_key.get_secret_value())

    async def prepare(self) -> None:
        """Create the journal's collections and indexes."""
        await self._mongo.ensure(
            JOURNAL,
            [
                IndexModel([("tenant_id", 1), ("stream", 1), ("seq", 1)]),
                IndexModel([("at", 1)]),
                IndexModel([("gone_at", 1)], expireAfterSeconds=0, sparse=True),
            ],
            across=True,
        )
        await self._mongo.ensure(STREAMS, [])
        live = int(_COMMANDS_LIVE.total_seconds())
        await self._mongo.ensure(COMMANDS, [IndexModel([("at", 1)], expireAfterSeconds=live)], across=True)

    async def write(
        self,
        work: Work,
        *,
        tenant_id: str,
        by: str | None,
        command: Command | None = None,
        client_id: str | None = None,
    ) -> Written:
        """Run `work` in one transaction and number its events; a replayed command gets its first answer.

        `work` may run several times and must do nothing outside its transaction. `client_id`, or the
        command's, is the client concerned: writers of one client queue up instead of undoing each other, and
        writers of no client queue up in their tenant. Raises what `work` raises, Conflict for a key used for
        another request, Unavailable when the database or identity is away.
        """
        learnt = _Attempt(_queue_of(tenant_id, client_id or (command.client_id if command else None)))
        for attempt in range(_ATTEMPTS):
            try:
                return await self._attempt(work, tenant_id, by, command, learnt)
            except _Again:
                await self._keys.fetch(learnt.keys)
            except Duplicate as error:
                first = await self._first(tenant_id, command)
                if first is None:
                    raise error
                return first
            except DatabaseError as error:
                if not is_transient(error):
                    raise_unavailable(error)
                learnt.streams.add(tenant_id)  # nobody knows what it met: retries of a tenant queue up
                await pause(attempt)
            except Exception:
                first = await self._first(tenant_id, command)
                if first is None:
                    raise
                return first
        raise Unavailable("Too many changes at the same moment.")

    async def _attempt(
        self, work: Work, tenant_id: str, by: str | None, command: Command | None, learnt: _Attempt
    ) -> Written:
        async with self._locks.hold(learnt.streams) as held:

            async def run(session: Session) -> Written:
                tx = Tx(self._mongo, session, tenant_id, by, self.service)
                await work(tx)
                await self._be_ready(tx, learnt, held)
                place = await self._commit(tx, command)
                return Written(tx.answered, self._positions.seal(place))

            return await self._mongo.attempt(run)

    async def _be_ready(self, tx: Tx, learnt: _Attempt, held: Held) -> None:
        """Keys and stream locks first, so that no call leaves this process while the transaction is open."""
        needed = [
            KeyName(event.tenant_id, subject_of(event), data_class)
            for event in tx.events
            for data_class in event.words
        ]
        streams = {Stream(event.tenant_id, event.client_id).key for event in tx.events}
        learnt.streams |= streams
        if not self._keys.holds(needed):
            learnt.keys = needed
            raise _Again
        if not streams <= set(held.keys):
            if held.keys:
                raise _Again
            await held.take(streams)

    async def _commit(self, tx: Tx, command: Command | None) -> Position:
        """The last step of a command, in one trip: number and insert what it recorded, and commit."""
        await self.seal(tx)

        def end(direct: Direct) -> Position:
            place = self.insert(direct, tx)
            if command:
                direct.insert(COMMANDS, tx.tenant_id, [self._command_row(tx, command, place)])
            direct.commit()
            return place

        return await self._mongo.directly(tx.session, end)

    async def seal(self, tx: Tx) -> None:
        """Seal the words of what a transaction recorded. Raises TooLarge for what the broker would refuse."""
        tx.events = [await self._keys.seal_event(event) for event in tx.events]
        _check_sizes(tx)

    def insert(self, direct: Direct, tx: Tx) -> Position:
        """Number what a transaction recorded and insert it, once it is sealed; only the commit may follow."""
        _add(direct, tx)
        streams: dict[str, list[Event]] = {}
        for event in tx.events:
            streams.setdefault(Stream(event.tenant_id, event.client_id).key, []).append(event)
        ends = {
            key: direct.count_up(STREAMS, tx.tenant_id, key, "seq", len(events))
            for key, events in sorted(streams.items())
        }
        revs = _access_revs(direct, tx, list(ends))
        rows = [state_row(state.topic, state.key, state.body) for state in tx.states]
        for key, events in streams.items():
            for seq, event in enumerate(events, ends[key] - len(events) + 1):
                rows.append(event_row(event, seq, revs.get(key, 0)))
        for tenant_id in sorted({row["tenant_id"] for row in rows}):
            direct.insert(JOURNAL, tenant_id, [row for row in rows if row["tenant_id"] == tenant_id])
        direct.insert(AUDIT, tx.tenant_id, tx.audits)
        return Position(self.service, ends, {key: rev for key, rev in revs.items() if rev})

    async def _first(self, tenant_id: str, command: Command | None) -> Written | None:
        """The answer of the same command when it ran before. Raises Conflict if it asked another thing."""
        if command is None:
            return None
        row = await self._mongo.tenant(COMMANDS, tenant_id).find_one({"_id": _command_id(tenant_id, command)})
        if row is None:
            return None
        if not hmac.compare_digest(row["fingerprint"], self._mark(command)):
            raise Conflict(
                "This Idempotency-Key was used for another request.",
                "Idempotency-Key",
                "Use a fresh key for each new request.",
            )
        place = Position(self.service, dict(row["streams"]), dict(row["access"]))
        return Written(row["answer"], self._positions.seal(place), replayed=True)

    def _command_row(self, tx: Tx, command: Command, place: Position) -> Doc:
        return {
            "_id": _command_id(tx.tenant_id, command),
            "fingerprint": self._mark(command),
            "answer": tx.answered,
            "streams": [[key, seq] for key, seq in place.streams.items()],
            "access": [[key, rev] for key, rev in place.access.items()],
            "at": datetime.now(UTC),
        }

    def _mark(self, command: Command) -> str:
        """What a row keeps of the request: without this deployment's secret nobody can try words against it."""
        said = b"fingerprint:" + command.fingerprint.encode()
        return hmac.new(self._secret, said, sha256).hexdigest()

    async def rows(self, stream: Stream, *, after: int, limit: int = 500) -> list[Doc]:
        """The events of a stream beyond a place, in order: for a consumer that missed some."""
        journal = self._mongo.tenant(JOURNAL, stream.tenant_id)
        where = {"stream": stream.key, "seq": {"$gt": after}}
        return await journal.find(where, sort=[("seq", 1)], limit=limit)


def _add(direct: Direct, tx: Tx) -> None:
    for added in tx.added:
        try:
            direct.insert(added.collection, tx.tenant_id, [added.row])
        except Duplicate as error:
            raise added.taken from error


def _check_sizes(tx: Tx) -> None:
    """The broker takes a megabyte: a row it would refuse for ever would hold up all behind it."""
    if any(sum(map(len, event.sections.values())) > _LARGEST for event in tx.events):
        raise TooLarge("This is more text than one record holds.", fix="Write it in several parts.")
    for state in tx.states:
        if len(json.dumps(state.body, ensure_ascii=False).encode()) > _LARGEST:
            raise TooLarge("This is more than one record holds.", fix="End or remove something first.")


def _access_revs(direct: Direct, tx: Tx, streams: list[str]) -> dict[str, int]:
    """The rev of the access facts each stream was written under; what this write publishes wins."""
    published = {state.key: state.body["rev"] for state in tx.states if state.topic == "identity-state"}
    known = {key: rev for key, rev in tx.decided_by.items() if key in streams}
    if unknown := [key for key in streams if key not in known]:
        found = direct.find("access", tx.tenant_id, {"_id": {"$in": unknown}}, ["rev"])
        known |= {row["_id"]: row["rev"] for row in found}
    return known | published


def _queue_of(tenant_id: str, client_id: str | None) -> set[str]:
    if client_id:
        return {Stream(tenant_id, client_id).key}
    return set() if tenant_id == NO_TENANT else {tenant_id}


def _command_id(tenant_id: str, command: Command) -> str:
    """Keys come from outside: only their hash becomes part of a row."""
    return f"{tenant_id}:{command.person_id}:{sha256(command.key.encode()).hexdigest()[:40]}"
