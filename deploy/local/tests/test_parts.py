"""mongod and Kafka come back with what they had, however they ended, and nothing is left when they end."""

import signal
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from pymongo import MongoClient
from pymongo.errors import OperationFailure

from chassis.testing import Parts, PrivateParts
from kith_local.parts.process import wait_for


async def test_acknowledged_writes_outlive_a_power_cut_of_both(private_parts: PrivateParts) -> None:
    place = private_parts.kafka("sessions").client_settings()
    async with AIOKafkaProducer(acks="all", **place) as producer:
        await producer.send_and_wait("sessions", b"1")
    with MongoClient(private_parts.mongo_admin_uri) as client:
        client["sessions"]["rows"].insert_one({"_id": 1})
    private_parts.kill("mongod")
    private_parts.kill("kafka")
    private_parts.restart()
    with MongoClient(private_parts.mongo_admin_uri) as client:
        assert client["sessions"]["rows"].count_documents({}) == 1
    reader = AIOKafkaConsumer(
        "sessions", group_id="sessions", auto_offset_reset="earliest",
        **private_parts.kafka("sessions").client_settings(),
    )  # fmt: skip
    async with reader:
        assert (await reader.getone()).value == b"1"


def test_scripts_do_not_run_in_the_database(private_parts: PrivateParts) -> None:
    private_parts.restart()
    with MongoClient(private_parts.mongo_admin_uri) as client:
        client["sessions"]["scripts"].insert_one({"_id": 1})
        with pytest.raises(OperationFailure):
            list(client["sessions"]["scripts"].find({"$where": "true"}))


def test_starting_twice_changes_nothing(private_parts: PrivateParts) -> None:
    private_parts.restart()
    pids = [private_parts.pid(part) for part in ("mongod", "kafka")]
    private_parts.restart()
    assert [private_parts.pid(part) for part in ("mongod", "kafka")] == pids


def test_a_frozen_broker_is_the_same_one_afterwards(private_parts: PrivateParts) -> None:
    private_parts.restart()
    pid = private_parts.pid("kafka")
    private_parts.send("kafka", signal.SIGSTOP)
    stands = Path(f"/proc/{pid}/stat")
    assert wait_for(lambda: stands.read_text().rpartition(")")[2].split()[0] == "T", 10)
    private_parts.send("kafka", signal.SIGCONT)
    private_parts.restart()
    assert private_parts.pid("kafka") == pid


def test_shared_parts_are_one_for_everybody(parts: Parts) -> None:
    again = Parts(parts.home)
    assert [again.pid(p) for p in ("mongod", "kafka")] == [parts.pid(p) for p in ("mongod", "kafka")]
