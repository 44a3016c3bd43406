"""The plan as family and school read it: what they said, what they may still say, what waits for them first."""

import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from html import unescape
from typing import Any

import httpx
import pytest
from site_app import Person, acting

from contracts.care_plans import AnswerBody, GoalState, PlanAnswered
from contracts.classes import DataClass
from family_portal.web import family

from ..sample_events import NOW, goal, private_goal

PLAN = "/home/a/plan"
SENT: list[dict[str, Any]] = []


def care_plans(request: httpx.Request) -> httpx.Response:
    """Care-plans, which takes every answer but a question without words."""
    body = json.loads(request.content)
    if request.headers.get("if-match") == '"3"':
        return httpx.Response(409, json={"detail": "It has moved on.", "field": "If-Match", "fix": "Read."})
    if body["answer"] == "ask" and not body.get("words"):
        wrong = {"detail": "A question needs words.", "field": "words", "fix": "Write it."}
        return httpx.Response(422, json=wrong)
    SENT.append(body)
    return httpx.Response(200, json={})


@pytest.fixture
async def mother(house: Any) -> AsyncIterator[Person]:
    SENT.clear()
    await house.hears(goal(house.tenant, state=GoalState.PROPOSED))
    async with acting(house, "ps_mother", family.router, handle=care_plans) as person:
        yield person


def answered(tenant: str, goal_id: str = "g_one", **said: Any) -> PlanAnswered:
    """What the mother said to a goal."""
    return PlanAnswered(
        tenant_id=tenant, client_id="cl_a", record_id=f"an_{goal_id}", goal_id=goal_id, version=1,
        happened_at=NOW, parties=("person:ps_mother",), words={DataClass.PLAN_PLAIN: AnswerBody(**said)},
    )  # fmt: skip


async def test_a_question_without_words_comes_back_open_and_told_on_top(mother: Person) -> None:
    answer = await mother.sends(f"{PLAN}/g_one", await mother.opens(PLAN), answer="ask")
    page = unescape(answer.text)
    assert answer.status_code == 422 and SENT == []
    told = "Your words: a question needs words. Write it."
    assert page.index('href="#words-g_one"') < page.index("<h1") and page.count(told) == 2
    assert 'id="words-g_one-error"' in page and 'id="anew-g_one"' not in page


async def test_an_answer_can_be_changed_while_it_waits(house: Any, mother: Person) -> None:
    assert 'id="anew-g_one"' not in (await mother.opens(PLAN)).text
    await house.hears(answered(house.tenant, answer="no"))
    page = await mother.opens(PLAN)
    assert "You said no." in page.text and 'id="anew-g_one"' in page.text
    done = await mother.sends(f"{PLAN}/g_one", page, answer="approve")
    assert done.status_code == 303 and SENT == [{"party": "guardian", "answer": "approve"}]


async def test_a_question_and_its_reply_are_not_printed_as_the_words_of_a_yes(
    house: Any, mother: Person
) -> None:
    said = {"answer": "approve", "words_before": "Any lesson?", "reply_before": "Any."}
    await house.hears(answered(house.tenant, **said))
    page = (await mother.opens(PLAN)).text
    before, now = page.index("Before that you wrote:"), page.index("You said yes.")
    assert before < page.index("Any lesson?") < page.index("Any.", page.index("Any lesson?")) < now


async def test_what_was_asked_stays_with_its_reply_when_the_goal_moves_on(house: Any, mother: Person) -> None:
    await house.hears(
        answered(house.tenant, answer="ask", words="Any lesson?"),
        goal(house.tenant, state=GoalState.PROPOSED, version=2, version_at=NOW + timedelta(days=1)),
    )
    page = (await mother.opens(PLAN)).text
    assert "You asked about version 1. This is version 2. You are asked again." in page
    assert "Any lesson?" in page and f'action="{PLAN}/g_one"' in page and 'id="anew-g_one"' not in page
    await house.hears(answered(house.tenant, answer="ask", words="Any lesson?", reply="Any."))
    assert "Any." in (await mother.opens(PLAN)).text


async def test_a_yes_to_an_earlier_version_of_an_active_goal_is_still_told(
    house: Any, mother: Person
) -> None:
    await house.hears(answered(house.tenant, answer="approve"), goal(house.tenant, version=3))
    page = (await mother.opens(PLAN)).text
    assert "You said yes to version 1. This is version 3." in page and "asked again" not in page


async def test_an_answer_says_which_version_was_read(house: Any, mother: Person) -> None:
    await house.hears(goal(house.tenant, state=GoalState.PROPOSED, version=4))
    page = await mother.opens(PLAN)
    assert 'name="version" value="4"' in page.text
    refused = await mother.sends(f"{PLAN}/g_one", page, answer="approve", version="3")
    assert refused.status_code == 409 and "This was changed elsewhere meanwhile." in refused.text
    assert 'name="version" value="4"' in refused.text, "sent again, it answers what stands there now"


