"""The panel of a goal on the client's page: what its chart is made of."""

from typing import Any

from sample_sessions import SampleSessions
from site_app import acting

from contracts.care_plans import GoalTeam
from contracts.classes import DataClass
from family_portal.web import staff_client

from ..sample_events import LEVELS, goal, trial


async def test_a_new_goal_stands_where_it_began(house: Any) -> None:
    measure = {"kind": "days_in_week", "min": "0", "max": "5"}
    words = GoalTeam(statement="Points twice a day.", levels=LEVELS, baseline_level=-1, measure=measure)
    await house.hears(goal(house.tenant, words={DataClass.PLAN_TEAM: words}), trial(house.tenant, "tr_one"))
    async with acting(house, "ps_therapist", staff_client.router, handle=SampleSessions().handle) as person:
        panel = (await person.opens("/staff/clients/a/fragments/goal_panels")).text
    assert "Now: one." in panel and 'class="step"' in panel
    assert "a start: one" in panel, "the table says what the line says"
    assert "Points twice a day: everything" in panel
