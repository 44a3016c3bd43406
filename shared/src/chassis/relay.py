"""The relay: tells Kafka what the journal says, in its order, again rather than not at all."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaTimeoutError
from pymongo.errors import OperationFailure

from chassis import telemetry
from chassis.lease import RENEW_S, Lease
from chassis.mongo import Doc, GlobalCollection, Mongo
from chassis.rows import HEARTBEAT_KEY, HEARTBEAT_TYPE, JOURNAL, message_of, shard_of
from chassis.settings import ServiceSettings
from chassis.tails import Change, Tail
from chassis.tenancy import NO_TENANT

CHECKPOINTS = "checkpoints"
BEAT_S = 1.0
_CHECKPOINT_S = 0.5
_IDLE_CHECKPOINT_S = 10.0
_LOOK_AGAIN_S = 0.5
_AWAIT_MS = 500
_IN_FLIGHT = 2_000
_DRAIN_S = 5.0
_RESWEEP = timedelta(minutes=10)
_BEAT_LIVES = timedelta(minutes=1)
_TOKEN_LOST = frozenset({136, 260, 280, 286})
_LONGEST_PAUSE_S = 2.0

_log = logging.getLogger("chassis.relay")


class LeaseLost(Exception):
    """Another process relays now."""


class _Pending:
    """What has been sent and not yet acknowledged, and how far everything is acknowledged."""

    def __init__(self) -> None:
        self.sent: asyncio.Queue[tuple[list[asyncio.Future[Any]], Any]] = asyncio.Queue(_IN_FLIGHT)
        self.acked: Any = None
        self.saved: Any = None


class Relay:
    """Publishes one service's journal. Any number may run; the holder of the lease works, the others wait."""

    def __init__(
        self, mongo: Mongo, settings: ServiceSettings, *, heartbeat_topic: str | None = None
    ) -> None:
        why = "the relay tells the rows of all tenants"
        self._mongo = mongo
        self._settings = settings
        self._service = settings.name
        self._heartbeat_topic = heartbeat_topic
        self._journal: GlobalCollection = mongo.crossing_tenants(JOURNAL, why=why)
        self._checkpoints: GlobalCollection = mongo.crossing_tenants(CHECKPOINTS, why=why)
        self._lease = Lease(mongo, "relay")
        self.leading = False

    async def run(self, stop: asyncio.Event) -> None:
        """Relay until told to stop, through every outage of the database and the broker."""
        failures = 0
        while not stop.is_set():
            try:
                if await self._lease.take():
                    await self._lead(stop)
                    failures = 0
                else:
                    await _sleep_or(stop, _LOOK_AGAIN_S)
            except Exception as error:
                failures += 1
                _log.warning("the relay starts again: %s", _names(error))
                await _sleep_or(stop, min(0.1 * 2 ** min(failures, 6), _LONGEST_PAUSE_S))
        with suppress(Exception):
            await self._lease.give_up()

    async def replay(self) -> int:
        """Publish the whole journal again, in order, for a broker that has lost it. Returns how many rows."""
        async with self._producer() as producer:
            return await self._sweep(producer, None)

    async def _lead(self, stop: asyncio.Event) -> None:
        self.leading = True
        over = asyncio.Event()
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._keep_lease(over))
                if self._heartbeat_topic:
                    tasks.create_task(self._beat(self._heartbeat_topic, over))
                tasks.create_task(_deadline(stop, over))
                tasks.create_task(self._publish(stop, over))
        finally:
            self.leading = False

    async def _keep_lease(self, over: asyncio.Event) -> None:
        while not over.is_set():
            if not await self._lease.take():
                raise LeaseLost
            await _sleep_or(over, RENEW_S)

    async def _beat(self, topic: str, over: asyncio.Event) -> None:
        """A row a second that passes through the same journal as the facts whose freshness it proves."""
        while not over.is_set():
            await self._journal.insert_one(_beat_row(topic, await self._mongo.now()))
            await _sleep_or(over, BEAT_S)

    async def _publish(self, stop: asyncio.Event, over: asyncio.Event) -> None:
        try:
            async with self._producer() as producer:
                token = await self._resume_token()
                if token is not None:
                    with suppress(_TokenLost):
                        return await self._follow(producer, stop, token)
                    _log.error("the place in the change stream is lost; publishing the last minutes again")
                await self._follow(producer, stop, None)
        finally:
            over.set()

    async def _follow(self, producer: AIOKafkaProducer, stop: asyncio.Event, token: Any) -> None:
        """Publish rows as they are committed, from a place on, or from now after a sweep of what was."""
        pipeline: list[Doc] = [{"$match": {"operationType": "insert"}}, {"$project": {"fullDocument": 1}}]
        pending = _Pending()
        async with self._journal.watch(pipeline, after=token, wait_ms=_AWAIT_MS) as changes:
            first = await _next(changes)
            if token is None:
                await self._sweep(producer, await self._sweep_since())
            await self._take(first, changes.token, producer, pending)
            async with asyncio.TaskGroup() as tasks:
                side = [
                    tasks.create_task(self._acknowledge(pending)),
                    tasks.create_task(self._save_often(pending)),
                ]
                await self._read(changes, producer, pending, stop)
                await asyncio.wait_for(pending.sent.join(), _DRAIN_S)
                for task in side:
                    task.cancel()
            await self._save(pending)

    async def _read(
        self, changes: Tail, producer: AIOKafkaProducer, pending: _Pending, stop: asyncio.Event
    ) -> None:
        idle_since = asyncio.get_running_loop().time()
        while not stop.is_set():
            found = await _next(changes)
            now = asyncio.get_running_loop().time()
            if found or now - idle_since > _IDLE_CHECKPOINT_S:
                idle_since = now
                await self._take(found, changes.token, producer, pending)

    async def _take(
        self, found: list[Change], token: Any, producer: AIOKafkaProducer, pending: _Pending
    ) -> None:
        """Hand rows to the producer one after the other, so that they leave together; then the place is `token`."""
        sent = [await self._send(producer, change.told["fullDocument"]) for change in found]
        for change, waiting in zip(found, sent, strict=True):
            await pending.sent.put((waiting, change.token))
        if not found:
            await pending.sent.put(([], token))

    async def _send(self, producer: AIOKafkaProducer, row: Mapping[str, Any]) -> list[asyncio.Future[Any]]:
        message = message_of(row, self._service)
        topic = self._settings.topic(message.topic)
        places: list[int | None] = [None]
        if message.every_partition:
            places = sorted(await producer.partitions_for(topic))
        return [
            await _patiently(producer, topic, message.value, message.key, message.headers, place)
            for place in places
        ]

    async def _acknowledge(self, pending: _Pending) -> None:
        """Move the place forward in the order sent, only over rows the broker has acknowledged."""
        while True:
            sent, token = await pending.sent.get()
            for waiting in sent:
                await waiting
            pending.acked = token
            telemetry.PUBLISHED.add(len(sent))
            pending.sent.task_done()

    async def _save_often(self, pending: _Pending) -> None:
        while True:
            await asyncio.sleep(_CHECKPOINT_S)
            await self._save(pending)

    async def _save(self, pending: _Pending) -> None:
        if pending.acked is pending.saved:
            return
        token = pending.acked
        current = {"_id": "relay", "$or": [{"term": {"$lte": self._lease.term}}, {"term": None}]}
        place = {"token": token, "at": datetime.now(UTC), "term": self._lease.term}
        await self._checkpoints.update_one(current, {"$set": place}, upsert=True)
        pending.saved = token

    async def _resume_token(self) -> Any:
        row = await self._checkpoints.find_one({"_id": "relay"})
        return row["token"] if row else None

    async def _sweep_since(self) -> datetime | None:
        row = await self._checkpoints.find_one({"_id": "relay"})
        return row["at"] - _RESWEEP if row else None

    async def _sweep(self, producer: AIOKafkaProducer, since: datetime | None) -> int:
        """Publish rows from the journal itself, each stream in its order. Returns how many."""
        where: Doc = {"kind": {"$ne": "heartbeat"}}
        if since is not None:
            where["at"] = {"$gte": since}
        waiting: list[asyncio.Future[Any]] = []
        told = 0
        async for row in self._journal.each(where, sort=[("tenant_id", 1), ("stream", 1), ("seq", 1)]):
            waiting += await self._send(producer, row)
            told += 1
            if len(waiting) >= _IN_FLIGHT:
                await asyncio.gather(*waiting)
                waiting.clear()
        await asyncio.gather(*waiting)
        return told

    @asynccontextmanager
    async def _producer(self) -> AsyncIterator[AIOKafkaProducer]:
        producer = AIOKafkaProducer(
            **self._settings.kafka_client(),
            client_id=f"{self._service}-relay",
            acks="all",
            enable_idempotence=True,
            compression_type="gzip",
            linger_ms=0,  # rows sent while an acknowledgement is awaited share the next batch anyway
            max_batch_size=128 * 1024,
            request_timeout_ms=20_000,
            retry_backoff_ms=50,
            metadata_max_age_ms=60_000,
        )
        try:
            await producer.start()
            yield producer
        finally:
            with suppress(Exception):
                await asyncio.wait_for(producer.stop(), _DRAIN_S)


