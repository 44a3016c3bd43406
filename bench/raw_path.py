"""The raw path: transaction, change stream, acknowledged message, Faust, upsert; in one process, nothing else."""

import asyncio
import json
import tempfile
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import MongoClient, WriteConcern
from pymongo.read_concern import ReadConcern

from chassis.bus import faust_app
from chassis.settings import ServiceSettings


async def latencies(facts: dict[str, Any], count: int, pause_s: float) -> list[float]:
    """Milliseconds from the start of a transaction until the view's change stream tells what a bare Faust agent stored:
    a thread of its own hears it, as it hears of the product's view."""
    client: Any = AsyncIOMotorClient(facts["mongo_admin_uri"])
    db = client.get_database("bench_raw", write_concern=WriteConcern("majority", j=True))
    user, password = facts["kafka_accounts"]["admin"]
    settings = ServiceSettings(
        mongo_uri=facts["mongo_admin_uri"],
        mongo_db="bench_raw",
        kafka_bootstrap=facts["kafka_bootstrap"],
        kafka_username=user,
        kafka_password=password,
        position_key="00",
    )
    kafka, topic = settings.kafka_client(), f"bench-raw-{uuid4().hex}"
    await _topic(kafka, topic)
    for name in ("state", "journal", "view"):
        await db[name].insert_one({"_id": uuid4().hex})
    producer = AIOKafkaProducer(acks="all", enable_idempotence=True, **kafka)
    await producer.start()
    stored: dict[str, asyncio.Future[None]] = {}
    relay = asyncio.create_task(_relay(db, producer, topic))
    seen = watched(facts["mongo_admin_uri"], count)
    async with _applying(settings, db, topic, stored):
        await asyncio.sleep(1.0)
        begun = dict([await _one(client, db, stored, pause_s) for _ in range(count)])
        await asyncio.sleep(1.0)
    relay.cancel()
    await producer.stop()
    client.close()
    return [(seen[key] - began) * 1000 for key, began in begun.items() if key in seen]


def watched(uri: str, count: int) -> dict[str, float]:
    """The moment at which each of so many parts of the raw view was told, by its id; a thread fills it."""
    seen: dict[str, float] = {}
    ready = threading.Event()

    def watch() -> None:
        client: MongoClient[dict[str, Any]] = MongoClient(uri)
        with client, client["bench_raw"]["view"].watch() as stream:
            ready.set()
            while len(seen) < count and (change := stream.next()):
                moment = time.perf_counter()
                fields = change.get("updateDescription", {}).get("updatedFields") or change.get(
                    "fullDocument", {}
                )
                for name in [*fields, *(f"parts.{key}" for key in fields.get("parts", ()))]:
                    if name.startswith("parts."):
                        seen.setdefault(name.removeprefix("parts."), moment)

    threading.Thread(target=watch, daemon=True).start()
    ready.wait(10)
    return seen


async def _topic(kafka: dict[str, Any], topic: str) -> None:
    """A topic of this run's own: what an earlier one has told would stand before what is measured."""
    admin = AIOKafkaAdminClient(**kafka)
    await admin.start()
    await admin.create_topics([NewTopic(topic, 1, 1)])
    await admin.close()


async def _one(
    client: Any, db: Any, stored: dict[str, asyncio.Future[None]], pause_s: float
) -> tuple[str, float]:
    key = uuid4().hex
    stored[key] = asyncio.get_running_loop().create_future()
    begun = time.perf_counter()
    async with (
        await client.start_session() as session,
        session.start_transaction(ReadConcern("snapshot"), WriteConcern("majority", j=True)),
    ):
        await db.state.update_one({"_id": "one"}, {"$inc": {"version": 1}}, upsert=True, session=session)
        await db.journal.insert_one({"_id": key, "body": "x" * 400}, session=session)
    await asyncio.wait_for(stored[key], 10)
    del stored[key]
    await asyncio.sleep(pause_s)
    return key, begun


async def _relay(db: Any, producer: AIOKafkaProducer, topic: str) -> None:
    async with db.journal.watch([{"$match": {"operationType": "insert"}}]) as stream:
        async for change in stream:
            row = change["fullDocument"]
            await producer.send_and_wait(topic, json.dumps(row).encode(), row["_id"].encode())


@asynccontextmanager
async def _applying(
    settings: ServiceSettings, db: Any, topic: str, stored: dict[str, asyncio.Future[None]]
) -> AsyncIterator[None]:
    """A bare Faust agent that stores what it is told, from before the first write on."""

    async def consume(stream: Any) -> None:
        async for event in stream.noack().events():
            row = json.loads(event.value)
            part = {"$set": {f"parts.{row['_id']}": row}}
            await db.view.update_one({"_id": row["_id"][:2]}, part, upsert=True)
            event.ack()
            if row["_id"] in stored:
                stored[row["_id"]].set_result(None)

    with tempfile.TemporaryDirectory() as folder:
        app = faust_app(settings, f"bench-raw-{uuid4().hex}", folder)
        app.loop = asyncio.get_running_loop()
        app.agent(app.topic(topic, key_type=bytes, value_type=bytes), name="raw")(consume)
        app.finalize()
        await app.start()
        try:
            async with asyncio.timeout(30):
                while not app.consumer.assignment():  # noqa: ASYNC110 - Faust sets no event
                    await asyncio.sleep(0.1)
            yield
        finally:  # what Faust still runs would keep the loop from ending
            await app.stop()
