"""A lease has one holder, who asks for it again only when it is no longer certain."""

import asyncio
from datetime import datetime
from typing import Any

from chassis.lease import COLLECTION, Lease
from contracts.ids import new_id


async def ends(core: Any, name: str) -> datetime:
    """When a lease ends unless it is renewed."""
    rows = core.mongo.crossing_tenants(COLLECTION, why="a test looks at a lease")
    until: datetime = (await rows.find_one({"_id": name}))["until"]
    return until


async def test_one_holds_it_until_it_is_given_up(core: Any) -> None:
    name = new_id()
    first, second = (Lease(core.mongo, name, lives_ms=600_000) for _ in range(2))
    assert await first.hold() and not await second.hold()
    await first.give_up()
    assert await second.hold() and not await first.hold()


async def test_nobody_asks_for_what_is_certain(core: Any) -> None:
    name = new_id()
    lease = Lease(core.mongo, name, lives_ms=600_000)
    assert await lease.hold()
    until = await ends(core, name)
    assert await lease.hold() and await ends(core, name) == until
    assert await lease.take() and await ends(core, name) > until


async def test_it_is_asked_for_again_long_before_it_ends(core: Any) -> None:
    name = new_id()
    lease = Lease(core.mongo, name, lives_ms=1_000)
    assert await lease.hold()
    until = await ends(core, name)
    await asyncio.sleep(0.35)
    assert await lease.hold() and await ends(core, name) > until
