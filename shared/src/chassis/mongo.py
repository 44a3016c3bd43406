"""The only door to MongoDB: handles bound to one tenant, and transactions that retry; the only motor user."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

from bson.codec_options import CodecOptions
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorClientSession
from pymongo import IndexModel as IndexModel
from pymongo import ReadPreference, WriteConcern
from pymongo.errors import (
    ConnectionFailure,
    DuplicateKeyError,
    OperationFailure,
    PyMongoError,
)
from pymongo.read_concern import ReadConcern

from chassis.cursors import Sort
from chassis.direct import Direct
from chassis.errors import Unavailable
from chassis.handles import (
    Add,
    Change,
    GlobalCollection,
    Operation,
    Outcome,
    Put,
    Remove,
    TenantCollection,
)
from chassis.settings import ServiceSettings
from chassis.tails import Tail, tail
from chassis.tenancy import NO_TENANT, Doc, Filter, TenancyRefused, Update
from chassis.trips import Trips
from chassis.watching import CROSSING, TenancyWatch, take_violations, violation_mark, violations_since

__all__ = [
    "NO_TENANT",
    "Add",
    "Change",
    "DatabaseError",
    "Doc",
    "Duplicate",
    "Filter",
    "GlobalCollection",
    "Mongo",
    "Operation",
    "Outcome",
    "Put",
    "Remove",
    "Session",
    "Sort",
    "TenancyRefused",
    "TenantCollection",
    "Update",
    "take_violations",
    "violation_mark",
    "violations_since",
]

T = TypeVar("T")
Session = AsyncIOMotorClientSession
"""A running transaction; services pass it on and never use it."""
Duplicate = DuplicateKeyError
"""Raised by a write that breaks a unique index."""
DatabaseError = PyMongoError

_MAJORITY = WriteConcern(w="majority", j=True, wtimeout=10_000)
_CODEC: CodecOptions[Doc] = CodecOptions(tz_aware=True)
_ATTEMPTS = 12
_LONGEST_PAUSE_S = 0.25


class Mongo:
    """One process's connection to its service's own database."""

    def __init__(self, settings: ServiceSettings) -> None:
        self._collections: dict[str, Any] = {}
        self._trips = Trips(settings.queries_in_flight)
        self._client: AsyncIOMotorClient[Doc] = AsyncIOMotorClient(
            settings.mongo_uri.get_secret_value(),
            maxPoolSize=settings.queries_in_flight + 8,
            retryWrites=True,
            retryReads=True,
            serverSelectionTimeoutMS=8_000,
            connectTimeoutMS=2_000,
            socketTimeoutMS=30_000,
            appname=settings.name,
            tz_aware=True,
            event_listeners=[TenancyWatch(settings.mongo_db)],
        )
        self._db = self._client.get_database(
            settings.mongo_db,
            codec_options=_CODEC,
            read_preference=ReadPreference.PRIMARY,
            write_concern=_MAJORITY,
            read_concern=ReadConcern("majority"),
        )

    def tenant(self, name: str, tenant_id: str, *, session: Session | None = None) -> TenantCollection:
        """One tenant's rows of a collection. Raises TenancyRefused without a tenant."""
        options: Doc = {"session": session} if session else {}
        return TenantCollection(self._raw(name), tenant_id, self._trips, options)

    def _raw(self, name: str) -> Any:
        """The driver's collection, made once: making it costs as much as a short query's encoding."""
        if name not in self._collections:
            self._collections[name] = self._db[name]
        return self._collections[name]

    def crossing_tenants(self, name: str, *, why: str, session: Session | None = None) -> GlobalCollection:
        """All rows of a collection, for the few places that must; `why` travels with each command."""
        if not why.strip():
            raise TenancyRefused("crossing tenants needs a reason")
        options: Doc = {"comment": CROSSING + why, **({"session": session} if session else {})}
        return GlobalCollection(self._raw(name), self._trips, options)

    async def ensure(
        self,
        collection: str,
        indexes: Sequence[IndexModel | Sequence[tuple[str, int]]],
        *,
        across: bool = False,
    ) -> None:
        """Create a collection with its indexes.

        Raises ValueError for an index that does not begin with tenant_id, unless for work `across` tenants.
        """
        models = [index if isinstance(index, IndexModel) else IndexModel(list(index)) for index in indexes]
        for model in models:
            first = next(iter(model.document["key"]))
            if first != "tenant_id" and not across:
                raise ValueError(f"an index of {collection} begins with {first}, not with tenant_id")
        try:
            await self._db.create_collection(collection)
        except OperationFailure as error:
            if error.code != 48:  # it exists, which is what was wanted
                raise
        except PyMongoError as error:
            if "already exists" not in str(error):
                raise
        if models:
            await self._db[collection].create_indexes(models)

    def watch_all(self, pipeline: Sequence[Doc]) -> AbstractAsyncContextManager[Tail]:
        """A change stream of the whole database, with the documents as they are now (chassis.changes)."""
        why = CROSSING + "open pages of all tenants"
        return tail(self._db.watch(list(pipeline), full_document="updateLookup", comment=why))

    async def now(self) -> datetime:
        """The database's clock, the only one all processes share."""
        found = await self._client.admin.command("hello")
        now: datetime = found["localTime"]
        return now.replace(tzinfo=UTC)

    async def ping(self) -> None:
        """Raises Unavailable unless the database answers."""
        try:
            await self._client.admin.command("ping")
        except PyMongoError as error:
            raise Unavailable("The database does not answer.") from error

    async def transaction(self, work: Callable[[Session], Awaitable[T]]) -> T:
        """Run `work` in one snapshot transaction, again when the database asks for it.

        `work` must bear being run several times. Raises what it raises, or Unavailable when retries run out.
        """
        for attempt in range(_ATTEMPTS):
            try:
                return await self.attempt(work)
            except PyMongoError as error:
                if not is_transient(error) or attempt == _ATTEMPTS - 1:
                    raise_unavailable(error)
                await pause(attempt)
        raise Unavailable()

    async def attempt(self, work: Callable[[Session], Awaitable[T]]) -> T:
        """One attempt at a transaction; the commit alone is repeated while its outcome is unknown."""
        async with self._session() as session:
            session.start_transaction(
                read_concern=ReadConcern("snapshot"),
                write_concern=_MAJORITY,
                read_preference=ReadPreference.PRIMARY,
            )
            result = await work(session)
            if session.delegate.in_transaction:
                await self.directly(session, Direct.commit)
            return result

    @asynccontextmanager
    async def _session(self) -> AsyncIterator[Session]:
        """A session; a transaction that is still open when it ends is aborted.

        Only that needs the database: to take a session and to give it back costs no change of thread.
        """
        session = AsyncIOMotorClientSession(self._client.delegate.start_session(), self._client)
        try:
            yield session
        finally:
            if session.delegate.in_transaction:
                await session.end_session()
            else:
                session.delegate.end_session()

    async def directly(self, session: Session, work: Callable[[Direct], T]) -> T:
        """Run blocking operations of a transaction in one trip (chassis.direct); they may end with its commit."""
        return await self._trips.blocking(work, Direct(self._db.delegate, session.delegate, pause_s))

    def close(self) -> None:
        """Drop all connections."""
        self._client.close()
        self._trips.close()


def is_transient(error: PyMongoError) -> bool:
    """Whether the whole transaction may be run again."""
    return error.has_error_label("TransientTransactionError")


def raise_unavailable(error: PyMongoError) -> Any:
    """Raise Unavailable for a database that is away, has no primary or is too busy; else the error itself."""
    away = isinstance(error, ConnectionFailure) or is_transient(error)
    if away or error.has_error_label("RetryableWriteError"):
        raise Unavailable("The database does not answer.") from error
    raise error


def pause_s(attempt: int) -> float:
    """How long to wait before the next attempt: longer each time, and never two callers alike."""
    return random.uniform(0.001, min(0.004 * 2**attempt, _LONGEST_PAUSE_S))


async def pause(attempt: int) -> None:
    """Wait before the next attempt."""
    await asyncio.sleep(pause_s(attempt))
