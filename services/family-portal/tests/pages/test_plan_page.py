"""The therapist's plan page after something could not be done: told on top, by name, leading to its place."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from plan_desk import ASKED, BASE, GOAL, WORDS, Desk, summary

from contracts.access import AccessDocument
from family_portal.web.staff_plan_fill import asked_now
from policy.days import day_of

from ..conftest import LONG_AGO

EMPTY = {
    "field": "words", "detail": "Nothing is written here.", "fix": "Write something.",
}  # fmt: skip


def proposed(desk: Desk) -> dict[str, Any]:
    goal: dict[str, Any] = desk.care_plans.plan["goals"][0]
    goal["state"] = "proposed"
    return goal


async def test_nothing_ticked_is_told_and_nothing_is_ticked_again(desk: Desk) -> None:
    proposed(desk)
    wrong = {"field": "goals", "detail": "No goal is chosen.", "fix": "Choose at least one."}
    desk.care_plans.refuses = 422, wrong
    answer = await desk.send(f"{BASE}/plan/activate")
    assert answer.status_code == 422
    assert summary(answer) == [("activate-goals", "No goal is chosen. Choose at least one.")]
    box = re.search(r'<input[^>]*id="activate-goals"[^>]*>', answer.text)
    assert box and "checked" not in box[0]


async def test_an_empty_answer_is_told_on_top_and_beside_its_field(desk: Desk) -> None:
    proposed(desk)["answers"] = [ASKED]
    desk.care_plans.refuses = 422, {"title": "A value is wrong", "errors": [EMPTY]}
    answer = await desk.send(f"{BASE}/goals/g_break/answers/ps_mother/reply", words="")
    ((place, told),) = summary(answer)
    assert place == "reply-plan_plain-ps_mother"
    assert re.fullmatch(r"Your answer to [^:]+: nothing is written here. Write something.", told)
    assert f'id="{place}-error"' in answer.text


@pytest.mark.parametrize("field", ["instead_of", "said_at"])
async def test_what_was_replied_meanwhile_stands_there_and_the_form_can_be_sent(
    desk: Desk, field: str
) -> None:
    address, older = f"{BASE}/goals/g_break/answers/ps_mother/reply", "2026-03-01T12:00:00Z"
    proposed(desk)["answers"] = [{**ASKED, "reply": "Call me “at once”."}]
    assert address not in (await desk.open(f"{BASE}/plan")).text
    desk.care_plans.refuses = 409, {"detail": "Meanwhile.", "field": field, "fix": "Read it."}
    answer = await desk.send(address, words="See you Friday.", said_at=older, instead_of="")
    ((place, told),) = summary(answer)
    assert (answer.status_code, place, told) == (409, "reply-plan_plain-ps_mother", "Meanwhile. Read it.")
    page = unescape(answer.text)
    assert page.index("The team answered: Call me “at once”.") < page.index("See you Friday.</textarea>")
    hidden = dict(re.findall(r'<input type="hidden" name="(said_at|instead_of)" value="([^"]*)">', page))
    assert hidden == {"said_at": ASKED["at"], "instead_of": "Call me “at once”."}
    desk.care_plans.refuses = None
    assert (await desk.send(address, words="See you Friday.", **hidden)).status_code == 303
    assert desk.care_plans.sent[-1][2] == {"words": "See you Friday.", **hidden}


@pytest.mark.parametrize(
    "where", ["goals/g_break/answers/ps_mother/reply", "goals/g_break/strategies/sn_one", "wishes/pr_look"]
)
@pytest.mark.parametrize("status", [409, 404])
async def test_words_whose_place_has_gone_from_the_page_are_read_and_not_lost(
    desk: Desk, where: str, status: int
) -> None:
    """They said yes meanwhile, said that it works after all, or a colleague has answered the wish."""
    proposed(desk)["answers"] = [{**ASKED, "answer": "approve"}]
    desk.care_plans.refuses = status, {"detail": "Meanwhile.", "field": "said_at"}
    typed = (
        {"outcome": "refused", "answer": "Looking can hurt."}
        if where.startswith("wishes")
        else {"words": "See you Friday."}
    )
    answer = await desk.send(f"{BASE}/{where}", **typed)
    page = unescape(answer.text)
    assert answer.status_code == 409 and summary(answer) == []
    words = [*typed.values()][-1]
    assert page.index("What you wrote. It was not sent.") < page.index(words) < page.index('id="plan"')


async def test_an_empty_reply_has_read_no_more_than_its_page(desk: Desk) -> None:
    proposed(desk)["answers"] = [{**ASKED, "reply": "Call me."}]
    desk.care_plans.refuses = 422, {"title": "A value is wrong", "errors": [EMPTY]}
    page = (await desk.send(f"{BASE}/goals/g_break/answers/ps_mother/reply", words="", said_at="")).text
    assert 'name="instead_of" value=""' in page and 'name="said_at" value=""' in page


async def test_a_level_without_level_or_day_is_told_by_name(desk: Desk) -> None:
    answer = await desk.send(f"{BASE}/goals/g_break/ratings", source="Friday club")
    assert summary(answer) == [
        ("level-g_break", "The level you agreed: none of the five is chosen. Choose one."),
        ("on-g_break", "On which day: no day is given. Give today or an earlier day."),
    ]
    assert desk.care_plans.sent == []


async def test_what_keeps_a_goal_back_leads_to_the_goal(desk: Desk) -> None:
    proposed(desk)
    unmet = {"goal_id": "g_break", "field": "answers", "detail": "Somebody said no.", "fix": "Talk."}
    desk.care_plans.refuses = 409, {"detail": "Somebody said no.", "errors": [unmet]}
    answer = await desk.send(f"{BASE}/plan/activate", goals="g_break")
    assert summary(answer) == [("goal-g_break", "Somebody said no. Talk.")]


async def test_what_has_no_place_on_the_page_is_told_all_the_same(desk: Desk) -> None:
    desk.care_plans.refuses = 409, {"detail": "The goal rests.", "field": "state", "fix": "Take it up."}
    answer = await desk.send(f"{BASE}/goals/g_break/pause")
    assert summary(answer) == [] and "The goal rests. Take it up." in answer.text


async def test_what_was_asked_before_is_not_printed_under_said_yes(desk: Desk) -> None:
    yes = {**ASKED, "answer": "approve", "words": None}
    proposed(desk)["answers"] = [{**yes, "words_before": "Any lesson?", "reply_before": "Any."}]
    page = (await desk.open(f"{BASE}/plan")).text
    assert page.index("wrote before:") < page.index("Any lesson?") < page.index("The team answered: Any.")
    assert page.index("The team answered: Any.") < page.index("said yes to the plain wording")


async def test_words_of_worry_stand_beside_what_was_said_after_them(desk: Desk) -> None:
    yes = {
        **ASKED,
        "answer": "approve",
        "words": None,
        "words_before": "He hits me.",
        "reply_before": "I call.",
    }
    kept = [{"words": "He hits me.", "reply": "I call."}, {"words": "i want to die", "reply": None}]
    proposed(desk)["answers"] = [{**yes, "worries": kept}]
    page = (await desk.open(f"{BASE}/plan")).text
    assert page.index("He hits me.") < page.index("I call.") < page.index("i want to die")
    assert page.index("i want to die") < page.index("said yes to the plain wording")
    assert page.count("He hits me.") == 1 and page.count("wrote before:") == 1


WORRY = {**ASKED, "version": 1, "answer": "no", "words": "i want to die"}


async def test_words_of_worry_about_an_earlier_version_stay_on_the_page(desk: Desk) -> None:
    """Also those that were said before any answer kept them beside it."""
    lesson = {**ASKED, "version": 2, "words": "Any lesson?"}
    goal = proposed(desk)
    goal["version"], goal["answers"] = 3, [WORRY, lesson, {**ASKED, "version": 3, "words": "And at lunch?"}]
    page = (await desk.open(f"{BASE}/plan")).text
    assert page.index("wrote before:") < page.index("i want to die") < page.index("And at lunch?")
    assert page.count("i want to die") == 1 and "Any lesson?" not in page
    goal["answers"] += [{**WORRY, "version": 1, "person_id": "ps_father", "words": "He hits me."}]
    page = (await desk.open(f"{BASE}/plan")).text
    assert page.count("wrote before:") == 1 and page.count("He hits me.") == 1


async def test_a_question_about_an_earlier_version_still_waits_for_its_answer(desk: Desk) -> None:
    proposed(desk)["answers"] = [{**ASKED, "version": 1}]
    page = (await desk.open(f"{BASE}/plan")).text
    assert "reading the plain wording (version 1)" in page and "Why?" in page
    assert f'action="{BASE}/goals/g_break/answers/ps_mother/reply"' in page
    assert "Everyone asked has said something" not in page
    proposed(desk)["answers"] = [{**ASKED, "version": 1}, {**ASKED, "answer": "approve", "words": None}]
    page = (await desk.open(f"{BASE}/plan")).text
    assert "said yes to the plain wording" in page and "(version 1)" not in page and "Why?" not in page


def test_a_proposal_waits_for_nobody_who_cannot_read_it() -> None:
    shared = {"classes": ["plan_school"], "begins": LONG_AGO}
    facts: dict[str, Any] = {
        "tenant_id": "tn_a", "client_id": "cl_a", "rev": 1, "client_person_id": "ps_teen",
        "relationships": [
            {"id": "r1", "person_id": "ps_mother", "kind": "mother", "authority": "full", "begins": LONG_AGO},
        ],
        "consents": [
            {"id": "c1", "state": "disputed", "recipients": ["ps_teacher"], **shared},
            {"id": "c2", "state": "granted", "recipients": ["ps_coach"], "needs_acceptance": True, **shared},
        ],
    }  # fmt: skip
    put = {**GOAL, "state": "proposed", "words": {**WORDS, "audience": ["guardians", "school"]}}
    child = AccessDocument.model_validate(facts)
    assert asked_now(put, child) == ["ps_mother", "ps_teacher", "ps_teen"]
    grown = AccessDocument.model_validate({**facts, "majority_from": day_of(LONG_AGO) + timedelta(days=1)})
    assert asked_now(put, grown) == ["ps_teacher", "ps_teen"]


NEW_GOAL = (f"{BASE}/plan/edit", {"team": "Half a thought"}, {"team": "Another thought"})
NEW_TASK = (
    f"{BASE}/plan/tasks/edit",
    {"goal_id": "g_break", "title": "The card", "why": "It helps.", "times": "3"},
    {"title": "Another card"},
)


@pytest.mark.parametrize(("address", "typed", "change"), [NEW_GOAL, NEW_TASK], ids=["goal", "task"])
async def test_going_back_and_saving_again_makes_no_second_one_in_silence(
    desk: Desk, address: str, typed: dict[str, str], change: dict[str, str]
) -> None:
    page = await desk.open(address)
    own = re.search(r"\?form=(\w{32})$", str(page.url))
    assert own and f'name="command_id" value="{own[1]}"' in page.text
    assert own[1] in (await desk.open(str(page.url))).text, "it stays itself"
    for _ in range(2):
        assert (await desk.send(address, command_id=own[1], **typed)).status_code == 303
    assert len(desk.care_plans.sent) == 1
    changed = await desk.send(address, command_id=own[1], **typed | change)
    assert changed.status_code == 409 and "This is kept already" in changed.text
    assert next(iter(change.values())) in changed.text and own[1] not in changed.text
    fresh = re.search(r'name="command_id" value="(\w+)"', changed.text)
    assert fresh and (await desk.send(address, command_id=fresh[1], **typed | change)).status_code == 303
    assert len({body["id"] for _, _, body in desk.care_plans.sent}) == 2


async def test_a_goal_kept_as_a_draft_is_proposed_from_the_same_form(desk: Desk) -> None:
    """Somebody who goes back after keeping it, and proposes, means the one that is kept."""
    typed = {"command_id": "a" * 32, "team": "Half a thought"}
    kept = await desk.send(f"{BASE}/plan/edit", do="draft", **typed)
    proposed = await desk.send(f"{BASE}/plan/edit", do="propose", **typed)
    assert (kept.status_code, proposed.status_code) == (303, 303)
    (_, _, goal), (_, where, body) = desk.care_plans.sent
    assert (where, body["goals"]) == ("plan/propose", [goal["id"]])
    assert body["read"] == [{"id": goal["id"], "doc_version": 1}], (
        "as it was kept, and not as it may be since"
    )


@pytest.mark.parametrize(
    ("address", "place"),
    [
        (f"{BASE}/goals/g_break/pause", "goal-g_break"),
        (f"{BASE}/goals/g_break/answers/ps_mother/reply", "goal-g_break"),
        (f"{BASE}/tasks/tk_card/pause", "task-tk_card"),
        (f"{BASE}/plan/tasks/edit?task=tk_card", "task-tk_card"),
    ],
)
async def test_whoever_changes_something_comes_back_to_it(desk: Desk, address: str, place: str) -> None:
    desk.care_plans.plan["goals"][0]["answers"] = [ASKED]
    answer = await desk.send(address, words="Because", times="2")
    assert answer.headers["location"] == f"{BASE}/plan#{place}"
    assert f'id="{place}"' in (await desk.open(f"{BASE}/plan")).text


async def test_new_practice_is_what_its_writer_sees_next(desk: Desk) -> None:
    answer = await desk.send(NEW_TASK[0], **NEW_TASK[1])
    [(_, _, body)] = desk.care_plans.sent
    assert answer.headers["location"] == f"{BASE}/plan#task-{body['id']}"
