"""Goals that have ended: a calm sentence for everybody who reads them, as long as they may; no trace for others."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from html import unescape
from typing import Any

import httpx
import pytest
from plan_desk import BASE, Desk, said
from site_app import Person, acting

from contracts.care_plans import GoalState, GoalTeam, GoalWording
from contracts.classes import DataClass
from family_portal.web import family, mine, school
from family_portal.web.goals import ENDED, NOT_CARRIED_ON
from policy.days import day_of

from ..conftest import LONG_AGO
from ..sample_events import LEVELS, goal, private_goal

TODAY = day_of(datetime.now(UTC))
SCHOOL = {
    "id": "c1",
    "state": "granted",
    "recipients": ["ps_teacher"],
    "classes": ["plan_school"],
    "begins": LONG_AGO,
}
PAGES = {
    "ps_mother": ("/home/a", "/home/a/fragments/earlier", "/home/a/plan", "/home/a/fragments/plan"),
    "ps_teacher": ("/school/pupils/a", "/school/pupils/a/fragments/goals", "/school/pupils/a/plan"),
    "ps_teen": ("/mine", "/mine/fragments/goals", "/mine/plan", "/mine/goals/g_one"),
}


def nobody(request: httpx.Request) -> httpx.Response:
    """No other service is asked for these pages' goals."""
    return httpx.Response(404, json={"detail": "", "field": None, "fix": None})


def ended(tenant: str, use: str | None = "in_use", state: str = "completed", **changes: Any) -> Any:
    """A shared goal that has ended."""
    told = {"ended_on": TODAY, "use": use}
    shared = (DataClass.PLAN_PLAIN, DataClass.PLAN_SCHOOL, DataClass.PLAN_OWN)
    words: dict[DataClass, Any] = {c: GoalWording(statement=f"{c.value} waits", **told) for c in shared}
    team = GoalTeam(statement="team waits", levels=LEVELS, achievement="not_attainable", **told)
    return goal(tenant, state=GoalState(state), words={DataClass.PLAN_TEAM: team, **words}, **changes)


@asynccontextmanager
async def before(house: Any, person_id: str) -> AsyncIterator[Person]:
    async with acting(house, person_id, family.router, school.router, mine.router, handle=nobody) as person:
        yield person


@pytest.mark.parametrize(
    ("use", "state", "told"),
    [
        ("in_use", "completed", ENDED["in_use"]),
        ("resting", "completed", ENDED["resting"]),
        ("needs_help_again", "completed", ENDED["needs_help_again"]),
        (None, "cancelled", NOT_CARRIED_ON),
    ],
)
@pytest.mark.parametrize("person_id", sorted(PAGES))
async def test_everybody_who_reads_it_reads_that_it_has_ended(
    house: Any, person_id: str, use: str | None, state: str, told: str
) -> None:
    await house.knows(consents=[SCHOOL])
    await house.hears(ended(house.tenant, use, state))
    async with before(house, person_id) as person:
        for path in PAGES[person_id]:
            page = await person.opens(path)
            assert page.status_code == 200 and told in page.text, path
            assert (
                "attain" not in page.text
                and "Put to you" not in page.text
                and 'name="answer"' not in page.text
            )
        first = (await person.opens(PAGES[person_id][0])).text
        assert "Earlier goals" in first and "being written" not in first


async def test_what_was_new_says_that_it_has_ended_and_asks_nothing(house: Any) -> None:
    await house.hears(ended(house.tenant))
    async with before(house, "ps_mother") as mother:
        page = (await mother.opens("/home/a")).text
        assert "This goal has ended: plan_plain waits" in page and "No goal is worked on now." in page
    async with before(house, "ps_teacher") as teacher:
        await house.knows(rev=2, consents=[SCHOOL | {"classes": ["plan_school", "observation"]}])
        assert f"{PAGES['ps_teacher'][0]}/observe" not in (await teacher.opens("/school/pupils/a")).text


