"""The journal: one transaction commits a command's state, its audit entries and the events it caused."""

import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256

from pymongo import IndexModel

from chassis.audit import AUDIT
from chassis.commands import Adds, Command, Tx, Work, Written
from chassis.direct import Direct
from chassis.errors import KeyReused, Problem, TooLarge, Unavailable
from chassis.heads import Heads, before
from chassis.locks import Held, Locks
from chassis.mongo import (
    NO_TENANT,
    DatabaseError,
    Doc,
    Duplicate,
    Mongo,
    Session,
    is_transient,
    pause,
    raise_unavailable,
)
from chassis.positions import Position, Positions
from chassis.rows import JOURNAL, Stream, event_row, state_row
from chassis.seal import KeyName, Keyring, subject_of
from chassis.secret_box import open_secret, seal_secret
from chassis.settings import ServiceSettings
from chassis.together import Together

__all__ = ["Adds", "Command", "Journal", "Stream", "Tx", "Work", "Written"]

_LARGEST = 900_000
_ATTEMPTS = 20
_AT_ONCE = 32
"""How many commands share a commit at most."""


class _Again(Exception):
    """This attempt cannot commit as it is; the next one will be better prepared."""


@dataclass
class _Attempt:
    """What one attempt learnt that the next one needs."""

    streams: set[str]
    keys: list[KeyName] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class _Ready:
    """A command that only waits for its commit, and how it is recognised if it is sent again."""

    adds: Adds
    command: Command | None


