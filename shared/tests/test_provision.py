"""Databases and topics are shut to every account but their own."""

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import TopicAuthorizationFailedError
from pymongo import MongoClient
from pymongo.errors import OperationFailure

from chassis.testing import Space


def test_a_service_uses_its_own_database_only(space: Space) -> None:
    with MongoClient(space.mongo_uri("sessions")) as client:
        client[space.database("sessions")]["rows"].insert_one({"_id": "1"})
        with pytest.raises(OperationFailure):
            client[space.database("identity")]["rows"].find_one()


async def test_only_the_producer_writes_its_topic_and_everybody_reads(space: Space) -> None:
    topic = f"{space.topic_prefix}care-plans"
    owner = AIOKafkaProducer(
        acks="all", enable_idempotence=True, **space.parts.kafka("care-plans").client_settings()
    )
    async with owner:
        await owner.send_and_wait(topic, b"1")
    forger = AIOKafkaProducer(**space.parts.kafka("sessions").client_settings())
    async with forger:
        with pytest.raises(TopicAuthorizationFailedError):
            await forger.send_and_wait(topic, b"2")
    reader = AIOKafkaConsumer(
        topic,
        group_id=f"{space.topic_prefix}sessions",
        auto_offset_reset="earliest",
        **space.parts.kafka("sessions").client_settings(),
    )
    async with reader:
        assert (await reader.getone()).value == b"1"


async def test_only_identity_writes_the_access_facts(space: Space) -> None:
    topic = f"{space.topic_prefix}identity-state"
    async with AIOKafkaProducer(**space.parts.kafka("identity").client_settings()) as owner:
        await owner.send_and_wait(topic, b"1", key=b"t:c")
    async with AIOKafkaProducer(**space.parts.kafka("family-portal").client_settings()) as forger:
        with pytest.raises(TopicAuthorizationFailedError):
            await forger.send_and_wait(topic, b"2", key=b"t:c")
