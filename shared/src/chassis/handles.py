"""The handles services hold on collections: one tenant's rows, or all of them with a stated reason."""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from pymongo import (
    DeleteMany,
    DeleteOne,
    InsertOne,
    ReplaceOne,
    ReturnDocument,
    UpdateMany,
    UpdateOne,
)
from pymongo.errors import BulkWriteError, DuplicateKeyError
from pymongo.results import BulkWriteResult

from chassis.cursors import Sort, beyond, row_cursor
from chassis.tails import Tail, tail
from chassis.tenancy import (
    Doc,
    Filter,
    Update,
    named_tenant,
    scoped_document,
    scoped_filter,
    scoped_pipeline,
    scoped_update,
)
from chassis.trips import Trips

T = TypeVar("T")


@dataclass(frozen=True)
class Add:
    """Insert a document, as one of many operations."""

    document: Filter


@dataclass(frozen=True)
class Put:
    """Replace the matching document, as one of many operations."""

    filter: Filter
    document: Filter
    upsert: bool = False


@dataclass(frozen=True)
class Change:
    """Update the matching document, or all of them, as one of many operations."""

    filter: Filter
    update: Update
    upsert: bool = False
    many: bool = False


@dataclass(frozen=True)
class Remove:
    """Delete the matching document, or all of them, as one of many operations."""

    filter: Filter
    many: bool = False


Operation = Add | Put | Change | Remove


@dataclass(frozen=True)
class Outcome:
    """What a write did."""

    matched: int = 0
    modified: int = 0
    inserted: int = 0
    deleted: int = 0


def outcome(done: BulkWriteResult) -> Outcome:
    """What many operations in one call did together."""
    inserted = done.inserted_count + done.upserted_count
    return Outcome(done.matched_count, done.modified_count, inserted, done.deleted_count)


def _ordered(sort: Sort | None) -> Sort:
    keys = list(sort or ())
    return keys if any(field == "_id" for field, _ in keys) else [*keys, ("_id", keys[-1][1] if keys else 1)]


class Scope:
    """How a handle changes what passes through it; this one changes nothing."""

    def filter(self, filter: Filter | None) -> Doc:
        return dict(filter or {})

    def document(self, document: Filter) -> Doc:
        return dict(document)

    def update(self, update: Update) -> Update:
        return update

    def pipeline(self, stages: Sequence[Filter]) -> list[Filter]:
        return list(stages)


class TenantScope(Scope):
    """Adds the tenant to everything and refuses what names another."""

    def __init__(self, tenant_id: str) -> None:
        self.tenant_id = named_tenant(tenant_id)

    def filter(self, filter: Filter | None) -> Doc:
        return scoped_filter(filter, self.tenant_id)

    def document(self, document: Filter) -> Doc:
        return scoped_document(document, self.tenant_id)

    def update(self, update: Update) -> Update:
        return scoped_update(update, self.tenant_id)

    def pipeline(self, stages: Sequence[Filter]) -> list[Filter]:
        return scoped_pipeline(stages, self.tenant_id)


def native(op: Operation, scope: "Scope") -> Any:
    """The driver's form of an operation, with its scope. Raises TenancyRefused."""
    match op:
        case Add(document):
            return InsertOne(scope.document(document))
        case Put(filter, document, upsert):
            return ReplaceOne(scope.filter(filter), scope.document(document), upsert=upsert)
        case Change(filter, update, upsert, many):
            kind = UpdateMany if many else UpdateOne
            return kind(scope.filter(filter), scope.update(update), upsert=upsert)
        case Remove(filter, many):
            return (DeleteMany if many else DeleteOne)(scope.filter(filter))


@contextmanager
def plainly() -> Iterator[None]:
    """A broken unique index is Duplicate in bulk too; everything else, with its retry labels, as it came."""
    try:
        yield
    except BulkWriteError as error:
        details = error.details or {}
        codes = {failed.get("code") for failed in details.get("writeErrors", ())}
        if codes != {11000}:
            raise
        raise DuplicateKeyError("a row with this key exists", 11000, details) from error


