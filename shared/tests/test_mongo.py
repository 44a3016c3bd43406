"""Handles see their own tenant only, transactions retry, and the watch sees what handles did not send."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import httpx
import pytest
from fastapi import APIRouter
from pydantic import SecretStr

from chassis.errors import Invalid
from chassis.http import bare_app
from chassis.mongo import (
    Add,
    Change,
    Duplicate,
    Mongo,
    Put,
    Remove,
    Session,
    TenancyRefused,
    take_violations,
    violation_mark,
    violations_since,
)


async def _rows(core: Any, tenant_id: str) -> set[tuple[str, int]]:
    return {(row["_id"].split(":")[1], row["v"]) for row in await core.mongo.tenant("rows", tenant_id).find()}


@pytest.fixture
async def twins(core: Any, tenant: str, twin: str) -> tuple[Any, Any]:
    """The same rows in two tenants."""
    mine, theirs = core.mongo.tenant("rows", tenant), core.mongo.tenant("rows", twin)
    for handle in (mine, theirs):
        await handle.insert_many([{"_id": handle.key(n), "n": n, "v": 0} for n in range(3)])
    return mine, theirs


async def test_every_operation_touches_one_tenant(core: Any, twins: tuple[Any, Any], twin: str) -> None:
    mine, theirs = twins
    assert await mine.count() == 3
    assert await mine.find_one({"_id": theirs.key(0)}) is None
    await mine.update_many({}, {"$inc": {"v": 1}})
    await mine.update_one({"n": 0}, {"$inc": {"v": 1}})
    await mine.find_one_and_update({"n": 0}, {"$inc": {"v": 1}})
    await mine.replace_one({"n": 1}, {"n": 1, "v": 9})
    await mine.bulk(
        [Change({"n": 2}, {"$set": {"v": 8}}), Remove({"n": 0}), Add({"_id": mine.key(7), "v": 7})]
    )
    await mine.bulk([Put({"_id": mine.key(6)}, {"v": 6}, upsert=True)])
    assert await mine.delete_many({"v": {"$in": [9, 8]}}) == 2
    assert [row["v"] for row in await mine.aggregate([{"$sort": {"v": 1}}])] == [6, 7]
    assert await _rows(core, twin) == {("0", 0), ("1", 0), ("2", 0)}


async def test_another_tenants_id_is_refused_before_it_is_sent(twins: tuple[Any, Any], twin: str) -> None:
    mine, theirs = twins
    with pytest.raises(TenancyRefused):
        await mine.find({"tenant_id": twin})
    with pytest.raises(TenancyRefused):
        await mine.insert_one({"_id": theirs.key(9)})
    with pytest.raises(TenancyRefused):
        await mine.bulk([Add({"_id": mine.key(9), "tenant_id": twin})])


async def test_operations_of_several_tenants_keep_to_their_own(
    core: Any, twins: tuple[Any, Any], tenant: str, twin: str
) -> None:
    rows = core.mongo.crossing_tenants("rows", why="a test of one batch for two tenants")
    ops = [(tenant, Change({"n": 0}, {"$set": {"v": 1}})), (twin, Change({"n": 1}, {"$set": {"v": 2}}))]
    assert (await rows.bulk_by_tenant(ops)).modified == 2
    assert await _rows(core, tenant) == {("0", 1), ("1", 0), ("2", 0)}
    assert await _rows(core, twin) == {("0", 0), ("1", 2), ("2", 0)}


async def test_a_broken_unique_index_is_told_alike_by_one_and_by_many(twins: tuple[Any, Any]) -> None:
    mine, _ = twins
    with pytest.raises(Duplicate):
        await mine.insert_one({"_id": mine.key(0)})
    with pytest.raises(Duplicate):
        await mine.insert_many([{"_id": mine.key(5)}, {"_id": mine.key(0)}])


async def test_pages_follow_each_other_without_hole_or_repetition(core: Any, tenant: str, twin: str) -> None:
    for owner in (tenant, twin):
        rows = core.mongo.tenant("paged", owner)
        await rows.insert_many([{"_id": rows.key(f"{n:03}"), "rank": n % 3} for n in range(25)])
    rows, seen, after = core.mongo.tenant("paged", tenant), [], None
    while True:
        page, after = await rows.page({}, sort=[("rank", -1), ("_id", 1)], limit=4, after=after)
        seen += [(row["rank"], row["_id"]) for row in page]
        if after is None:
            break
    assert seen == sorted(seen, key=lambda place: (-place[0], place[1]))
    assert len(set(seen)) == 25
    with pytest.raises(Invalid):
        await rows.page({}, after="nonsense")


@pytest.mark.parametrize(
    "place",
    [
        '[{"$oid":"zz"}]',
        '[{"$oid":1}]',
        '[{"$date":[]}]',
        '[{"$date":{"$numberLong":"99999999999999999"}}]',
        '[{"$binary":{}}]',
        '[{"$numberDecimal":"x"}]',
        '[{"$regularExpression":{"pattern":"(","options":""}}]',
        '[{"$uuid":"x"}]',
        "[99999999999999999999]",
        '["\\ud800"]',
        '[{"$minKey":1}]',
        "[[1]]",
        "{}",
        "[",
        "[1,2]",
    ],
)
async def test_a_place_nobody_gave_out_is_named(core: Any, tenant: str, place: str) -> None:
    cursor = base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")
    with pytest.raises(Invalid) as refused:
        await core.mongo.tenant("rows", tenant).page({}, sort=[("_id", 1)], after=cursor)
    assert refused.value.field == "after"


async def test_an_index_begins_with_the_tenant(core: Any) -> None:
    with pytest.raises(ValueError, match="tenant_id"):
        await core.mongo.ensure("rows", [[("n", 1)]])


async def test_concurrent_transactions_on_one_row_all_commit(core: Any, tenant: str) -> None:
    rows = core.mongo.tenant("counted", tenant)
    await rows.insert_one({"_id": rows.key("one"), "n": 0})

    async def add(session: Session) -> None:
        handle = core.mongo.tenant("counted", tenant, session=session)
        row = await handle.find_one({"_id": handle.key("one")})
        await handle.update_one({"_id": handle.key("one")}, {"$set": {"n": row["n"] + 1}})

    await asyncio.gather(*(core.mongo.transaction(add) for _ in range(8)))
    assert (await rows.find_one({}))["n"] == 8


async def test_a_transaction_that_raises_leaves_nothing(core: Any, tenant: str) -> None:
    async def half(session: Session) -> None:
        await core.mongo.tenant("rows", tenant, session=session).insert_one({"_id": f"{tenant}:1", "v": 1})
        raise LookupError

    with pytest.raises(LookupError):
        await core.mongo.transaction(half)
    assert await _rows(core, tenant) == set()


async def test_a_commit_whose_answer_is_lost_is_repeated_and_happens_once(core: Any, tenant: str) -> None:
    async with _Wire.to(core.settings) as (wire, settings):
        mongo = Mongo(settings)

        async def add(session: Session) -> None:
            rows = mongo.tenant("counted", tenant, session=session)
            await rows.update_one({"_id": rows.key("one")}, {"$inc": {"n": 1}}, upsert=True)
            wire.cut_after = b"commitTransaction"

        await mongo.transaction(add)
        mongo.close()
    assert wire.cuts == 1
    assert (await core.mongo.tenant("counted", tenant).find_one({}))["n"] == 1


async def test_the_watch_sees_every_kind_of_command_without_a_tenant(core: Any, tenant: str) -> None:
    mark = violation_mark()
    raw = _beneath(core.mongo)
    await raw.find_one({})
    await raw.find_one({"tenant_id": {"$ne": tenant}})
    await raw.insert_one({"x": 1})
    await raw.insert_many([{"tenant_id": tenant}, {"x": 1}])
    await raw.update_one({"x": 1}, {"$set": {"x": 2}})
    await raw.delete_many({"x": 2})
    await raw.aggregate([{"$group": {"_id": None}}]).to_list(None)
    await raw.count_documents({})
    await raw.distinct("x")
    await raw.find_one_and_update({"x": 5}, {"$set": {"x": 2}})
    seen = [found.command for found in violations_since(mark)]
    expected = "find find insert insert update delete aggregate aggregate distinct findAndModify"
    assert seen == expected.split()
    assert len(take_violations()) == len(seen)
    assert violations_since(violation_mark()) == []


async def test_the_watch_lets_scoped_and_declared_commands_pass(core: Any, tenant: str) -> None:
    mark = violation_mark()
    await core.mongo.tenant("rows", tenant).find()
    await core.mongo.crossing_tenants("rows", why="a test").find({}, limit=1)
    assert violations_since(mark) == []
    with pytest.raises(TenancyRefused):
        core.mongo.crossing_tenants("rows", why=" ")


async def test_an_answer_made_by_a_command_without_a_tenant_does_not_leave(core: Any) -> None:
    router = APIRouter()

    @router.get("/leak")
    async def leak() -> list[str]:
        return [str(row["_id"]) async for row in _beneath(core.mongo).find({})]

    @router.get("/fine")
    async def fine() -> list[str]:
        return []

    transport = httpx.ASGITransport(bare_app("care-plans", [router]))
    async with httpx.AsyncClient(transport=transport, base_url="http://kith") as client:
        assert (await client.get("/fine")).status_code == 200
        leaked = await client.get("/leak")
    assert leaked.status_code == 500
    assert leaked.headers["content-type"] == "application/problem+json"
    assert [found.command for found in take_violations()] == ["find"]


def _beneath(mongo: Mongo) -> Any:
    """A collection of the driver itself, as code that went around the handles would use it."""
    return mongo._db["rows"]


class _Wire:
    """A wire to the database that can carry a command and lose its answer."""

    def __init__(self, host: str, port: int) -> None:
        self._there = host, port
        self.cut_after: bytes | None = None
        self.cuts = 0

    @classmethod
    @asynccontextmanager
    async def to(cls, settings: Any) -> AsyncIterator[tuple["_Wire", Any]]:
        """A wire, and the settings of a process that uses it."""
        parts = urlsplit(settings.mongo_uri.get_secret_value())
        wire = cls(parts.hostname or "", parts.port or 0)
        server = await asyncio.start_server(wire._carry, "127.0.0.1", 0)
        place = f"{parts.netloc.rpartition('@')[0]}@127.0.0.1:{server.sockets[0].getsockname()[1]}"
        query = urlencode({**dict(parse_qsl(parts.query)), "directConnection": "true"})
        uri = SecretStr(urlunsplit(parts._replace(netloc=place, query=query)))
        async with server:
            yield wire, settings.model_copy(update={"mongo_uri": uri})

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        back_reader, back_writer = await asyncio.open_connection(*self._there)
        dead = asyncio.Event()
        back = asyncio.create_task(self._answer(back_reader, writer, dead))
        while data := await reader.read(65_536):
            if self.cut_after and self.cut_after in data:
                self.cut_after, self.cuts = None, self.cuts + 1
                dead.set()
            back_writer.write(data)
        back.cancel()
        back_writer.close()
        writer.close()

    async def _answer(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, dead: asyncio.Event
    ) -> None:
        while data := await reader.read(65_536):
            if dead.is_set():
                writer.close()
                return
            writer.write(data)
