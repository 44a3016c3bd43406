"""Pause everything this week: whose pages say so and until when, and that nobody else's move by a byte."""

import json
import re
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import httpx
import pytest
from site_app import Person, acting

from contracts.care_plans import TaskBody
from contracts.classes import DataClass
from family_portal.web import family, mine, pausing, school, staff, staff_client
from family_portal.web.todays import until_words
from policy.days import day_of, today

from ..conftest import LONG_AGO
from ..sample_events import SUNDAY, goal, private_goal, private_task, rest, task

UNTIL = until_words(SUNDAY, today())
RESTING = f"Resting until {UNTIL}. Nothing to do, nothing to explain."
PAUSE, GO_ON = "Pause everything this week", "Go on again"
AT_HOME = (pausing.router, family.router, mine.router, school.router)
IN_TEAM = (staff.router, staff_client.router)
Sent = list[tuple[str, dict[str, Any]]]


def both(tenant: str, **changes: Any) -> Any:
    """A live practice of both homes, which the client reads too."""
    return task(tenant, "household:hh_a", "household:hh_b", "client", **changes)


def elsewhere(sent: Sent, away: str = "") -> Callable[[httpx.Request], httpx.Response]:
    """The other services: they take every command but of an organisation that is away, and have nothing to say."""

    def handle(request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(200, json={"items": [], "next": None})
        if away and away in request.url.path:
            return httpx.Response(503, json={})
        sent.append((request.url.path, json.loads(request.content)))
        return httpx.Response(200, json={"until": None})

    return handle


@pytest.fixture
async def mother(house: Any) -> AsyncIterator[Person]:
    async with acting(house, "ps_mother", *AT_HOME, handle=elsewhere([])) as person:
        yield person


def words(page: httpx.Response) -> str:
    """What a page says."""
    assert page.status_code == 200, page.text
    text = re.sub(r"<(script|style)\b.*?</\1>", " ", page.text, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


def bare(page: httpx.Response) -> tuple[int, dict[str, str], str]:
    """A whole answer, but for what each drawing makes anew."""
    drawn = re.sub(r'(name="command_id" value=|drawn=)"?[\w.]+"?', "", page.text)
    return page.status_code, dict(page.headers), drawn


async def test_her_cards_rest_until_sunday_and_go_on_by_themselves(house: Any, mother: Person) -> None:
    await house.hears(goal(house.tenant), both(house.tenant))
    before = words(await mother.opens("/home"))
    assert "The break card" in before and PAUSE in before and "in your home" in before
    await house.hears(rest(house.tenant))
    page = await mother.opens("/home")
    said = words(page)
    assert RESTING in said and "Nothing to do today." in said and "The break card" not in said
    assert GO_ON in said and PAUSE not in said and 'action="/home/go-on"' in page.text
    assert RESTING in words(await mother.opens("/home/a"))
    assert RESTING in words(await mother.opens("/home/a/tasks/tk_one"))
    assert "Say how it was" in words(await mother.opens("/home/a/tasks/tk_one")), (
        "who did it may still say so"
    )
    await house.hears(rest(house.tenant, until=SUNDAY - timedelta(days=7)))
    assert words(await mother.opens("/home")) == before, "the week of the rest is over"


async def test_going_on_ends_it_early(house: Any, mother: Person) -> None:
    await house.hears(goal(house.tenant), both(house.tenant))
    before = words(await mother.opens("/home"))
    await house.hears(rest(house.tenant))
    await house.hears(rest(house.tenant, ended=True))
    assert words(await mother.opens("/home")) == before


@pytest.mark.parametrize(
    ("person", "paths"),
    [
        ("ps_father", ("/home", "/home/a", "/home/a/tasks/tk_one", "/home/fragments/pause")),
        ("ps_teacher", ("/school", "/school/pupils/a")),
        ("ps_teen", ("/mine", "/mine/tasks/tk_one")),
    ],
)
async def test_nobody_elses_page_moves_by_a_byte(house: Any, person: str, paths: tuple[str, ...]) -> None:
    await house.hears(
        goal(house.tenant), both(house.tenant), task(house.tenant, "school", task_id="tk_school")
    )
    async with acting(house, person, *AT_HOME, handle=elsewhere([])) as reader:
        before = [bare(await reader.opens(path)) for path in paths]
        assert all(status == 200 for status, *_ in before)
        await house.hears(rest(house.tenant))
        assert [bare(await reader.opens(path)) for path in paths] == before


async def test_ones_own_rest_moves_no_home_and_rests_what_is_private_too(house: Any, mother: Person) -> None:
    own = (private_goal(house.tenant), private_task(house.tenant))
    await house.hears(goal(house.tenant), both(house.tenant), *own)
    before = bare(await mother.opens("/home"))
    async with acting(house, "ps_teen", *AT_HOME, handle=elsewhere([])) as teen:
        assert PAUSE in words(await teen.opens("/mine"))
        await house.hears(rest(house.tenant, None))
        page = await teen.opens("/mine")
        assert RESTING in words(page) and GO_ON in words(page) and "Mine." not in words(page)
        assert 'action="/mine/go-on"' in page.text
    assert bare(await mother.opens("/home")) == before


async def test_the_team_reads_whose_practice_is_paused_and_until_when(house: Any) -> None:
    await house.hears(goal(house.tenant), both(house.tenant))
    async with acting(house, "ps_therapist", *IN_TEAM, handle=elsewhere([])) as therapist:
        for path in ("/staff/today", "/staff/clients/a"):
            assert "paused until" not in words(await therapist.opens(path))
        await house.hears(rest(house.tenant), rest(house.tenant, None))
        for path in ("/staff/today", "/staff/clients/a", "/staff/clients/a/fragments/practice"):
            said = words(await therapist.opens(path))
            assert said.count(f"paused until {UNTIL}") == 2, said
            assert "At home with" in said and f"own practice: paused until {UNTIL}" in said
        await house.hears(rest(house.tenant, ended=True), rest(house.tenant, None, ended=True))
        assert "paused until" not in words(await therapist.opens("/staff/today"))


async def test_one_press_sends_one_command_for_each_child_and_organisation(house: Any) -> None:
    await house.hears(goal(house.tenant), both(house.tenant))
    sent: Sent = []
    async with acting(house, "ps_mother", *AT_HOME, handle=elsewhere(sent), twin=True) as mother:
        page = await mother.opens("/home")
        for verb, path in (("pause", "rests"), ("go-on", "rests/end")):
            sent.clear()
            answer = await mother.sends(f"/home/{verb}", page)
            assert (answer.status_code, answer.headers["location"]) == (303, "/home")
            home = {"household_id": "hh_a"}
            assert sorted(sent) == sorted(
                (f"/tenants/{tenant}/clients/cl_a/{path}", home) for tenant in (house.tenant, house.twin)
            )


async def test_where_one_organisation_is_away_the_other_rests_and_the_page_says_try_again(house: Any) -> None:
    sent: Sent = []
    handle = elsewhere(sent, away=house.twin)
    async with acting(house, "ps_mother", *AT_HOME, handle=handle, twin=True) as mother:
        answer = await mother.sends("/home/pause")
    assert answer.status_code == 503
    assert [path for path, _ in sent] == [f"/tenants/{house.tenant}/clients/cl_a/rests"]


async def test_a_young_person_sends_their_own(house: Any) -> None:
    sent: Sent = []
    async with acting(house, "ps_teen", *AT_HOME, handle=elsewhere(sent)) as teen:
        answer = await teen.sends("/mine/pause")
    assert answer.headers["location"] == "/mine"
    assert sent == [(f"/tenants/{house.tenant}/clients/cl_a/rests", {})]


async def test_a_form_from_elsewhere_pauses_nothing(house: Any) -> None:
    sent: Sent = []
    async with acting(house, "ps_mother", *AT_HOME, handle=elsewhere(sent)) as mother:
        mother.csrf = "another"
        assert (await mother.sends("/home/pause")).status_code == 403
    assert sent == []


async def test_where_nothing_is_live_or_nothing_is_logged_there_is_no_button(
    house: Any, mother: Person
) -> None:
    await house.hears(goal(house.tenant))
    assert PAUSE not in words(await mother.opens("/home"))
    await house.hears(both(house.tenant))
    ties = [{"id": "r1", "person_id": "ps_mother", "kind": "mother", "authority": "limited", "household_id": "hh_a",
             "ticked": ["task"], "begins": "2026-01-01T00:00:00Z"}]  # fmt: skip
    await house.knows(rev=2, relationships=ties)
    said = words(await mother.opens("/home"))
    assert PAUSE not in said


async def test_who_may_log_in_a_home_and_not_decide_for_it_has_no_button_and_pauses_nothing(
    house: Any,
) -> None:
    await house.hears(goal(house.tenant), both(house.tenant))
    tie = {"id": "r1", "person_id": "ps_mother", "kind": "aunt", "household_id": "hh_a", "begins": LONG_AGO}
    logs = tie | {"authority": "limited", "ticked": ["task", "task_log"]}
    await house.knows(rev=2, relationships=[logs])
    sent: Sent = []
    async with acting(house, "ps_mother", *AT_HOME, handle=elsewhere(sent)) as aunt:
        page = await aunt.opens("/home")
        assert "The break card" in words(page) and PAUSE not in words(page)
        await aunt.sends("/home/pause")
        await house.hears(rest(house.tenant))
        page = await aunt.opens("/home")
        assert RESTING in words(page) and GO_ON not in words(page)
        await aunt.sends("/home/go-on")
    assert sent == []


async def test_an_adult_pauses_what_is_theirs_and_nothing_of_those_they_live_with(
    house: Any, mother: Person
) -> None:
    day = datetime.now(UTC)
    renewed = {"id": "r1", "person_id": "ps_mother", "kind": "mother", "authority": "full",
               "household_id": "hh_a", "begins": day - timedelta(days=5)}  # fmt: skip
    await house.knows(rev=2, relationships=[renewed], majority_from=(day - timedelta(days=20)).date())
    await house.hears(goal(house.tenant), both(house.tenant))
    before = bare(await mother.opens("/home"))
    sent: Sent = []
    async with acting(house, "ps_teen", *AT_HOME, handle=elsewhere(sent)) as adult:
        page = await adult.opens("/mine")
        assert PAUSE in words(page)
        for verb in ("pause", "go-on"):
            await adult.sends(f"/mine/{verb}", page)
        own = f"/tenants/{house.tenant}/clients/cl_a/rests"
        assert sent == [(own, {}), (f"{own}/end", {})]
        await house.hears(rest(house.tenant, None))
        page = words(await adult.opens("/mine"))
        assert RESTING in page and GO_ON in page
    assert bare(await mother.opens("/home")) == before


async def test_a_home_that_rests_moves_no_page_of_an_adult_who_lives_in_it(house: Any) -> None:
    majority = day_of(datetime.now(UTC)) - timedelta(days=20)
    await house.knows(rev=2, majority_from=majority)
    at_home = task(house.tenant, "household:hh_a", task_id="tk_home")
    await house.hears(goal(house.tenant), both(house.tenant), at_home)
    async with acting(house, "ps_teen", *AT_HOME, handle=elsewhere([])) as adult:
        paths = ("/mine", "/mine/tasks/tk_one", "/mine/tasks/tk_home")
        before = [bare(await adult.opens(path)) for path in paths]
        await house.hears(rest(house.tenant))
        assert [bare(await adult.opens(path)) for path in paths] == before


async def test_practice_that_comes_meanwhile_rests_too_and_nothing_private_shows(
    house: Any, mother: Person
) -> None:
    await house.hears(goal(house.tenant), both(house.tenant), rest(house.tenant))
    before = bare(await mother.opens("/home"))
    another = {DataClass.TASK: TaskBody(title="A second card", why="It helps.")}
    await house.hears(both(house.tenant, task_id="tk_two", words=another), private_task(house.tenant))
    assert bare(await mother.opens("/home")) == before
