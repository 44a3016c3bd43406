"""What was committed reaches the broker, in its order, through every restart."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from bson import Timestamp

from chassis.journal import Journal, Tx
from chassis.mongo import Mongo
from chassis.positions import Positions
from chassis.relay import CHECKPOINTS, Relay
from chassis.rows import HEARTBEAT_TYPE
from chassis.seal import Keyring
from chassis.settings import ServiceSettings
from chassis.testing import Space
from contracts.care_plans import GoalRated
from contracts.ids import new_id


class Identity(ServiceSettings):
    """identity's settings, as far as its relay needs them."""

    name = "identity"


@asynccontextmanager
async def relaying(relay: Relay) -> AsyncIterator[Relay]:
    """A relay that runs, and stops as a worker stops it."""
    stop = asyncio.Event()
    task = asyncio.create_task(relay.run(stop))
    try:
        yield relay
    finally:
        stop.set()
        await asyncio.wait_for(task, 10)


class Reader:
    """Everything in one topic, read from its beginning."""

    def __init__(self, consumer: AIOKafkaConsumer) -> None:
        self._consumer = consumer
        self.records: list[Any] = []

    @classmethod
    @asynccontextmanager
    async def of(cls, space: Space, topic: str) -> AsyncIterator["Reader"]:
        """A reader of a topic of this space."""
        consumer = AIOKafkaConsumer(**space.parts.kafka("sessions").client_settings())
        async with consumer:
            places = [TopicPartition(f"{space.topic_prefix}{topic}", n) for n in range(4)]
            consumer.assign(places)
            await consumer.seek_to_beginning(*places)
            yield cls(consumer)

    async def until(self, enough: Any, seconds: float = 15) -> list[Any]:
        """Read on until the records satisfy a condition."""
        async with asyncio.timeout(seconds):
            while not enough(self.records):
                for batch in (await self._consumer.getmany(timeout_ms=200)).values():
                    self.records += batch
        return self.records

    def seqs(self, stream: str) -> list[int]:
        """The sequence numbers of a stream, as they arrived."""
        return [json.loads(record.value)["seq"] for record in self.records if record.key == stream.encode()]


async def _tell(core: Any, tenant: str, client: str, times: int) -> None:
    async def work(tx: Tx) -> None:
        tx.record(
            GoalRated(tenant_id=tenant, client_id=client, record_id=new_id(), happened_at=datetime.now(UTC))
        )

    for _ in range(times):
        await core.journal.write(work, tenant_id=tenant, by="p1", client_id=client)


def _told(tenant: str, client: str, last: int) -> Any:
    def enough(records: list[Any]) -> bool:
        key = f"{tenant}:{client}".encode()
        return any(r.key == key and json.loads(r.value)["seq"] == last for r in records)

    return enough


def _first_times(seqs: list[int]) -> list[int]:
    return list(dict.fromkeys(seqs))


async def test_rows_arrive_in_order_as_cloud_events(core: Any, module_space: Space, tenant: str) -> None:
    await _tell(core, tenant, "c1", 3)
    async with Reader.of(module_space, "care-plans") as reader, relaying(Relay(core.mongo, core.settings)):
        await reader.until(_told(tenant, "c1", 3))
        await asyncio.gather(*(_tell(core, tenant, client, 20) for client in ("c1", "c2")))
        await reader.until(
            lambda records: _told(tenant, "c1", 23)(records) and _told(tenant, "c2", 20)(records)
        )
    assert reader.seqs(f"{tenant}:c1") == list(range(1, 24))
    assert reader.seqs(f"{tenant}:c2") == list(range(1, 21))
    headers = dict(reader.records[-1].headers)
    assert headers["ce_type"] == b"care_plans.goal_rated.v1"
    assert headers["ce_tenantid"] == tenant.encode()


async def test_a_restarted_relay_goes_on_where_the_broker_acknowledged(
    core: Any, module_space: Space, tenant: str
) -> None:
    async with Reader.of(module_space, "care-plans") as reader:
        async with relaying(Relay(core.mongo, core.settings)):
            await _tell(core, tenant, "c1", 5)
            await reader.until(_told(tenant, "c1", 5))
        await _tell(core, tenant, "c1", 5)
        async with relaying(Relay(core.mongo, core.settings)):
            await reader.until(_told(tenant, "c1", 10))
    assert reader.seqs(f"{tenant}:c1") == list(range(1, 11))


