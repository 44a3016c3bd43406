"""From a half-written goal to practice at home and at school, by pages alone and without scripts."""

import re
import secrets

import pytest

from kith_local.acting import Cast, bare, until
from kith_local.browsing import Browser
from kith_local.testing import Product

pytestmark = pytest.mark.stack

PLAN = "/staff/clients/kofi/plan"
MARK = secrets.token_hex(3)
PLAIN = f"Kofi shows the others the way on a walk, with his map ({MARK})."
SCHOOL = f"On class walks Kofi leads one part of the way, with his map ({MARK})."
OWN = f"I show the way ({MARK})."
TEAM = f"In 2 of 4 walks Kofi leads one part of the route for a peer, by any means ({MARK})."
GOAL: dict[str, str | list[str]] = {
    "own_client_words": "Talker: “map. me first.”",
    "own_statement": OWN,
    "assent_state": "agreed",
    "assent_how": "Talker board and two photos, on two days",
    "assent_way": "Talker",
    "assent_came_back": "“map. me first.”",
    "asked_for_by": "Kofi",
    "team": TEAM,
    "plain": PLAIN,
    "school": SCHOOL,
    "level_0": "On none of four walks",
    "level_1": "On one of four walks",
    "level_2": "On two of four walks",
    "level_3": "On three of four walks",
    "level_4": "On all four walks",
    "baseline": "-1",
    "measure_kind": "out_of_n",
    "measure_min": "0",
    "measure_max": "4",
    "measure_rater": "Abigail Stone",
    "measure_from": "a tick after each walk",
    "others_will": "Somebody walks behind him and waits.\nNobody corrects the way.",
    "stop_if": "Hood up twice on one walk.",
    "settings": ["home", "school"],
    "importance": "3",
    "difficulty": "1",
    "audience": ["guardians", "school"],
}
FIRST, SECOND = f"Lead the way to the shop ({MARK})", f"Draw the way home ({MARK})"


def _task(title: str) -> dict[str, str | list[str]]:
    return {
        "setting": "home",
        "households": ["hh_efua"],
        "title": title,
        "why": "He knows the way, and it is good to be followed.",
        "you_need": "The map",
        "steps": "Hand him the map.\nWalk behind him.\nSay where you are when you arrive.",
        "takes_minutes": "10",
        "times": "2",
        "per": "week",
        "when": "on the way to the shop",
    }


@pytest.fixture(scope="module")
def draft(cast: Cast) -> str:
    """A goal with no more than one sentence, kept."""
    mateus = cast.browser("ps_mateus")
    mateus.open(f"{PLAN}/edit")
    mateus.fill("/plan/edit", {"own_statement": OWN, "do": "draft"})
    kept = re.search(r"goal=([a-z0-9_]+)", mateus.at)
    assert kept, mateus.text
    return kept[1]


@pytest.fixture(scope="module")
def goal(cast: Cast, draft: str) -> str:
    """The goal whole, with two tasks, put to family and school; its tasks end with the module."""
    mateus = cast.browser("ps_mateus")
    mateus.open(f"{PLAN}/edit?goal={draft}")
    mateus.fill("/plan/edit", {**GOAL, "do": "draft"})
    for title in (FIRST, SECOND):
        mateus.open(f"{PLAN}/tasks/edit?goal={draft}")
        assert mateus.fill("/plan/tasks/edit", _task(title)).status_code == 200, mateus.text
    mateus.open(PLAN)
    mateus.fill("/plan/propose", {"goals": [draft]})
    return draft


@pytest.fixture(scope="module")
def practice(cast: Cast, goal: str) -> str:
    """The goal approved by home and school, and active."""
    _approve(cast.browser("ps_efua"), "/home/kofi/plan", PLAIN, goal)
    _approve(cast.browser("ps_claire"), "/school/pupils/kofi/plan", SCHOOL, goal)
    mateus = cast.browser("ps_mateus")
    mateus.open(PLAN)
    assert mateus.fill("/plan/activate", {"goals": [goal]}).status_code == 200, mateus.text
    return goal


def _approve(reader: Browser, plan: str, wording: str, goal: str) -> None:
    _reads(reader, plan, wording)
    if reader.forms(f"/plan/{goal}"):
        reader.fill(f"/plan/{goal}", {"answer": "approve"})


