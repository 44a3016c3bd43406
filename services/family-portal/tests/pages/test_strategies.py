"""Does it work here: what school says of what it does, where that waits, and what school reads of the answer."""

import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import httpx
import pytest
from plan_desk import ASKED, GOAL, WISH, Desk
from site_app import Person, acting

from contracts.care_plans import GoalState, GoalTeam, GoalWording
from contracts.classes import DataClass
from contracts.identity import Names
from family_portal.web import school, staff

from ..conftest import LONG_AGO
from ..sample_events import LEVELS, goal, of_strategy

PUPIL = "/school/pupils/a"
PAGE = f"{PUPIL}/strategies"
EARLY, CARD = "Lunch: five minutes early.", "Blue card: say yes."
SAID = {"strategy": "g_one:1:1", "works": "no", "words": "The order is not known."}


def shared(house: Any, **changes: Any) -> Any:
    """A goal with two things that school does."""
    words = {
        DataClass.PLAN_TEAM: GoalTeam(statement="team", levels=LEVELS),
        DataClass.PLAN_SCHOOL: GoalWording(statement="asks for a break", strategies=[CARD, EARLY]),
    }
    return goal(house.tenant, **({"words": words} | changes))


class Plans:
    """The care-plans these pages send to, and what it was sent."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, dict[str, Any], str]] = []
        self.refuses: tuple[int, dict[str, Any]] | None = None

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET":
            return httpx.Response(404, json={"title": "Not found", "status": 404})
        if self.refuses:
            return httpx.Response(self.refuses[0], json=self.refuses[1])
        where = request.url.path.partition("/cl_a")[2]
        self.sent.append((where, json.loads(request.content), request.headers.get("If-Match", "")))
        return httpx.Response(201, json={"id": "sn_one"})


@pytest.fixture
def plans() -> Plans:
    return Plans()


@pytest.fixture
async def teacher(house: Any, plans: Plans) -> AsyncIterator[Person]:
    consent = {"id": "c1", "state": "granted", "recipients": ["ps_teacher"], "begins": LONG_AGO}
    await house.knows(consents=[{**consent, "classes": ["plan_school", "observation"]}])
    await house.hears(shared(house))
    async with acting(house, "ps_teacher", school.router, handle=plans) as person:
        yield person


async def test_a_strategy_is_said_not_to_work_in_three_taps(teacher: Person, plans: Plans) -> None:
    assert f'href="{PAGE}">Does it work here?' in (await teacher.opens(PUPIL)).text
    page = await teacher.opens(PAGE)
    assert (
        EARLY in page.text and "What you write is read until" in page.text and 'class="k-seen"' in page.text
    )
    done = await teacher.sends(PAGE, page, **SAID)
    assert (done.status_code, done.headers["location"]) == (303, f"{PUPIL}?said=noted")
    [(where, body, seen)] = plans.sent
    assert (where, seen) == ("/goals/g_one/strategies/notes", '"1"')
    told = {"strategy": EARLY, "works": False, "words": "The order is not known."}
    assert {name: body[name] for name in told} == told and len(body["id"]) == 32


async def test_taps_that_are_missing_are_named_and_words_stay(teacher: Person, plans: Plans) -> None:
    page = await teacher.opens(PAGE)
    empty = await teacher.sends(PAGE, page, words="Half a thought.")
    assert empty.status_code == 422 and "Half a thought.</textarea>" in empty.text
    assert "Choose which one it is." in empty.text and "Say whether it works here." in empty.text
    assert plans.sent == []


async def test_a_strategy_read_in_an_older_version_is_read_again_first(
    house: Any, teacher: Person, plans: Plans
) -> None:
    page = await teacher.opens(PAGE)
    await house.hears(shared(house, version=2))
    moved = await teacher.sends(PAGE, page, **SAID)
    assert moved.status_code == 409 and "This was changed elsewhere meanwhile." in moved.text
    assert "The order is not known.</textarea>" in moved.text and plans.sent == []


async def test_words_of_worry_bring_who_answers_now_first(teacher: Person, plans: Plans) -> None:
    page = await teacher.opens(PAGE)
    worry = SAID | {"words": "He said his gran hits him."}
    first = await teacher.sends(PAGE, page, **worry)
    assert first.status_code == 200 and "He said his gran hits him." in first.text and plans.sent == []
    await teacher.sends(PAGE, page, **worry, worry="send")
    assert len(plans.sent) == 1


@pytest.mark.parametrize(
    ("said", "strong", "text"),
    [
        ({}, "You noted what does not work here:", f"“{EARLY}” The team answers here."),
        ({"changed_to": "Outside first.", "reply": "Thank you."}, "Because of what you noted",
         f"we changed “{EARLY}” Now: “Outside first.” Thank you."),
        ({"changed_to": "Outside first."}, "Because of what you noted", f"we changed “{EARLY}” Now: “Outside first.”"),
        ({"reply": "Try Fridays."}, "The team wrote back", f"about “{EARLY}” Try Fridays."),
    ],
)  # fmt: skip
async def test_what_came_of_it_stands_with_this_week(
    house: Any, teacher: Person, said: dict[str, Any], strong: str, text: str
) -> None:
    await house.hears(of_strategy(house.tenant, EARLY, said=said))
    week = unescape((await teacher.opens(f"{PUPIL}/fragments/week")).text)
    assert f"<strong>{strong}</strong> {text}" in week


def hidden(house: Any) -> tuple[Any, Any]:
    """The goal becomes the person's own: it leaves its readers, and is the client's and the team's."""
    mine = {DataClass.PLAN_PRIVATE: GoalTeam(statement="mine", levels=LEVELS)}
    return shared(house, words={}, ended=True), shared(house, parties=("client",), version=2, words=mine)


