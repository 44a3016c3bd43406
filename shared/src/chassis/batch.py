"""What a handler is given: one transaction for the whole micro-batch, seen from the event it handles."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

from chassis.direct import Direct
from chassis.handles import Handle, TenantScope, native
from chassis.journal import Journal, Tx
from chassis.mongo import (
    Change,
    Doc,
    GlobalCollection,
    Mongo,
    Operation,
    Outcome,
    Remove,
    Session,
    TenancyRefused,
    TenantCollection,
)
from chassis.records import Record
from chassis.seal import Keyring
from contracts.classes import DataClass
from contracts.event import Event, Section

_WHY = "the queued writes of one batch, each bound to its event's tenant"


class Batch:
    """One transaction's session and the writes queued in it."""

    def __init__(self, mongo: Mongo, keys: Keyring, journal: Journal, session: Session) -> None:
        self.mongo = mongo
        self.keys = keys
        self.session = session
        self._journal = journal
        self._commands: dict[str, Tx] = {}
        self._queued: dict[str, list[tuple[str, Operation]]] = {}

    def command(self, tenant_id: str) -> Tx:
        """The journal's side of the transaction for one tenant: what the handlers record themselves."""
        if tenant_id not in self._commands:
            self._commands[tenant_id] = Tx(self.mongo, self.session, tenant_id, None, self._journal.service)
        return self._commands[tenant_id]

    def queue(self, collection: str, tenant_id: str, op: Operation) -> None:
        """Keep a write for the next flush."""
        self._queued.setdefault(collection, []).append((tenant_id, op))

    async def flush(self) -> None:
        """Write everything queued, one bulk call a collection, in the order it was queued."""
        queued, self._queued = self._queued, {}
        for name, ops in queued.items():
            rows = self.mongo.crossing_tenants(name, why=_WHY, session=self.session)
            await rows.bulk_by_tenant(ops)

    async def end(self, move: Callable[[Direct], None]) -> None:
        """Write what is queued and what the handlers recorded, `move` the guards, and commit; nothing may follow."""
        for command in self._commands.values():
            await self._journal.seal(command)

        def end(direct: Direct) -> None:
            for name, ops in self._queued.items():
                direct.bulk(name, [native(op, TenantScope(tenant)) for tenant, op in ops], _WHY)
            for command in self._commands.values():
                self._journal.insert(direct, command)
            move(direct)
            direct.commit()

        await self.mongo.directly(self.session, end)