class Journal:
    """Writes commands and their events, each stream numbered without a gap."""

    def __init__(self, mongo: Mongo, keys: Keyring, positions: Positions, settings: ServiceSettings) -> None:
        self.service = settings.name
        self._mongo = mongo
        self._keys = keys
        self._positions = positions
        self._locks = Locks()
        self._heads = Heads()
        self._commits: Together[_Ready, Written] = Together(self._commit_together, _AT_ONCE)
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
        by_command = IndexModel(
            [("tenant_id", 1), ("command.key", 1)],
            unique=True,
            partialFilterExpression={"command.key": {"$exists": True}},
        )
        await self._mongo.ensure(AUDIT, [by_command])

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
        writers of no client queue up in their tenant. Raises what `work` raises, KeyReused for a key used for
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

    async def append(
        self, work: Callable[[Adds], None], *, tenant_id: str, by: str | None, command: Command
    ) -> Written:
        """As `write`, for work that reads nothing: commands that are ready at the same moment share a commit.

        Where a shared commit fails, because one of them was there before or for any other reason that
        another attempt may overcome, each is written on its own.
        """
        adds = Adds(tenant_id, by, self.service)
        work(adds)
        if not self._keys.holds(needed := _keys_of(adds)):
            await self._keys.fetch(needed)
        await self.seal(adds)
        try:
            if written := await self._commits.get(_Ready(adds, command)):
                return written
        except (Duplicate, Problem):
            pass
        except DatabaseError as error:
            if not is_transient(error):
                raise_unavailable(error)

        async def alone(tx: Tx) -> None:
            work(tx)

        return await self.write(alone, tenant_id=tenant_id, by=by, command=command)

    async def _commit_together(self, ready: list[_Ready]) -> dict[_Ready, Written]:
        """One transaction for all of these, whose words are sealed. Raises what any of them meets."""

        streams = {key for each in ready for key in each.adds.streams}
        async with self._locks.hold(streams):
            end = partial(self._end, ready=ready, known=self._heads.of(streams))
            try:
                places = await self._mongo.attempt(lambda session: self._mongo.directly(session, end))
            except BaseException:
                self._heads.forget(streams)
                raise
            self._remember(places)
        return {
            each: Written(each.adds.answered, self._positions.seal(place))
            for each, place in zip(ready, places, strict=True)
        }

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
        needed, streams = _keys_of(tx), set(tx.streams)
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
        end = partial(self._end, ready=[_Ready(tx, command)], known={})
        places = await self._mongo.directly(tx.session, end)
        self._remember(places)
        return places[0]

    def _remember(self, places: Sequence[Position]) -> None:
        for place in places:
            self._heads.remember(place.streams)

    def _end(self, direct: Direct, ready: Sequence[_Ready], known: Mapping[str, int]) -> list[Position]:
        """Insert what these recorded, with how each is recognised, and commit: the place of each."""
        commands = [each.adds for each in ready]
        places = self._tell(direct, commands, known)
        for each, place in zip(ready, places, strict=True):
            if each.command:
                self._recognise(each.adds, each.command, place)
        _note(direct, commands)
        direct.commit()
        return places

    async def seal(self, adds: Adds) -> None:
        """Seal the words of what was recorded. Raises TooLarge for what the broker would refuse."""
        adds.events = [await self._keys.seal_event(event) for event in adds.events]
        _check_sizes(adds)

    def insert(self, direct: Direct, *commands: Adds) -> list[Position]:
        """Number and insert what commands recorded, once it is sealed; only the commit may follow.

        Answers the place of each. Raises Duplicate, or what a command answers where its row is taken.
        """
        places = self._tell(direct, commands, {})
        _note(direct, commands)
        return places

    def _tell(self, direct: Direct, commands: Sequence[Adds], known: Mapping[str, int]) -> list[Position]:
        """Insert the rows and events of commands; `known` are streams' ends that need not be looked up."""
        _add(direct, commands)
        ends = before(direct, commands, known)
        rows: list[Doc] = []
        places = [self._numbered(direct, each, ends, rows) for each in commands]
        direct.insert(JOURNAL, [(row["tenant_id"], row) for row in rows])
        return places

    def _numbered(self, direct: Direct, adds: Adds, ends: dict[str, int], rows: list[Doc]) -> Position:
        """Put a command's events at the ends of their streams, which move on: its place, and its rows added."""
        revs = _access_revs(direct, adds, list(adds.streams))
        rows += [state_row(state.topic, state.key, state.body, state.trace) for state in adds.states]
        for event, trace in zip(adds.events, adds.traces, strict=True):
            key = Stream(event.tenant_id, event.client_id).key
            ends[key] += 1
            rows.append(event_row(event, ends[key], revs.get(key, 0), trace))
        places = {key: ends[key] for key in adds.streams}
        return Position(self.service, places, {key: rev for key, rev in revs.items() if rev})

    async def _first(self, tenant_id: str, command: Command | None) -> Written | None:
        """The answer of the same command when it ran before. Raises KeyReused if it asked another thing."""
        if command is None:
            return None
        key = _command_id(tenant_id, command)
        entry = await self._mongo.tenant(AUDIT, tenant_id).find_one({"command.key": key})
        if entry is None:
            return None
        row = entry["command"]
        if not hmac.compare_digest(row["fingerprint"], self._mark(command)):
            raise KeyReused
        said = json.loads(open_secret(self._secret, key, row["said"]))
        place = Position(self.service, said["streams"], said["access"])
        return Written(said["answer"], self._positions.seal(place), replayed=True)

    def _recognise(self, adds: Adds, command: Command, place: Position) -> None:
        """Have the command's audit entry carry what is answered when it is sent again."""
        if not adds.audits:
            adds.audit("write", command.client_id)
        key = _command_id(adds.tenant_id, command)
        said = {"answer": adds.answered, "streams": dict(place.streams), "access": dict(place.access)}
        adds.audits[0]["command"] = {
            "key": key,
            "fingerprint": self._mark(command),
            "said": seal_secret(self._secret, key, json.dumps(said)),
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


def _add(direct: Direct, commands: Sequence[Adds]) -> None:
    """Insert their rows; those of one command one by one, so that the one that is taken is known."""
    if len(commands) > 1:
        rows = [(each.tenant_id, added) for each in commands for added in each.added]
        for name in sorted({added.collection for _, added in rows}):
            direct.insert(
                name, [(tenant_id, added.row) for tenant_id, added in rows if added.collection == name]
            )
        return
    for added in commands[0].added:
        try:
            direct.insert(added.collection, [(commands[0].tenant_id, added.row)])
        except Duplicate as error:
            raise added.taken from error


def _note(direct: Direct, commands: Sequence[Adds]) -> None:
    """Insert their audit entries."""
    direct.insert(AUDIT, [(each.tenant_id, row) for each in commands for row in each.audits])


def _keys_of(adds: Adds) -> list[KeyName]:
    """The keys that seal the words of what was recorded."""
    return [
        KeyName(event.tenant_id, subject_of(event), data_class)
        for event in adds.events
        for data_class in event.words
    ]


def _check_sizes(adds: Adds) -> None:
    """The broker takes a megabyte: a row it would refuse for ever would hold up all behind it."""
    if any(sum(map(len, event.sections.values())) > _LARGEST for event in adds.events):
        raise TooLarge("This is more text than one record holds.", fix="Write it in several parts.")
    for state in adds.states:
        if len(json.dumps(state.body, ensure_ascii=False).encode()) > _LARGEST:
            raise TooLarge("This is more than one record holds.", fix="End or remove something first.")


def _access_revs(direct: Direct, adds: Adds, streams: list[str]) -> dict[str, int]:
    """The rev of the access facts each stream was written under; what this write publishes wins."""
    published = {state.key: state.body["rev"] for state in adds.states if state.topic == "identity-state"}
    known = {key: rev for key, rev in adds.decided_by.items() if key in streams}
    if unknown := [key for key in streams if key not in known]:
        found = direct.find("access", adds.tenant_id, {"_id": {"$in": unknown}}, ["rev"])
        known |= {row["_id"]: row["rev"] for row in found}
    return known | published


def _queue_of(tenant_id: str, client_id: str | None) -> set[str]:
    if client_id:
        return {Stream(tenant_id, client_id).key}
    return set() if tenant_id == NO_TENANT else {tenant_id}


def _command_id(tenant_id: str, command: Command) -> str:
    """Keys come from outside: only their hash becomes part of a row."""
    return f"{tenant_id}:{command.person_id}:{sha256(command.key.encode()).hexdigest()[:40]}"
