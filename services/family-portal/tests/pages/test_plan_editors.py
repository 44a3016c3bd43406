"""The therapist's editors as a browser uses them: numbers nobody can read, care-plans away, five lines to read."""

import re
from html import unescape
from typing import Any

import pytest
from plan_desk import ASKED, BASE, EDIT, RATIONALE, TASK_EDIT, WORDS, Desk, said

from ..conftest import LONG_AGO, House

HUGE = pytest.param("9" * 5000, id="huge")
NO_NUMBER = ("²", "--5", HUGE, "abc", "1e999", "nan", "inf", "1,000")


@pytest.mark.parametrize("number", NO_NUMBER)
@pytest.mark.parametrize("name", ["baseline", "importance", "difficulty", "measure_min", "measure_max"])
async def test_a_goal_is_not_kept_with_what_is_no_number(desk: Desk, name: str, number: str) -> None:
    answer = await desk.send(EDIT, team="Half a thought", measure_kind="days_in_week", **{name: number})
    assert answer.status_code == 422
    assert "Half a thought</textarea>" in answer.text
    assert "number" in said(answer, name)
    if name.startswith("measure"):
        assert f'value="{number}"' in answer.text
    assert desk.care_plans.sent == []


@pytest.mark.parametrize("number", [*NO_NUMBER, "6.5", "6,5"])
@pytest.mark.parametrize("name", ["times", "takes_minutes"])
async def test_a_task_is_not_kept_with_what_is_no_whole_number(desk: Desk, name: str, number: str) -> None:
    answer = await desk.send(TASK_EDIT, **{"title": "Half a thought", "times": "2", name: number})
    assert answer.status_code == 422
    assert 'value="Half a thought"' in answer.text and f'value="{number}"' in answer.text
    assert "number" in said(answer, name)
    assert desk.care_plans.sent == []


async def test_a_task_says_how_often_and_never_becomes_once_by_itself(desk: Desk) -> None:
    answer = await desk.send(TASK_EDIT, title="The card", why="It helps.", times="")
    assert answer.status_code == 422 and said(answer, "times")


async def test_a_measure_may_have_decimals(desk: Desk) -> None:
    await desk.send(EDIT, measure_kind="out_of_n", measure_min="0.5", measure_max="6,5")
    measure = desk.care_plans.sent[0][2]["measure"]
    assert (measure["min"], measure["max"]) == (0.5, 6.5)


@pytest.mark.parametrize("version", ["²", "--5", HUGE, "abc", ""])
async def test_a_form_without_its_version_comes_back_with_what_was_typed(desk: Desk, version: str) -> None:
    answer = await desk.send(EDIT, team="Half a thought", version=version)
    assert answer.status_code == 409
    assert "Half a thought</textarea>" in answer.text and "Somebody changed the goal" in answer.text
    assert 'name="version" value="7"' in answer.text


async def test_a_level_that_is_no_number_leaves_what_was_typed_beside_it(desk: Desk) -> None:
    answer = await desk.send(
        f"{BASE}/goals/g_break/ratings", level="²", on="2026-03-01", source="Friday club"
    )
    assert answer.status_code == 422
    assert 'value="Friday club"' in answer.text and 'value="2026-03-01"' in answer.text
    assert "whole number" in unescape(answer.text)
    assert desk.care_plans.sent == []


async def test_an_answer_that_is_too_long_stays_where_it_was_typed(desk: Desk) -> None:
    desk.care_plans.plan["goals"][0]["answers"] = [ASKED]
    words = "A whole evening of words. " * 80
    answer = await desk.send(f"{BASE}/goals/g_break/answers/ps_mother/reply", words=words)
    assert answer.status_code == 422
    assert f"{words}</textarea>" in answer.text
    assert "at most 2000 characters. Make it shorter." in answer.text
    assert desk.care_plans.sent == []


async def test_a_goal_is_sent_with_all_that_the_page_does_not_ask_for(desk: Desk) -> None:
    await desk.send(EDIT, team="Anew", settings=["lunch hall", "home"], audience="guardians")
    (method, where, body) = desk.care_plans.sent[0]
    assert (method, where) == ("PUT", "goals/g_break")
    assert body == {name: value for name, value in {**WORDS, "team": "Anew"}.items() if value is not None} | {
        "measure": {k: v for k, v in WORDS["measure"].items() if v is not None}
    }


@pytest.mark.parametrize(("typed", "private"), [({}, True), ({"asks_private": "yes"}, False)])
async def test_a_private_goal_is_shared_only_where_the_page_asks(
    desk: Desk, typed: dict[str, str], private: bool
) -> None:
    desk.care_plans.plan["goals"][0]["words"]["private"] = True
    await desk.send(EDIT, team="Anew", **typed)
    assert desk.care_plans.sent[0][2]["private"] is private