async def test_words_to_a_goal_that_moved_on_while_they_were_written_are_not_lost(
    house: Any, mother: Person
) -> None:
    page = await mother.opens(PLAN)
    await house.hears(goal(house.tenant, version=2))
    refused = await mother.sends(f"{PLAN}/g_one", page, answer="ask", words="Which lesson?", version="3")
    assert refused.status_code == 409 and f'action="{PLAN}/g_one"' not in refused.text
    told = refused.text
    assert (
        told.index("What you wrote. It was not sent.") < told.index("Which lesson?") < told.index('id="plan"')
    )


async def test_words_to_a_goal_that_was_taken_back_meanwhile_are_not_lost(house: Any) -> None:
    """It is not found any more, like a goal that this reader may not know of: both are told the same."""
    await house.hears(goal(house.tenant, state=GoalState.PROPOSED), private_goal(house.tenant))
    gone = {"handle": lambda request: httpx.Response(404)}
    async with acting(house, "ps_mother", family.router, **gone) as mother:
        page = await mother.opens(PLAN)
        await house.hears(goal(house.tenant, ended=True, words={}))
        said = {"answer": "ask", "words": "Which lesson?", "version": "1"}
        told = [
            await mother.sends(f"{PLAN}/{goal_id}", page, **said)
            for goal_id in ("g_one", "g_private", "g_never")
        ]
        pressed = await mother.sends(f"{PLAN}/g_one", page, answer="approve", version="1")
    assert {answer.status_code for answer in told} == {409} and pressed.status_code == 404
    assert "What you wrote. It was not sent." in told[0].text and "Which lesson?" in told[0].text
    assert len({stamped(answer.text) for answer in told}) == 1
    async with acting(house, "ps_friend", family.router, **gone) as friend:
        assert (await friend.sends(f"{PLAN}/g_one", page, **said)).status_code == 404


async def test_words_of_worry_to_change_are_not_lost_with_a_goal_that_was_taken_back_meanwhile(
    house: Any,
) -> None:
    await house.hears(goal(house.tenant, state=GoalState.PROPOSED), private_goal(house.tenant))
    gone = {"handle": lambda request: httpx.Response(404)}
    async with acting(house, "ps_mother", family.router, **gone) as mother:
        page = await mother.opens(PLAN)
        await house.hears(goal(house.tenant, ended=True, words={}))
        said = {"answer": "ask", "words": "He wants to die.", "version": "1", "worry": "change"}
        told = [
            await mother.sends(f"{PLAN}/{goal_id}", page, **said)
            for goal_id in ("g_one", "g_private", "g_never")
        ]
    assert "What you wrote. It was not sent." in told[0].text and "He wants to die." in told[0].text
    assert len({(answer.status_code, stamped(answer.text)) for answer in told}) == 1


def stamped(page: str) -> str:
    """A page without the ids of its forms and the moment at which it was drawn."""
    return re.sub(r'value="[0-9a-f]{32}"|drawn=[0-9.]+', "", page)


async def test_once_the_goal_moves_on_there_is_nothing_to_answer(house: Any, mother: Person) -> None:
    await house.hears(answered(house.tenant, answer="no"), goal(house.tenant))
    page = (await mother.opens(PLAN)).text
    assert f'action="{PLAN}/g_one"' not in page


async def test_what_waits_for_an_answer_comes_first(house: Any, mother: Person) -> None:
    await house.hears(
        goal(house.tenant, "g_active"),
        goal(house.tenant, "g_answered", state=GoalState.PROPOSED),
        answered(house.tenant, "g_answered", answer="approve"),
        goal(house.tenant, "g_resting", state=GoalState.ON_HOLD),
        goal(house.tenant, "g_two", state=GoalState.PROPOSED),
    )
    page = (await mother.opens(PLAN)).text
    listed = re.findall(r'<article[^>]*id="goal-(\w+)"', page)
    assert set(listed[:2]) == {"g_one", "g_two"} and listed[2] == "g_answered"
    assert set(listed[3:]) == {"g_active", "g_resting"}


async def test_a_goal_that_rests_says_so_and_is_not_called_active(house: Any, mother: Person) -> None:
    await house.hears(goal(house.tenant, state=GoalState.ON_HOLD))
    page = (await mother.opens(PLAN)).text
    assert "Resting" in page and "Active" not in page


async def test_goals_keep_their_order_whatever_happens_to_them(house: Any, mother: Person) -> None:
    first, second = (goal(house.tenant, f"g_{n}", first_at=NOW + timedelta(days=n)) for n in (1, 2))
    later = {"first_at": first.first_at, "at": NOW + timedelta(days=9), "version": 5, "version_at": first.at}
    await house.hears(second, first, goal(house.tenant, "g_1", **later))
    for path in (PLAN, "/home/a"):
        page = (await mother.opens(path)).text
        assert page.index('id="goal-g_1"') < page.index('id="goal-g_2"'), path
