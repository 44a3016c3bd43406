"""Today's one thing stands in the home that has the child today; the other reads what it reads without any."""

import re
from html import unescape
from typing import Any

import httpx
import pytest
from site_app import Person, acting

from contracts.duty import DAYS
from family_portal.web import family, mine, pausing

from ..sample_events import goal, task

ROUTERS = (pausing.router, family.router, mine.router)
FIRST = "The break card"


def nobody(request: httpx.Request) -> httpx.Response:
    """The other services, with nothing to say."""
    return httpx.Response(200, json={"items": [], "next": None})


def all_days(home: str) -> dict[str, Any]:
    """A calendar in which one home has the child every day."""
    return {"care_days": [{"household_id": home, "days": list(DAYS)}]}


def words(page: httpx.Response) -> str:
    """What a page says."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


async def card(reader: Person) -> tuple[int, str]:
    """The first child's card alone, whole."""
    answer = await reader.opens("/home/fragments/today/a")
    return answer.status_code, answer.text


@pytest.mark.parametrize(
    ("home", "here", "there"), [("hh_a", "ps_mother", "ps_father"), ("hh_b", "ps_father", "ps_mother")]
)
async def test_it_stands_where_the_child_is(house: Any, home: str, here: str, there: str) -> None:
    await house.hears(goal(house.tenant))
    async with acting(house, there, *ROUTERS, handle=nobody) as other:
        empty = await card(other)
        await house.hears(task(house.tenant, "household:hh_a", "household:hh_b", "client"))
        assert FIRST in (await card(other))[1]
        await house.knows(rev=2, **all_days(home))
        assert await card(other) == empty, "as where there is nothing at all"
        assert "Nothing to do today." in words(await other.opens("/home"))
        task_page = await other.opens("/home/a/tasks/tk_one")
        assert "Say how it was" in task_page.text, "what was done on one's own days can be told on any"
    async with acting(house, here, *ROUTERS, handle=nobody) as one:
        assert FIRST in (await card(one))[1]
    async with acting(house, "ps_teen", *ROUTERS, handle=nobody) as teen:
        assert FIRST in (await teen.opens("/mine")).text, "the young person is always with themself"


async def test_what_is_for_one_person_in_no_home_stays_theirs(house: Any) -> None:
    await house.hears(goal(house.tenant), task(house.tenant, "person:ps_father"))
    await house.knows(rev=2, **all_days("hh_a"))
    async with acting(house, "ps_father", *ROUTERS, handle=nobody) as father:
        assert FIRST in (await card(father))[1]


async def test_the_days_of_one_home_move_nothing_of_a_page_but_its_today(house: Any) -> None:
    """Neither home's other pages say whose day it is, nor that there are such days."""
    await house.hears(goal(house.tenant), task(house.tenant, "household:hh_a", "household:hh_b"))
    paths = ("/home/a", "/home/a/plan", "/home/a/sessions", "/home/a/tasks/tk_one")
    async with acting(house, "ps_father", *ROUTERS, handle=nobody) as father:

        async def told() -> list[str]:
            pages = [await father.opens(path) for path in paths]
            return [re.sub(r'(name="command_id" value=|drawn=)"?[\w.]+"?', "", page.text) for page in pages]

        before = await told()
        for home in ("hh_a", "hh_b"):
            await house.knows(rev=2, **all_days(home))
            assert await told() == before