async def test_it_goes_with_the_consent_that_opened_it(house: Any) -> None:
    await house.knows(consents=[SCHOOL])
    await house.hears(ended(house.tenant))
    async with before(house, "ps_teacher") as teacher:
        assert "Earlier goals" in (await teacher.opens("/school/pupils/a")).text
        await house.knows(rev=2, consents=[])
        assert (await teacher.opens("/school/pupils/a")).status_code == 404


def drawn(page: httpx.Response) -> str:
    """A page without the key of its form, which is another one each time it is drawn."""
    return re.sub(r'(name="command_id" value=)"\w+"', r"\1", page.text)


async def test_a_private_goal_that_ends_leaves_no_trace_at_home_or_at_school(house: Any) -> None:
    await house.knows(consents=[SCHOOL])
    await house.hears(goal(house.tenant), private_goal(house.tenant))
    told = {"ended_on": TODAY, "use": "in_use", "achievement": "achieved"}
    words = {DataClass.PLAN_PRIVATE: GoalTeam(statement="mine", levels=LEVELS, **told)}
    for person_id in ("ps_mother", "ps_father", "ps_teacher"):
        paths = PAGES.get(person_id, PAGES["ps_mother"])
        async with before(house, person_id) as person:
            was = [drawn(await person.opens(path)) for path in paths]
            await house.hears(private_goal(house.tenant, state=GoalState.COMPLETED, words=words))
            assert [drawn(await person.opens(path)) for path in paths] == was, person_id
            await house.hears(private_goal(house.tenant))
    await house.hears(private_goal(house.tenant, state=GoalState.COMPLETED, words=words))
    async with before(house, "ps_teen") as teen:
        page = (await teen.opens("/mine")).text
        assert "Earlier goals" in page and 'href="/mine/goals/g_mine"' in page
        assert ENDED["in_use"] in (await teen.opens("/mine/goals/g_mine")).text


ENDS = {"how": "in_use", "achievement": "achieved", "asked_state": "agreed", "asked_how": "the talker"}
END = f"{BASE}/plan/end?goal=g_break"


async def test_the_evidence_stands_beside_the_decision(desk: Desk) -> None:
    assert f'href="{END}"' in (await desk.open(f"{BASE}/plan")).text
    page = (await desk.open(END)).text
    assert "At the level aimed for, or above, since Monday 2 February" in page
    assert "In two places" in page and "With one person." in page and "On 14 days." in page
    assert page.count("The usual rule asks for") == 1 and "It decides nothing" in page
    assert "checked" not in page, "nothing is chosen before the therapist does"
    desk.care_plans.evidence["held_since"] = None
    assert "is not the one aimed for" in (await desk.open(END)).text


async def test_the_decision_goes_to_care_plans_with_what_the_person_said(desk: Desk) -> None:
    answer = await desk.send(END, **ENDS, asked_came_back="mine now")
    assert answer.headers["location"] == f"{BASE}/plan#goal-g_break"
    asked = {"state": "agreed", "how": "the talker", "came_back": "mine now"}
    whole = {"decision": "completed", "use": "in_use", "achievement": "achieved", "asked": asked}
    await desk.send(END, **{**ENDS, "how": "cancelled"})
    (_, where, body), (_, _, stopped) = desk.care_plans.sent
    assert (where, body) == ("goals/g_break/end", whole)
    assert stopped["decision"] == "cancelled" and "use" not in stopped


async def test_what_is_left_open_is_named_and_what_was_typed_stays(desk: Desk) -> None:
    answer = await desk.send(END, asked_how="with photos")
    assert answer.status_code == 422 and desk.care_plans.sent == []
    assert "Choose one of the three." in said(answer, "how") and said(answer, "achievement")
    assert 'value="with photos"' in answer.text
    wrong = {"detail": "Nobody has asked the person yet.", "field": "asked.state", "fix": "Ask."}
    desk.care_plans.refuses = 409, {**wrong, "errors": [wrong]}
    refused = await desk.send(END, **ENDS)
    assert refused.status_code == 409 and "Nobody has asked" in said(refused, "asked_state")