async def test_what_came_of_it_leaves_school_with_the_goal_and_comes_back_with_it(
    house: Any, teacher: Person
) -> None:
    async def items(person: str, data_class: str = "plan_school", **more: Any) -> httpx.Response:
        return await house.get(person, "/items", **{"class": data_class}, **more)

    async def told(person: str) -> list[bytes]:
        found = [await items(person, each) for each in ("plan_school", "plan_plain")]
        return [(await house.get(person, "/view")).content, *(each.content for each in found)]

    said = {"changed_to": "Canary idea.", "reply": "Thank you."}
    nothing, parent = await told("ps_teacher"), await told("ps_mother")
    await house.hears(of_strategy(house.tenant, EARLY, said=said), of_strategy(house.tenant, CARD, "sn_two"))
    pupil, api = (await teacher.opens(PUPIL)).text, await told("ps_teacher")
    assert "Canary idea." in pupil and EARLY in pupil and "Canary idea." in str(api)
    first = (await items("ps_teacher", limit=1)).json()
    await house.hears(*hidden(house))
    gone = [(await teacher.opens(path)).text for path in (PUPIL, f"{PUPIL}/fragments/week", PAGE)]
    assert not [text for text in gone if "Canary" in text or EARLY in text or CARD in text]
    assert (await told("ps_teacher"))[1:] == nothing[1:], "the same bytes as if nothing had been said"
    assert await told("ps_mother") == parent
    rest = await items("ps_teacher", after=first["next"])
    assert rest.json() == {"items": [], "next": None}, "a page that was begun is read to its end"
    assert "Canary idea." in (await items("ps_therapist")).text
    await house.hears(shared(house, version=3))
    assert "Canary idea." in (await teacher.opens(PUPIL)).text
    assert (await told("ps_teacher"))[1:] == api[1:]


async def test_nothing_waits_for_the_team_that_nobody_at_school_would_read(house: Any, desk: Desk) -> None:
    await house.hears(shared(house), of_strategy(house.tenant, EARLY), *hidden(house))
    async with acting(house, "ps_therapist", staff.router, handle=Plans()) as therapist:
        assert EARLY not in (await therapist.opens("/staff/fragments/to-answer")).text
        await house.hears(shared(house, version=3))
        assert EARLY in (await therapist.opens("/staff/fragments/to-answer")).text
    await house.hears(of_strategy(house.tenant, EARLY, "sn_plan", goal_id="g_break"))
    desk.care_plans.plan["goals"][0]["parties"] = ["client"]
    card = unescape((await desk.open("/staff/clients/a/plan")).text).split('id="said-sn_plan"')[1]
    said = card.split("</li>")[0]
    assert EARLY in said and "<form" not in said and "School does not read this goal now" in said