def _reads(reader: Browser, address: str, words: str) -> None:
    until(lambda: words in (reader.open(address) and reader.text), f"{words} on {address}")


def _card(page: str, goal: str) -> str:
    """The part of a page that belongs to one goal, as text."""
    found = re.search(rf'(?s)id="goal-{goal}".*?</(?:article|section)>', page)
    return re.sub(r"<[^>]+>", " ", found[0]) if found else ""


def test_a_half_written_goal_is_kept_and_nobody_else_can_infer_it(cast: Cast, product: Product) -> None:
    addresses = {
        "ps_efua": ("/home", "/home/kofi", "/home/kofi/plan", "/home/kofi/who-can-see"),
        "ps_claire": ("/school", "/school/pupils/kofi", "/school/pupils/kofi/plan"),
        "ps_abigail": ("/school", "/school/pupils/kofi"),
    }
    pages = [(cast.browser(person), address) for person, all_ in addresses.items() for address in all_]
    before = [bare(browser.open(address).text) for browser, address in pages]
    mateus = cast.browser("ps_mateus")
    mateus.open(f"{PLAN}/edit")
    mateus.fill("/plan/edit", {"own_statement": f"Half a sentence {MARK}", "do": "draft"})
    kept = re.search(r"goal=([a-z0-9_]+)", mateus.at)
    assert kept, mateus.text
    mateus.open(f"{PLAN}/edit?goal={kept[1]}")
    assert f"Half a sentence {MARK}" in mateus.page.text
    assert "Draft. Nobody outside the team sees it until you propose it." in mateus.text
    assert [bare(browser.open(address).text) for browser, address in pages] == before
    mateus.fill("/plan/edit", {"do": "discard"})
    mateus.open(PLAN)
    assert f"Half a sentence {MARK}" not in mateus.page.text


def test_what_is_missing_is_said_before_it_can_be_proposed(cast: Cast, draft: str) -> None:
    mateus = cast.browser("ps_mateus")
    mateus.open(f"{PLAN}/edit?goal={draft}")
    mateus.fill("/plan/edit", {"do": "propose"})
    assert "Something needs another look" in mateus.text
    for asked in ("others_will", "assent_state", "level_0"):
        assert f'id="{asked}-error"' in mateus.page.text, asked
    mateus.open(PLAN)
    assert "Draft. Nobody else can see it." in _card(mateus.page.text, draft)


def test_each_reads_the_goal_in_their_own_wording(cast: Cast, goal: str) -> None:
    readers = {"ps_efua": ("/home/kofi/plan", PLAIN), "ps_claire": ("/school/pupils/kofi/plan", SCHOOL)}
    for person, (address, own) in readers.items():
        browser = cast.browser(person)
        _reads(browser, address, own)
        others = {PLAIN, SCHOOL, TEAM} - {own}
        assert not any(wording in browser.text for wording in others)
        assert "Nobody corrects the way." in browser.text


def test_a_question_is_asked_answered_and_then_approved(cast: Cast, goal: str) -> None:
    efua, mateus = cast.browser("ps_efua"), cast.browser("ps_mateus")
    _reads(efua, "/home/kofi/plan", PLAIN)
    efua.fill(f"/plan/{goal}", {"answer": "ask", "words": f"What if it rains ({MARK})?"})
    until(
        lambda: f"What if it rains ({MARK})?" in (efua.open("/home/kofi/plan") and efua.text), "her question"
    )
    mateus.open(PLAN)
    assert f"What if it rains ({MARK})?" in _card(mateus.page.text, goal)
    assert goal not in str([form.choices.get("goals") for form in mateus.forms("/plan/activate")])
    mateus.fill(f"/goals/{goal}/answers/ps_efua/reply", {"words": f"Then he draws it ({MARK})."})
    _reads(efua, "/home/kofi/plan", f"Then he draws it ({MARK}).")
    efua.fill(f"/plan/{goal}", {"answer": "approve"})
    until(
        lambda: "You said yes." in (efua.open("/home/kofi/plan") and _card(efua.page.text, goal)), "her yes"
    )


