"""Takes a micro-batch of records to its effects: new ones in order, in one transaction, culprits parked."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from opentelemetry.trace import SpanKind

from chassis import telemetry
from chassis.batch import Batch, BatchTx
from chassis.breaker import Breaker
from chassis.errors import Reject, Unavailable
from chassis.gaps import PAGE, Journals, record_of
from chassis.guards import Guard, GuardMoved, Guards, StreamKey
from chassis.handlers import Handlers
from chassis.journal import Journal
from chassis.mongo import DatabaseError, Mongo, Operation, Session
from chassis.parking import Parking, Reason
from chassis.records import Record, Unreadable
from chassis.seal import Keyring

TRIES = 3
"""How often one event alone is tried before its stream is parked."""
_FIRST_PAUSE_S = 0.05
_LABELS = ("TransientTransactionError", "RetryableWriteError", "UnknownTransactionCommitResult")
_AWAY = frozenset({50, 64, 91, 189, 262, 10107, 11600, 11602, 13435, 13436, 14031})
"""Server codes of a deadline, a shutdown, a change of primary and a full disk."""
_alarm = logging.getLogger("chassis.alarm")


@dataclass(frozen=True, slots=True)
class Broken:
    """A record that cannot be read; `stream` is what its key names, `place` where the broker keeps it."""

    producer: str
    stream: str | None
    place: str
    code: str


Arrival = Record | Broken
Standing = dict[StreamKey, Guard]


class Applier:
    """Applies records for one consumer; nothing here knows Kafka."""

    def __init__(
        self,
        mongo: Mongo,
        keys: Keyring,
        journal: Journal,
        journals: Journals,
        handlers: Handlers,
        consumer: str,
    ) -> None:
        self._mongo = mongo
        self._keys = keys
        self._journal = journal
        self._journals = journals
        self.skipped = 0
        """Records of a type unknown to this release that this process has passed over."""
        self._handlers = handlers
        self._guards = Guards(mongo, consumer)
        self.parking = Parking(mongo, self._guards, consumer)
        self.breaker = Breaker()

    async def apply(self, arrivals: Sequence[Arrival]) -> None:
        """Apply what is new, park what cannot be applied. Ack nothing when this raises."""
        keys = {(a.producer, a.stream) for a in arrivals if a.stream is not None}
        standing = await self._guards.standing(keys)
        if _leaps(arrivals, standing):
            self._guards.forget()
            standing = await self._guards.standing(keys)
        try:
            for record in _leaps(arrivals, standing):
                await self._close_in(record, standing)
            await self._settle(await self._plan(arrivals, standing), standing)
        except BaseException:
            self._guards.forget()
            raise

    async def _close_in(self, record: Record, standing: Standing) -> None:
        """Apply what a long gap hides, a journal's answer at a time, until one more answer fills it."""
        guard = standing[record.producer, record.stream]
        while record.seq - guard.seq - 1 > PAGE and not guard.parked:
            try:
                rows = await self._fetch(record.producer, record.stream, guard.seq)
            except Unavailable:
                return
            if not rows:
                return
            await self._settle(rows, standing)

    async def _plan(self, arrivals: Sequence[Arrival], standing: Standing) -> list[Arrival]:
        """The arrivals to apply, each stream without gap or repetition."""
        todo: list[Arrival] = []
        reached = {key: guard.seq for key, guard in standing.items()}
        stopped = {key for key, guard in standing.items() if guard.parked}
        for arrival in arrivals:
            if arrival.stream is None:
                await self._note(arrival)
                continue
            key = (arrival.producer, arrival.stream)
            if key in stopped:
                telemetry.EVENTS_HELD.add(1)
            elif isinstance(arrival, Broken):
                if not await self.parking.settled(arrival.producer, arrival.stream, arrival.place):
                    todo.append(arrival)
                    stopped.add(key)
            elif arrival.seq <= reached[key]:
                telemetry.EVENTS_DUPLICATE.add(1)
            else:
                found = await self._with_gap(arrival, reached[key])
                todo.extend(found)
                if isinstance(found[-1], Broken):
                    stopped.add(key)
                else:
                    reached[key] = arrival.seq
        return todo

    async def _note(self, arrival: Arrival) -> None:
        code = arrival.code if isinstance(arrival, Broken) else "stream_missing"
        place = arrival.place if isinstance(arrival, Broken) else str(arrival.seq)
        await self.parking.note(arrival.producer, Reason(code), place)
        _alarm.error("a record of %s names no stream: %s", arrival.producer, code)

    async def _with_gap(self, record: Record, reached: int) -> list[Arrival]:
        """The record and everything missing before it, ending in a Broken where the journal cannot help."""
        if record.seq == reached + 1:
            return [record]
        telemetry.GAPS.add(1, {"producer": record.producer})
        _alarm.warning("gap in a stream of %s: %d rows to fetch", record.producer, record.seq - reached - 1)
        found: list[Arrival] = []
        try:
            for arrival in await self._fetch(record.producer, record.stream, reached):
                if isinstance(arrival, Broken) or arrival.seq < record.seq:
                    found.append(arrival)
                if isinstance(arrival, Broken):
                    return found
        except Unavailable:
            return [*found, Broken(record.producer, record.stream, "", "gap_unreachable")]
        if len(found) != record.seq - reached - 1:
            return [Broken(record.producer, record.stream, "", "gap_in_journal")]
        return [*found, record]

    async def _fetch(self, producer: str, stream: str, after: int) -> list[Arrival]:
        """The next rows of a stream's journal, without a hole, up to the first that cannot be read."""
        found: list[Arrival] = []
        for row in await self._journals.rows(producer, stream, after):
            if int(row["seq"]) != after + 1 + len(found):
                break
            try:
                found.append(record_of(producer, stream, row))
            except Unreadable as error:
                return [*found, Broken(producer, stream, "", error.code)]
        return found

    async def _settle(self, todo: Sequence[Arrival], standing: Standing) -> None:
        """Commit all at once, or halves of it, down to the one that cannot be applied; park that one."""
        todo = [a for a in todo if a.stream is not None and not standing[a.producer, a.stream].parked]
        if not todo:
            return
        try:
            await self._commit(todo, standing)
        except Exception as error:
            if is_outage(error):
                raise
            if len(todo) > 1:
                middle = len(todo) // 2
                await self._settle(todo[:middle], standing)
                await self._settle(todo[middle:], standing)
            else:
                await self._once_more(todo[0], standing, error)

    async def _once_more(self, arrival: Arrival, standing: Standing, error: Exception) -> None:
        """Try one arrival alone a few times, then park its stream."""
        for attempt in range(1, TRIES):
            if isinstance(error, Reject | Unreadable):
                break
            await asyncio.sleep(_FIRST_PAUSE_S * 4**attempt / 4)
            try:
                await self._commit([arrival], standing)
                return
            except Exception as again:
                if is_outage(again):
                    raise
                error = again
        await self._park(arrival, standing, error)

    async def _park(self, arrival: Arrival, standing: Standing, error: Exception) -> None:
        self.breaker.parked()
        guard = standing[arrival.producer, str(arrival.stream)]
        place = arrival.place or None if isinstance(arrival, Broken) else None
        reason = reason_of(error)
        await self.parking.park(guard, reason, place)
        telemetry.PARKED.add(1, {"producer": arrival.producer, "reason": reason.code})
        _alarm.error("a stream of %s is parked: %s", arrival.producer, reason.code)

    async def _commit(self, todo: Sequence[Arrival], standing: Standing) -> None:
        """One transaction: handlers in order, their writes, their events, the guards."""
        ends = {(a.producer, str(a.stream)): a for a in todo}

        async def work(session: Session) -> None:
            batch = Batch(self._mongo, self._keys, self._journal, session)
            for arrival in todo:
                await self._run(arrival, batch)
            await batch.end(partial(self._guards.move, ops=self._moves(ends, standing)))

        await self._mongo.transaction(work)
        telemetry.BATCH_SIZE.record(len(todo))
        for key, end in ends.items():
            if isinstance(end, Record):
                standing[key].moved(end.seq, standing[key].parked)
        self.breaker.applied(len(todo))
        self.skipped += sum(isinstance(each, Record) and each.event is None for each in todo)
        telemetry.EVENTS_APPLIED.add(len(todo))

    def _moves(self, ends: dict[StreamKey, Arrival], standing: Standing) -> list[Operation]:
        return [
            self._guards.op(standing[key], seq=end.seq)
            for key, end in ends.items()
            if isinstance(end, Record)
        ]

    async def _run(self, arrival: Arrival, batch: Batch) -> None:
        if isinstance(arrival, Broken):
            raise Unreadable(arrival.code)
        if arrival.event is None:
            telemetry.EVENTS_SKIPPED.add(1, {"type": arrival.type})
            return
        handlers = self._handlers.of(arrival.event)
        if not handlers:
            return
        with telemetry.span(f"consume {arrival.type}", parent=arrival.traceparent, kind=SpanKind.CONSUMER):
            tx = BatchTx(batch, arrival)
            for handler in handlers:
                await handler(arrival.event, tx)

    async def resume(self, row: dict[str, object]) -> bool:
        """Take a parked stream a step to its journal's end; there let it flow, or park it with a new reason.

        False when there are further steps: others may be served between them.
        """
        id = str(row["_id"])
        if row["stream"] is None:
            await self.parking.release(id, None)
            return True
        producer, stream = str(row["producer"]), str(row["stream"])
        guard = (await self._guards.read([(producer, stream)]))[producer, stream]
        try:
            if await self._catch_up(guard):
                return False
            await self.parking.release(id, guard)
        except Exception as error:
            reason = Reason("gap_unreachable", again=True) if is_outage(error) else reason_of(error)
            await self.parking.stays(id, reason, guard.seq + 1)
            return True
        # Records that arrived before the release were left to the journal; it holds them by now.
        await self.apply([a for a in await self._fetch(producer, stream, guard.seq) if isinstance(a, Record)])
        return True

    async def _catch_up(self, guard: Guard) -> bool:
        """Apply a parked stream's next rows one by one; whether there were as many as a journal answers."""
        standing: Standing = {(guard.producer, guard.stream): guard}
        rows = await self._fetch(guard.producer, guard.stream, guard.seq)
        for arrival in rows:
            await self._commit([arrival], standing)
        return len(rows) >= PAGE


