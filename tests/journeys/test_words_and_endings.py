"""A card in another language, checked by a person; a goal that ends and comes back: by pages alone, without scripts."""

import re

import pytest

from kith_local.acting import until
from kith_local.browsing import Browser
from kith_local.founding import in_days
from kith_local.small_family import SmallFamily, settle
from kith_local.testing import Product

pytestmark = pytest.mark.stack

WORDS = "/staff/clients/one/plan/tasks/words?task=t_one&language=ar"
CARD = "/home/one/tasks/t_one"
PLAN = "/staff/clients/one/plan"


@pytest.fixture(scope="module")
def family(product: Product) -> SmallFamily:
    """A house of this module's own, with somebody who supervises its therapist."""
    settled = settle(product.url, product.home)
    house = settled.house
    house.person("ps_super", {"role": "supervisor"})
    pair = {"supervisee_id": house.own("ps_therapist"), "supervisor_id": house.own("ps_super")}
    house.post("supervisions", {**pair, "begins": in_days(-1), "ends": in_days(9)})
    return settled


@pytest.fixture(scope="module")
def supervisor(family: SmallFamily) -> Browser:
    """The supervisor, come in."""
    browser = Browser(family.house.url)
    browser.sign_in(family.house.login("ps_super"), "staff")
    return browser


def reads(browser: Browser, address: str) -> str:
    browser.open(address)
    return browser.text


def test_a_family_reads_a_card_in_its_language_once_a_second_person_has_checked_it(
    family: SmallFamily, supervisor: Browser
) -> None:
    therapist, parent = family.browser("ps_therapist"), family.browser("ps_parent")
    therapist.open(WORDS)
    said = {"title": "Tzq", "why": "Wzq", "steps": "Azq\nBzq", "when": "Mzq", "do": "done"}
    assert therapist.fill("/plan/tasks/words", said).status_code == 200, therapist.text
    assert (
        "Waits for somebody else to read it" in therapist.text and "I have checked it" not in therapist.text
    )
    assert "Tzq" not in reads(parent, f"{CARD}?words=ar")
    until(lambda: "I have checked it" in reads(supervisor, WORDS), "the supervisor to be known as one")
    supervisor.fill("/words/check", {})
    until(lambda: "العربية" in reads(parent, f"{CARD}?words=original"), "the language on the card")
    parent.open(next(a for a in re.findall(r'href="([^"]+)"', parent.page.text) if a.endswith("words=ar")))
    assert "Tzq" in parent.text and "another has checked it" in parent.text
    assert '<h1 lang="ar" dir="rtl">Tzq</h1>' in parent.page.text
    assert "Tzq" in reads(parent, CARD), "the choice is remembered"
    therapist.open(f"{PLAN}/tasks/edit?task=t_one&goal=g_one")
    therapist.fill("/plan/tasks/edit", {"why": f"Another reason, {family.words}."})
    until(lambda: "Another reason" in reads(parent, CARD), "the English, as it is now")
    assert "Tzq" not in parent.text and "Draft. Families read the English." in reads(therapist, WORDS)


def test_a_goal_ends_for_everybody_and_comes_back_as_a_draft(family: SmallFamily) -> None:
    therapist, parent = family.browser("ps_therapist"), family.browser("ps_parent")
    teacher, end = family.browser("ps_teacher"), f"{PLAN}/end?goal=g_one"
    assert "What speaks for it" in reads(therapist, end)
    ends = {"how": "in_use", "achievement": "achieved", "asked_state": "not_asked"}
    assert therapist.fill("/plan/end", ends).status_code == 409 and "Nobody has asked" in therapist.text
    asked = {"asked_state": "agreed", "asked_how": "the cards", "asked_came_back": "mine now"}
    assert therapist.fill("/plan/end", {**ends, **asked}).status_code == 200, therapist.text
    assert "in use" in therapist.text and "mine now" in therapist.text
    for who, address in ((parent, "/home/one"), (teacher, "/school/pupils/one")):
        until(lambda b=who, a=address: "Earlier goals" in reads(b, a), "the goal among earlier ones")
        assert "This goal has ended. It is in use now" in who.text and "achieved" not in who.text.lower()
    assert reads(parent, CARD).count("Something here has ended") == 1 or parent.page.status_code == 404
    therapist.open(PLAN)
    therapist.fill("/again", {})
    until(lambda: "Draft. Nobody else can see it." in reads(therapist, PLAN), "the draft of the new goal")
    until(lambda: "It needs help again" in reads(parent, "/home/one"), "that it needs help again")