async def test_what_a_colleague_noted_and_what_works_is_not_told_back(house: Any, teacher: Person) -> None:
    before = (await teacher.opens(f"{PUPIL}/fragments/week")).text
    await house.hears(of_strategy(house.tenant, EARLY, parties=("person:ps_friend",)))
    await house.hears(of_strategy(house.tenant, CARD, "sn_two", said={"works": True}))
    assert (await teacher.opens(f"{PUPIL}/fragments/week")).text == before


async def test_a_resting_goal_offers_nothing_and_who_may_not_answer_has_no_page(
    house: Any, teacher: Person
) -> None:
    await house.hears(shared(house, state=GoalState.ON_HOLD))
    assert "Does it work here?" not in (await teacher.opens(PUPIL)).text
    assert "Nothing special is asked of school this week" in (await teacher.opens(PAGE)).text
    await house.knows(rev=2, consents=[])
    assert (await teacher.opens(PAGE)).status_code == 404


async def test_it_waits_on_today_until_it_is_answered_and_nobody_else_reads_it(house: Any) -> None:
    await house.hears(shared(house), of_strategy(house.tenant, EARLY))
    async with acting(house, "ps_therapist", staff.router, handle=Plans()) as therapist:
        page = unescape((await therapist.opens("/staff/fragments/to-answer")).text)
        waits, _, heard = page.partition('id="heard-h"')
        assert f"says that “{EARLY}” does not work at school" in waits and "The order is not known." in waits
        assert 'href="/staff/clients/a/plan#goal-g_one"' in waits and EARLY not in heard
        await house.hears(of_strategy(house.tenant, EARLY, by="ps_therapist", said={"reply": "Try Fridays."}))
        page = unescape((await therapist.opens("/staff/fragments/to-answer")).text)
        assert EARLY not in page.partition('id="heard-h"')[0]
    for person in ("ps_mother", "ps_teen", "ps_friend"):
        for path, more in (("/view", {}), ("/items", {"class": "plan_school"})):
            answer = await house.get(person, path, **more)
            assert answer.status_code in (200, 404), answer.text
            assert "The order is not known." not in answer.text, (person, path)


async def test_the_plan_page_answers_it_with_another_idea(house: Any, desk: Desk) -> None:
    await house.hears(shared(house), of_strategy(house.tenant, EARLY, goal_id="g_break"))
    page = unescape((await desk.open("/staff/clients/a/plan")).text)
    card = page.split('id="said-sn_one"')[1].split("</form>")[0]
    assert f">{EARLY}</textarea>" in card and f'name="version" value="{GOAL["doc_version"]}"' in card
    where = "/staff/clients/a/goals/g_break/strategies/sn_one"
    done = await desk.send(where, words="Thank you.", strategy="Outside first.")
    assert done.headers["location"] == "/staff/clients/a/plan#goal-g_break"
    assert desk.care_plans.sent == [
        ("POST", "goals/g_break/strategies/notes/sn_one/answer",
         {"words": "Thank you.", "strategy": "Outside first."}),
    ]  # fmt: skip
    desk.care_plans.refuses = (
        422,
        {"detail": "Nothing is said yet.", "field": "words", "fix": "Write a few words."},
    )
    again = unescape((await desk.send(where, strategy="Half an idea.")).text)
    assert 'href="#words-sn_one"' in again and ">Half an idea.</textarea>" in again


