"""A page that opens right after its own reader's change shows it, though what was read before is known."""

import asyncio
from typing import Any

import httpx
import pytest
from site_app import acting

from chassis.positions import Position
from family_portal.web import family, mine, school, staff_client

from ..sample_events import goal

OPEN = {
    "/home/a": ("ps_mother", family.router),
    "/mine": ("ps_teen", mine.router),
    "/school/pupils/a": ("ps_teacher", school.router),
    "/staff/clients/a": ("ps_therapist", staff_client.router),
}


def nothing(request: httpx.Request) -> httpx.Response:
    """The other services have nothing to add."""
    return httpx.Response(200, json={"items": [], "next": None})


@pytest.mark.parametrize("path", OPEN)
async def test_a_page_waits_for_its_readers_own_change(house: Any, path: str) -> None:
    person_id, router = OPEN[path]
    await house.knows(rev=1)
    await house.hears(goal(house.tenant, says="asks for a break"))

    async def arrives_late() -> None:
        await asyncio.sleep(0.1)
        await house.hears(goal(house.tenant, says="asks for a quiet room", version=2))
        await house.knows(rev=2)

    async with acting(house, person_id, router, handle=nothing) as person:
        before = await person.opens(path)
        assert "asks for a break" in before.text, before.text
        reached = Position("care-plans", access={f"{house.tenant}:cl_a": 2})
        person.http.cookies.set("kith-position", house.chassis.positions.seal(reached))
        after, _ = await asyncio.gather(person.opens(path), arrives_late())
    assert "asks for a quiet room" in after.text
