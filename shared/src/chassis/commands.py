"""Commands: how a request is recognised, what it adds to the record, and the transaction it runs in."""

import re
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chassis.audit import audit_entry
from chassis.errors import Problem
from chassis.mongo import Doc, GlobalCollection, Mongo, Session, TenantCollection
from chassis.rows import TIMERS, Stream, due_row, traceparent
from contracts.event import Event
from contracts.ids import ID_PATTERN

_PERSON = re.compile(ID_PATTERN)
"""A service that acts for itself stands in no event as its author."""


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
class State:
    """One message for a compacted topic."""

    topic: str
    key: str
    body: Doc
    trace: str | None


@dataclass
class Added:
    """A row to insert at the end, and the problem to answer where its key is taken."""

    collection: str
    row: Mapping[str, Any]
    taken: Problem


class Adds:
    """What one command adds to the record: rows, events, audit entries and its answer. All of it, or nothing."""

    def __init__(self, tenant_id: str, by: str | None, service: str) -> None:
        self.tenant_id = tenant_id
        self.by = by
        self.events: list[Event] = []
        self.states: list[State] = []
        self.audits: list[Doc] = []
        self.added: list[Added] = []
        self.answered: Doc = {}
        self.decided_by: dict[str, int] = {}
        self.traces: list[str | None] = []
        self._service = service

    @property
    def streams(self) -> dict[str, int]:
        """How many events go into each stream, by its key."""
        return Counter(Stream(event.tenant_id, event.client_id).key for event in self.events)

    def add(self, collection: str, row: Mapping[str, Any], *, taken: Problem) -> None:
        """Insert a row of this tenant in the trip that commits; until then no read sees it. Raises `taken` then."""
        self.added.append(Added(collection, row, taken))

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
        self.traces.append(traceparent())

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


class Tx(Adds):
    """One running command, with its transaction: it may also read and change what is there."""

    def __init__(self, mongo: Mongo, session: Session, tenant_id: str, by: str | None, service: str) -> None:
        super().__init__(tenant_id, by, service)
        self.session = session
        self._mongo = mongo

    def tenant(self, name: str) -> TenantCollection:
        """This tenant's rows of a collection, inside the transaction."""
        return self._mongo.tenant(name, self.tenant_id, session=self.session)

    def crossing_tenants(self, name: str, *, why: str) -> GlobalCollection:
        """All rows of a collection, inside the transaction."""
        return self._mongo.crossing_tenants(name, why=why, session=self.session)

    def publish_state(self, topic: str, key: str, body: Mapping[str, Any]) -> None:
        """Publish a whole state, with its `rev`, to a compacted topic; the latest of a key stays there."""
        if "rev" not in body:
            raise ValueError("a published state has a rev")
        self.states.append(State(topic, key, dict(body), traceparent()))

    async def schedule(self, name: str, id: str, due_at: datetime, payload: Mapping[str, Any]) -> None:
        """Set a timer, or move it; it exists once the transaction has committed. Ids only in the payload."""
        row = due_row(self.tenant_id, name, id, due_at, payload)
        await self.tenant(TIMERS).replace_one({"_id": row["_id"]}, row, upsert=True)

    async def unschedule(self, name: str, id: str) -> None:
        """Take a timer away."""
        timers = self.tenant(TIMERS)
        await timers.delete_one({"_id": timers.key(name, id)})


Work = Callable[[Tx], Awaitable[None]]