class BatchTx:
    """The batch's transaction as the handler of one event sees it."""

    def __init__(self, batch: Batch, record: Record) -> None:
        self._batch = batch
        self._record = record

    @property
    def session(self) -> Session:
        """The running transaction."""
        return self._batch.session

    @property
    def producer(self) -> str:
        """The service that published the event."""
        return self._record.producer

    @property
    def stream(self) -> str:
        """`tenant:client`, or `tenant:-`."""
        return self._record.stream

    @property
    def seq(self) -> int:
        """The event's place in its stream."""
        return self._record.seq

    @property
    def access_rev(self) -> int:
        """The revision of the access document the producer had when it wrote the event."""
        return self._record.access_rev

    def tenant(self, name: str, tenant_id: str | None = None) -> TenantCollection:
        """A collection of the event's tenant, in this transaction. TenancyRefused for another."""
        handle = self._batch.mongo.tenant(name, self._own(tenant_id), session=self.session)
        return _BatchTenant(handle, self._batch.flush)

    def crossing_tenants(self, name: str, *, why: str) -> GlobalCollection:
        """A global collection in this transaction."""
        handle = self._batch.mongo.crossing_tenants(name, why=why, session=self.session)
        return _BatchGlobal(handle, self._batch.flush)

    def write(self, collection: str, op: Operation) -> None:
        """Queue a write of the event's tenant; the batch sends all of them in one call per collection."""
        self._batch.queue(collection, self._record.tenant_id, op)

    def upsert(
        self,
        collection: str,
        tenant_id: str,
        key: str,
        set: Mapping[str, Any] | None = None,
        unset: Any = (),
        *,
        on_insert: Mapping[str, Any] | None = None,
    ) -> None:
        """Queue setting and unsetting fields of the row `key`; it is made when there is something to set."""
        self._own(tenant_id)
        change: Doc = {
            "$set": dict(set or {}),
            "$unset": dict.fromkeys(unset, ""),
            "$setOnInsert": dict(on_insert or {}),
        }
        if update := {operator: fields for operator, fields in change.items() if fields}:
            self.write(collection, Change({"_id": key}, update, upsert=bool(set or on_insert)))

    def delete(self, collection: str, tenant_id: str, key: str) -> None:
        """Queue the deletion of the row `key`."""
        self._own(tenant_id)
        self.write(collection, Remove({"_id": key}))

    async def open(self, event: Event, data_class: DataClass) -> Section | None:
        """A sealed section of the event; None without one, or when its key is gone. Raises Unavailable."""
        return await self._batch.keys.open_event(event, data_class)

    def record(self, event: Event) -> None:
        """Publish an event of this service's own, in the same transaction. Raises ValueError for others'."""
        self._command().record(event)

    def audit(
        self, action: str, client_id: str | None, data_class: str | None = None, detail_id: str | None = None
    ) -> None:
        """Write down what was done; ids and class names only."""
        self._command().audit(action, client_id, data_class, detail_id)

    async def schedule(self, name: str, id: str, due_at: datetime, payload: Mapping[str, Any]) -> None:
        """Set a timer, or move it. Ids only in the payload."""
        await self._command().schedule(name, id, due_at, payload)

    async def unschedule(self, name: str, id: str) -> None:
        """Take a timer away."""
        await self._command().unschedule(name, id)

    def _command(self) -> Tx:
        return self._batch.command(self._record.tenant_id)

    def _own(self, tenant_id: str | None) -> str:
        if tenant_id not in (None, self._record.tenant_id):
            raise TenancyRefused("a handler writes in its event's tenant")
        return self._record.tenant_id


class _Flushed(Handle):
    """Sends what is queued before it reads or writes, so that a handler sees what earlier ones did."""

    def __init__(self, handle: Handle, flush: Callable[[], Awaitable[None]]) -> None:
        self.__dict__.update(handle.__dict__)
        self._flush = flush

    async def find_one(self, *args: Any, **more: Any) -> Doc | None:
        """As the handle's own."""
        await self._flush()
        return await super().find_one(*args, **more)

    async def find(self, *args: Any, **more: Any) -> list[Doc]:
        """As the handle's own."""
        await self._flush()
        return await super().find(*args, **more)

    async def count(self, *args: Any, **more: Any) -> int:
        """As the handle's own."""
        await self._flush()
        return await super().count(*args, **more)

    async def aggregate(self, *args: Any, **more: Any) -> list[Doc]:
        """As the handle's own."""
        await self._flush()
        return await super().aggregate(*args, **more)

    async def insert_one(self, *args: Any, **more: Any) -> None:
        """As the handle's own."""
        await self._flush()
        await super().insert_one(*args, **more)

    async def update_one(self, *args: Any, **more: Any) -> Outcome:
        """As the handle's own."""
        await self._flush()
        return await super().update_one(*args, **more)

    async def update_many(self, *args: Any, **more: Any) -> Outcome:
        """As the handle's own."""
        await self._flush()
        return await super().update_many(*args, **more)

    async def find_one_and_update(self, *args: Any, **more: Any) -> Doc | None:
        """As the handle's own."""
        await self._flush()
        return await super().find_one_and_update(*args, **more)

    async def replace_one(self, *args: Any, **more: Any) -> Outcome:
        """As the handle's own."""
        await self._flush()
        return await super().replace_one(*args, **more)

    async def delete_one(self, *args: Any, **more: Any) -> int:
        """As the handle's own."""
        await self._flush()
        return await super().delete_one(*args, **more)

    async def delete_many(self, *args: Any, **more: Any) -> int:
        """As the handle's own."""
        await self._flush()
        return await super().delete_many(*args, **more)


class _BatchTenant(_Flushed, TenantCollection):
    """One tenant's rows inside the batch."""


class _BatchGlobal(_Flushed, GlobalCollection):
    """A global collection inside the batch."""