async def test_a_task_keeps_whose_it_is_and_that_it_is_private(desk: Desk) -> None:
    page = (await desk.open(TASK_EDIT)).text
    assert 'value="anywhere" checked' in page and 'value="four_weeks" selected' in page
    await desk.send(TASK_EDIT, title="The blue card")
    body = desk.care_plans.sent[0][2]
    assert (body["private"], body["assigned_to"], body["setting"]) == (True, "ps_teen", "anywhere")
    assert (body["title"], body["why"], body["planned"]["per"]) == (
        "The blue card",
        "It helps.",
        "four_weeks",
    )


async def test_each_thing_to_settle_stands_once_in_the_summary_and_once_beside_its_field(desk: Desk) -> None:
    goal = desk.care_plans.plan["goals"][0]
    told = {
        "plain": "Write the plain wording.",
        "others_will": "Write one thing.",
        "assent": "Nobody has asked.",
    }
    goal["lint"] = [{"rule": f"r_{f}", "level": "block", "field": f, "tell": t} for f, t in told.items()]
    goal["lint"].append({"rule": "lp_avoid", "level": "suggest", "field": "plain", "tell": "Shorter."})
    goal["unmet"] = [
        {"rule": f"r_{f}", "field": f, "detail": "Not settled yet.", "fix": t} for f, t in told.items()
    ]
    page = await desk.open(f"{EDIT}&settle=1")
    for field, text in told.items():
        assert said(page, {"assent": "assent_state"}.get(field, field)) == text
        assert page.text.count(text) == 2
    assert "Not settled yet." not in page.text and page.text.count("Shorter.") == 1
    assert (await desk.open(EDIT)).text.count(told["plain"]) == 1


@pytest.mark.parametrize(
    ("homes", "private", "ticked"), [(1, False, ["hh_a"]), (2, False, []), (1, True, [])]
)
async def test_new_practice_is_for_the_only_home_there_is(
    house: House, desk: Desk, homes: int, private: bool, ticked: list[str]
) -> None:
    listed = [{"id": "hh_a", "members": ["ps_mother"]}, {"id": "hh_b", "members": ["ps_father"]}]
    await house.knows(households=[{**home, "live_task_cap": 2} for home in listed[:homes]])
    desk.care_plans.plan["goals"][0]["words"]["private"] = private
    page = (await desk.open(f"{BASE}/plan/tasks/edit?goal=g_break")).text
    boxes = re.findall(r'<input[^>]*name="households"[^>]*>', page)
    assert [box for box in boxes if "checked" in box] == [b for b in boxes for home in ticked if home in b]
    assert len(boxes) == homes


async def test_a_goal_that_somebody_changed_meanwhile_is_shown_beside_what_was_typed(desk: Desk) -> None:
    goal = desk.care_plans.plan["goals"][0]
    goal["doc_version"] = 9
    goal["words"] |= {"team": "Somebody else’s words", "baseline_level": 1, "audience": ["school"]}
    typed = {"team": "My words", "plain": WORDS["plain"], "baseline": "-1", "audience": "guardians"}
    answer = await desk.send(EDIT, settings=["lunch hall", "home"], **typed)
    assert answer.status_code == 409 and desk.care_plans.sent == []
    page = unescape(answer.text)
    assert "Somebody changed the goal with" in page and "It is at version" not in page
    assert ">My words</textarea>" in page
    there = page[page.index('id="meanwhile"') : page.index("</dl>")]
    found = re.findall(r'href="#(\w+)".*?<dd[^>]*>([^<]*)<', there, re.DOTALL)
    assert found == [("team", "Somebody else’s words"), ("baseline", "More"), ("audience", "School")]
    shown = re.search(r'name="version" value="(\d+)"', page)
    assert shown and shown[1] == "9"
    done = await desk.send(EDIT, settings=["lunch hall", "home"], **typed, version=shown[1])
    assert done.status_code == 303
    assert (desk.care_plans.sent[0][2]["team"], desk.care_plans.sent[0][2]["audience"]) == (
        "My words",
        ["guardians"],
    )


async def test_practice_that_somebody_changed_meanwhile_is_shown_beside_what_was_typed(desk: Desk) -> None:
    task = desk.care_plans.plan["tasks"][0]
    task["doc_version"], task["text"] = 8, {"title": "The card", "why": "It helps.", "steps": ["One", "Two"]}
    typed = {"title": "My card", "why": "It helps.", "steps": "", "times": "1", "households": "hh_a"}
    answer = await desk.send(TASK_EDIT, **typed)
    assert answer.status_code == 409 and 'value="My card"' in answer.text
    page = answer.text
    there = page[page.index('id="meanwhile"') : page.index("</dl>")]
    assert re.findall(r'href="#(\w+)"', there) == ["title", "steps"] and "One\nTwo" in there
    assert (await desk.send(TASK_EDIT, version="8", **typed)).status_code == 303


