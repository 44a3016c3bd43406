"""Drafts thrown away, practice that rests or ends: after one question, and never over a colleague's words."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import httpx
import pytest
from plan_desk import BASE, EDIT, TASK_EDIT, Desk, said, summary

from policy.days import day_of


async def test_practice_ends_after_one_question(desk: Desk) -> None:
    page = (await desk.open(f"{BASE}/plan")).text
    (asked,) = re.findall(r'<details[^>]*id="end-tk_card"[^>]*>(.*?)</details>', page, re.DOTALL)
    assert f'action="{BASE}/tasks/tk_card/end"' in asked.partition("</summary>")[2]
    assert page.count(f'action="{BASE}/tasks/tk_card/end"') == 1


@pytest.mark.parametrize("address", [f"{BASE}/plan", f"{BASE}/plan/edit?goal=g_break"])
async def test_a_draft_is_thrown_away_after_one_question(desk: Desk, address: str) -> None:
    desk.care_plans.plan["goals"][0]["state"] = "draft"
    page = (await desk.open(address)).text
    (asked,) = re.findall(r'<details[^>]*id="discard[^"]*"[^>]*>(.*?)</details>', page, re.DOTALL)
    assert "Discard this draft" in asked.partition("</summary>")[0] and "Yes, discard it" in asked
    assert "discard it" not in page.replace(asked, "")
    assert (await desk.send(f"{BASE}/goals/g_break/discard")).status_code == 303
    assert (await desk.send(f"{BASE}/plan/edit?goal=g_break", do="discard")).status_code == 303
    assert [where for _, where, _ in desk.care_plans.sent] == ["goals/g_break/discard"] * 2


@pytest.mark.parametrize(
    ("form", "place"),
    [
        (f"{BASE}/goals/g_break/discard", "/plan"),
        (f"{BASE}/plan/edit?goal=g_break", "/plan/edit?goal=g_break"),
    ],
)
async def test_a_draft_that_a_colleague_wrote_on_is_shown_as_it_is_now_and_not_thrown_away(
    desk: Desk, form: str, place: str
) -> None:
    goal = desk.care_plans.plan["goals"][0]
    goal["state"] = "draft"
    assert f'name="version" value="{goal["doc_version"]}"' in _discard(await desk.open(f"{BASE}{place}"))
    goal["doc_version"], goal["words"]["team"] = 8, "A colleague’s newer words"
    late = await desk.send(form, do="discard", team="What I saw")
    assert (late.status_code, desk.care_plans.sent) == (409, [])
    page = unescape(late.text)
    assert "A colleague’s newer words" in page and "What I saw" not in page
    assert "meanwhile" in page and 'name="version" value="8"' in _discard(late)
    assert place != "/plan" or [to for to, _ in summary(late)] == ["goal-g_break"]
    assert (await desk.send(form, do="discard", version="8")).status_code == 303
    [(_, where, _)] = desk.care_plans.sent
    assert where == "goals/g_break/discard"


@pytest.mark.parametrize("place", ["/plan", "/plan/edit?goal=g_break"])
async def test_practice_that_a_colleague_hung_on_a_draft_is_shown_and_not_thrown_away(
    desk: Desk, place: str
) -> None:
    desk.care_plans.plan["goals"][0]["state"] = "draft"
    task = desk.care_plans.plan["tasks"][0] | {"state": "draft", "doc_version": 3}
    desk.care_plans.plan["tasks"] = [task]
    asked = _discard(await desk.open(f"{BASE}{place}"))
    assert re.findall(r'name="tasks" value="([^"]*)"', asked) == ["tk_card:3"]
    form = f"{BASE}{place}" if "edit" in place else f"{BASE}/goals/g_break/discard"
    desk.care_plans.plan["tasks"] = [
        task,
        {**task, "id": "tk_new", "text": {"title": "A colleague’s card", "why": "It"}},
    ]
    there = {
        "detail": "Practice waits for this goal.",
        "field": "tasks",
        "fix": "Read it.",
        "title": "There is practice",
    }
    desk.care_plans.refuses = 409, there
    late = await desk.send(form, do="discard", tasks="tk_card:3")
    page = unescape(late.text)
    assert late.status_code == 409 and "A colleague’s card" in page
    assert "ractice" in page[page.index("nhsuk-error-summary") :].partition("</ul>")[0]
    assert set(re.findall(r'name="tasks" value="([^"]*)"', _discard(late))) == {"tk_card:3", "tk_new:3"}
    desk.care_plans.refuses = None
    assert (
        await desk.send(form, do="discard", tasks=["tk_card:3", "tk_new:3", "no version"])
    ).status_code == 303
    [(_, where, body)] = desk.care_plans.sent
    named = [{"id": "tk_card", "doc_version": 3}, {"id": "tk_new", "doc_version": 3}]
    assert (where, body) == ("goals/g_break/discard", {"tasks": named})


@pytest.mark.parametrize(("verb", "state"), [("end", "live"), ("pause", "live"), ("resume", "paused")])
async def test_practice_that_a_colleague_changed_is_read_again_before_it_rests_or_ends(
    desk: Desk, verb: str, state: str
) -> None:
    task, where = desk.care_plans.plan["tasks"][0], f"{BASE}/tasks/tk_card/{verb}"
    task["state"] = state
    form = next(
        f
        for f in re.findall(r"<form.*?</form>", (await desk.open(f"{BASE}/plan")).text, re.DOTALL)
        if where in f
    )
    assert 'name="version" value="7"' in form
    task["doc_version"] = 8
    for version in ("7", ""):  # from an older page; from one of before, which holds no version
        late = await desk.send(where, version=version)
        assert late.status_code == 409 and desk.care_plans.sent == []
        assert [to for to, _ in summary(late)] == ["task-tk_card"] and 'name="version" value="8"' in late.text
        assert "changed elsewhere meanwhile" in late.text
    assert (await desk.send(where, version="8")).status_code == 303


def _discard(answer: httpx.Response) -> str:
    """The form of the page that throws the draft away."""
    forms = re.findall(r"<form.*?</form>", answer.text, re.DOTALL)
    return next(form for form in forms if "Yes, discard it" in form)


@pytest.mark.parametrize("what", ["goal", "practice"])
async def test_what_was_written_on_a_draft_that_a_colleague_threw_away_is_kept_as_a_new_one(
    desk: Desk, what: str
) -> None:
    """A whole goal was lost to a page not found."""
    address = EDIT if what == "goal" else TASK_EDIT
    typed: dict[str, Any] = (
        {"team": "Two hours of work."} if what == "goal" else {"why": "Two hours of work."}
    )
    desk.care_plans.plan |= {"goals": [], "tasks": []}
    gone = await desk.send(address, **typed, do="draft", title="The card", goal_id="g_break")
    assert gone.status_code == 409 and "Two hours of work.</textarea>" in gone.text
    assert ("save it as a new one." if what == "goal" else "choose another goal") in gone.text
    assert f'data-at="{address.partition("?")[0]}"' in gone.text
    assert 'name="version"' not in gone.text.split("<main")[1]
    if what == "goal":
        new = await desk.send(address.partition("?")[0], command_id="k2", **typed, do="draft")
        assert new.status_code == 303 and desk.care_plans.sent[-1][:2] == ("POST", "goals")
        assert (await desk.send(address, do="discard")).headers["location"] == f"{BASE}/plan"


async def test_a_private_goal_that_a_colleague_threw_away_comes_back_private(house: Any, desk: Desk) -> None:
    """Also where nobody of this age is asked any more: saved as a new one, it was everybody's at home."""
    later = day_of(datetime.now(UTC)) + timedelta(days=400)
    await house.knows(rev=2, privacy_from=later, consents_from=later, majority_from=later)
    desk.care_plans.plan |= {"goals": [], "tasks": []}
    typed = {"team": "Two hours of work.", "private": "yes", "asks_private": "yes", "audience": "guardians"}
    gone = await desk.send(EDIT, **typed, do="draft")
    assert gone.status_code == 409 and "Two hours of work.</textarea>" in gone.text
    assert 'name="asks_private"' in gone.text
    assert re.search(r'<input[^>]*name="private"[^>]*checked', gone.text)


