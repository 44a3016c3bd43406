"""Records that nobody here knows, that contradict themselves, or that another's account writes to a topic."""

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import TopicAuthorizationFailedError
from pymongo import MongoClient
from pymongo.database import Database

from contracts.classes import SERVICES
from kith_local.acting import until
from kith_local.testing import Product

pytestmark = pytest.mark.stack

READERS = ("care-plans", "family-portal", "notifications")
"""Who reads what sessions tells."""
TOPICS = (*SERVICES, "identity-state", "identity-people")


def _producer(product: Product, account: str) -> AIOKafkaProducer:
    user, password = product.parts()["kafka_accounts"][account]
    return AIOKafkaProducer(
        bootstrap_servers=product.parts()["kafka_bootstrap"],
        security_protocol="SASL_PLAINTEXT",
        sasl_mechanism="PLAIN",
        sasl_plain_username=user,
        sasl_plain_password=password,
        request_timeout_ms=20_000,
    )


async def _send(product: Product, stream: str, kind: str, seq: int, **changes: Any) -> None:
    """One record as sessions would send it, by its own account, with some of it changed."""
    tenant, _, client = stream.partition(":")
    body = {"tenant_id": tenant, "client_id": client, "stream": stream, "seq": seq, "access_rev": 0}
    body |= {"event_id": secrets.token_hex(16), "at": "2026-01-01T12:00:00Z", "by": None}
    heads = {"ce_type": kind, "ce_tenantid": tenant, "ce_id": str(body["event_id"]), "ce_source": "sessions"}
    heads |= changes.pop("headers", {})
    producer = _producer(product, "sessions")
    await producer.start()
    try:
        value = json.dumps({**body, **changes}).encode()
        headers = [(name, text.encode()) for name, text in heads.items()]
        await producer.send_and_wait("sessions", value, key=stream.encode(), headers=headers)
    finally:
        await producer.stop()


@contextmanager
def _rows(product: Product, reader: str) -> Iterator[Database[dict[str, Any]]]:
    """A reader's own database, as the administrator sees it."""
    client: MongoClient[dict[str, Any]] = MongoClient(
        product.parts()["mongo_admin_uri"], directConnection=True
    )
    try:
        names = client.list_database_names()
        yield client[next(name for name in names if name.replace("_", "-").endswith(reader))]
    finally:
        client.close()


def _reached(product: Product, reader: str, stream: str) -> int:
    """How far a reader has come in a stream of sessions, 0 before the first record."""
    with _rows(product, reader) as rows:
        return max((int(row["seq"]) for row in rows["guards"].find({"stream": stream})), default=0)


def _skipped(product: Product, reader: str) -> int:
    """How many records a reader's worker has passed over."""
    with _rows(product, reader) as rows:
        return max((int(row.get("skipped", 0)) for row in rows["workers"].find()), default=0)


def _parked(product: Product, stream: str) -> list[dict[str, Any]]:
    return [row for row in json.loads(product.kith("parked", "--json")) if row["stream"] == stream]


async def test_a_version_nobody_knows_is_skipped_and_counted_and_the_stream_goes_on(product: Product) -> None:
    stream = f"tn_{secrets.token_hex(6)}:cl_ghost"
    before = {reader: _skipped(product, reader) for reader in READERS}
    await _send(product, stream, "sessions.session_ended.v99", 1, surprise={"$ne": None})
    await _send(product, stream, "sessions.dance_was_held.v1", 2)
    for reader in READERS:
        until(lambda r=reader: _reached(product, r, stream) == 2, f"{reader} to pass over both")
        until(lambda r=reader: _skipped(product, r) >= before[r] + 2, f"{reader} to have counted them")
    assert not _parked(product, stream)


async def test_a_record_of_another_tenant_than_its_key_parks_its_stream_and_no_other(
    product: Product,
) -> None:
    stream, beside = (f"tn_{secrets.token_hex(6)}:cl_ghost" for _ in range(2))
    await _send(product, stream, "sessions.session_ended.v1", 1, tenant_id="tn_lantern")
    await _send(product, beside, "sessions.session_ended.v99", 1)
    for reader in READERS:
        until(lambda r=reader: _reached(product, r, beside) == 1, f"{reader} to go on with other streams")
        assert _reached(product, reader, stream) == 0
    until(
        lambda: {row["service"] for row in _parked(product, stream)} >= set(READERS),
        "the stream to be parked",
    )
    with _rows(product, "family-portal") as rows:
        assert not rows["items"].count_documents({"tenant_id": stream.partition(":")[0]})
    for row in _parked(product, stream):
        product.kith("unpark", row["service"], row["id"])
    until(lambda: not _parked(product, stream), "the streams to go on")


@pytest.mark.parametrize("account", SERVICES)
async def test_nobody_writes_anothers_topic(product: Product, account: str) -> None:
    """A forged record does not even reach the topic: only its producer's own account may write there."""
    own = {account, *(("identity-state", "identity-people") if account == "identity" else ())}
    producer = _producer(product, account)
    await producer.start()
    try:
        for topic in sorted(set(TOPICS) - own):
            with pytest.raises(TopicAuthorizationFailedError):
                await producer.send_and_wait(topic, b"{}", key=b"tn_one:cl_one")
    finally:
        await producer.stop()
