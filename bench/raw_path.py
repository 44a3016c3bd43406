"""The raw path: transaction, change stream, acknowledged message, consumer, upsert; in one process, nothing else."""

import asyncio
import json
import time
from typing import Any
from uuid import uuid4

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from motor.motor_asyncio import AsyncIOMotorClient
from pymongo import WriteConcern
from pymongo.read_concern import ReadConcern

TOPIC = "bench-raw"


async def latencies(facts: dict[str, Any], count: int, pause_s: float) -> list[float]:
    """Milliseconds from the start of a transaction until the consumer's upsert is acknowledged."""
    client: Any = AsyncIOMotorClient(facts["mongo_admin_uri"])
    db = client.get_database("bench_raw", write_concern=WriteConcern("majority", j=True))
    user, password = facts["kafka_accounts"]["admin"]
    kafka = {
        "bootstrap_servers": facts["kafka_bootstrap"],
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "PLAIN",
        "sasl_plain_username": user,
        "sasl_plain_password": password,
    }
    await _topic(kafka)
    for name in ("state", "journal", "view"):
        await db[name].insert_one({"_id": uuid4().hex})
    producer = AIOKafkaProducer(acks="all", enable_idempotence=True, **kafka)
    consumer = AIOKafkaConsumer(TOPIC, auto_offset_reset="latest", **kafka)
    await producer.start()
    await consumer.start()
    seen: dict[str, asyncio.Future[float]] = {}
    parts = [asyncio.create_task(_relay(db, producer)), asyncio.create_task(_apply(db, consumer, seen))]
    await asyncio.sleep(1.0)
    found = [await _one(client, db, seen, pause_s) for _ in range(count)]
    for part in parts:
        part.cancel()
    await producer.stop()
    await consumer.stop()
    client.close()
    return found


async def _topic(kafka: dict[str, Any]) -> None:
    admin = AIOKafkaAdminClient(**kafka)
    await admin.start()
    if TOPIC not in await admin.list_topics():
        await admin.create_topics([NewTopic(TOPIC, 1, 1)])
    await admin.close()


async def _one(client: Any, db: Any, seen: dict[str, asyncio.Future[float]], pause_s: float) -> float:
    key = uuid4().hex
    seen[key] = asyncio.get_running_loop().create_future()
    begun = time.perf_counter()
    async with (
        await client.start_session() as session,
        session.start_transaction(ReadConcern("snapshot"), WriteConcern("majority", j=True)),
    ):
        await db.state.update_one({"_id": "one"}, {"$inc": {"version": 1}}, upsert=True, session=session)
        await db.journal.insert_one({"_id": key, "body": "x" * 400}, session=session)
    done = await asyncio.wait_for(seen[key], 10)
    del seen[key]
    await asyncio.sleep(pause_s)
    return (done - begun) * 1000


async def _relay(db: Any, producer: AIOKafkaProducer) -> None:
    async with db.journal.watch([{"$match": {"operationType": "insert"}}]) as stream:
        async for change in stream:
            row = change["fullDocument"]
            await producer.send_and_wait(TOPIC, json.dumps(row).encode(), row["_id"].encode())


async def _apply(db: Any, consumer: AIOKafkaConsumer, seen: dict[str, asyncio.Future[float]]) -> None:
    async for message in consumer:
        row = json.loads(message.value)
        await db.view.update_one({"_id": row["_id"][:2]}, {"$set": {f"parts.{row['_id']}": row}}, upsert=True)
        if row["_id"] in seen:
            seen[row["_id"]].set_result(time.perf_counter())