def test_school_approves_its_own_wording(cast: Cast, goal: str) -> None:
    claire, mateus = cast.browser("ps_claire"), cast.browser("ps_mateus")
    _approve(claire, "/school/pupils/kofi/plan", SCHOOL, goal)
    said = "said yes to the school wording"
    until(lambda: said in (mateus.open(PLAN) and _card(mateus.page.text, goal)), "school's yes")


def test_when_it_is_active_everyone_has_their_page_and_the_same_version(cast: Cast, practice: str) -> None:
    efua, abigail, mateus = (cast.browser(p) for p in ("ps_efua", "ps_abigail", "ps_mateus"))
    _reads(efua, "/home/kofi", PLAIN)
    _reads(abigail, "/school/pupils/kofi", SCHOOL)
    mateus.open("/staff/clients/kofi")
    pages = [page.page.text for page in (efua, abigail, mateus)]
    versions = {re.search(r"[Vv]ersion (\d+)", _card(page, practice))[1] for page in pages}  # type: ignore[index]
    assert versions == {"1"}


def test_a_task_beyond_what_the_household_can_carry_waits_and_says_so(cast: Cast, practice: str) -> None:
    mateus, efua = cast.browser("ps_mateus"), cast.browser("ps_efua")
    _reads(efua, "/home", FIRST)
    assert SECOND not in efua.text
    mateus.open(PLAN)
    waiting = re.sub(r"\s+", " ", _card(mateus.page.text, practice)).split(SECOND)[1]
    assert "waits, the household is full" in waiting


def test_the_parent_logs_how_it_was_and_the_therapist_has_it(cast: Cast, practice: str) -> None:
    efua, mateus = cast.browser("ps_efua"), cast.browser("ps_mateus")
    _reads(efua, "/home", FIRST)
    task = re.search(rf'href="([^"]+/tasks/[^"]+)"[^>]*>\s*{re.escape(FIRST)}', efua.page.text)
    assert task, efua.page.text
    efua.open(task[1])
    assert "Hand him the map." in efua.text
    efua.open(f"{task[1]}/log")
    form = efua.forms("/log")[0]
    assert form.choices["result"] == ["did", "part", "couldnt", "not_this_week"]
    assert "result" not in form.fields, "none of the four is preselected"
    efua.fill("/log", {"result": "couldnt", "felt": "1", "words": f"Too many people ({MARK})"})
    assert "Thank you" in efua.text
    until(
        lambda: f"Too many people ({MARK})" in (mateus.open("/staff/today") and mateus.text),
        "the log on today",
    )
    assert "tried, couldn’t" in mateus.text
    mateus.open("/staff/clients/kofi")
    assert "tried, could not" in _card(mateus.page.text, practice)


def test_the_teacher_observes_in_three_taps_and_it_stands_on_the_chart(cast: Cast, practice: str) -> None:
    abigail, mateus = cast.browser("ps_abigail"), cast.browser("ps_mateus")
    _reads(abigail, "/school/pupils/kofi/observe", SCHOOL)
    form = abigail.forms("/observe")[0]
    assert {"goal_id", "saw", "my_part"} <= set(form.choices)
    saw = next(each for each in form.choices["saw"] if each != "did_not")
    abigail.fill("/observe", {"goal_id": practice, "saw": saw, "my_part": "got_to_it"})
    until(
        lambda: "I got to my part" in (abigail.open("/school/pupils/kofi") and abigail.text), "her own note"
    )
    said = saw.replace("_", " ")
    until(
        lambda: (
            f"School {said}" in re.sub(r"\s+", " ", _card(mateus.open("/staff/clients/kofi").text, practice))
        ),
        "the observation in the table",
    )
    assert 'class="school"' in mateus.page.text


def test_the_tasks_end_and_leave_every_page(cast: Cast, practice: str) -> None:
    mateus, efua = cast.browser("ps_mateus"), cast.browser("ps_efua")
    for title in (SECOND, FIRST):
        mateus.open(PLAN)
        tasks = re.findall(r'(?s)id="task-([a-z0-9_]+)">.*?<a [^>]*>([^<]+)</a>', mateus.page.text)
        task = next(task for task, text in tasks if text == title)
        mateus.fill(f"/tasks/{task}/end", {})
    until(lambda: FIRST not in (efua.open("/home") and efua.text), "the ended task to leave")
    assert SECOND not in efua.text
