"""Each process is killed in turn while a journey goes on: nothing acknowledged is lost, doubled or out of order."""

import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer
from pymongo import MongoClient

from chassis.provision import KafkaAccess
from kith_local.acting import until
from kith_local.home import SERVICES
from kith_local.small_family import SmallFamily
from kith_local.testing import Product

from .story import STAFF, Story

pytestmark = pytest.mark.stack

VICTIMS = [*(f"{s}-{kind}" for s in SERVICES for kind in ("worker", "api")), "kafka", "mongod"]
PRODUCERS = ("care-plans", "sessions", "family-portal")


@pytest.fixture(scope="module")
def story(product: Product, family: SmallFamily) -> Story:
    """One chapter while each process is being killed, one after everything runs again."""
    told = Story(family)
    with ThreadPoolExecutor(1) as hand:
        for number, victim in enumerate(VICTIMS):
            killing = hand.submit(product.kill, victim)
            told.chapter(number)
            killing.result()
    product.wait_until_well()
    told.chapter(len(VICTIMS))
    until(lambda: not _missing(told), "everything that was acknowledged")
    product.wait_until_well()
    return told


@pytest.fixture(scope="module")
def databases(product: Product) -> Iterator[MongoClient[dict[str, Any]]]:
    """The database, as its administrator sees it."""
    with MongoClient[dict[str, Any]](product.parts()["mongo_admin_uri"]) as client:
        yield client


def _seen(story: Story) -> dict[str, list[str]]:
    """Everything the therapist finds in the views, by kind, newest first."""
    program, path = story.family.program(STAFF), story.family.path
    view = program.get("family-portal", f"{path}/view")
    wording = [row for row in view["goals"] if row["class"] == "plan_plain"]
    found = {"goals": [row["id"] for row in wording], "tasks": [row["id"] for row in view["tasks"]]}
    for data_class in story.made.keys() - found.keys():
        items = program.get("family-portal", f"{path}/items?class={data_class}&limit=200")["items"]
        found[data_class] = [row["id"] for row in items]
    return found


def _missing(story: Story) -> dict[str, set[str]]:
    seen = _seen(story)
    missing = {kind: set(made) - set(seen[kind]) for kind, made in story.made.items()}
    return {kind: ids for kind, ids in missing.items() if ids}


def test_every_acknowledged_command_is_there_exactly_once(story: Story) -> None:
    seen = _seen(story)
    for kind, made in story.made.items():
        assert len(made) == len(set(made)) >= len(VICTIMS)
        counted = Counter(seen[kind])
        assert {id: counted[id] for id in made} == dict.fromkeys(made, 1)
        assert max(counted.values()) == 1


def test_the_owners_hold_the_same(story: Story) -> None:
    program, path = story.family.program(STAFF), story.family.path
    plan = program.get("care-plans", f"{path}/plan?limit=200")
    active = [row["id"] for row in plan["goals"] if row["state"] == "active"]
    assert set(story.made["goals"]) <= set(active) and len(active) == len(set(active))
    assert set(story.made["tasks"]) <= {row["id"] for row in plan["tasks"]}
    sessions = program.get("sessions", f"{path}/sessions?limit=200")["items"]
    assert set(story.made["attendance"]) <= {row["id"] for row in sessions}


def test_the_last_wording_of_each_goal_is_the_one_that_is_read(story: Story) -> None:
    view = story.family.program("ps_parent").get("family-portal", f"{story.family.path}/view")
    read = {row["id"]: (row["statement"], row["state"]) for row in view["goals"]}
    assert {id: read[id] for id in story.statements} == {
        id: (said, "active") for id, said in story.statements.items()
    }


def test_logs_stand_in_the_order_in_which_they_were_told(story: Story) -> None:
    program, path = story.family.program("ps_parent"), story.family.path
    items = program.get("family-portal", f"{path}/items?class=task_log&limit=200")["items"]
    told = [row["id"] for row in reversed(items) if row["id"] in set(story.made["task_log"])]
    assert told == story.made["task_log"]


def test_each_stream_left_in_order_and_without_a_gap(
    product: Product, story: Story, databases: MongoClient[dict[str, Any]]
) -> None:
    stream = f"{story.family.house.id}:{story.family.client}"
    for producer in PRODUCERS:
        journal = databases[producer.replace("-", "_")]["journal"]
        last = journal.find_one({"stream": stream}, sort=[("seq", -1)])
        assert last is not None
        first_seen = list(dict.fromkeys(asyncio.run(_published(product, producer, stream))))
        assert first_seen == list(range(1, last["seq"] + 1))


async def _published(product: Product, topic: str, stream: str) -> list[int]:
    """The sequence numbers of a stream as they stand in its topic, repetitions too."""
    parts = product.parts()
    access = KafkaAccess(parts["kafka_bootstrap"], *parts["kafka_accounts"]["admin"])
    consumer = AIOKafkaConsumer(topic, auto_offset_reset="earliest", **access.client_settings())
    await consumer.start()
    try:
        ends = await consumer.end_offsets(list(consumer.assignment()))
        rows: list[Any] = []
        while any([await consumer.position(place) < end for place, end in ends.items()]):
            for found in (await consumer.getmany(timeout_ms=500)).values():
                rows += [json.loads(row.value)["seq"] for row in found if row.key == stream.encode()]
        return rows
    finally:
        await consumer.stop()


def test_nobody_is_told_twice(product: Product, story: Story, databases: MongoClient[dict[str, Any]]) -> None:
    deliveries = databases["notifications"]["deliveries"]

    def settled() -> list[dict[str, Any]]:
        found = list(deliveries.find({"tenant_id": story.family.house.id}))
        return [] if {"due", "sending", "failed"} & {row["state"] for row in found} else found

    rows = until(settled, "every message to have left")
    left = Counter(message["id"].strip("<>").partition("@")[0] for message in product.messages())
    expected = {
        sha256(row["message"].encode()).hexdigest()[:32]
        for row in rows
        if row["state"] == "sent" and row["channel"] != "page"
    }
    assert len(expected) >= len(VICTIMS)
    assert {id: left[id] for id in expected} == dict.fromkeys(expected, 1)
    address = story.family.house.login("ps_parent")["sign_in"]
    texts = [message for message in product.messages() if message["to"] == address]
    owed = [row for row in rows if row["person_id"] == story.family.house.own("ps_parent")]
    assert 0 < len(texts) <= len(owed)


def test_nothing_is_parked_and_views_equal_their_rebuild(product: Product, story: Story) -> None:
    assert "0 parked" in product.kith("parked")
    assert "Equal." in product.kith("rebuild", "--check")


def test_no_process_said_what_it_should_not(product: Product, story: Story) -> None:
    for process in VICTIMS[:-2]:
        assert story.family.words not in product.log(process)
