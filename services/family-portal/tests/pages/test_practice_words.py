"""What a therapist writes for a practice reaches whoever does it: the question afterwards, the thank-you line."""

from typing import Any

import httpx
import pytest
from site_app import acting

from contracts.care_plans import TaskBody
from contracts.classes import DataClass
from contracts.event import Section
from family_portal.web import family, mine
from family_portal.web.models.family import ANYTHING

from ..sample_events import goal, private_goal, private_task, task

QUESTION, THANKS = "Which way did she choose today?", "Five quiet seconds are real work."
HOME = "/home/a/tasks/tk_one"


def nobody(request: httpx.Request) -> httpx.Response:
    """No other service is asked."""
    raise AssertionError(request.url)


def written(data_class: DataClass = DataClass.TASK) -> dict[DataClass, Section]:
    body = TaskBody(title="The break card", why="So that a break is easy.", look_for=QUESTION, thanks=THANKS)
    return {data_class: body}


async def test_the_question_afterwards_is_on_the_practice_and_asked_where_it_is_answered(house: Any) -> None:
    await house.hears(goal(house.tenant), task(house.tenant, "household:hh_a", words=written()))
    async with acting(house, "ps_mother", family.router, handle=nobody) as mother:
        card, form = (await mother.opens(HOME)).text, (await mother.opens(f"{HOME}/log")).text
    assert QUESTION in card
    label = form.split('for="words"')[1].split("</label>")[0]
    assert QUESTION in label and ANYTHING not in form


async def test_a_practice_without_a_question_asks_the_usual_one(house: Any) -> None:
    await house.hears(goal(house.tenant), task(house.tenant, "household:hh_a"))
    async with acting(house, "ps_mother", family.router, handle=nobody) as mother:
        card, form = (await mother.opens(HOME)).text, (await mother.opens(f"{HOME}/log")).text
        thanks = (await mother.opens(f"{HOME}/thanks")).text
    assert "Afterwards" not in card and ANYTHING in form and "k-words" not in thanks


@pytest.mark.parametrize("said", ["did", "part", "couldnt"])
async def test_the_thank_you_line_follows_whatever_was_tried(house: Any, said: str) -> None:
    await house.hears(goal(house.tenant), task(house.tenant, "household:hh_a", words=written()))
    async with acting(house, "ps_mother", family.router, handle=nobody) as mother:
        assert THANKS in (await mother.opens(f"{HOME}/thanks?said={said}")).text
        rested = (await mother.opens(f"{HOME}/thanks?said=not_this_week")).text
        assert "It rests this week." in rested and THANKS not in rested, "thanks for nothing is a reproach"
        await house.hears(task(house.tenant, "household:hh_a", ended=True, words={}))
        gone = await mother.opens(f"{HOME}/thanks?said={said}")
    assert gone.status_code == 200 and THANKS not in gone.text


async def test_so_does_a_practice_that_is_ones_own(house: Any) -> None:
    own = private_task(house.tenant).model_copy(update={"words": written(DataClass.PLAN_PRIVATE)})
    await house.hears(private_goal(house.tenant), own)
    async with acting(house, "ps_teen", mine.router, handle=nobody) as teen:
        assert QUESTION in (await teen.opens("/mine/tasks/tk_mine/log")).text
        assert THANKS in (await teen.opens("/mine/tasks/tk_mine/thanks")).text