class Handle:
    """The operations of a handle; its scope decides what they may touch."""

    def __init__(self, raw: Any, scope: Scope, trips: Trips, options: Doc) -> None:
        self._raw = raw
        self._scope = scope
        self._trips = trips
        self._with = options

    @property
    def name(self) -> str:
        """The collection's name."""
        return str(self._raw.name)

    async def _do(self, work: Callable[[Any, Doc], T]) -> T:
        """Run a blocking operation of the driver's collection, with the options of this handle, in one trip."""
        session = self._with.get("session")
        if session is None:
            return await self._trips.single(work, self._raw.delegate, self._with)
        options = {**self._with, "session": session.delegate}
        return await self._trips.blocking(work, self._raw.delegate, options)

    async def find_one(
        self, filter: Filter | None = None, *, projection: Any = None, sort: Sort | None = None
    ) -> Doc | None:
        """The first matching document, or None."""
        where = self._scope.filter(filter)

        def read(raw: Any, options: Doc) -> Doc | None:
            found: Doc | None = raw.find_one(where, projection, sort=sort, **options)
            return found

        return await self._do(read)

    async def find(
        self,
        filter: Filter | None = None,
        *,
        sort: Sort | None = None,
        limit: int | None = None,
        after: str | None = None,
        projection: Any = None,
    ) -> list[Doc]:
        """All matching documents, or `limit` of them beyond the cursor `after`. Raises Invalid."""
        where = self._scope.filter(filter)
        if after:
            where = {**where, "$and": [*where.get("$and", ()), beyond(after, _ordered(sort))]}
        order = list(_ordered(sort)) if sort or limit or after else None

        def read(raw: Any, options: Doc) -> list[Doc]:
            return list(raw.find(where, projection, sort=order, limit=limit or 0, **options))

        return await self._do(read)

    async def page(
        self,
        filter: Filter | None = None,
        *,
        sort: Sort | None = None,
        limit: int = 50,
        after: str | None = None,
    ) -> tuple[list[Doc], str | None]:
        """One page, and the cursor of the next or None when this is the last."""
        rows = await self.find(filter, sort=sort, limit=limit + 1, after=after)
        more = len(rows) > limit
        return rows[:limit], row_cursor(rows[limit - 1], _ordered(sort)) if more else None

    async def count(self, filter: Filter | None = None, *, limit: int | None = None) -> int:
        """How many match, counting no further than `limit`."""
        more = {"limit": limit} if limit else {}
        where = self._scope.filter(filter)
        return int(await self._do(lambda raw, options: raw.count_documents(where, **options, **more)))

    async def aggregate(self, pipeline: Sequence[Filter]) -> list[Doc]:
        """The results of a pipeline."""
        stages = self._scope.pipeline(pipeline)

        def read(raw: Any, options: Doc) -> list[Doc]:
            return list(raw.aggregate(stages, **options))

        return await self._do(read)

    async def insert_one(self, document: Filter) -> None:
        """Insert; raises Duplicate."""
        row = self._scope.document(document)
        await self._do(lambda raw, options: raw.insert_one(row, **options))

    async def insert_many(self, documents: Sequence[Filter], *, ordered: bool = True) -> None:
        """Insert all; raises Duplicate, without `ordered` after having inserted the others."""
        rows = [self._scope.document(document) for document in documents]
        if not rows:
            return
        with plainly():
            await self._do(lambda raw, options: raw.insert_many(rows, ordered=ordered, **options))

    async def update_one(self, filter: Filter, update: Update, *, upsert: bool = False) -> Outcome:
        """Update the first match."""
        where, change = self._scope.filter(filter), self._scope.update(update)
        done = await self._do(lambda raw, options: raw.update_one(where, change, upsert=upsert, **options))
        return Outcome(done.matched_count, done.modified_count, int(done.upserted_id is not None))

    async def update_many(self, filter: Filter, update: Update) -> Outcome:
        """Update all matches."""
        where, change = self._scope.filter(filter), self._scope.update(update)
        done = await self._do(lambda raw, options: raw.update_many(where, change, **options))
        return Outcome(done.matched_count, done.modified_count)

    async def find_one_and_update(
        self, filter: Filter, update: Update, *, upsert: bool = False, sort: Sort | None = None
    ) -> Doc | None:
        """Update the first match and return it as it is afterwards, or None."""
        where, change = self._scope.filter(filter), self._scope.update(update)
        after = ReturnDocument.AFTER
        found: Doc | None = await self._do(
            lambda raw, options: raw.find_one_and_update(
                where, change, upsert=upsert, sort=sort, return_document=after, **options
            )
        )
        return found

    async def replace_one(self, filter: Filter, document: Filter, *, upsert: bool = False) -> Outcome:
        """Replace the first match; with `upsert`, insert when there is none."""
        where, row = self._scope.filter(filter), self._scope.document(document)
        done = await self._do(lambda raw, options: raw.replace_one(where, row, upsert=upsert, **options))
        return Outcome(done.matched_count, done.modified_count, int(done.upserted_id is not None))

    async def delete_one(self, filter: Filter) -> int:
        """Delete the first match; returns how many went."""
        where = self._scope.filter(filter)
        done = await self._do(lambda raw, options: raw.delete_one(where, **options))
        return int(done.deleted_count)

    async def delete_many(self, filter: Filter) -> int:
        """Delete all matches; returns how many went."""
        where = self._scope.filter(filter)
        done = await self._do(lambda raw, options: raw.delete_many(where, **options))
        return int(done.deleted_count)

    async def bulk(self, operations: Sequence[Operation], *, ordered: bool = True) -> Outcome:
        """Run many operations in one call; raises Duplicate."""
        return await self._bulk([native(op, self._scope) for op in operations], ordered)

    async def _bulk(self, native: list[Any], ordered: bool) -> Outcome:
        if not native:
            return Outcome()
        with plainly():
            return outcome(
                await self._do(lambda raw, options: raw.bulk_write(native, ordered=ordered, **options))
            )


