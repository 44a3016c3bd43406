"""The panel of a goal on the client's page: what its chart is made of."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sample_sessions import SampleSessions
from site_app import acting

from contracts.care_plans import GoalTeam
from contracts.classes import DataClass
from contracts.family_portal import ObservationBody
from family_portal.web import staff_client, staff_goals
from family_portal.web.adults_part import adults_part

from ..sample_events import LEVELS, goal, logged, rated, seen, trial


async def test_a_new_goal_stands_where_it_began(house: Any) -> None:
    measure = {"kind": "days_in_week", "min": "0", "max": "5"}
    words = GoalTeam(statement="Points twice a day.", levels=LEVELS, baseline_level=-1, measure=measure)
    await house.hears(goal(house.tenant, words={DataClass.PLAN_TEAM: words}), trial(house.tenant, "tr_one"))
    async with acting(house, "ps_therapist", staff_client.router, handle=SampleSessions().handle) as person:
        panel = (await person.opens("/staff/clients/a/fragments/goal_panels")).text
    assert "Now: one." in panel and 'class="step"' in panel
    assert "a start: one" in panel, "the table says what the line says"
    assert "Points twice a day: everything" in panel


async def test_however_much_is_noted_of_one_goal_no_chart_loses_its_levels(
    house: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staff_goals, "MOST_POINTS", 3)
    team = {DataClass.PLAN_TEAM: GoalTeam(statement="Points.", levels=LEVELS, baseline_level=-1)}
    await house.hears(
        goal(house.tenant, words=team),
        goal(house.tenant, "g_two", words=team),
        rated(house.tenant, "ra_one", 1, day=1),
        trial(house.tenant, "tr_two", 2, goal_id="g_two"),
        *(trial(house.tenant, f"tr_{day}", day) for day in range(3, 9)),
    )
    async with acting(house, "ps_therapist", staff_client.router, handle=SampleSessions().handle) as person:
        page = (await person.opens("/staff/clients/a/fragments/goal_panels")).text
    first, second = page.split('id="goal-g_one"')[1].split('id="goal-g_two"')
    assert "more: three · seen: the team" in first, "agreed before all that was noted since"
    assert "Only the newest 3 are shown." in first
    assert "3 of 5" in second and "Only the newest" not in second


async def test_four_answers_of_one_day_are_four_marks_and_four_rows(house: Any) -> None:
    await house.hears(
        goal(house.tenant, words={DataClass.PLAN_TEAM: GoalTeam(statement="Points.", levels=LEVELS)}),
        *(
            logged(house.tenant, result, hour)
            for hour, result in enumerate(("did", "part", "couldnt", "not_this_week"), 9)
        ),
    )
    async with acting(house, "ps_therapist", staff_client.router, handle=SampleSessions().handle) as person:
        panel = (await person.opens("/staff/clients/a/fragments/goal_panels")).text
    assert [panel.count(f'<circle class="{kind}"') for kind in ("home", "home off")] == [2, 2]
    assert panel.count('<path class="home"') == 1, "the dash of what was not tried"
    assert panel.count("<td>Home</td>") == 4
    assert "It happened, all or part of it: 2. It did not: 1. Not this week, nothing was tried: 1." in panel


async def test_a_version_of_after_midnight_in_summer_is_of_that_day(house: Any) -> None:
    late = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)
    words = {DataClass.PLAN_TEAM: GoalTeam(statement="Points.", levels=LEVELS, baseline_level=-1)}
    await house.hears(goal(house.tenant, version=2, version_at=late, words=words))
    async with acting(house, "ps_therapist", staff_client.router, handle=SampleSessions().handle) as person:
        panel = (await person.opens("/staff/clients/a/fragments/goal_panels")).text
    assert "a start from 1 Jul" in panel and "30 Jun" not in panel


@pytest.mark.parametrize(("kind", "said"), [("minutes_in_window", "3 of 5 minutes"), ("out_of", "3 of 5")])
async def test_a_share_of_minutes_is_in_minutes_whoever_entered_it(house: Any, kind: str, said: str) -> None:
    words = GoalTeam(statement="Builds.", levels=LEVELS, measure={"kind": kind, "min": "0", "max": "20"})
    await house.hears(goal(house.tenant, words={DataClass.PLAN_TEAM: words}), trial(house.tenant, "tr_one"))
    async with acting(house, "ps_therapist", staff_client.router, handle=SampleSessions().handle) as person:
        panel = (await person.opens("/staff/clients/a/fragments/goal_panels")).text
    assert f"<td>{said}</td>" in panel


def at_school(tenant: str, days: int, my_part: str, words: str | None = None, saw: str = "card") -> Any:
    noted = seen(tenant, "client", record_id=f"ob_{days}")
    body = ObservationBody(saw=saw, my_part=my_part, words=words)
    at = datetime.now(UTC) - timedelta(days=days)
    return noted.model_copy(update={"happened_at": at, "words": {DataClass.OBSERVATION: body}})


async def test_the_adults_part_stands_under_the_chart_and_comes_first_where_it_is_seldom(house: Any) -> None:
    words = {DataClass.PLAN_TEAM: GoalTeam(statement="Points.", levels=LEVELS)}
    tenant = house.tenant
    got_to = [at_school(tenant, days, "got_to_it") for days in (1, 2, 4)]
    await house.hears(goal(tenant, words=words), *got_to, at_school(tenant, 40, "did_not", "Long ago."))
    async with acting(house, "ps_therapist", staff_client.router, handle=SampleSessions().handle) as person:
        first = (await person.opens("/staff/clients/a/fragments/goal_panels")).text
        await house.hears(
            at_school(tenant, 3, "did_not", "I was leading the song."), at_school(tenant, 5, "partly")
        )
        then = (await person.opens("/staff/clients/a/fragments/goal_panels")).text
    assert "School got to it 3 of 3 times in four weeks." in first and "Long ago" not in first
    assert "School got to it 3 of 5 times in four weeks. This comes first; the goal waits for it." in then
    assert "“I was leading the song.”" in then


def test_where_school_noted_nothing_nothing_is_said() -> None:
    assert adults_part([], datetime.now(UTC)) == ""