async def test_a_supervisor_reads_what_school_said_and_has_no_form_that_would_be_refused(
    house: Any, desks: Any
) -> None:
    tie = {"id": "s1", "person_id": "ps_supervisor", "supervisee_id": "ps_therapist", "begins": LONG_AGO}
    await house.knows(rev=2, supervisions=[tie])
    await house.hears(shared(house), of_strategy(house.tenant, EARLY, goal_id="g_break"))
    page = unescape((await (await desks("ps_supervisor")).open("/staff/clients/a/plan")).text)
    assert "The order is not known." in page and "Answer school" not in page


@pytest.mark.parametrize("state", ["draft", "proposed", "active", "on_hold", "completed"])
async def test_a_supervisor_reads_the_plan_without_a_button_that_would_be_refused(
    house: Any, desks: Any, state: str
) -> None:
    tie = {"id": "s1", "person_id": "ps_supervisor", "supervisee_id": "ps_therapist", "begins": LONG_AGO}
    await house.knows(rev=2, supervisions=[tie])
    desk = await desks("ps_supervisor")
    desk.care_plans.plan["goals"][0] |= {"state": state, "answers": [ASKED], "read_by": None}
    desk.care_plans.wishes = [{**WISH, "state": "taken", "answer": "We will.", "goal_id": "g_break"}]
    page = (await desk.open("/staff/clients/a/plan")).text
    assert "Of ten loud moments" in page and "The card" in page and "Why?" in page
    main = page.split("<main")[1].split("</main>")[0]
    assert set(re.findall(r'<form[^>]*action="([^"]+)"', main)) == {"/staff/clients/a/goals/g_break/read"}
    assert "/plan/edit" not in main and "/plan/tasks/edit" not in main and "/plan/end" not in main


async def test_an_answer_to_school_can_be_sent_once_the_goal_has_moved_on(house: Any, desk: Desk) -> None:
    await house.hears(shared(house), of_strategy(house.tenant, EARLY, goal_id="g_break"))
    desk.care_plans.refuses = 409, {"detail": "It has moved on.", "field": "If-Match", "version": 7}
    where = "/staff/clients/a/goals/g_break/strategies/sn_one"
    moved = unescape(
        (await desk.send(where, words="Thank you.", strategy="Outside first.", version="6")).text
    )
    card = moved.split('id="said-sn_one"')[1].split("</form>")[0]
    assert "send yours again if it is still right" in moved and ">Outside first.</textarea>" in card
    assert f'name="version" value="{GOAL["doc_version"]}"' in card


async def test_what_school_said_stands_on_today_as_schools_and_no_more_once_it_is_settled(house: Any) -> None:
    await house.named("ps_teacher", Names(names={"everyone": "Canary Teacher"}))
    await house.named("ps_therapist", Names(names={"everyone": "Canary Therapist"}))
    works = of_strategy(house.tenant, CARD, "sn_two", said={"works": True, "words": "Every day."})
    await house.hears(shared(house), works)
    for said in ({"reply": "Try Fridays."}, {"changed_to": "Outside first."}):
        await house.hears(
            of_strategy(house.tenant, EARLY), of_strategy(house.tenant, EARLY, by="ps_therapist", said=said)
        )
        async with acting(house, "ps_therapist", staff.router, handle=Plans()) as therapist:
            page = unescape((await therapist.opens("/staff/fragments/to-answer")).text)
        heard = page.partition('id="heard-h"')[2]
        assert "Every day." in heard and "Canary Teacher" in heard
        assert EARLY not in page and "Canary Therapist" not in page, (
            "the team has answered it, and did not say it"
        )


async def test_what_waits_behind_many_newer_notes_can_still_be_answered(house: Any, desk: Desk) -> None:
    old = {"happened_at": datetime.now(UTC) - timedelta(days=60), "goal_id": "g_break"}
    newer = [
        of_strategy(house.tenant, CARD, f"sn_{n}", goal_id="g_break", said={"works": True}) for n in range(51)
    ]
    await house.hears(shared(house), of_strategy(house.tenant, EARLY, "sn_old", **old), *newer)
    page = unescape((await desk.open("/staff/clients/a/plan")).text)
    assert page.count('action="/staff/clients/a/goals/g_break/strategies/sn_old"') == 1