async def test_of_two_relays_one_works_and_the_other_takes_over(
    core: Any, other_core: Any, module_space: Space, tenant: str
) -> None:
    async with Reader.of(module_space, "care-plans") as reader:
        async with relaying(Relay(core.mongo, core.settings)) as first:
            await _tell(core, tenant, "c1", 1)
            await reader.until(_told(tenant, "c1", 1))
            second = Relay(other_core.mongo, other_core.settings)
            stop = asyncio.Event()
            task = asyncio.create_task(second.run(stop))
            await asyncio.sleep(1)
            assert (first.leading, second.leading) == (True, False)
        await _tell(core, tenant, "c1", 1)
        await reader.until(_told(tenant, "c1", 2))
        assert second.leading
        stop.set()
        await task
    assert _first_times(reader.seqs(f"{tenant}:c1")) == [1, 2]


async def test_a_relay_that_died_is_replaced_when_its_lease_ends(
    core: Any, other_core: Any, module_space: Space, tenant: str
) -> None:
    dead = asyncio.create_task(Relay(other_core.mongo, other_core.settings).run(asyncio.Event()))
    async with Reader.of(module_space, "care-plans") as reader:
        await _tell(core, tenant, "c1", 1)
        await reader.until(_told(tenant, "c1", 1))
        dead.cancel()
        await asyncio.gather(dead, return_exceptions=True)
        await _tell(core, tenant, "c1", 1)
        async with relaying(Relay(core.mongo, core.settings)):
            await reader.until(_told(tenant, "c1", 2))
    assert _first_times(reader.seqs(f"{tenant}:c1")) == [1, 2]


async def test_a_lost_place_is_made_good_from_the_journal(
    core: Any, module_space: Space, tenant: str
) -> None:
    await _tell(core, tenant, "c1", 3)
    places = core.mongo.crossing_tenants(CHECKPOINTS, why="a test takes the relay's place away")
    await places.update_one({"_id": "relay"}, {"$set": {"token": _ancient_token()}})
    async with Reader.of(module_space, "care-plans") as reader, relaying(Relay(core.mongo, core.settings)):
        await reader.until(_told(tenant, "c1", 3))
        await _tell(core, tenant, "c1", 1)
        await reader.until(_told(tenant, "c1", 4))
    assert _first_times(reader.seqs(f"{tenant}:c1")) == [1, 2, 3, 4]


async def test_replay_tells_everything_again_in_order(core: Any, module_space: Space, tenant: str) -> None:
    await _tell(core, tenant, "c1", 4)
    async with Reader.of(module_space, "care-plans") as reader:
        told = await Relay(core.mongo, core.settings).replay()
        await reader.until(_told(tenant, "c1", 4))
    assert told >= 4
    assert reader.seqs(f"{tenant}:c1") == [1, 2, 3, 4]


@pytest.fixture
async def identity(module_space: Space, core: Any) -> AsyncIterator[tuple[Mongo, Journal, Identity]]:
    """identity's journal."""
    settings = module_space.settings(Identity)
    mongo = Mongo(settings)
    journal = Journal(mongo, Keyring(core.source), Positions(mongo, settings), settings)
    await journal.prepare()
    yield mongo, journal, settings
    mongo.close()


async def test_states_and_heartbeats_reach_the_compacted_topic_in_one_order(
    identity: tuple[Mongo, Journal, Identity], module_space: Space, tenant: str
) -> None:
    mongo, journal, settings = identity

    async def publish(tx: Tx) -> None:
        tx.publish_state("identity-state", f"{tenant}:c1", {"tenant_id": tenant, "client_id": "c1", "rev": 1})

    relay = Relay(mongo, settings, heartbeat_topic="identity-state")
    async with Reader.of(module_space, "identity-state") as reader, relaying(relay):
        await journal.write(publish, tenant_id=tenant, by="p1")
        records = await reader.until(lambda records: {r.partition for r in _beats(records)} == set(range(4)))
        records = await reader.until(lambda records: len(_beats(records)) >= 12)
    states = [record for record in records if record.key == f"{tenant}:c1".encode()]
    assert [json.loads(record.value)["rev"] for record in states] == [1]
    beats = [json.loads(record.value)["beat"] for record in _beats(records) if record.partition == 0]
    assert beats == sorted(set(beats))
    gone = await mongo.crossing_tenants("journal", why="a test looks at short-lived rows").find(
        {"kind": "heartbeat"}
    )
    assert all(row["gone_at"] > row["at"] for row in gone)


def _beats(records: list[Any]) -> list[Any]:
    return [record for record in records if dict(record.headers)["ce_type"] == HEARTBEAT_TYPE.encode()]


def _ancient_token() -> dict[str, str]:
    """A resume token of a second long before this database's first: its place in the oplog is gone."""
    time = Timestamp(1_000_000_000, 1)
    return {"_data": f"82{time.time:08X}{time.inc:08X}2B0229296E04"}
