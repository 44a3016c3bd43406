"""A timer falls due once, after restarts too, and its effect commits with its removal."""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chassis.journal import Tx
from chassis.timers import Timer, Timers, timer
from contracts.ids import new_id

NOW = datetime.now(UTC)


@asynccontextmanager
async def running(core: Any, *declared: Timer) -> Any:
    """Two workers that run these timers."""
    stop = asyncio.Event()
    workers = [Timers(core.mongo, core.journal, declared) for _ in range(2)]
    tasks = [asyncio.create_task(worker.run(stop)) for worker in workers]
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(asyncio.gather(*tasks), 5)


async def _until(condition: Any, seconds: float = 8) -> None:
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110  other processes tell no event
            await asyncio.sleep(0.02)


def _counting(name: str, failures: int = 0) -> tuple[Timer, list[dict[str, Any]]]:
    seen: list[dict[str, Any]] = []

    @timer(name)
    async def on_due(payload: dict[str, Any], tx: Tx) -> None:
        seen.append(payload)
        if len(seen) <= failures:
            raise LookupError
        await tx.tenant("effects").update_one(
            {"_id": f"{tx.tenant_id}:{name}"}, {"$inc": {"n": 1}}, upsert=True
        )

    return on_due, seen


async def _set(
    core: Any, name: str, id: str, due_at: datetime, payload: dict[str, Any], *, tenant: str
) -> None:
    async def work(tx: Tx) -> None:
        await tx.schedule(name, id, due_at, payload)

    await core.journal.write(work, tenant_id=tenant, by="p1")


async def _effects(core: Any, tenant: str) -> int:
    return sum(row["n"] for row in await core.mongo.tenant("effects", tenant).find())


async def test_what_is_due_happens_once_though_two_workers_run(core: Any, tenant: str) -> None:
    name = new_id()
    on_due, seen = _counting(name)
    for n in range(5):
        await _set(core, name, str(n), NOW, {"client_id": "c1"}, tenant=tenant)
    async with running(core, on_due):
        await _until(lambda: _is(_effects(core, tenant), 5))
    assert await core.mongo.tenant("timers", tenant).count() == 0
    assert seen[0] == {"client_id": "c1", "tenant_id": tenant}


async def test_it_wakes_for_a_timer_of_the_near_future_and_not_before(core: Any, tenant: str) -> None:
    name = new_id()
    on_due, _ = _counting(name)
    due = await core.mongo.now() + timedelta(seconds=1.5)
    await _set(core, name, "1", due, {}, tenant=tenant)
    async with running(core, on_due):
        await _until(lambda: _is(_effects(core, tenant), 1))
        late = await core.mongo.now() - due
    assert timedelta(0) <= late < timedelta(seconds=2)


async def test_a_handler_that_fails_is_tried_again_and_leaves_no_half_effect(core: Any, tenant: str) -> None:
    name = new_id()
    on_due, seen = _counting(name, failures=1)
    await _set(core, name, "1", NOW, {}, tenant=tenant)
    async with running(core, on_due):
        await _until(lambda: _is(_effects(core, tenant), 1))
    assert len(seen) == 2


async def test_a_timer_is_set_moved_and_taken_away_in_a_transaction(core: Any, tenant: str) -> None:
    async def set_two(tx: Tx) -> None:
        await tx.schedule("a", "1", NOW, {})
        await tx.schedule("a", "1", NOW + timedelta(days=1), {})
        await tx.schedule("a", "2", NOW, {})
        await tx.unschedule("a", "2")

    await core.journal.write(set_two, tenant_id=tenant, by="p1")
    (row,) = await core.mongo.tenant("timers", tenant).find()
    assert row["due_at"] > datetime.now(UTC)


async def test_an_effect_outside_may_go_without_a_transaction(core: Any, tenant: str) -> None:
    name, seen = new_id(), []

    @timer(name)
    async def on_due(payload: dict[str, Any]) -> None:
        seen.append(payload["tenant_id"])

    await _set(core, name, "1", NOW, {}, tenant=tenant)
    async with running(core, on_due):
        await _until(lambda: _is(core.mongo.tenant("timers", tenant).count(), 0))
    assert seen == [tenant]


async def test_a_time_needs_its_zone(core: Any, tenant: str) -> None:
    with pytest.raises(ValueError, match="zone"):
        await _set(core, "a", "1", datetime(2026, 1, 1), {}, tenant=tenant)


async def _is(found: Any, expected: Any) -> bool:
    return bool(await found == expected)