async def test_what_practice_needs_is_asked_for_by_name(desk: Desk) -> None:
    answer = await desk.send(f"{BASE}/plan/tasks/edit", times="", takes_minutes="3")
    assert answer.status_code == 422 and desk.care_plans.sent == []
    assert said(answer, "goal_id") == "For which goal: no goal is chosen. Choose one."
    assert said(answer, "title") == "What it is called: nothing is written here yet. Write a few words."
    assert said(answer, "why") == "Why: nothing is written here yet. Write one or two sentences."
    assert said(answer, "times").startswith("How many times: this does not say how often.")


async def test_what_care_plans_finds_wrong_is_told_by_name(desk: Desk) -> None:
    wrong = [
        {"field": "takes_minutes", "detail": "This number is too small.", "fix": "Give 1 or more."},
        {"field": "steps", "detail": "There are too many of them.", "fix": "Give at most 20."},
        {"field": "you_need.3", "detail": "This text is too long.", "fix": "Write less."},
    ]
    desk.care_plans.refuses = 422, {"errors": wrong}
    answer = await desk.send(TASK_EDIT, times="2", takes_minutes="0")
    assert said(answer, "takes_minutes") == "Minutes: this number is too small. Give 1 or more."
    assert said(answer, "steps") == "What to do: there are too many of them. Give at most 20."
    assert said(answer, "you_need") == "You need: this text is too long. Write less."


async def test_what_the_person_said_has_one_name_on_the_page_and_in_what_is_wrong(desk: Desk) -> None:
    goal = desk.care_plans.plan["goals"][0]
    told = "Write down what the person said about it, in their own way of communicating."
    goal["unmet"] = [{"field": "own", "detail": told, "fix": "", "rule": "lw_own"}]
    page = await desk.open(f"{EDIT}&settle=1")
    assert said(page, "own_client_words") == told
    labels = re.findall(
        r'<label[^>]*for="(own_client_words|assent_came_back)"[^>]*>\s*([^<]*?)\s*<', page.text
    )
    assert len({label for _, label in labels}) == 2
    assert not any(label.startswith("What came back") for _, label in labels)


@pytest.mark.parametrize("address", [EDIT, TASK_EDIT, f"{BASE}/plan/tasks/edit?goal=g_break"])
async def test_an_editor_is_not_opened_on_nothing(desk: Desk, address: str) -> None:
    desk.care_plans.away = True
    assert (await desk.open(address)).status_code == 503


@pytest.mark.parametrize(
    ("address", "name"),
    [
        (EDIT, "team"),
        (TASK_EDIT, "title"),
        (f"{BASE}/plan/tasks/edit?goal=g_break", "title"),
        (f"{BASE}/goals/g_break/answers/ps_mother/reply", "words"),
        (f"{BASE}/goals/g_break/ratings", "source"),
    ],
)
async def test_what_was_typed_outlives_care_plans(desk: Desk, address: str, name: str) -> None:
    typed = {"times": "2", "goal_id": "g_break", "title": "The card", "why": "It helps.", "level": "1"}
    typed |= {"on": "2026-03-01", name: "A whole evening of words"}
    desk.care_plans.away = True
    answer = await desk.send(address, **typed)
    assert answer.status_code == 503
    assert "A whole evening of words" in answer.text and f'action="{address}"' in unescape(answer.text)
    desk.care_plans.away = False
    assert (await desk.send(address, **typed)).status_code == 303
    assert "A whole evening of words" in str(desk.care_plans.sent)


async def test_a_new_goal_is_shown_again_when_care_plans_is_away(desk: Desk) -> None:
    desk.care_plans.away = True
    answer = await desk.send(f"{BASE}/plan/edit", team="A whole evening of words")
    assert "A whole evening of words</textarea>" in answer.text


async def test_the_five_lines_stand_open_where_a_rule_asks_for_them(desk: Desk) -> None:
    goal = desk.care_plans.plan["goals"][0]
    goal["words"]["masking"] = {"flagged": False, "rule": None, "rationale": None}
    assert not re.search(r'<details[^>]*id="rationale"[^>]*\sopen', (await desk.open(EDIT)).text)
    goal["lint"] = [{"rule": "lm_gaze", "level": "rationale", "field": "school", "tell": "Looking can hurt."}]
    unmet = {"field": "masking.rationale", "detail": "Looking can hurt.", "fix": "Fill in all five lines."}
    goal["unmet"] = [unmet]
    asked = await desk.open(f"{EDIT}&settle=1")
    assert re.search(r'<details[^>]*id="rationale"[^>]*\sopen', asked.text)
    assert said(asked, "rationale_who_asked") == "Looking can hurt. Fill in all five lines."
    for name in RATIONALE:
        assert f'name="rationale_{name}"' in asked.text


