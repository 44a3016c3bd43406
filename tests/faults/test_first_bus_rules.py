"""Ten records, a handler that waits, and a kill in the middle: every record is applied exactly once."""

import asyncio
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer

from chassis.bus import Consumer
from chassis.mongo import Mongo
from chassis.patience import HELD_MS
from chassis.testing import PrivateParts, Space
from contracts.sessions import NoteSigned

from .bus_process import Settings, handler, open_parts

TENANT = "t_lantern"
WAIT_S = 0.15
STREAMS = ("cl_a", "cl_b", "cl_c")
SECRETS = ("mongo_uri", "kafka_password", "client_secret", "position_key")


def records(count: int, first: int = 1) -> list[tuple[bytes, bytes, list[tuple[str, bytes]]]]:
    """Key, body and headers of `count` events, dealt over three streams from `first` on."""
    made = []
    for number in range(count):
        client = STREAMS[number % 3]
        event = NoteSigned(tenant_id=TENANT, client_id=client, session_id="s_1", note_id=f"n_{number}")
        stream = f"{TENANT}:{client}"
        body = event.model_dump(mode="json") | {"stream": stream, "seq": first + number // 3, "access_rev": 1}
        headers = [("ce_type", event.TYPE.encode()), ("ce_tenantid", TENANT.encode())]
        made.append((stream.encode(), json.dumps(body).encode(), headers))
    return made


async def publish(
    space: Space, made: list[tuple[bytes, bytes, list[tuple[str, bytes]]]], *, pause_s: float = 0.0
) -> None:
    """Send records as sessions does: acknowledged by all, without duplicates; `pause_s` after each."""
    access = space.parts.kafka("sessions")
    producer = AIOKafkaProducer(acks="all", enable_idempotence=True, **access.client_settings())
    async with producer:
        for key, value, headers in made:
            await producer.send(f"{space.topic_prefix}sessions", value, key, headers=headers)
            await asyncio.sleep(pause_s)
        await producer.flush()


@contextmanager
def worker(settings: Settings, *, patient: bool = False) -> Iterator[subprocess.Popen[bytes]]:
    """A consumer process; killed at the end of the block if it still runs."""
    plain = settings.model_dump(mode="json")
    plain |= {name: getattr(settings, name).get_secret_value() for name in SECRETS}
    program = Path(__file__).with_name("bus_process.py")
    command = [sys.executable, str(program), json.dumps(plain), str(WAIT_S), str(patient)]
    running = subprocess.Popen(command)
    try:
        yield running
    finally:
        running.kill()
        running.wait()


async def applied(mongo: Mongo) -> dict[str, int]:
    """How often each event had an effect, by stream and number."""
    return {row["_id"]: row["times"] for row in await mongo.tenant("applied", TENANT).find()}


async def wait_for(mongo: Mongo, count: int, seconds: float = 120) -> None:
    """Wait until so many events have had an effect."""
    async with asyncio.timeout(seconds):
        while len(await applied(mongo)) < count:  # noqa: ASYNC110 - other processes set no event
            await asyncio.sleep(0.05)


async def expect_each_once(mongo: Mongo, count: int) -> None:
    """Every event once, each stream in order; looked at again later, because a late repetition counts too."""
    await wait_for(mongo, count)
    await asyncio.sleep(1.5)
    found = await applied(mongo)
    assert len(found) == count
    assert set(found.values()) == {1}
    for row in await mongo.tenant("orders", TENANT).find():
        assert row["seqs"] == list(range(1, len(row["seqs"]) + 1))


@pytest.mark.parametrize(
    ("number", "patient"), [(signal.SIGTERM, False), (signal.SIGKILL, False), (signal.SIGKILL, True)]
)
async def test_a_worker_that_is_ended_in_the_middle_loses_and_repeats_nothing(
    private_space: Space, number: signal.Signals, patient: bool
) -> None:
    settings = private_space.settings(Settings)
    mongo = Mongo(settings)
    await publish(private_space, records(1))
    with worker(settings, patient=patient) as first:
        await wait_for(mongo, 1)
        await publish(private_space, records(10)[1:])
        await asyncio.sleep(0.4)
        first.send_signal(number)
        assert first.wait(30) == (0 if number == signal.SIGTERM else -number)
    with worker(settings, patient=patient):
        await expect_each_once(mongo, 10)
    mongo.close()


async def test_what_nobody_waits_for_is_told_together(private_space: Space) -> None:
    parts = open_parts(private_space.settings(Settings))
    consumer = Consumer(parts, handlers=[handler(0, patient=True)])
    sizes: list[int] = []
    async with consumer.running():
        await publish(private_space, records(1))
        await wait_for(parts.mongo, 1)
        consumer.on_applied = sizes.append
        begun = time.monotonic()
        await publish(private_space, records(13)[1:], pause_s=0.03)
        took_ms = (time.monotonic() - begun) * 1000
        await expect_each_once(parts.mongo, 13)
    assert sum(sizes) == 12
    assert len(sizes) <= took_ms / HELD_MS + 2
    parts.mongo.close()


async def test_what_waits_since_the_start_counts_as_lag_and_ends_a_consumer_that_applies_nothing(
    private_space: Space, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = open_parts(private_space.settings(Settings))
    async with Consumer(parts, handlers=[handler(0, patient=False)]).running() as first:
        await publish(private_space, records(6))
        await wait_for(parts.mongo, 6)
    assert first.failed.done() is False
    await publish(private_space, records(10)[6:])
    monkeypatch.setattr("chassis.bus.STALLED_S", 3)
    async with Consumer(parts, handlers=[handler(600, patient=False)]).running() as second:
        with pytest.raises(RuntimeError, match="events wait and none is applied"):
            await asyncio.wait_for(asyncio.shield(second.failed), 40)
        assert second.lag() == 4
    async with Consumer(parts, handlers=[handler(0, patient=False)]).running() as third:
        await expect_each_once(parts.mongo, 10)
        assert third.lag() == 0
    parts.mongo.close()


async def test_a_consumer_that_joined_before_the_broker_knew_its_topics_reads_them_once_it_does(
    private_space: Space,
) -> None:
    """So it is for a moment after a broker was killed: the assignment is empty, and stands until metadata moves."""
    topics = private_space.topics()
    private_space.parts.provision(lambda broker: broker.drop_topics([topic.name for topic in topics]))
    parts = open_parts(private_space.settings(Settings))
    async with Consumer(parts, handlers=[handler(0, patient=False)]).running():
        await asyncio.sleep(8)
        await asyncio.to_thread(
            private_space.parts.provision, lambda broker: broker.make_topics(topics, partitions=4)
        )
        await publish(private_space, records(3))
        await expect_each_once(parts.mongo, 3)
    parts.mongo.close()


async def test_a_broker_killed_in_the_middle_loses_and_repeats_nothing(
    private_parts: PrivateParts, private_space: Space
) -> None:
    settings = private_space.settings(Settings)
    mongo = Mongo(settings)
    await publish(private_space, records(1))
    with worker(settings) as first:
        await wait_for(mongo, 1)
        await publish(private_space, records(10)[1:])
        await asyncio.sleep(0.3)
        private_parts.kill("kafka")
        await asyncio.sleep(2)
        private_parts.restart()
        await expect_each_once(mongo, 10)
        await publish(private_space, records(12)[10:])
        await expect_each_once(mongo, 12)
        assert first.poll() is None
    with worker(settings):
        await expect_each_once(mongo, 12)
    mongo.close()


async def test_a_database_killed_in_the_middle_loses_and_repeats_nothing(
    private_parts: PrivateParts, private_space: Space
) -> None:
    settings = private_space.settings(Settings)
    mongo = Mongo(settings)
    await publish(private_space, records(1))
    with worker(settings):
        await wait_for(mongo, 1)
        await publish(private_space, records(10)[1:])
        await asyncio.sleep(0.3)
        private_parts.kill("mongod")
        await asyncio.sleep(1)
        private_parts.restart()
        await expect_each_once(mongo, 10)
    mongo.close()
