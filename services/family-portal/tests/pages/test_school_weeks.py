"""The weekly line of school: of weeks that are over, in London, of goals both may read, and of nothing else."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest
from site_app import Person, acting

from contracts.care_plans import GoalState
from contracts.classes import DataClass
from family_portal.web import family
from family_portal.web.school_weeks import monday_of, week_lines
from policy.days import day_of

from ..conftest import LONG_AGO
from ..sample_events import goal, private_goal, seen

CHILD = "/home/a"
WORDS = "By the window."


def nobody(request: httpx.Request) -> httpx.Response:
    """No other service is asked."""
    raise AssertionError(request.url)


def last_week(days: int = 2) -> datetime:
    """Noon of a day of the week before this one."""
    return datetime.combine(monday_of(datetime.now(UTC)), datetime.min.time(), UTC) - timedelta(
        days=days, hours=-12
    )


def saw(house: Any, record_id: str, at: datetime, what: str = "pointed", goal_id: str = "g_one") -> Any:
    noted = seen(house.tenant, "person:ps_teacher", "client", record_id=record_id)
    [(data_class, body)] = noted.words.items()
    said = body.model_copy(update={"saw": what, "words": WORDS})
    return noted.model_copy(update={"happened_at": at, "goal_id": goal_id, "words": {data_class: said}})


@pytest.fixture
async def mother(house: Any) -> AsyncIterator[Person]:
    await house.hears(goal(house.tenant), private_goal(house.tenant))
    async with acting(house, "ps_mother", family.router, handle=nobody) as person:
        yield person


async def test_school_is_read_week_by_week_and_never_note_by_note(house: Any, mother: Person) -> None:
    before = (await mother.opens(f"{CHILD}/fragments/others")).text
    await house.hears(
        saw(house, "ob_1", last_week()),
        saw(house, "ob_2", last_week(3)),
        saw(house, "ob_3", last_week(4), "did_not"),
        saw(house, "ob_4", last_week(9)),
    )
    for path in (CHILD, f"{CHILD}/fragments/others"):
        page = (await mother.opens(path)).text
        assert "Last week school saw it twice." in page and "school saw it once." in page
        assert WORDS not in page and "pointed" not in page.lower() and "did not" not in page
    assert "school saw it" not in before
    told = await house.get("ps_mother", "/items", **{"class": "observation"})
    assert WORDS not in told.text


async def test_this_week_what_was_not_seen_and_other_goals_say_nothing(house: Any, mother: Person) -> None:
    before = (await mother.opens(f"{CHILD}/fragments/others")).content
    await house.hears(
        saw(house, "ob_now", datetime.now(UTC)),
        saw(house, "ob_miss", last_week(), "did_not"),
        saw(house, "ob_mine", last_week(), goal_id="g_mine"),
        saw(house, "ob_old", last_week(40)),
    )
    assert (await mother.opens(f"{CHILD}/fragments/others")).content == before


async def test_a_note_taken_back_and_a_goal_not_for_home_leave_no_line(house: Any, mother: Person) -> None:
    noted = saw(house, "ob_1", last_week())
    school_only = {"parties": ("school", "client")}
    await house.hears(
        goal(house.tenant, "g_school", **school_only), saw(house, "ob_2", last_week(), goal_id="g_school")
    )
    await house.hears(noted)
    assert (await mother.opens(CHILD)).text.count("school saw it") == 1
    await house.hears(noted.model_copy(update={"event_id": "ev_undo", "words": {}, "ended": True}))
    assert "school saw it" not in (await mother.opens(CHILD)).text


async def test_what_school_saw_before_home_had_the_goal_stays_with_school(house: Any, mother: Person) -> None:
    for_school = {
        "parties": ("school", "client"),
        "words": {DataClass.PLAN_SCHOOL: goal("x").words[DataClass.PLAN_SCHOOL]},
    }
    await house.hears(
        goal(house.tenant, "g_later", **for_school), saw(house, "ob_2", last_week(9), goal_id="g_later")
    )
    await house.hears(goal(house.tenant, "g_later", version=2, version_at=last_week(8)))
    assert "school saw it" not in (await mother.opens(CHILD)).text
    await house.hears(saw(house, "ob_3", last_week(), goal_id="g_later"))
    assert "Last week school saw it once." in (await mother.opens(CHILD)).text


async def test_who_decides_alone_who_at_school_is_told_is_not_told_of_by_others(
    house: Any, mother: Person
) -> None:
    await house.hears(saw(house, "ob_1", last_week()))
    assert "school saw it once" in (await mother.opens(CHILD)).text
    await house.knows(rev=2, consents_from=day_of(LONG_AGO))
    assert "school saw it" not in (await mother.opens(CHILD)).text


async def test_what_was_counted_is_written_down_as_read(house: Any, mother: Person) -> None:
    await house.hears(saw(house, "ob_1", last_week()), goal(house.tenant, state=GoalState.ON_HOLD))
    await mother.opens(f"{CHILD}/fragments/others")
    read = {c for row in await house.rows("audit").find({"by": "ps_mother"}) for c in row["classes"]}
    assert "observation:counted" in read and "observation" not in read


def test_weeks_begin_on_monday_at_midnight_in_london() -> None:
    sunday_night = datetime(2026, 6, 7, 23, 30, tzinfo=UTC)
    assert monday_of(sunday_night) == date(2026, 6, 8), "in summer it is Monday there already"
    assert monday_of(datetime(2026, 12, 6, 23, 30, tzinfo=UTC)) == date(2026, 11, 30)
    assert week_lines([("g_one", "asks")], [], date(2026, 6, 8)) == ()
