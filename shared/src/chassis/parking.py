"""Streams that could not go on: what stands, since when and why; and how they are asked to go on."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from chassis.errors import NotFound
from chassis.guards import Guard, Guards
from chassis.mongo import NO_TENANT, Doc, GlobalCollection, Mongo, Session

COLLECTION = "parked"
PARKED, UNPARKING, RESOLVED = "parked", "unparking", "resolved"
GAP_AGAIN = timedelta(seconds=5)
"""A stream that only waits for its producer's journal is tried again by itself after this long."""


@dataclass(frozen=True)
class Reason:
    """Why a stream stands: a class name and a code, never words of a record."""

    code: str
    again: bool = False
    """Whether waiting alone may help."""


def parked_id(consumer: str, producer: str, stream: str, place: str) -> str:
    """The id of a parking: the same failure at the same place is one row."""
    named = "|".join((consumer, producer, stream, place))
    return hashlib.sha256(named.encode()).hexdigest()[:32]


class Parking:
    """The parked streams of one consumer."""

    def __init__(self, mongo: Mongo, guards: Guards, consumer: str) -> None:
        self._mongo = mongo
        self._guards = guards
        self._consumer = consumer

    async def prepare(self) -> None:
        """Create the collection and its index."""
        await self._mongo.ensure(COLLECTION, [[("consumer", 1), ("state", 1), ("at", 1)]], across=True)

    def _rows(self, session: Session | None = None) -> GlobalCollection:
        return _rows(self._mongo, session)

    async def park(self, guard: Guard, reason: Reason, place: str | None = None) -> None:
        """Stop one stream after its guard; `place` is a broken record's, at the broker. Raises GuardMoved."""
        id = parked_id(self._consumer, guard.producer, guard.stream, place or str(guard.seq + 1))
        where = {"tenant_id": guard.tenant_id, "stream": guard.stream, "from_seq": guard.seq + 1}
        row = self._row(guard.producer, reason) | where | {"place": place}

        async def work(session: Session) -> None:
            await self._guards.write(session, self._guards.op(guard, parked=True))
            await self._rows(session).replace_one({"_id": id}, {"_id": id, **row}, upsert=True)

        await self._mongo.transaction(work)
        guard.moved(guard.seq, True)

    async def note(self, producer: str, reason: Reason, place: str) -> None:
        """Write down a record that names no stream at all, once; nothing can wait for it."""
        id = parked_id(self._consumer, producer, "-", place)
        where = {"tenant_id": NO_TENANT, "stream": None, "from_seq": None, "place": place}
        row = self._row(producer, reason) | where
        await self._rows().update_one({"_id": id}, {"$setOnInsert": row}, upsert=True)

    async def settled(self, producer: str, stream: str, place: str) -> bool:
        """Whether the record at this place has been dealt with: its stream was unparked since."""
        id = parked_id(self._consumer, producer, stream, place)
        return await self._rows().find_one({"_id": id, "state": RESOLVED}) is not None

    def _row(self, producer: str, reason: Reason) -> Doc:
        now = datetime.now(UTC)
        return {
            "consumer": self._consumer,
            "producer": producer,
            "reason": reason.code,
            "state": PARKED,
            "at": now,
            "again_at": now + GAP_AGAIN if reason.again else None,
        }

    async def asked(self) -> list[Doc]:
        """The parkings somebody asked to end, and those whose time to try again has come."""
        due = {"state": PARKED, "again_at": {"$ne": None, "$lte": datetime.now(UTC)}}
        return await self._rows().find(
            {"consumer": self._consumer, "$or": [{"state": UNPARKING}, due]}, sort=[("at", 1)]
        )

    async def stays(self, id: str, reason: Reason, from_seq: int | None) -> None:
        """It failed again: keep it parked, with the new reason."""
        again = datetime.now(UTC) + GAP_AGAIN if reason.again else None
        change = {"state": PARKED, "reason": reason.code, "again_at": again, "from_seq": from_seq}
        await self._rows().update_one({"_id": id}, {"$set": change})

    async def release(self, id: str, guard: Guard | None) -> None:
        """End a parking and let its stream flow. Raises GuardMoved."""

        async def work(session: Session) -> None:
            if guard is not None and guard.parked:
                await self._guards.write(session, self._guards.op(guard, parked=False))
            resolved = {"state": RESOLVED, "again_at": None, "resolved_at": datetime.now(UTC)}
            await self._rows(session).update_one({"_id": id}, {"$set": resolved})

        await self._mongo.transaction(work)
        if guard is not None:
            guard.moved(guard.seq, False)

    async def count(self) -> int:
        """How many streams stand."""
        return await self._rows().count({"consumer": self._consumer, "state": {"$ne": RESOLVED}})


def _rows(mongo: Mongo, session: Session | None = None) -> GlobalCollection:
    return mongo.crossing_tenants(
        COLLECTION, why="operators see what stands in every tenant", session=session
    )


async def list_parked(mongo: Mongo) -> list[dict[str, Any]]:
    """Every stream of this service that stands, oldest first: ids, numbers and reason codes only."""
    shown = ("producer", "stream", "consumer", "from_seq", "reason", "state")
    rows = await _rows(mongo).find({"state": {"$ne": RESOLVED}}, sort=[("at", 1)], limit=1000)
    return [
        {"id": row["_id"], "at": row["at"].isoformat(), **{name: row[name] for name in shown}} for row in rows
    ]


async def unpark(chassis: Any, id: str) -> dict[str, Any]:
    """Ask this service's worker to fetch a parked stream from its journal and go on. Raises NotFound."""
    rows = _rows(chassis.mongo)
    found = await rows.find_one_and_update(
        {"_id": id, "state": {"$ne": RESOLVED}}, {"$set": {"state": UNPARKING}}
    )
    if found is None:
        raise NotFound
    return {"id": id, "state": UNPARKING}
