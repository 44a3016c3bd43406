"""Parts of the pages of families and clients that ask for themselves: each at its own address, none in another."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from site_app import Person, acting
from test_templates import LiveParts

from contracts.care_plans import GoalState
from family_portal.web import consents, family, mine, pausing, school, who_can_see, wish_pages
from kith_local.acting import bare
from policy.days import day_of

from ..sample_events import goal, held, private_goal, private_task, scheduled, task

PART = re.compile(r'id="([\w-]+)" hx-get="([^"]+)" hx-trigger="([^"]+)" hx-swap="outerMorph"')
AT_HOME = (
    consents.router, who_can_see.router, pausing.router, wish_pages.router, family.router, mine.router, school.router
)  # fmt: skip
PAGES = {
    "ps_mother": ("/home", "/home/a", "/home/a/plan", "/home/a/sessions", "/home/a/who-can-see"),
    "ps_teen": ("/mine", "/mine/goals/g_mine", "/mine/plan", "/mine/sessions", "/mine/who-can-see"),
    "ps_teacher": ("/school", "/school/pupils/a", "/school/pupils/a/plan"),
}


def nobody(request: httpx.Request) -> httpx.Response:
    """No other service is there."""
    return httpx.Response(404, json={"title": "Not found", "status": 404})


@pytest.fixture
async def mother(house: Any) -> AsyncIterator[Person]:
    async with acting(house, "ps_mother", *AT_HOME, handle=nobody) as person:
        yield person


def parts(page: httpx.Response) -> dict[str, tuple[str, str]]:
    """The live parts of a page: id → address and what makes it ask."""
    assert page.status_code == 200, page.text
    return {part: (url.replace("&amp;", "&"), trigger) for part, url, trigger in PART.findall(page.text)}


@pytest.mark.parametrize(("person", "path"), [(p, path) for p, paths in PAGES.items() for path in paths])
async def test_every_live_part_answers_alone_and_stands_in_no_other(
    house: Any, person: str, path: str
) -> None:
    told = (goal(house.tenant), private_goal(house.tenant), private_task(house.tenant))
    await house.hears(*told, task(house.tenant, "household:hh_a", "client"))
    async with acting(house, person, *AT_HOME, handle=nobody) as reader:
        page = await reader.opens(path)
        found = parts(page)
        assert found and not LiveParts(page.text).nested
        for part, (url, trigger) in found.items():
            alone = await reader.opens(url)
            assert parts(alone) == {part: (url, trigger)}, url
            assert "<html" not in alone.text


async def test_this_weeks_practice_comes_and_goes_by_itself(house: Any, mother: Person) -> None:
    url, trigger = parts(await mother.opens("/home/a"))["practice"]
    assert "task-cl_a from:#live" in trigger
    await house.hears(task(house.tenant, "household:hh_a"))
    assert "/home/a/tasks/tk_one" in (await mother.opens(url)).text
    await house.hears(task(house.tenant, "household:hh_a", ended=True, words={}))
    assert "/home/a/tasks/tk_one" not in (await mother.opens(url)).text


async def test_the_next_session_comes_and_goes_by_itself(house: Any, mother: Person) -> None:
    url, trigger = parts(await mother.opens("/home"))["next"]
    assert "session-cl_a from:#live" in trigger
    soon = day_of(datetime.now(UTC)) + timedelta(days=300)
    ahead = {"happened_at": datetime(2126, 3, 4, 15, 30, tzinfo=UTC)}
    later = {"happened_at": datetime(2126, 3, 8, tzinfo=UTC), "record_id": "se_later"}
    past = scheduled(house.tenant).model_copy(update={"record_id": "se_past"})
    await house.hears(past, *(scheduled(house.tenant).model_copy(update=each) for each in (later, ahead)))
    assert "March" not in (await mother.opens(url)).text, "when a young person comes is theirs to tell"
    await house.knows(rev=2, privacy_from=soon)
    said = (await mother.opens(url)).text
    assert "Monday 4 March 2126, 15:30" in said and "’s session" in said and "8 March" not in said
    assert "Monday 4 March 2126, 15:30" in (await mother.opens("/home")).text
    await house.hears(held(house.tenant).model_copy(update={**ahead, "state": "cancelled"}))
    assert "8 March" in (await mother.opens(url)).text
    await house.knows(rev=3, privacy_from=soon, relationships=[])
    assert (await mother.opens(url)).text.count("March") == 0


@pytest.mark.parametrize(
    ("person", "path", "whose"),
    [("ps_mother", "/home", "’s session"), ("ps_teen", "/mine", "Your session")],
)
async def test_sessions_to_come_and_those_called_off_stand_where_a_notice_leads(
    house: Any, person: str, path: str, whose: str
) -> None:
    first, later = (
        scheduled(house.tenant).model_copy(
            update={"record_id": f"se_{day}", "happened_at": datetime(2126, 3, day, 15, 30, tzinfo=UTC)}
        )
        for day in (4, 8)
    )
    off = held(house.tenant).model_copy(
        update={"record_id": "se_4", "happened_at": first.happened_at, "state": "cancelled"}
    )
    if person == "ps_mother":
        await house.knows(rev=2, privacy_from=day_of(datetime.now(UTC)) + timedelta(days=300))
    async with acting(house, person, *AT_HOME, handle=nobody) as reader:
        url, trigger = parts(await reader.opens(path))["next"]
        assert "session-cl_a from:#live" in trigger
        await house.hears(later, first, scheduled(house.tenant))
        said = (await reader.opens(url)).text
        assert "Monday 4 March 2126, 15:30" in said and "cancelled" not in said
        assert ("Friday 8 March 2126, 15:30" in said) is (path == "/mine"), "of a child only the next one"
        await house.hears(off)
        said = (await reader.opens(path)).text
        assert said.count(whose) == 2 and said.count("is cancelled") == 1
        assert said.index("4 March") < said.index("is cancelled") < said.index("8 March")


async def test_when_a_young_person_comes_stands_on_no_page_of_a_guardian(house: Any, mother: Person) -> None:
    before = [(await mother.opens(path)).text for path in ("/home", "/home/fragments/next")]
    ahead = {"happened_at": datetime(2126, 3, 4, 15, 30, tzinfo=UTC)}
    await house.hears(scheduled(house.tenant).model_copy(update=ahead))
    await house.hears(held(house.tenant).model_copy(update={**ahead, "state": "cancelled"}))
    after = [(await mother.opens(path)).text for path in ("/home", "/home/fragments/next")]
    assert [bare(page) for page in after] == [bare(page) for page in before]


async def test_a_goal_to_read_appears_on_an_open_page(house: Any, mother: Person) -> None:
    url, trigger = parts(await mother.opens("/home/a"))["asked"]
    assert "plan-cl_a from:#live" in trigger and "/home/a/plan" not in (await mother.opens(url)).text
    await house.hears(goal(house.tenant, state=GoalState.PROPOSED))
    assert "/home/a/plan" in (await mother.opens(url)).text


async def test_a_goal_to_read_appears_on_the_clients_own_page(house: Any) -> None:
    async with acting(house, "ps_teen", *AT_HOME, handle=nobody) as teen:
        url, trigger = parts(await teen.opens("/mine"))["today"]
        assert "plan-cl_a from:#live" in trigger
        await house.hears(goal(house.tenant, state=GoalState.PROPOSED))
        assert "Read the new goal" in (await teen.opens(url)).text


@pytest.mark.parametrize("path", ["/home/a", "/home/a/plan", "/home/a/who-can-see"])
async def test_who_sees_it_moves_with_those_who_do(house: Any, mother: Person, path: str) -> None:
    found = parts(await mother.opens(path))
    url, trigger = found.get("seen") or found["who"]
    assert "who-cl_a from:#live" in trigger
    before = (await mother.opens(url)).text
    await house.knows(rev=2, assignments=[])
    assert (await mother.opens(url)).text != before
