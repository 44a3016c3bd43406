"""A position says nothing to its holder, and makes a reader wait for what its author wrote."""

import asyncio
import time
from typing import Any

import pytest

from chassis.errors import Invalid
from chassis.positions import GUARDS, Position, guard_id
from contracts.ids import new_id


async def _applied(core: Any, tenant: str, seq: int) -> None:
    guards = core.mongo.tenant(GUARDS, tenant)
    key = guard_id("care-plans", "sessions", f"{tenant}:c1")
    where = core.mongo.crossing_tenants(GUARDS, why="a guard's key begins with its consumer")
    await where.replace_one({"_id": key}, {"_id": key, "tenant_id": tenant, "seq": seq}, upsert=True)
    assert await guards.count() == 1


def _token(core: Any, tenant: str, seq: int = 2, access: dict[str, int] | None = None) -> str:
    return str(core.positions.seal(Position("sessions", {f"{tenant}:c1": seq}, access or {})))


async def test_a_token_opens_to_what_was_sealed_and_all_are_alike(core: Any, tenant: str) -> None:
    place = Position("sessions", {f"{tenant}:c1": 123456}, {f"{tenant}:c1": 9})
    token = core.positions.seal(place)
    assert core.positions.open(token) == place
    assert len(token) == len(core.positions.seal(Position("sessions")))
    assert token != core.positions.seal(place)


@pytest.mark.parametrize("token", ["x", "", "A" * 700, "é", "A" * 20_000])
async def test_a_foreign_token_names_the_header(core: Any, token: str) -> None:
    with pytest.raises(Invalid) as caught:
        core.positions.open(token)
    assert caught.value.field == "Kith-Position"


async def test_a_reader_waits_until_the_stream_has_arrived(core: Any, tenant: str) -> None:
    waiting = asyncio.create_task(core.positions.wait(_token(core, tenant), tenant, "c1"))
    await _applied(core, tenant, 1)
    await asyncio.sleep(0.05)
    assert not waiting.done()
    await _applied(core, tenant, 2)
    assert await waiting is True


async def test_a_reader_waits_for_the_access_facts_too(core: Any, tenant: str) -> None:
    await _applied(core, tenant, 2)
    token = _token(core, tenant, access={f"{tenant}:c1": 4})
    waiting = asyncio.create_task(core.positions.wait(token, tenant, "c1"))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    await core.mongo.tenant("access", tenant).insert_one({"_id": f"{tenant}:c1", "rev": 5})
    assert await waiting is True


async def test_a_reader_waits_no_longer_than_the_limit(core: Any, tenant: str) -> None:
    began = time.monotonic()
    assert await core.positions.wait(_token(core, tenant), tenant, "c1") is False
    assert time.monotonic() - began < core.settings.position_wait_s + 0.3


async def test_there_is_nothing_to_wait_for_elsewhere(core: Any, tenant: str) -> None:
    assert await core.positions.wait(None, tenant, "c1")
    assert await core.positions.wait(_token(core, tenant), tenant, "another")
    assert await core.positions.wait(_token(core, tenant), new_id(), "c1")
    own = core.positions.seal(Position("care-plans", {f"{tenant}:c1": 99}))
    assert await core.positions.wait(own, tenant, "c1")
