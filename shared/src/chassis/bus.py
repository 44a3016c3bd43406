"""The consumer: one Faust app that never acknowledges an event before MongoDB holds its effects."""

import asyncio
import contextlib
import logging
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, Protocol

import faust
from faust.exceptions import ConsumerNotStarted

from chassis import telemetry
from chassis.applier import Applier, Arrival, Broken, is_outage
from chassis.batch import BatchTx
from chassis.breaker import TooManyParked
from chassis.clients import PeerClients
from chassis.gaps import PeerJournals
from chassis.guards import COLLECTION as GUARDS
from chassis.handlers import Handler, Handlers
from chassis.journal import Journal
from chassis.mongo import Add, Change, DatabaseError, Mongo, Put, Remove
from chassis.patience import be_patient
from chassis.records import Unreadable, read_record, stream_of
from chassis.seal import Keyring
from chassis.settings import ServiceSettings

__all__ = ["Add", "BatchTx", "Change", "Consumer", "Handler", "Put", "Remove"]

BATCH = 100
DRAIN_S = 5.0
STALLED_S = 60.0
_LOOK_S = 0.002
_FILLING = 10
"""How often a batch is looked at while it fills: 20 ms at most, and not at all when nothing waits."""
_NO_HURRY_S = 0.1
"""How long events wait for others where nobody waits for their effect, or they have none here."""
_ARRIVES_S = 0.02
"""How long they wait where the broker has gathered them already: until all it gathered are here."""
_SLOWEST_RETRY_S = 2.0
_LOOK_FOR_UNPARKING_S = 1.0
_alarm = logging.getLogger("chassis.alarm")


class Parts(Protocol):
    """What a consumer needs of its process."""

    @property
    def settings(self) -> ServiceSettings:
        """The process's settings."""

    @property
    def mongo(self) -> Mongo:
        """Its database."""

    @property
    def keys(self) -> Keyring:
        """Its class keys."""

    @property
    def journal(self) -> Journal:
        """Its journal."""

    @property
    def peers(self) -> PeerClients:
        """Its clients of other services."""


def faust_app(settings: ServiceSettings, group: str, folder: str) -> faust.App:
    """A Faust app with every setting that the first tests depend on; nothing is left to its defaults."""
    password = settings.kafka_password.get_secret_value() if settings.kafka_password else None
    credentials = (
        faust.SASLCredentials(username=settings.kafka_username, password=password, mechanism="PLAIN")
        if settings.kafka_username
        else None
    )
    return faust.App(
        group,
        broker=[f"kafka://{host}" for host in settings.kafka_bootstrap.split(",")],
        broker_credentials=credentials,
        datadir=folder,
        store="memory://",
        key_serializer="raw",
        value_serializer="raw",
        autodiscover=False,
        web_enabled=False,
        topic_disable_leader=True,
        topic_allow_declare=False,
        reply_create_topic=False,
        consumer_auto_offset_reset="earliest",
        consumer_metadata_max_age_ms=5_000,  # who joined before the broker knew the topics again holds none of them
        broker_session_timeout=6.0,
        broker_heartbeat_interval=1.0,
        broker_commit_interval=0.5,
        broker_commit_every=10_000,
        broker_max_poll_records=500,
        stream_wait_empty=False,
        stream_buffer_maxsize=1000,
        producer_acks=-1,
    )