async def test_all_five_lines_are_sent_or_none(desk: Desk) -> None:
    desk.care_plans.plan["goals"][0]["words"]["masking"]["rationale"] = None
    lines = {f"rationale_{name}": text for name, text in RATIONALE.items()}
    half = await desk.send(EDIT, **{**lines, "rationale_way_out": ""})
    assert half.status_code == 422 and "still empty" in said(half, "rationale_way_out")
    assert "Everyone learns ten words first</textarea>" in half.text
    await desk.send(EDIT, **lines)
    masking = {"flagged": True, "rule": "lm_voice", "rationale": RATIONALE}
    assert [body["masking"] for _, _, body in desk.care_plans.sent] == [masking]


@pytest.fixture
async def supervised(house: House) -> None:
    """Somebody supervises the therapist."""
    tie = {"id": "s1", "person_id": "ps_supervisor", "supervisee_id": "ps_therapist", "begins": LONG_AGO}
    await house.knows(supervisions=[tie])


async def test_a_supervisor_reads_the_lines_and_says_so(supervised: None, desks: Any) -> None:
    supervisor = await desks("ps_supervisor")
    page = (await supervisor.open(f"{BASE}/plan")).text
    assert all(text in page for text in RATIONALE.values())
    assert "Nobody else has read these lines yet." in page
    action = f"{BASE}/goals/g_break/read"
    assert f'action="{action}"' in page
    assert (await supervisor.send(action)).status_code == 303
    assert supervisor.care_plans.sent == [("POST", "goals/g_break/rationale/read", {})]
    supervisor.care_plans.plan["goals"][0]["read_by"] = "ps_supervisor"
    page = (await supervisor.open(f"{BASE}/plan")).text
    assert "A second person has read these lines." in page and action not in page


async def test_words_that_wait_are_read_and_written_on_while_the_page_says_so(
    supervised: None, desks: Any, desk: Desk
) -> None:
    goal = desk.care_plans.plan["goals"][0]
    goal["read_by"] = "ps_supervisor"
    waiting = {**WORDS, "plain": "He asks in a full sentence."}
    goal["rewording"] = {"words": waiting, "author": "ps_therapist"}
    waits = "New words wait until a supervisor has read their five lines."
    page = (await desk.open(f"{BASE}/plan")).text
    assert waits in page and "<h3" in page and WORDS["plain"] in page
    assert "He asks in a full sentence.</dd>" in page and f"{BASE}/goals/g_break/read" not in page
    page = (await desk.open(EDIT)).text
    assert waits in page and "He asks in a full sentence.</textarea>" in page
    supervisor = await desks("ps_supervisor")
    supervisor.care_plans.plan["goals"][0] |= {name: goal[name] for name in ("rewording", "read_by")}
    page = (await supervisor.open(f"{BASE}/plan")).text
    assert "Nobody else has read these lines yet." in page and f'action="{BASE}/goals/g_break/read"' in page


async def test_nobody_reads_their_own_lines_as_the_second_person(
    supervised: None, desks: Any, desk: Desk
) -> None:
    page = (await desk.open(f"{BASE}/plan")).text
    assert RATIONALE["way_out"] in page and "/goals/g_break/read" not in page
    supervisor = await desks("ps_supervisor")
    supervisor.care_plans.plan["goals"][0]["author"] = "ps_supervisor"
    assert "/goals/g_break/read" not in (await supervisor.open(f"{BASE}/plan")).text


async def test_the_therapist_reads_which_strategies_school_does_not_see_yet(desk: Desk) -> None:
    (known,) = desk.care_plans.plan["goals"]
    shared = {**known["words"], "audience": ["guardians", "school"]}
    old = {**known, "words": {**shared, "strategies": ["Old one.", "Old two.", "Old three."]}}
    new = {**known, "id": "g_new", "version_at": "2026-05-02T12:00:00Z"}
    desk.care_plans.plan["goals"] = [old]
    assert "These wait" not in (await desk.open(f"{BASE}/plan")).text
    desk.care_plans.plan["goals"] = [
        old,
        {**new, "words": {**shared, "strategies": ["New one.", "New two."]}},
    ]
    page = (await desk.open(f"{BASE}/plan")).text
    assert "These wait: Old two. Old three." in page