class _TokenLost(Exception):
    """The oplog no longer holds the place to resume from."""


async def _next(changes: Tail) -> list[Change]:
    try:
        return await changes.batch()
    except OperationFailure as error:
        if error.code in _TOKEN_LOST:
            raise _TokenLost from error
        raise


async def _patiently(
    producer: AIOKafkaProducer,
    topic: str,
    value: bytes,
    key: bytes,
    headers: list[tuple[str, bytes]],
    partition: int | None,
) -> asyncio.Future[Any]:
    """Hand a message to the producer, waiting as long as its buffer is full."""
    while True:
        try:
            sent: asyncio.Future[Any] = await producer.send(
                topic, value, key=key, partition=partition, headers=headers
            )
            return sent
        except KafkaTimeoutError:
            _log.warning("the producer's buffer is full; the broker does not take what is sent")


async def _deadline(stop: asyncio.Event, over: asyncio.Event) -> None:
    """Once told to stop, what is still unacknowledged after a while is left to the next holder."""
    while not (stop.is_set() or over.is_set()):
        await _sleep_or(over, _LOOK_AGAIN_S)
    await _sleep_or(over, _DRAIN_S)
    if not over.is_set():
        raise TimeoutError


def _beat_row(topic: str, now: datetime) -> Doc:
    beat = int(now.timestamp() * 1000)
    return {
        "_id": f"{NO_TENANT}:heartbeat:{beat}",
        "tenant_id": NO_TENANT,
        "kind": "heartbeat",
        "topic": topic,
        "stream": f"{topic}|{HEARTBEAT_KEY}",
        "seq": beat,
        "shard": shard_of(HEARTBEAT_KEY),
        "type": HEARTBEAT_TYPE,
        "key": HEARTBEAT_KEY,
        "event": {"beat": beat, "beat_at": now.isoformat()},
        "at": now,
        "gone_at": now + _BEAT_LIVES,
    }


async def _sleep_or(event: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)


def _names(error: BaseException) -> str:
    """The kinds of errors, without their messages: those may quote what was sent."""
    if isinstance(error, BaseExceptionGroup):
        return ", ".join(_names(inner) for inner in error.exceptions)
    return type(error).__name__
