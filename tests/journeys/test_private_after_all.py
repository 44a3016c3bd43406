"""An ended goal becomes the person’s own after all, and the work with somebody begins: told to whom, and how."""

import secrets

import pytest

from kith_local.acting import until
from kith_local.browsing import Browser
from kith_local.small_family import SmallFamily, settle
from kith_local.testing import Product

pytestmark = pytest.mark.stack

MARK = secrets.token_hex(3)
ASKED = {"state": "agreed", "how": "cards"}
ENDS = {"decision": "completed", "use": "in_use", "achievement": "achieved", "asked": ASKED}


@pytest.fixture(scope="module")
def family(product: Product) -> SmallFamily:
    """A teenager with a goal that home and school read, and a strategy that school was told of."""
    family = settle(product.url, product.home)
    names = {name: f"{name} {MARK}." for name in ("team", "plain", "school")}
    own, lines = {"statement": f"I say when ({MARK})."}, [f"Wait, {MARK}-old."]
    family.add_goal("g_after", **names, own=own, strategies=lines)
    family.agree("g_after", "ps_parent", "guardian")
    notes, teacher = f"{family.path}/goals/g_after/strategies/notes", family.program("ps_teacher")
    noted = {"id": "sn_after", "strategy": lines[0], "works": False}
    teacher.post("care-plans", notes, noted)
    writer = family.program("ps_therapist")
    seen = writer.get("care-plans", f"{family.path}/goals/g_after")["doc_version"]
    idea = {"strategy": f"Ask first, {MARK}-new."}
    writer.post("care-plans", f"{notes}/sn_after/answer", idea, version=seen)
    return family


def test_what_school_and_home_read_of_an_ended_goal_goes_with_it_and_comes_back(family: SmallFamily) -> None:
    pages = {"ps_teacher": "/school/pupils/one", "ps_parent": "/home/one", "ps_teen": "/mine"}
    people = {name: family.browser(name) for name in pages}

    def reads(name: str) -> str:
        people[name].open(pages[name])
        return people[name].text

    told = f"Now: “Ask first, {MARK}-new.”"
    until(lambda: told in reads("ps_teacher"), "what came of it")
    writer, goal = family.program("ps_therapist"), f"{family.path}/goals/g_after"
    writer.post("care-plans", f"{goal}/end", ENDS, version=writer.get("care-plans", goal)["doc_version"])
    until(lambda: "Earlier goals" in reads("ps_parent"), "the ended goal")
    assert MARK in reads("ps_parent") and told in reads("ps_teacher")
    staff = family.browser("ps_therapist")
    edit = "/staff/clients/one/plan/edit?goal=g_after"
    staff.open(edit)
    assert "its words stay as they are" in staff.text, staff.text
    staff.fill("/plan/edit", {"private": "yes", "do": "draft"})
    assert "Saved." in staff.text, staff.text
    until(lambda: MARK not in reads("ps_parent"), "that it leaves home")
    until(lambda: MARK not in reads("ps_teacher"), "that it leaves school")
    until(lambda: f"I say when ({MARK})." in reads("ps_teen"), "the person's own earlier goal")
    staff.open(edit)
    shared: dict[str, str | list[str]] = {"private": [], "audience": ["guardians", "school"], "do": "draft"}
    staff.fill("/plan/edit", shared)
    assert "Saved." in staff.text, staff.text
    until(lambda: MARK in reads("ps_parent"), "that home reads it again")
    until(lambda: told in reads("ps_teacher"), "that school reads it again")


def test_what_a_colleague_hung_on_a_draft_is_read_before_it_is_thrown_away(family: SmallFamily) -> None:
    writer, staff = family.program("ps_therapist"), family.browser("ps_therapist")
    writer.post("care-plans", f"{family.path}/goals", {"id": "g_away", "team": f"Begun ({MARK})."})
    family.add_task("t_mine", "g_away", households=["hh_one"])
    staff.open("/staff/clients/one/plan")
    form = staff.forms("/goals/g_away/discard")[0]
    family.add_task("t_theirs", "g_away", households=["hh_one"])
    staff.send(form.action, form.fields)
    assert "Practice waits for this goal that was not there" in staff.text, staff.text
    assert f"{family.words}-t_theirs" in staff.text
    staff.fill("/goals/g_away/discard", {})
    until(
        lambda: f"Begun ({MARK})." not in (staff.open("/staff/clients/one/plan") and staff.text), "it is gone"
    )


def test_a_young_person_hears_that_the_team_has_begun(family: SmallFamily, product: Product) -> None:
    house, path = family.house, family.house.path("cl_begins")
    grown = house.person("ps_grown", name="G")
    house.client("cl_begins", age=19, names={"everyone": "G"}, person_id=grown)
    house.assign("cl_begins", "ps_therapist")
    writer = family.program("ps_therapist")
    referred = {"referred_on": "2026-01-05", "told": f"a call ({MARK})"}
    until(
        lambda: writer.ask("care-plans", "POST", f"{path}/episode", json=referred).is_success, "the referral"
    )
    address = house.login("ps_grown")["sign_in"]
    product.wait_until_quiet()
    assert [m for m in product.messages() if address in m["to"]] == []
    writer.post("care-plans", f"{path}/episode/moves", {"move": "accept"}, version=1)
    until(lambda: [m for m in product.messages() if address in m["to"]], "the message")
    [message] = [m for m in product.messages() if address in m["to"]]
    assert MARK not in str(message) and "begun" not in str(message)
    grown_up = Browser(house.url)
    grown_up.sign_in(house.login("ps_grown"))
    until(lambda: "The team has begun." in (grown_up.open("/mine") and grown_up.text), "that it began")
    assert "You are asked before a goal begins." in grown_up.text and MARK not in grown_up.text
