"""Raw files, rows, records, logs and traces searched for every word that was typed: none stands there in the clear."""

import base64
import json
import zlib
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from pymongo import MongoClient

from kith_local.small_family import SmallFamily
from kith_local.testing import Product

pytestmark = pytest.mark.stack

BLOCK, OVERLAP = 8 * 2**20, 512
GZIP = b"\x1f\x8b\x08"
SEARCHED = ("mongod", "kafka", "logs", "traces")
SPOKEN = ("-house",)
"""Canaries that may stand in a message: the organisation's own sender line."""


def _canaries(family: SmallFamily) -> list[str]:
    """The start of every typed word, and what logins, passwords and numbers of these people have in common."""
    return [family.words, f"{family.house.id}@home.example", f"{family.house.id}-heron", *family.phones]


def _shapes(text: str) -> Iterator[bytes]:
    """A word as files may hold it: plain, as UTF-16, as hexadecimal, and in base64 at each of its three places."""
    yield text.encode()
    yield text.encode("utf-16-le")
    yield text.encode("utf-16-be")
    yield text.encode().hex().encode()
    for lead in range(3):
        coded = base64.b64encode(b"\0" * lead + text.encode())
        yield coded[lead + 1 : -4]
        yield coded[lead + 1 : -4].replace(b"+", b"-").replace(b"/", b"_")


def _found_in(data: bytes, needles: dict[bytes, str]) -> set[str]:
    return {name for needle, name in needles.items() if needle in data}


def _blocks(file: Path) -> Iterator[bytes]:
    """A file in blocks that overlap, holes of sparse files left out; a log segment unpacked as well."""
    with file.open("rb") as data:
        tail = b""
        while block := data.read(BLOCK):
            if block.strip(b"\0"):
                yield tail + block
            tail = block[-OVERLAP:]
    if "kafka" in file.parts and file.suffix == ".log":
        yield from _unpacked(file.read_bytes())


def _unpacked(segment: bytes) -> Iterator[bytes]:
    """What the packed batches of a segment hold."""
    at = segment.find(GZIP)
    while at >= 0:
        with suppress(zlib.error):
            yield zlib.decompressobj(31).decompress(segment[at:])
        at = segment.find(GZIP, at + 1)


def _search(file: Path, needles: dict[bytes, str]) -> set[str]:
    """Which needles a file holds."""
    found: set[str] = set()
    for block in _blocks(file):
        found |= _found_in(block, needles)
    return found


def _files(product: Product, folder: str) -> list[Path]:
    return [file for file in (product.home / folder).rglob("*") if file.is_file()]


def _needles(words: Iterable[str]) -> dict[bytes, str]:
    return {shape: word for word in words for shape in _shapes(word)}


@pytest.fixture(scope="module")
def mongo(product: Product) -> Iterator[MongoClient[dict[str, Any]]]:
    """The database as its administrator sees it, everything written out to its files."""
    client: MongoClient[dict[str, Any]] = MongoClient(
        product.parts()["mongo_admin_uri"], directConnection=True
    )
    client.admin.command("fsync")
    yield client
    client.close()


@pytest.mark.parametrize("folder", SEARCHED)
def test_no_file_holds_a_word_in_the_clear(
    family: SmallFamily, product: Product, mongo: MongoClient[dict[str, Any]], folder: str
) -> None:
    needles = _needles(_canaries(family))
    found = {str(file): hit for file in _files(product, folder) if (hit := _search(file, needles))}
    assert not found


@pytest.mark.parametrize("folder", ["mongod", "kafka"])
def test_the_search_finds_what_is_there(
    family: SmallFamily, product: Product, mongo: MongoClient[dict[str, Any]], folder: str
) -> None:
    """The control: the organisation's id travels in the clear, so the same search must find it."""
    needles = {family.house.id.encode(): "id"}
    assert any(_search(file, needles) for file in _files(product, folder))


def test_no_row_of_any_database_holds_a_word(family: SmallFamily, mongo: MongoClient[dict[str, Any]]) -> None:
    """Files are compressed: the same search over what the database itself answers, the log of all writes included."""
    needles, seen, found = _needles(_canaries(family)), 0, {}
    names = [name for name in mongo.list_database_names() if name not in ("admin", "config", "local")]
    places = [(name, each) for name in names for each in mongo[name].list_collection_names()]
    for database, collection in [*places, ("local", "oplog.rs")]:
        for batch in mongo[database][collection].find_raw_batches({}):
            seen += family.house.id.encode() in batch
            if hit := _found_in(batch, needles):
                found[f"{database}.{collection}"] = hit
    assert seen, "the control: the search meets this organisation's rows"
    assert not found


async def _records(product: Product) -> AsyncIterator[bytes]:
    """Every record of every topic up to now, unpacked: key, value and headers."""
    user, password = product.parts()["kafka_accounts"]["admin"]
    broker = {
        "bootstrap_servers": product.parts()["kafka_bootstrap"],
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "PLAIN",
        "sasl_plain_username": user,
        "sasl_plain_password": password,
    }
    admin = AIOKafkaAdminClient(**broker)
    await admin.start()
    own = [topic for topic in await admin.list_topics() if not topic.startswith("__")]
    told = await admin.describe_topics(own)
    await admin.close()
    places = [TopicPartition(row["topic"], part["partition"]) for row in told for part in row["partitions"]]
    first = {"auto_offset_reset": "earliest", "enable_auto_commit": False}
    async with AIOKafkaConsumer(**broker, **first) as consumer:
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        while any([await consumer.position(place) < ends[place] for place in places]):
            for found in (await consumer.getmany(timeout_ms=500)).values():
                for record in found:
                    heads = b"".join(value for _, value in record.headers)
                    yield (record.key or b"") + (record.value or b"") + heads


async def test_no_record_of_any_topic_holds_a_word(family: SmallFamily, product: Product) -> None:
    needles, seen, found = _needles(_canaries(family)), 0, set[str]()
    async for record in _records(product):
        seen += family.house.id.encode() in record
        found |= _found_in(record, needles)
    assert seen, "the control: the search meets this organisation's records"
    assert not found


def test_messages_that_left_hold_no_word_of_the_record(family: SmallFamily, product: Product) -> None:
    """The sender line and the recipient are expected; nothing that anybody wrote about anybody is."""
    mine = [message for message in product.messages() if family.house.id in message["to"]]
    assert mine, "the control: these people were told something"
    for message in mine:
        text = json.dumps(message)
        for allowed in SPOKEN:
            text = text.replace(f"{family.words}{allowed}", "")
        assert family.words not in text and family.client not in text, message


def test_the_shapes_are_those_a_file_would_hold(tmp_path: Path) -> None:
    """The control of the search itself: a word in each disguise is found, across blocks too."""
    word, needles = "zqcanary1234567", _needles(["zqcanary1234567"])
    disguised = [
        word.encode(),
        word.encode("utf-16-le"),
        word.encode("utf-16-be"),
        word.encode().hex().encode(),
        *(base64.b64encode(b"x" * lead + word.encode() + b"yy") for lead in range(3)),
    ]
    for place, shape in enumerate(disguised):
        file = tmp_path / str(place)
        file.write_bytes(b"a" * (BLOCK - 5) + shape + b"b")
        assert _search(file, needles) == {word}, place