class TenantCollection(Handle):
    """One tenant's rows of a collection; it cannot be made to touch another's."""

    def __init__(self, raw: Any, tenant_id: str, trips: Trips, options: Doc) -> None:
        super().__init__(raw, TenantScope(tenant_id), trips, options)
        self.tenant_id = tenant_id

    def key(self, *parts: object) -> str:
        """The `_id` of a row of this tenant."""
        return ":".join((self.tenant_id, *map(str, parts)))


class GlobalCollection(Handle):
    """A collection across all tenants; every command it sends says why."""

    def __init__(self, raw: Any, trips: Trips, options: Doc) -> None:
        super().__init__(raw, Scope(), trips, options)

    def watch(
        self, pipeline: Sequence[Filter], *, after: Any = None, wait_ms: int
    ) -> AbstractAsyncContextManager[Tail]:
        """A change stream of this collection: from a token on, or from now; an answer waits so long at most."""
        options = {"resume_after": after, "max_await_time_ms": wait_ms, **self._with}
        return tail(self._raw.watch(list(pipeline), **options))

    async def each(self, filter: Filter, *, sort: Sort) -> AsyncIterator[Doc]:
        """Every matching document one after the other, for more of them than fit in memory."""
        found = self._raw.find(dict(filter), allow_disk_use=True, **self._with).sort(list(sort))
        async for row in found:
            yield row

    async def bulk_by_tenant(
        self, operations: Sequence[tuple[str, Operation]], *, ordered: bool = True
    ) -> Outcome:
        """Many operations in one call, each bound to its own tenant; raises Duplicate, TenancyRefused."""
        match operations:
            case [(tenant, Add(document))]:  # a bulk of one costs the driver half as much again
                row = TenantScope(tenant).document(document)
                await self._do(lambda raw, options: raw.insert_one(row, **options))
                return Outcome(inserted=1)
        return await self._bulk([native(op, TenantScope(tenant)) for tenant, op in operations], ordered)