async def test_practice_whose_goal_is_gone_hangs_on_no_other_that_nobody_chose(desk: Desk) -> None:
    """A browser takes the first of a list: one tap would give a family the practice of a goal of somebody alone."""
    other = {**desk.care_plans.plan["goals"][0], "id": "g_other"}
    desk.care_plans.plan |= {"goals": [other], "tasks": []}
    typed = {"title": "The card", "why": "It helps.", "times": "3", "goal_id": "g_break"}
    gone = await desk.send(TASK_EDIT, **typed)
    choices = gone.text.split('id="goal_id"')[1].split("</select>")[0]
    assert re.findall(r'<option value="([^"]*)"', choices) == ["", "g_other"], choices
    again = await desk.send(TASK_EDIT.partition("?")[0], command_id="k2", **typed | {"goal_id": ""})
    assert said(again, "goal_id").endswith("Choose one.") and desk.care_plans.sent == []
    page = (await desk.open(f"{BASE}/plan/tasks/edit?goal=g_other")).text
    assert '<option value="">' not in page.split('id="goal_id"')[1].split("</select>")[0]


async def test_a_goal_that_is_not_kept_yet_can_be_left_and_not_discarded(desk: Desk) -> None:
    page = (await desk.open(f"{BASE}/plan/edit")).text
    assert "iscard" not in page and f'href="{BASE}/plan"' in page
    await desk.send(f"{BASE}/plan/edit", do="discard", team="Half a thought")
    assert desk.care_plans.sent == []


