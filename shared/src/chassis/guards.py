"""Where a consumer stands in each stream; a batch moves its guards in the transaction of its effects."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from chassis.direct import Direct
from chassis.handles import Scope, native
from chassis.mongo import Add, Change, Duplicate, GlobalCollection, Mongo, Operation, Session
from chassis.positions import guard_id

COLLECTION = "guards"
_REMEMBERED = 50_000
_WHY = "a batch holds streams of many tenants"
StreamKey = tuple[str, str]
"""(producer, stream)."""


class GuardMoved(Exception):
    """Another process has applied this stream in the meantime; nothing of the batch may be kept."""


@dataclass(slots=True)
class Guard:
    """The last applied sequence number of one stream, and whether the stream is parked."""

    id: str
    tenant_id: str
    producer: str
    stream: str
    seq: int = 0
    parked: bool = False
    stored: bool = False

    def filter(self) -> dict[str, Any]:
        """Matches the row only as it was read, so that a stale writer's change finds nothing."""
        return {"_id": self.id, "tenant_id": self.tenant_id, "seq": self.seq, "parked": self.parked}

    def op(self, consumer: str, *, seq: int, parked: bool) -> Operation:
        """The write that takes this guard from what was read to what it shall be."""
        change = {"seq": seq, "parked": parked}
        if self.stored:
            return Change(self.filter(), {"$set": change})
        names = {"consumer": consumer, "producer": self.producer, "stream": self.stream}
        return Add({"_id": self.id, "tenant_id": self.tenant_id, **names, **change})

    def moved(self, seq: int, parked: bool) -> None:
        """Remember what has been committed."""
        self.seq, self.parked, self.stored = seq, parked, True


class Guards:
    """The guards of one consumer."""

    def __init__(self, mongo: Mongo, consumer: str) -> None:
        self._mongo = mongo
        self._consumer = consumer
        self._known: dict[StreamKey, Guard] = {}

    def _rows(self) -> GlobalCollection:
        return self._mongo.crossing_tenants(COLLECTION, why=_WHY)

    async def standing(self, keys: Iterable[StreamKey]) -> dict[StreamKey, Guard]:
        """As `read`, but from memory where this process moved it last; a wrong memory moves nothing."""
        keys = set(keys)
        flowing = {key: guard for key in keys if (guard := self._known.get(key)) and not guard.parked}
        if missing := keys - flowing.keys():
            if len(self._known) > _REMEMBERED:
                self._known.clear()
            read = await self.read(missing)
            self._known |= read
            flowing |= read
        return flowing

    def forget(self) -> None:
        """Read every guard again before it is used: another process may have moved it."""
        self._known.clear()

    async def read(self, keys: Iterable[StreamKey]) -> dict[StreamKey, Guard]:
        """The guards of these streams; a stream never seen before stands at 0."""
        guards = {
            (producer, stream): Guard(
                guard_id(self._consumer, producer, stream), stream.partition(":")[0], producer, stream
            )
            for producer, stream in keys
        }
        for row in await self._rows().find({"_id": {"$in": [guard.id for guard in guards.values()]}}):
            guards[row["producer"], row["stream"]].moved(row["seq"], row["parked"])
        return guards

    async def write(self, session: Session, op: Operation) -> None:
        """Move a guard inside a transaction. Raises GuardMoved when it is no longer as it was read."""
        await self._mongo.directly(session, partial(self.move, ops=[op]))

    def move(self, direct: Direct, ops: Sequence[Operation]) -> None:
        """Move guards at the end of a transaction. Raises GuardMoved when one is no longer as it was read."""
        try:
            done = direct.bulk(COLLECTION, [native(op, Scope()) for op in ops], _WHY)
        except Duplicate:
            raise GuardMoved from None
        if done.matched + done.inserted != len(ops):
            raise GuardMoved

    def op(self, guard: Guard, *, seq: int | None = None, parked: bool | None = None) -> Operation:
        """A guard's next state; what is not given stays."""
        return guard.op(
            self._consumer,
            seq=guard.seq if seq is None else seq,
            parked=guard.parked if parked is None else parked,
        )
