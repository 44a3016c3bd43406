"""What a family reads as new: what changed around the child, when everybody stops and meets, what was written back."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, time, timedelta
from html import unescape
from typing import Any

import httpx
import pytest
from site_app import Person, acting

from contracts.care_plans import AnswerBody, GoalState, GoalWording, PlanAnswered, TaskBody
from contracts.classes import DataClass
from contracts.family_portal import TaskLogBody, TaskLogged
from family_portal.web import family
from policy.days import LONDON

from ..sample_events import LEVELS, goal, private_goal, task

STOP = "He sleeps badly for three days."


def ago(days: float) -> datetime:
    return datetime.now(UTC) - timedelta(days=days)


def level_goal(tenant: str, goal_id: str, since: datetime, **changes: Any) -> Any:
    """A goal of long ago whose level was agreed then."""
    words = GoalWording(
        statement="Asks for a break. Any way counts.", levels=LEVELS, level=1, level_since=since.date(),
        stop_if=STOP,
    )  # fmt: skip
    return goal(
        tenant, goal_id, **({"version_at": ago(90), "words": {DataClass.PLAN_PLAIN: words}} | changes)
    )


def replied(tenant: str, by: str, party: str = "ps_mother", **said: Any) -> PlanAnswered:
    """What this person said to a goal, with what came back."""
    return PlanAnswered(
        tenant_id=tenant, client_id="cl_a", record_id=f"an_{party}", goal_id="g_one", version=1, by=by,
        happened_at=ago(3), parties=(f"person:{party}",), words={DataClass.PLAN_PLAIN: AnswerBody(**said)},
    )  # fmt: skip


def no_notices(request: httpx.Request) -> httpx.Response:
    """The other services, with nothing to say."""
    return httpx.Response(200, json={"items": [], "next": None})


@pytest.fixture
async def mother(house: Any) -> AsyncIterator[Person]:
    async with acting(house, "ps_mother", family.router, handle=no_notices) as person:
        yield person


async def seen(mother: Person, address: str) -> str:
    """A page's words, without its marks."""
    answer = await mother.opens(address)
    assert answer.status_code == 200
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


async def test_what_changed_lately_stands_newest_first(house: Any, mother: Person) -> None:
    await house.hears(
        level_goal(house.tenant, "g_long", ago(60)),
        level_goal(house.tenant, "g_one", ago(3)),
        level_goal(house.tenant, "g_anew", ago(60), version=3, version_at=ago(9)),
        task(house.tenant, "household:hh_a"),
    )
    told = await seen(mother, "/home/a/fragments/changes")
    order = ["The break card", "Now: three.", "Said anew, version 3."]
    assert [told.index(each) for each in order] == sorted(told.index(each) for each in order)
    assert told.count("Asks for a break.") == 2 and "Any way counts" not in told


async def test_nothing_lately_is_no_heading(house: Any, mother: Person) -> None:
    await house.hears(level_goal(house.tenant, "g_one", ago(60)))
    assert "What changed" not in (await mother.opens("/home/a")).text
    assert " hidden" in (await mother.opens("/home/a/fragments/changes")).text


async def test_a_goal_that_rests_says_nothing_and_a_private_one_never_does(
    house: Any, mother: Person
) -> None:
    await house.hears(level_goal(house.tenant, "g_one", ago(60)))
    before = (await mother.opens("/home/a")).text
    await house.hears(private_goal(house.tenant, version_at=ago(1)))
    assert csrf_free((await mother.opens("/home/a")).text) == csrf_free(before)
    await house.hears(level_goal(house.tenant, "g_one", ago(1), state=GoalState.ON_HOLD))
    assert "What changed" not in (await mother.opens("/home/a")).text


def csrf_free(page: str) -> str:
    """A page without what is made anew for each answer."""
    return re.sub(r'nonce="[^"]*"', "", page)


async def test_when_everybody_stops_and_meets_stands_beside_the_goals_and_on_the_plan(
    house: Any, mother: Person
) -> None:
    await house.hears(level_goal(house.tenant, "g_one", ago(60)), level_goal(house.tenant, "g_two", ago(60)))
    assert (await seen(mother, "/home/a")).count(f"We stop and meet if {STOP}") == 1
    assert (await seen(mother, "/home/a/plan")).count(f"We stop and meet if: {STOP}") == 2


async def test_what_the_team_wrote_back_stands_on_the_first_page_for_two_weeks(
    house: Any, mother: Person
) -> None:
    await house.hears(level_goal(house.tenant, "g_one", ago(60)))
    assert "wrote back" not in await seen(mother, "/home")
    await house.hears(replied(house.tenant, "ps_mother", answer="ask", words="Any lesson?"))
    assert "wrote back" not in await seen(mother, "/home")
    await house.hears(
        replied(house.tenant, "ps_therapist", answer="ask", words="Any lesson?", reply="Any, from Monday."),
        replied(house.tenant, "ps_therapist", "ps_father", answer="ask", words="Why?", reply="For him only."),
    )
    told = await seen(mother, "/home")
    assert told.count("wrote back") == 1 and "Any, from Monday." in told and "For him only." not in told
    assert 'href="/home/a/plan#goal-g_one"' in (await mother.opens("/home/fragments/replies")).text
    old = replied(house.tenant, "ps_therapist", answer="ask", words="Any lesson?", reply="Any, from Monday.")
    await house.hears(old.model_copy(update={"at": ago(20)}))
    assert "wrote back" not in await seen(mother, "/home")


def logged(tenant: str, result: str, task_id: str = "tk_one", minutes: int = 0) -> TaskLogged:
    """What somebody at home said of a practice, so many minutes after the week began."""
    now = datetime.now(LONDON)
    monday = datetime.combine(now.date() - timedelta(days=now.weekday()), time(), LONDON)
    return TaskLogged(
        tenant_id=tenant, client_id="cl_a", record_id=f"lg_{task_id}_{minutes}", goal_id="g_one", task_id=task_id,
        household_id="hh_a", happened_at=monday + timedelta(minutes=minutes), parties=("household:hh_a",),
        words={DataClass.TASK_LOG: TaskLogBody(result=result)},
    )  # fmt: skip


async def test_what_is_not_for_this_week_is_not_todays_thing(house: Any, mother: Person) -> None:
    one = task(house.tenant, "household:hh_a")
    two = task(house.tenant, "household:hh_a", task_id="tk_two", words={
        DataClass.TASK: TaskBody(title="The second card", why="It helps.")
    })  # fmt: skip
    await house.hears(one, two)
    assert todays(await mother.opens("/home")) == "The break card"
    await house.hears(logged(house.tenant, "not_this_week", minutes=-5))
    assert todays(await mother.opens("/home")) == "The break card", "that was last week"
    await house.hears(logged(house.tenant, "not_this_week"))
    page = await mother.opens("/home")
    assert todays(page) == "The second card" and "The break card" in page.text, "it is there for who wants it"
    await house.hears(logged(house.tenant, "not_this_week", "tk_two"))
    page = await mother.opens("/home")
    assert todays(page) == "Nothing to do today." and "It comes back on Monday." in page.text
    await house.hears(logged(house.tenant, "did", minutes=1))
    assert todays(await mother.opens("/home")) == "The break card"


def todays(page: httpx.Response) -> str:
    """What stands first on the first child's card."""
    found = re.search(r'<h2 id="today-a-h">([^<]*)<', page.text)
    return found[1] if found else ""
