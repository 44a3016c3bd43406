"""mongod and Kafka come back with what they had, however they ended, and nothing is left when they end."""

import signal
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from pymongo import MongoClient
from pymongo.errors import OperationFailure

from chassis.provision import DatabaseProvisioner, DatabaseUser
from chassis.testing import Parts, PrivateParts
from kith_local.home import Home
from kith_local.parts.mongod import Mongod
from kith_local.parts.process import wait_for
from kith_local.parts.stack import Stack


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


@pytest.mark.parametrize(
    ("given", "scheme", "options"),
    [
        (
            "mongodb://ops:pw@db1:27017,db2:27018/admin?replicaSet=rs0&tls=true&tlsCAFile=/ca.pem"
            "&authSource=admin&authMechanism=SCRAM-SHA-256&readPreferenceTags=dc:ny&readPreferenceTags=",
            "mongodb://",
            {
                "authSource": ["care_plans"],
                "replicaSet": ["rs0"],
                "tls": ["true"],
                "tlsCAFile": ["/ca.pem"],
                "readPreferenceTags": ["dc:ny", ""],
            },
        ),
        (
            "mongodb+srv://ops:p%40w@cluster.example/?authsource=admin&retryWrites=true",
            "mongodb+srv://",
            {"authSource": ["care_plans"], "retryWrites": ["true"]},
        ),
        ("mongodb://ops:pw@db1", "mongodb://", {"authSource": ["care_plans"]}),
    ],
)
def test_a_service_reaches_an_outside_database_as_its_administrator_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str, scheme: str, options: dict[str, list[str]]
) -> None:
    monkeypatch.setenv("MONGO_URI", given)
    mongod = Mongod(Home(tmp_path))
    uri = mongod.uri("care-plans", "secret", "care_plans")
    assert uri.startswith(f"{scheme}care-plans:secret@{mongod.place}/?")
    assert parse_qs(urlsplit(uri).query, keep_blank_values=True) == options


def test_services_sign_in_to_a_database_that_MONGO_URI_names(
    private_parts: PrivateParts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    private_parts.restart()
    monkeypatch.setenv("MONGO_URI", private_parts.mongo_admin_uri + "&appName=ours")
    stack = Stack(Home(tmp_path))
    with DatabaseProvisioner(stack.mongod.admin_uri) as databases:
        databases.make_user(DatabaseUser("sessions", stack.home.secret("mongo-sessions"), "sessions"))
    with MongoClient(stack.mongo_uri("sessions")) as client:
        assert client.options.replica_set_name == "kith"
        assert client["sessions"]["rows"].count_documents({}) >= 0


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
