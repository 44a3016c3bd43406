"""What school reads after sessions, and says it saw: as far as a consent goes, live, and never more."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any, get_args

import httpx
import pytest
from site_app import Person, acting, command_of

from contracts.access import ConsentState
from contracts.care_plans import GoalState, GoalTeam, GoalWording
from contracts.classes import DataClass
from contracts.identity import Names
from family_portal import observations
from family_portal.api.written import ObservationIn
from family_portal.observations import MY_PART
from family_portal.web import models as m
from family_portal.web import school, school_cards, session_page
from family_portal.web.goals import RESTING
from family_portal.web.models.school import MY_PART as PARTS
from family_portal.web.models.school import SAW

from ..conftest import LONG_AGO
from ..sample_events import LEVELS, NOW, goal, seen, summary

PUPIL = "/school/pupils/a"
SESSIONS = f"{PUPIL}/sessions"
SCHOOL = ("client", "guardians", "school")
EMPTY = "Nothing has been written yet."


def nobody(request: httpx.Request) -> httpx.Response:
    """No other service is asked."""
    raise AssertionError(request.url)


def consent(*classes: str, **changes: Any) -> dict[str, Any]:
    usual = {"id": "c1", "state": "granted", "recipients": ["ps_teacher"], "begins": LONG_AGO}
    return {**usual, "classes": ["plan_school", "observation", *classes]} | changes


@pytest.fixture
async def teacher(house: Any) -> AsyncIterator[Person]:
    await house.knows(consents=[consent("session_summary")])
    await house.hears(goal(house.tenant))
    async with acting(house, "ps_teacher", school.router, handle=nobody) as person:
        yield person


async def test_a_released_summary_stands_on_the_pupils_page_and_on_its_own(
    house: Any, teacher: Person
) -> None:
    before = await teacher.opens(PUPIL)
    assert EMPTY in before.text and "After sessions" in before.text
    await house.hears(summary(house.tenant, *SCHOOL))
    for path in (PUPIL, f"{PUPIL}/fragments/latest", SESSIONS, f"{PUPIL}/fragments/sessions"):
        page = await teacher.opens(path)
        assert page.status_code == 200 and "We built a den." in page.text, path
        assert EMPTY not in page.text


async def test_who_teaches_pupils_of_two_organisations_reads_which_of_them_shares_this_one(
    house: Any, teacher: Person
) -> None:
    assert "shared by" not in (await teacher.opens(PUPIL)).text, "a name that is not known is not made up"
    await house.named(house.tenant, Names(names={"everyone": "Canary Clinic"}), house.tenant)
    assert "shared by Canary Clinic" in (await teacher.opens(PUPIL)).text


async def test_whom_to_go_to_with_a_worry_stands_there_before_anything_is_written(teacher: Person) -> None:
    page = (await teacher.opens(PUPIL)).text
    assert "Worried about safety?" in page
    assert "Your school’s way: its safeguarding lead, in person or by phone." in page, "where none is known"


async def test_the_part_asks_for_itself_when_a_summary_moved(teacher: Person) -> None:
    page = (await teacher.opens(PUPIL)).text
    part = page.split('id="summaries"')[1].split(">")[0]
    assert f'hx-get="{PUPIL}/fragments/latest"' in part and "session-cl_a from:#live" in part


async def test_what_was_not_released_is_not_there(house: Any, teacher: Person) -> None:
    await house.hears(summary(house.tenant, "client", "guardians"))
    for path in (PUPIL, SESSIONS):
        page = (await teacher.opens(path)).text
        assert "We built a den." not in page and EMPTY in page


@pytest.mark.parametrize(
    "agreed", [consent(), consent("session_summary", only_goals=["g_one"]), consent("task")]
)
async def test_without_a_consent_for_summaries_nothing_is_said_of_them(
    house: Any, teacher: Person, agreed: dict[str, Any]
) -> None:
    await house.hears(summary(house.tenant, *SCHOOL))
    await house.knows(consents=[agreed])
    page = await teacher.opens(PUPIL)
    assert page.status_code == 200 and "After sessions" not in page.text and "a den" not in page.text
    for path in (SESSIONS, f"{PUPIL}/fragments/sessions", f"{PUPIL}/fragments/latest"):
        assert (await teacher.opens(path)).status_code == 404


@pytest.mark.parametrize(
    ("changes", "offered"),
    [
        ({}, True),
        ({"state": ConsentState.DISPUTED}, True),
        ({"only_goals": ["g_one"]}, False),
        ({"expires": LONG_AGO}, False),
        ({"state": ConsentState.WITHDRAWN}, False),
    ],
)
async def test_release_is_offered_exactly_where_school_would_read_it(
    house: Any, changes: dict[str, Any], offered: bool
) -> None:
    await house.knows(consents=[consent("session_summary", **changes)])
    reach = await house.portal.reader.reach(house.caller("ps_therapist"), "cl_a")
    assert session_page._school_reads(reach) is offered


async def test_more_summaries_than_a_page_holds_are_reached_from_the_pupils_page(
    house: Any, teacher: Person
) -> None:
    told = [summary(house.tenant, *SCHOOL, record_id=f"se_{n}") for n in range(school_cards.LATEST + 1)]
    await house.hears(*told)
    page = (await teacher.opens(PUPIL)).text
    assert page.count("We built a den.") == school_cards.LATEST
    older = page.split("Older ones")[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    assert older.startswith(f"{SESSIONS}?after=")
    assert (await teacher.opens(older)).text.count("We built a den.") == 1


async def test_a_new_goal_reaches_the_open_page_with_the_goals(house: Any, teacher: Person) -> None:
    before = (await teacher.opens(PUPIL)).text
    part = before.split('id="goals"')[1].split(">")[0]
    assert f'hx-get="{PUPIL}/fragments/goals"' in part and "plan-cl_a from:#live" in part
    assert "Read the new goal" not in before
    await house.hears(goal(house.tenant, "g_new", state="proposed"))
    assert f'href="{PUPIL}/plan">Read the new goal' in (await teacher.opens(f"{PUPIL}/fragments/goals")).text


async def test_what_a_teacher_noted_reaches_their_other_open_page(house: Any, teacher: Person) -> None:
    before = (await teacher.opens(PUPIL)).text
    part = before.split('id="noted"')[1].split(">")[0]
    assert f'hx-get="{PUPIL}/fragments/noted"' in part and "log-cl_a from:#live" in part
    noted = seen(house.tenant, "person:ps_teacher", "client")
    await house.hears(noted)
    answer = await teacher.opens(f"{PUPIL}/fragments/noted")
    assert "Card, I got to my part" in answer.text and "Kith-Said" not in answer.headers


async def test_who_may_note_nothing_has_no_place_for_it(house: Any, teacher: Person) -> None:
    await house.knows(consents=[consent(classes=["plan_school"])])
    page = await teacher.opens(PUPIL)
    assert page.status_code == 200 and "What you noted" not in page.text
    assert (await teacher.opens(f"{PUPIL}/fragments/noted")).status_code == 404


async def test_a_pupil_without_own_lines_has_no_empty_box_for_them(teacher: Person) -> None:
    page = (await teacher.opens(PUPIL)).text
    assert "About me" not in page and "has not chosen" not in page


def test_everything_offered_can_be_kept_and_that_it_did_not_happen_is_offered() -> None:
    allowed = set(get_args(ObservationIn.model_fields["saw"].annotation))
    offered = [choice.value for choice in SAW]
    assert set(offered) <= allowed and "did_not" in offered and len(offered) == len(set(offered))
    assert {choice.value for choice in PARTS} == set(MY_PART)


async def test_a_teacher_can_say_that_it_did_not_happen(house: Any, teacher: Person) -> None:
    page = await teacher.opens(f"{PUPIL}/observe")
    assert "Not this time" in page.text
    said = {"goal_id": "g_one", "saw": "did_not", "my_part": "got_to_it"}
    for _ in range(2):
        done = await teacher.sends(f"{PUPIL}/observe", page, **said)
        assert done.status_code == 303, done.text
    corrected = await teacher.sends(f"{PUPIL}/observe", page, **said | {"saw": "card"})
    assert corrected.status_code == 409 and "You have sent this already" in corrected.text
    assert len(await house.journal()) == 1, "going back never makes a second one in silence"
    done = await teacher.sends(f"{PUPIL}/observe", corrected, **said | {"saw": "card"})
    assert done.status_code == 303 and len(await house.journal()) == 2, "somebody may put it right on purpose"


async def test_who_goes_back_to_a_form_finds_the_same_one_and_keeps_nothing_twice(
    house: Any, teacher: Person
) -> None:
    page = await teacher.opens(f"{PUPIL}/observe")
    said = {"goal_id": "g_one", "saw": "card", "my_part": "partly"}
    await teacher.sends(f"{PUPIL}/observe", page, **said)
    again = await teacher.opens(str(page.url))
    assert command_of(again) == command_of(page)
    done = await teacher.sends(f"{PUPIL}/observe", again, **said)
    assert done.status_code == 303 and len(await house.journal()) == 1
    another = await teacher.opens(f"{PUPIL}/observe")
    assert command_of(another) != command_of(page)
    made_up = await teacher.opens(f"{PUPIL}/observe?form=1%22%3E")
    assert str(made_up.url) != f"https://kith{PUPIL}/observe?form=1%22%3E"
    done = await teacher.sends(f"{PUPIL}/observe", another, **said)
    assert done.status_code == 303 and len(await house.journal()) == 2


async def test_an_observation_of_a_goal_that_has_ended_keeps_its_words(house: Any, teacher: Person) -> None:
    page = await teacher.opens(f"{PUPIL}/observe")
    await house.hears(goal(house.tenant, state="completed"))
    said = {"goal_id": "g_one", "saw": "card", "my_part": "partly", "words": "Showed it twice."}
    kept = await teacher.sends(f"{PUPIL}/observe", page, **said)
    assert kept.status_code == 422 and "Showed it twice.</textarea>" in kept.text
    assert (
        "This is none of the pupil’s goals now." in kept.text.replace("&#39;", "’")
        and f'href="{PUPIL}"' in kept.text
    )


def test_what_was_seen_reads_as_people_say_it() -> None:
    assert {school_cards.SAW_WORDS.get(c.value, c.value) for c in SAW} >= {
        "not this time",
        "another way",
        "card",
    }
    assert not any("_" in school_cards.SAW_WORDS.get(value, value) for value in observations.SAW)


async def test_every_tap_that_is_missing_is_named(house: Any, teacher: Person) -> None:
    await house.hears(goal(house.tenant))
    page = await teacher.opens(f"{PUPIL}/observe")
    empty = await teacher.sends(f"{PUPIL}/observe", page)
    assert empty.status_code == 422
    for fix in ("Choose what it was about.", "Choose what you saw.", "Choose whether you got to your part."):
        assert fix in empty.text
    last = await teacher.sends(f"{PUPIL}/observe", page, goal_id="g_one", saw="card")
    assert "Choose what you saw." not in last.text and "Choose whether you got" in last.text


async def test_the_box_for_words_says_when_it_is_read_and_where_worries_go(
    house: Any, teacher: Person
) -> None:
    page = (await teacher.opens(f"{PUPIL}/observe")).text
    below = page.split("</textarea>")[1].split("</details>")[0]
    assert "What you write is read until" in below and 'href="/help-now"' in below and "ring 999" in below
    assert "A worry about safety goes your school’s own way" in below
    await house.hears(goal(house.tenant, state=GoalState.ON_HOLD))
    empty = await teacher.sends(f"{PUPIL}/observe", await teacher.opens(f"{PUPIL}/observe"), words="Once.")
    assert "What you write is read until" in empty.text.split("</textarea>")[1]


async def test_who_reads_what_a_teacher_notes_is_said_before_it_is_noted(house: Any, teacher: Person) -> None:
    page = (await teacher.opens(f"{PUPIL}/observe")).text
    line = page.split('class="k-seen"')[1].split("</p>")[0]
    names = await house.portal.names.persons(["ps_therapist"])
    assert f"You and {names['ps_therapist'].name}" in line
    assert "ps_mother" not in line and "href" not in line


async def test_the_answer_to_a_goal_says_where_what_is_urgent_goes(house: Any, teacher: Person) -> None:
    await house.hears(goal(house.tenant, state=GoalState.PROPOSED))
    form = (await teacher.opens(f"{PUPIL}/plan")).text.split("</textarea>")[1].split("</form>")[0]
    assert "What you write is read until" in form and 'href="/help-now"' in form


def test_the_observe_page_is_three_taps() -> None:
    assert len(m.ObservePage.__dataclass_fields__["saw"].default) <= 9, "three rows of three on a tablet"


def with_part(house: Any, goal_id: str, *strategies: str, days: int = 0, **changes: Any) -> Any:
    """A goal for school with what school does, its version some days old."""
    words = {DataClass.PLAN_SCHOOL: GoalWording(statement=f"about {goal_id}", strategies=list(strategies))}
    at = {"version_at": NOW + timedelta(days=days)}
    return goal(house.tenant, goal_id, words=words, **(at | changes))


async def test_a_new_goals_strategies_reach_school_beside_the_older_ones(house: Any, teacher: Person) -> None:
    await house.hears(with_part(house, "g_one", "Old one.", "Old two.", "Old three."))
    await house.hears(with_part(house, "g_two", "New one.", "New two.", days=9))
    page = (await teacher.opens(f"{PUPIL}/fragments/week")).text
    assert [each for each in ("New one.", "Old one.", "New two.", "Old two.") if each in page] == [
        "New one.", "Old one.", "New two.",
    ]  # fmt: skip


async def test_school_reads_its_own_part_before_it_agrees_to_a_goal(house: Any, teacher: Person) -> None:
    await house.hears(with_part(house, "g_one", "Count to five.", "Say yes.", state=GoalState.PROPOSED))
    card = (await teacher.opens(f"{PUPIL}/plan")).text.split('id="goal-g_one"')[1]
    part, answers = card.split("<form")[:2]
    assert "For school this week" in part and "<li>Count to five.</li><li>Say yes.</li>" in part
    assert 'value="approve"' in answers
    await house.hears(with_part(house, "g_one", state=GoalState.PROPOSED))
    assert "For school this week" not in (await teacher.opens(f"{PUPIL}/plan")).text


async def test_what_rests_asks_nothing_of_school(house: Any, teacher: Person) -> None:
    await house.hears(with_part(house, "g_one", "Old one.", state=GoalState.ON_HOLD))
    assert "Old one." not in (await teacher.opens(f"{PUPIL}/fragments/week")).text


async def test_each_goal_to_observe_has_its_own_part_beside_it(house: Any, teacher: Person) -> None:
    await house.hears(with_part(house, "g_one", "Blue card: say yes."))
    assert "Blue card: say yes. Your tap saves it." in (await teacher.opens(f"{PUPIL}/observe")).text
    await house.hears(with_part(house, "g_two", "Count to five."))
    page = (await teacher.opens(f"{PUPIL}/observe")).text
    for goal_id, part in (("g_one", "Blue card: say yes."), ("g_two", "Count to five.")):
        assert f"Your part: {part}" in page.split(f"about {goal_id}")[1].split("</label>")[0]
    assert "Blue card: say yes. Your tap" not in page


async def test_a_goal_that_rests_says_so_and_asks_nothing_of_school(house: Any, teacher: Person) -> None:
    resting = {
        "state": GoalState.ON_HOLD,
        "words": {
            DataClass.PLAN_TEAM: GoalTeam(statement="team", levels=LEVELS),
            DataClass.PLAN_SCHOOL: GoalWording(statement="asks for a break", strategies=["Count to five."]),
        },
    }
    await house.hears(goal(house.tenant, **resting))
    for path in (PUPIL, f"{PUPIL}/fragments/goals"):
        assert RESTING in (await teacher.opens(path)).text
    page = (await teacher.opens(PUPIL)).text
    assert "Count to five." not in page and "I saw something" not in page
    observe = (await teacher.opens(f"{PUPIL}/observe")).text
    assert 'name="goal_id"' not in observe and "Nothing is worked on here right now" in observe
    said = {"goal_id": "g_one", "saw": "card", "my_part": "got_to_it"}
    refused = await teacher.sends(f"{PUPIL}/observe", None, **said)
    assert refused.status_code == 422 and await house.journal() == []
    by_program = await house.post("ps_teacher", "/observations", said)
    assert (by_program.status_code, by_program.json()["detail"]) == (422, "This part is resting.")


async def test_beside_a_goal_that_rests_the_others_can_be_observed(house: Any, teacher: Person) -> None:
    await house.knows(consents=[consent("session_summary", only_goals=None)])
    await house.hears(goal(house.tenant, "g_two", "waits", state=GoalState.ON_HOLD))
    observe = (await teacher.opens(f"{PUPIL}/observe")).text
    assert 'value="g_one"' in observe and 'value="g_two"' not in observe
