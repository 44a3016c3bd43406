"""A second set of views, built from the first event on, compared with what pages read, and put in its place.

Nothing stops meanwhile: a new consumer group reads every topic from its beginning into collections of its own.
Stream by stream, in one snapshot in which both sets have applied the same events, the two must be equal; where
they are not, the second set's documents take the place of the first's in that same transaction.
"""

import asyncio
import json
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from chassis.bus import BatchTx, Consumer
from chassis.guards import COLLECTION as GUARDS
from chassis.handlers import Handlers
from chassis.handles import Operation, Put, Remove
from chassis.mongo import GlobalCollection, Session
from chassis.parking import COLLECTION as PARKED
from chassis.runtime import Chassis
from contracts.event import Part
from contracts.ids import new_id
from family_portal.views.folding import operation
from family_portal.views.parts import changes_for

SECOND = "rebuilt"
"""The name under which the second set's consumer stands in its streams."""
SETS = {"views": "views_rebuilt", "items": "items_rebuilt"}
LEVEL_S = 600.0
_LOOK_S = 0.25
_WHY = "a rebuild compares the views of all tenants"
Document = Mapping[str, Any]


class NotLevel(Exception):
    """The second set did not reach the first in time; the message says how far it is."""


@dataclass
class Report:
    """What a rebuild found."""

    streams: int = 0
    documents: int = 0
    different: list[str] = field(default_factory=list)
    """Documents that were not as their events make them, by `_id`."""
    replaced: int = 0
    live: int = 0
    rebuilt: int = 0
    """The sums of the hashes of both sets: equal whatever order documents are read in."""

    @property
    def equal(self) -> bool:
        """Whether pages read exactly what the events make."""
        return not self.different

    def plain(self) -> dict[str, Any]:
        """For printing."""
        sums = {"live": f"{self.live:064x}", "rebuilt": f"{self.rebuilt:064x}"}
        counts = {"streams": self.streams, "documents": self.documents, "replaced": self.replaced}
        return {"equal": self.equal, **counts, **sums, "different": self.different}


async def on_part_again(event: Part, tx: BatchTx) -> None:
    """What the live consumer does, into the second set."""
    for change in changes_for(event, producer=tx.producer, seq=tx.seq):
        tx.write(SETS[change.collection], operation(change))


class Rebuild:
    """One rebuild; begin no second one of the same deployment beside it."""

    def __init__(self, chassis: Chassis) -> None:
        self._chassis = chassis
        self._report = Report()

    async def run(self, *, swap: bool, within_s: float = LEVEL_S) -> Report:
        """Build, compare and, with `swap`, put right. Raises NotLevel, Unavailable."""
        deadline = time.monotonic() + within_s
        settings = self._chassis.settings
        await self._clear()
        group = settings.topic(f"{settings.name}-{SECOND}-{new_id()[:8]}")
        consumer = Consumer(self._chassis, handlers=[on_part_again], group=group, name=SECOND)
        async with consumer.running():
            waiting = await self._streams()
            while waiting:
                waiting = [row for row in waiting if not await self._compared(row, swap)]
                if waiting and time.monotonic() > deadline:
                    raise NotLevel(
                        f"{len(waiting)} streams are not level; the first is {waiting[0]['stream']}"
                    )
                await asyncio.sleep(_LOOK_S if waiting else 0)
        await self._clear()
        return self._report

    async def _clear(self) -> None:
        for name in SETS.values():
            await self._chassis.mongo.ensure(name, [[("tenant_id", 1), ("client_id", 1), ("source", 1)]])
            await self._all(name).delete_many({})
        for name in (GUARDS, PARKED):
            await self._all(name).delete_many({"consumer": SECOND})

    async def _streams(self) -> list[dict[str, Any]]:
        """The streams that the live consumer has applied anything of, with their guards."""
        told = Handlers([on_part_again]).producers
        where = {"consumer": self._chassis.settings.name, "producer": {"$in": told}}
        rows = await self._all(GUARDS).find(where, sort=[("_id", 1)])
        return [row for row in rows if not row["stream"].endswith(":-")]

    async def _compared(self, row: dict[str, Any], swap: bool) -> bool:
        """Compare one stream; False as long as one set has applied more of it than the other."""
        found: _Stream | None = None

        async def work(session: Session) -> None:
            nonlocal found
            found = await self._snapshot(row, session)
            if found and swap and found.different:
                await self._replace(row, found, session)

        await self._chassis.mongo.transaction(work)
        if found is None:
            return False
        self._report.streams += 1
        self._report.documents += len(found.rebuilt)
        self._report.different += found.different
        self._report.replaced += len(found.different) if swap else 0
        self._report.live = (self._report.live + total(found.live.values())) % 2**256
        self._report.rebuilt = (self._report.rebuilt + total(found.rebuilt.values())) % 2**256
        return True

    async def _snapshot(self, row: dict[str, Any], session: Session) -> "_Stream | None":
        guards = await self._all(GUARDS, session).find(
            {
                "producer": row["producer"],
                "stream": row["stream"],
                "consumer": {"$in": [row["consumer"], SECOND]},
            }
        )
        stands = {guard["consumer"]: guard["seq"] for guard in guards}
        if len(stands) < 2 or len(set(stands.values())) > 1:
            return None
        return _Stream(
            await self._documents(row, list(SETS), session),
            await self._documents(row, list(SETS.values()), session),
        )

    async def _documents(
        self, row: dict[str, Any], collections: list[str], session: Session
    ) -> dict[str, Document]:
        tenant_id, _, client_id = row["stream"].partition(":")
        found: dict[str, Document] = {}
        for name in collections:
            rows = self._chassis.mongo.tenant(name, tenant_id, session=session)
            where = {"client_id": client_id, "source": row["producer"]}
            found |= {doc["_id"]: doc for doc in await rows.find(where)}
        return found

    async def _replace(self, row: dict[str, Any], found: "_Stream", session: Session) -> None:
        """Put the second set's documents in; the live consumer cannot have moved on, or this is undone."""
        touched = {"$set": {"rebuilt": new_id()}}
        await self._all(GUARDS, session).update_one({"_id": row["_id"]}, touched)
        tenant_id = row["stream"].partition(":")[0]
        for name in SETS:
            ops = [op for id in found.different if _collection(id) == name for op in found.puts(id)]
            await self._chassis.mongo.tenant(name, tenant_id, session=session).bulk(ops)

    def _all(self, name: str, session: Session | None = None) -> GlobalCollection:
        return self._chassis.mongo.crossing_tenants(name, why=_WHY, session=session)


@dataclass(frozen=True)
class _Stream:
    """Both sets' documents of one stream, by `_id`."""

    live: dict[str, Document]
    rebuilt: dict[str, Document]

    @property
    def different(self) -> list[str]:
        ids = sorted(self.live.keys() | self.rebuilt.keys())
        return [id for id in ids if self.live.get(id) != self.rebuilt.get(id)]

    def puts(self, id: str) -> list[Operation]:
        if id not in self.rebuilt:
            return [Remove({"_id": id})]
        return [Put({"_id": id}, self.rebuilt[id], upsert=True)]


def _collection(id: str) -> str:
    return "views" if id.count(":") == 3 else "items"  # an item’s own name follows, some with their kind


def hash_of(document: Document) -> int:
    """A document's hash, whatever order its fields stand in."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), default=str)
    return int.from_bytes(sha256(text.encode()).digest())


def total(documents: Iterable[Document]) -> int:
    """The hash of a set of documents, whatever order they come in."""
    return sum(map(hash_of, documents)) % 2**256