@pytest.mark.parametrize(("move", "state"), [("propose", "draft"), ("activate", "proposed")])
async def test_a_goal_that_a_colleague_changed_is_read_again_before_it_moves(
    desk: Desk, move: str, state: str
) -> None:
    """What is ticked is moved as its page showed it; shown anew it is not ticked, and the others still are."""
    first = desk.care_plans.plan["goals"][0]
    first |= {"state": state, "unmet": [], "doc_version": 3}
    desk.care_plans.plan["goals"].append({**first, "id": "g_other", "doc_version": 5})
    page = (await desk.open(f"{BASE}/plan")).text
    assert _ticks(page) == ['value="g_break:3"', 'value="g_other:5"'], (
        "of several nothing is chosen for anybody"
    )
    changed = {"goal_id": "g_break", "field": "read", "detail": "It has changed.", "fix": "Read it."}
    desk.care_plans.refuses = 409, {"detail": "It has changed.", "errors": [changed]}
    first["doc_version"] = 4
    late = await desk.send(f"{BASE}/plan/{move}", goals=["g_break:3", "g_other:5"])
    assert late.status_code == 409 and summary(late) == [("goal-g_break", "It has changed. Read it.")]
    assert _ticks(late.text) == ['value="g_break:4"', 'value="g_other:5" checked']
    desk.care_plans.refuses = None
    assert (
        await desk.send(f"{BASE}/plan/{move}", goals=["g_break:4", f"g_other:{'9' * 5000}"])
    ).status_code == 303
    (_, where, body) = desk.care_plans.sent[-1]
    assert (where, body["goals"]) == (f"plan/{move}", ["g_break", "g_other"])
    assert body["read"] == [{"id": "g_break", "doc_version": 4}], "what is no version is not sent as one"


def _ticks(page: str) -> list[str]:
    """The goals to choose from, as their inputs have them."""
    return re.findall(r'name="goals"[^>]*(value="[^"]*"(?: checked)?)', page)
