"""What a page says to its reader is true of what they may do: who decides, who is asked, whose words these are."""

import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from site_app import Person, acting

from contracts.care_plans import GoalTeam
from contracts.classes import DataClass
from contracts.ids import new_id
from family_portal.web import consents, family, mine, who_can_see
from family_portal.web.heads import slug

from ..conftest import LONG_AGO
from ..sample_events import goal, private_goal

AT_HOME = (consents.router, who_can_see.router, family.router)
LIMITED = {
    "id": "r1",
    "person_id": "ps_mother",
    "kind": "parent",
    "authority": "limited",
    "ticked": ["attendance"],
    "begins": LONG_AGO,
}


def nobody(request: httpx.Request) -> httpx.Response:
    """No other service is there."""
    return httpx.Response(404, json={"title": "Not found", "status": 404})


@pytest.fixture(autouse=True)
async def known(house: Any) -> None:
    """A goal for everybody."""
    await house.hears(goal(house.tenant))


@pytest.fixture
async def mother(house: Any) -> AsyncIterator[Person]:
    async with acting(house, "ps_mother", *AT_HOME, handle=nobody) as person:
        yield person


@pytest.fixture
async def teen(house: Any) -> AsyncIterator[Person]:
    async with acting(house, "ps_teen", mine.router, handle=nobody) as person:
        yield person


async def test_a_guardian_who_decides_nothing_is_not_told_that_they_will_be_asked(
    house: Any, mother: Person
) -> None:
    await house.knows(rev=2, relationships=[LIMITED])
    for path in ("/home/a", "/home/a/plan"):
        page = (await mother.opens(path)).text
        assert "You will be asked" not in page and "being written" not in page, path
        assert "decides who reads the plan." in page
        assert "You" not in page.split('class="k-seen"')[1].split("</p>")[0], "she reads no goal"
    assert "The whole plan" not in (await mother.opens("/home/a")).text
    page = (await mother.opens("/home/a/who-can-see")).text
    assert "Change a permission" not in page and "when appointments are" in page


@pytest.mark.parametrize("decides", [True, False])
async def test_only_who_decides_reads_that_they_decide(house: Any, decides: bool) -> None:
    row = {
        "id": "c1", "recipients": ["ps_teacher", "ps_mother"], "state": "presented", "classes": ["attendance"],
        "expires": None,
    }  # fmt: skip

    def identity(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"items": [row], "next": None})

    if not decides:
        await house.knows(rev=2, relationships=[LIMITED])
    async with acting(house, "ps_mother", *AT_HOME, handle=identity) as mother:
        page = (await mother.opens("/home/a/consents")).text
    assert ("You decide." in page) is decides
    assert ("Somebody decides." in page) is not decides
    assert ("You are asked" in page) is decides


async def test_a_private_goal_is_headed_in_the_persons_own_words(house: Any, teen: Person) -> None:
    team = GoalTeam(
        statement="On 26 to 50 % of days", own="I send a colour.", levels=["a", "b", "c", "d", "e"]
    )
    await house.hears(private_goal(house.tenant, words={DataClass.PLAN_PRIVATE: team}))
    for path in ("/mine", "/mine/goals/g_mine", "/mine/plan"):
        page = (await teen.opens(path)).text
        assert "I send a colour." in page and "%" not in page.split("<main")[1], path
        assert "in my words" not in page


async def test_two_children_of_one_id_in_two_organisations_are_two_pages(house: Any) -> None:
    await house.hears(goal(house.twin, says="sits beside somebody"))
    async with acting(house, "ps_mother", *AT_HOME, handle=nobody, twin=True) as mother:
        own, twin = (f"/home/cl_a~{tenant}" for tenant in (house.tenant, house.twin))
        home = await mother.opens("/home")
        assert set(re.findall(r'href="(/home/[^/"]+)"', home.text)) == {own, twin}
        assert len(set(re.findall(r'id="(today-[^"]+~\w+)"', home.text))) == 2
        for address, says in ((own, "asks for a break"), (twin, "sits beside somebody")):
            page = (await mother.opens(address)).text
            assert [each for each in ("asks for a break", "sits beside somebody") if each in page] == [says]
            inside = re.findall(r'(?:href|hx-get|action)="(/home/[^"]+)"', page)
            assert inside and all(each.startswith(f"{address}/") for each in inside), inside
        assert (await mother.opens(f"/home/cl_a~{new_id()}")).status_code == 404


def test_ids_with_and_without_their_short_form_are_two_addresses() -> None:
    assert (slug("cl_noor"), slug("noor")) == ("noor", "noor~")