def _leaps(arrivals: Sequence[Arrival], standing: Standing) -> list[Record]:
    """The records before which their stream seems to have a gap: perhaps only our memory of it is old."""
    reached = {key: guard.seq for key, guard in standing.items()}
    found = []
    for arrival in arrivals:
        if isinstance(arrival, Record):
            key = (arrival.producer, arrival.stream)
            if arrival.seq > reached[key] + 1:
                found.append(arrival)
            reached[key] = max(reached[key], arrival.seq)
    return found


def is_outage(error: Exception) -> bool:
    """Whether a part is away or another process was faster: no event is at fault, the batch waits."""
    if isinstance(error, DatabaseError):
        return getattr(error, "code", None) in _AWAY or any(map(error.has_error_label, _LABELS))
    return isinstance(error, Unavailable | GuardMoved)


def reason_of(error: Exception) -> Reason:
    """Why a stream is parked: an error's class, and its code where it has one; never its words."""
    if isinstance(error, Unreadable):
        return Reason(error.code, again=error.code == "gap_unreachable")
    if isinstance(error, Reject):
        return Reason(f"Reject:{error.reason}" if error.reason.replace("_", "").isalnum() else "Reject")
    code = getattr(error, "code", None)
    return Reason(f"{type(error).__name__}:{code}" if isinstance(code, int) else type(error).__name__)