async def test_a_goal_that_moved_on_is_ended_from_where_it_stands_now(desk: Desk) -> None:
    desk.care_plans.refuses = 409, {"detail": "It has moved on.", "field": "If-Match", "version": 7}
    moved = await desk.send(END, **ENDS, version="6")
    assert moved.status_code == 409 and "send yours again if it is still right" in moved.text
    assert 'name="version" value="7"' in moved.text and 'value="the talker"' in moved.text


def _over(desk: Desk) -> dict[str, Any]:
    """The goal of the desk, ended."""
    asked = {"state": "agreed", "how": "the talker", "way": None, "came_back": "mine now"}
    ending = {"decision": "completed", "use": "in_use", "achievement": "achieved", "on": "2026-03-02"}
    goal: dict[str, Any] = desk.care_plans.plan["goals"][0]
    goal |= {"state": "completed", "ending": {**ending, "asked": asked}, "comes_back": True}
    desk.care_plans.plan["tasks"] = []
    return goal


async def test_who_reads_an_ended_goal_can_change_and_nothing_else_of_it(desk: Desk) -> None:
    goal, where = _over(desk), f"{BASE}/plan/edit?goal=g_break"
    assert f'href="{where}">Who reads it<' in (await desk.open(f"{BASE}/plan")).text
    page = unescape((await desk.open(where)).text)
    assert "its words stay as they are" in page and "He asks for a break.</h2>" in page
    assert 'name="private"' in page and 'name="audience"' in page
    assert "<textarea" not in page and "iscard" not in page and "Propose" not in page
    done = await desk.send(
        where, do="draft", asks_private="yes", private="yes", audience="guardians", team="Else"
    )
    assert done.status_code == 303, done.text
    [(method, sent, body)] = desk.care_plans.sent
    kept = {name: value for name, value in goal["words"].items() if value is not None}
    assert (method, sent, body) == ("PUT", "goals/g_break", kept | {"private": True, "audience": []})
    goal["doc_version"] = 8
    late = unescape((await desk.send(where, do="draft", asks_private="yes", private="yes")).text)
    assert (
        "Somebody changed the goal" in late and 'name="version" value="8"' in late and "<textarea" not in late
    )
    assert re.search(r'<input[^>]*name="private"[^>]*checked', late), "what was ticked stays"


async def test_words_that_were_written_while_the_goal_ended_stay_on_the_page(desk: Desk) -> None:
    """In a form they would be saved, and said to be, and be nowhere: an ended goal keeps its words."""
    goal, where = _over(desk), f"{BASE}/plan/edit?goal=g_break"
    goal["doc_version"] = 8
    typed = {"team": "What I was writing", "plain": goal["words"]["plain"], "settings": "home"}
    late = unescape((await desk.send(where, do="draft", audience="school", **typed)).text)
    assert "has ended while you were writing" in late and "will count" not in late
    assert late.index("What you wrote. It was not sent.") < late.index("<p>What I was writing</p>")
    assert "<textarea" not in late and "<p>He asks for a break.</p>" not in late, "only what is new of it"
    assert re.search(r'<input[^>]*value="school"[^>]*checked', late) and 'name="version" value="8"' in late
    assert desk.care_plans.sent == []


async def test_an_ended_goal_is_read_and_comes_back_after_one_question(desk: Desk) -> None:
    goal = _over(desk)
    page = (await desk.open(f"{BASE}/plan")).text
    assert "Completed since Monday 2 March" in page and "in use" in page and "the talker; mine now." in page
    assert END not in page and "Add practice" not in page
    assert f'action="{BASE}/goals/g_break/again"' in page
    answer = await desk.send(f"{BASE}/goals/g_break/again")
    assert answer.status_code == 303 and desk.care_plans.sent[-1][1] == "goals/g_break/again"
    goal["ending"]["use"], goal["comes_back"] = "needs_help_again", False
    assert "/again" not in (await desk.open(f"{BASE}/plan")).text
    goal["comes_back"] = True
    assert "/again" in (await desk.open(f"{BASE}/plan")).text, "the draft of it was thrown away"