class Consumer:
    """Reads the topics its handlers subscribe to, in the consumer group of its service."""

    def __init__(
        self,
        chassis: Parts,
        *,
        handlers: Sequence[Handler],
        group: str | None = None,
        name: str | None = None,
    ) -> None:
        """`name`: under which its guards stand; another than the service's begins every stream anew."""
        settings = chassis.settings
        self._settings = settings
        self._handlers = Handlers(handlers)
        self._no_hurry_s = _ARRIVES_S if self._handlers.patient else _NO_HURRY_S
        self._mongo = chassis.mongo
        journals = PeerJournals(chassis.peers, chassis.journal)
        self._applier = Applier(
            chassis.mongo, chassis.keys, chassis.journal, journals, self._handlers, name or settings.name
        )
        self._group = group or settings.topic(settings.name)
        self._producers = {settings.topic(name): name for name in self._handlers.producers}
        self._one_at_a_time = asyncio.Lock()
        self._draining = False
        self._waiting = False
        self._flight: asyncio.Task[None] | None = None
        self._hurry = asyncio.Event()
        self._reached: dict[tuple[str, int], int] = {}
        self._app: faust.App | None = None
        self.stands: str | None = None
        """Why the consumer holds everything back, None while it flows."""
        self.on_applied: Callable[[int], None] = lambda count: None
        """Called with the size of each batch that has been acknowledged."""
        self.failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Raises what ended the consumer; a process whose consumer has failed must end."""

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["Consumer"]:
        """Consume until the block ends; then finish the batch in hand within 5 s, or leave it as it is."""
        await self._mongo.ensure(GUARDS, [[("tenant_id", 1), ("stream", 1)]])
        await self._applier.parking.prepare()
        with tempfile.TemporaryDirectory(prefix="consumer-") as folder:
            self._app = self._build(folder)
            tasks = [
                asyncio.create_task(self._guarded(self._watch)),
                asyncio.create_task(self._guarded(self._unpark)),
            ]
            try:
                await self._start()
                yield self
            finally:
                await self._drain()
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
                await self._stop()

    def _build(self, folder: str) -> faust.App:
        app = faust_app(self._settings, self._group, folder)
        app.loop = asyncio.get_running_loop()
        if self._handlers.patient:
            be_patient(app)
        if self._producers:
            topic = app.topic(*self._producers, key_type=bytes, value_type=bytes, allow_empty=True)
            app.agent(topic, concurrency=1, name="batches")(self._consume)
        return app

    async def _start(self) -> None:
        if self._app is not None and self._producers:
            self._app.finalize()
            await self._app.start()

    async def _stop(self) -> None:
        if self._app is not None and self._producers:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._app.stop(), DRAIN_S)

    async def _drain(self) -> None:
        """Take no further batch; wait for the one in hand, at most 5 s."""
        self._draining = True
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._one_at_a_time.acquire(), DRAIN_S)
        if self._flight is not None:
            self._flight.cancel()

    async def _guarded(self, work: Callable[..., Awaitable[None]], *given: Any) -> None:
        try:
            await work(*given)
        except asyncio.CancelledError:
            raise
        except Exception as error:
            self._fail(error)

    def _fail(self, error: BaseException) -> None:
        _alarm.critical("the consumer ends: %s", type(error).__name__)
        if not self.failed.done():
            self.failed.set_exception(error)

    async def _watch(self) -> None:
        """Faust may crash or go quiet and leave its process running; then this consumer has failed too."""
        reached, since = dict(self._reached), time.monotonic()
        while True:
            await asyncio.sleep(0.25)
            if self._app is not None and self._app.crashed:
                raise RuntimeError("faust has crashed") from self._app.crash_reason
            if reached != self._reached or self._waiting or not self.lag():
                reached, since = dict(self._reached), time.monotonic()
            elif time.monotonic() - since > STALLED_S:
                raise RuntimeError("events wait and none is applied")

    async def _consume(self, stream: Any) -> None:
        """Read ahead while a batch is being written; a lone event is written at once."""
        held: list[tuple[Any, Arrival]] = []
        queue = stream.channel.queue
        async for event in stream.noack().events():
            arrival = self._arrival(event.message)
            held.append((event, arrival))
            if self._hurries(arrival) or len(held) >= BATCH:
                self._hurry.set()
            if self._flight is None or self._flight.done():
                self._flight = asyncio.create_task(self._guarded(self._fly, held, queue))
            while len(held) >= BATCH and not self._flight.done():
                await asyncio.wait([self._flight], timeout=_LOOK_S)

    async def _fly(self, held: list[tuple[Any, Arrival]], queue: Any) -> None:
        """Write what is held and what was read meanwhile."""
        while held and not self._draining and not self.failed.done():
            await self._fill(held, queue)
            batch = held[:BATCH]
            del held[:BATCH]
            await self._batch(batch)

    async def _fill(self, held: list[tuple[Any, Arrival]], queue: Any) -> None:
        """Give a batch a moment to fill: a long one where nobody waits for it, else as long as more waits."""
        if len(held) < BATCH and not any(self._hurries(arrival) for _, arrival in held):
            self._hurry.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._hurry.wait(), self._no_hurry_s)
        for _ in range(_FILLING):
            if len(held) >= BATCH or queue.empty():
                break
            await asyncio.sleep(_LOOK_S)

    def _hurries(self, arrival: Arrival) -> bool:
        """Whether somebody waits for what is to be done about it here."""
        return isinstance(arrival, Broken) or bool(arrival.event and self._handlers.hurries(arrival.event))

    async def _batch(self, batch: list[tuple[Any, Arrival]]) -> None:
        """Apply a batch and acknowledge it; nothing is acknowledged before."""
        async with self._one_at_a_time:
            await self._until_applied([arrival for _, arrival in batch])
        for event, _ in batch:
            event.ack()
            self._reached[event.message.topic, event.message.partition] = event.message.offset + 1
        self.on_applied(len(batch))

    def _arrival(self, message: Any) -> Arrival:
        producer = self._producers[message.topic]
        try:
            return read_record(producer, message.key, message.value, message.headers)
        except Unreadable as error:
            place = f"{message.topic}/{message.partition}/{message.offset}"
            return Broken(producer, stream_of(message.key), place, error.code)

    async def _until_applied(self, arrivals: Sequence[Arrival]) -> None:
        """Wait out an outage for as long as it takes; the events stay where they are."""
        pause = 0.05
        while True:
            try:
                await self._applier.apply(arrivals)
                self._waiting = False
                return
            except TooManyParked as error:
                await self._stand(error)
            except Exception as error:
                if not is_outage(error) and not isinstance(error, DatabaseError):
                    raise
                self._waiting = True
                telemetry.OUTAGES.add(1, {"error": type(error).__name__})
            await asyncio.sleep(pause)
            pause = min(pause * 2, _SLOWEST_RETRY_S)

    async def _stand(self, error: TooManyParked) -> None:
        """Hold everything, acknowledge nothing, until somebody restarts this worker."""
        self.stands, self._waiting = "too_many_parked", True
        _alarm.critical("the consumer stands, too many streams would be parked: %s", error)
        await asyncio.Event().wait()

    async def _unpark(self) -> None:
        """Take up the streams that somebody asked to go on, and those that only waited for a journal."""
        while True:
            await asyncio.sleep(_LOOK_FOR_UNPARKING_S)
            try:
                for row in await self._applier.parking.asked():
                    await self._resume(row)
            except Exception as error:
                if not is_outage(error) and not isinstance(error, DatabaseError):
                    raise

    async def _resume(self, row: dict[str, Any]) -> None:
        """Take one parked stream to its journal's end; batches come in between."""
        while True:
            async with self._one_at_a_time:
                if await self._applier.resume(row):
                    return

    async def status(self) -> dict[str, Any]:
        """What `/internal/status` shows: events behind, passed over as unknown, streams parked, why it stands."""
        parked = await self._applier.parking.count()
        return {"lag": self.lag(), "parked": parked, "skipped": self._applier.skipped, "stands": self.stands}

    def lag(self) -> int:
        """Events published and not yet applied, over the partitions this process reads."""
        consumer: Any = self._app.consumer if self._app is not None and self._producers else None
        if consumer is None:
            return 0
        try:
            ends = {tp: consumer.highwater(tp) or 0 for tp in consumer.assignment()}
        except ConsumerNotStarted:  # it is still starting, or has been stopped
            return 0
        # A partition begins where the group has committed; without that at its first event.
        begun = {tp: consumer._committed_offset.get(tp) or 0 for tp in ends}
        reached = {tp: max(begun[tp], self._reached.get((tp.topic, tp.partition), 0)) for tp in ends}
        return sum(max(0, end - reached[tp]) for tp, end in ends.items())
