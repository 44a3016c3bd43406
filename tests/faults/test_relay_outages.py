"""What is committed while the broker or the database is down arrives when it is back: all of it, in order."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from chassis.errors import Unavailable
from chassis.journal import Journal, Stream, Tx
from chassis.mongo import DatabaseError, Mongo
from chassis.positions import Positions
from chassis.relay import Relay
from chassis.seal import KeyName, Keyring
from chassis.settings import ServiceSettings
from chassis.testing import PrivateParts, Space
from contracts.care_plans import GoalRated
from contracts.ids import new_id


class CarePlans(ServiceSettings):
    """care-plans' settings, as far as its journal and relay need them."""

    name = "care-plans"


class NoWords:
    """The events of these tests hold no words, so no key exists."""

    async def class_keys(self, names: Sequence[KeyName]) -> Mapping[KeyName, bytes]:
        """No key."""
        return {}


@pytest.fixture
async def journal(private_space: Space) -> AsyncIterator[tuple[Journal, Mongo, CarePlans]]:
    """A service's journal on parts that may be killed."""
    settings = private_space.settings(CarePlans)
    mongo = Mongo(settings)
    opened = Journal(mongo, Keyring(NoWords()), Positions(mongo, settings), settings)
    await opened.prepare()
    yield opened, mongo, settings
    mongo.close()


@asynccontextmanager
async def relaying(mongo: Mongo, settings: CarePlans) -> AsyncIterator[None]:
    """A relay that runs and stops as a worker stops it."""
    stop = asyncio.Event()
    task = asyncio.create_task(Relay(mongo, settings).run(stop))
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(task, 15)


async def _tell(journal: Journal, client: str) -> None:
    """One command, sent until it is acknowledged."""

    async def work(tx: Tx) -> None:
        tx.record(
            GoalRated(tenant_id="t1", client_id=client, record_id=new_id(), happened_at=datetime.now(UTC))
        )

    while True:
        try:
            await journal.write(work, tenant_id="t1", by="p1", client_id=client)
            return
        except (Unavailable, DatabaseError):
            await asyncio.sleep(0.2)


async def _arrived(space: Space, client: str, last: int, seconds: float) -> list[int]:
    """The sequence numbers of a stream in its topic, read until the last one has come."""
    consumer = AIOKafkaConsumer(**space.parts.kafka("sessions").client_settings())
    seqs: list[int] = []
    async with asyncio.timeout(seconds), consumer:
        places = [TopicPartition(f"{space.topic_prefix}care-plans", n) for n in range(4)]
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        while last not in seqs:
            records: list[Any] = [r for b in (await consumer.getmany(timeout_ms=500)).values() for r in b]
            seqs += [json.loads(r.value)["seq"] for r in records if r.key == f"t1:{client}".encode()]
    return seqs


def _without_repeats(seqs: list[int]) -> list[int]:
    """What a consumer's guard lets through: each number once, when its turn has come."""
    told: list[int] = []
    for seq in seqs:
        if seq == len(told) + 1:
            told.append(seq)
    return told


@pytest.mark.parametrize("part", ["kafka", "mongod"])
async def test_a_killed_part_loses_and_reorders_nothing(
    private_parts: PrivateParts, private_space: Space, journal: Any, part: str
) -> None:
    writer, mongo, settings = journal
    client = new_id()
    async with relaying(mongo, settings):
        for _ in range(20):
            await _tell(writer, client)
        private_parts.kill(part)
        telling = asyncio.create_task(_tell_many(writer, client, 20))
        await asyncio.sleep(1.5)
        await asyncio.to_thread(private_parts.restart)
        await telling
        last = (await writer.rows(Stream("t1", client), after=0))[-1]["seq"]
        seqs = await _arrived(private_space, client, last, 60)
    assert last >= 40
    assert _without_repeats(seqs) == list(range(1, last + 1))


async def _tell_many(journal: Journal, client: str, times: int) -> None:
    for _ in range(times):
        await _tell(journal, client)
