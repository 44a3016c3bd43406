"""What waits for an answer stands on Today and the caseload until it has one, whatever else was noted since."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sample_sessions import SampleSessions
from site_app import Person, acting

from contracts.care_plans import AnswerBody, PlanAnswered, ProposalBody, ProposalChanged, ProposalState
from contracts.classes import DataClass
from contracts.family_portal import TaskLogBody, TaskLogged
from family_portal.web import staff

from ..sample_events import goal, private_goal


@pytest.fixture
async def therapist(house: Any) -> AsyncIterator[Person]:
    async with acting(house, "ps_therapist", staff.router, handle=SampleSessions({}).handle) as person:
        yield person


def _said(house: Any, days: float, person: str = "ps_mother", **more: Any) -> PlanAnswered:
    """Somebody's answer to a goal, so many days ago."""
    data_class = more.pop("data_class", DataClass.PLAN_PLAIN)
    goal_id, version = more.pop("goal_id", "g_one"), more.pop("version", 1)
    return PlanAnswered(
        tenant_id=house.tenant,
        client_id="cl_a",
        record_id=f"an_{goal_id}_{version}_{person}",
        goal_id=goal_id,
        version=version,
        by=person,
        happened_at=datetime.now(UTC) - timedelta(days=days),
        parties=(f"person:{person}",),
        words={data_class: AnswerBody(**more)},
    )


def _log(house: Any, number: int, words: str | None = None) -> TaskLogged:
    """A practice at home, the higher its number the newer."""
    return TaskLogged(
        tenant_id=house.tenant,
        client_id="cl_a",
        record_id=f"lg_{number}",
        task_id="tk_one",
        goal_id="g_one",
        by="ps_mother",
        happened_at=datetime.now(UTC) - timedelta(days=1) + timedelta(minutes=number),
        parties=("household:hh_a",),
        words={DataClass.TASK_LOG: TaskLogBody(result="did", words=words)},
    )


def _wish(house: Any, number: int) -> ProposalChanged:
    """What somebody at home would wish for, the higher its number the newer."""
    return ProposalChanged(
        tenant_id=house.tenant,
        client_id="cl_a",
        record_id=f"pr_{number}",
        by="ps_mother",
        happened_at=datetime.now(UTC) - timedelta(days=1) + timedelta(minutes=number),
        parties=("person:ps_mother",),
        state=ProposalState.OPEN,
        words={DataClass.PLAN_PLAIN: ProposalBody(words=f"Wish {number}.")},
    )


def _parts(page: str) -> tuple[str, str]:
    """What stands on Today under *To answer*, and under *From home and school*."""
    waits, _, heard = page.split('id="answer-h"')[1].split("</section>")[0].partition('id="heard-h"')
    return waits, heard


async def _today(therapist: Person) -> tuple[str, str]:
    return _parts((await therapist.opens("/staff/today")).text)


async def test_a_question_behind_many_newer_notes_still_waits(house: Any, therapist: Person) -> None:
    await house.hears(goal(house.tenant), _said(house, 2, answer="ask", words="Any lesson?"))
    await house.hears(*[_log(house, number) for number in range(30)])
    waits, _ = await _today(therapist)
    assert "Any lesson?" in waits and "Nothing waits." not in waits
    assert "something to answer" in (await therapist.opens("/staff/caseload")).text


async def test_an_old_no_waits_until_it_has_its_answer(house: Any, therapist: Person) -> None:
    await house.hears(goal(house.tenant), _said(house, 60, answer="no"))
    waits, _ = await _today(therapist)
    assert "says no to a goal" in waits and "Nothing waits." not in waits
    assert "something to answer" in (await therapist.opens("/staff/caseload")).text
    await house.hears(_said(house, 60, answer="no", reply="We make it smaller."))
    waits, _ = await _today(therapist)
    assert "Nothing waits." in waits
    assert "something to answer" not in (await therapist.opens("/staff/caseload")).text


async def test_what_somebody_asked_about_a_goal_that_is_gone_waits_no_more(
    house: Any, therapist: Person
) -> None:
    await house.hears(goal(house.tenant), _said(house, 2, answer="ask", words="Any lesson?"))
    await house.hears(goal(house.tenant, ended=True, words={}))
    assert "Nothing waits." in (await _today(therapist))[0]


async def test_a_question_about_a_private_goal_waits_for_those_alone_who_may_read_it(
    house: Any, therapist: Person
) -> None:
    asked = {"answer": "ask", "words": "Who reads mine?", "goal_id": "g_mine"}
    private = {"data_class": DataClass.PLAN_PRIVATE, "person": "ps_teen"}
    await house.hears(private_goal(house.tenant), _said(house, 40, **private, **asked))
    assert "Who reads mine?" in (await _today(therapist))[0]
    async with acting(house, "ps_stranger", staff.router, handle=SampleSessions({}).handle) as stranger:
        assert "Who reads mine?" not in (await stranger.opens("/staff/today")).text


async def test_where_more_waits_than_stands_there_the_page_says_so(house: Any, therapist: Person) -> None:
    goals = [f"g_{number}" for number in range(23)]
    await house.hears(*(goal(house.tenant, each) for each in goals))
    await house.hears(
        *(
            _said(house, 100 - number, goal_id=each, answer="ask", words=f"Question {number}.")
            for number, each in enumerate(goals)
        )
    )
    waits, _ = await _today(therapist)
    assert waits.count("Question ") == 20 and "And 3 more" in waits
    assert "Question 0." in waits and "Question 22." not in waits, "who waits longest stands first"


async def test_words_from_home_behind_many_notes_without_words_are_read(
    house: Any, therapist: Person
) -> None:
    await house.hears(_log(house, 0, "He laughed."), *[_log(house, number) for number in range(1, 70)])
    waits, heard = await _today(therapist)
    assert "He laughed." in heard and "He laughed." not in waits and "More about" not in heard
    await house.hears(*[_log(house, number, f"Words {number}.") for number in range(100, 121)])
    _, heard = await _today(therapist)
    assert heard.count("Words ") == 20 and "More about" in heard


async def test_however_many_wishes_wait_the_one_that_waits_longest_is_answered_first(
    house: Any, therapist: Person
) -> None:
    await house.hears(*(_wish(house, number) for number in range(60)))
    waits, _ = _parts((await therapist.opens("/staff/today")).text)
    assert "Wish 59." not in waits and "Wish 0." in waits
    assert waits.index("Wish 0.") < waits.index("Wish 1.")
