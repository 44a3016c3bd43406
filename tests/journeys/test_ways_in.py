"""Ways in, by pages alone: a referral is accepted and home hears that it began; school's wish gets its answer."""

import secrets

import pytest

from kith_local.acting import Cast, until
from kith_local.browsing import Browser
from kith_local.founding import Organisation, in_days
from kith_local.testing import Product

pytestmark = pytest.mark.stack

MARK = secrets.token_hex(3)
WISH = f"Kofi will look at the speaker in assembly ({MARK})."
REASON = f"Looking can take all of his attention; we will show you his listening ({MARK})."
ASKED = f"Talker: eyes busy, ears okay ({MARK})."
PUT = f"Kofi shows in assembly that he listens, in his own way ({MARK})."
SCHOOL, STAFF = "/school/pupils/kofi/plan", "/staff/clients/kofi/plan"
OTHERS = {"ps_efua": "/home/kofi/plan", "ps_claire": SCHOOL}


def test_schools_wish_is_read_by_the_rules_and_its_answer_comes_back_and_nobody_else_reads_it(
    cast: Cast,
) -> None:
    abigail, mateus = cast.browser("ps_abigail"), cast.browser("ps_mateus")
    abigail.open(SCHOOL)
    assert abigail.fill("/wishes", {"words": WISH}).status_code == 200, abigail.text
    until(lambda: WISH in (mateus.open("/staff/today") and mateus.text), "the wish on Today")
    assert "would wish for this goal" in mateus.text
    mateus.open(STAFF)
    assert WISH in mateus.text and "Looking at faces can hurt" in mateus.text
    said: dict[str, str | list[str]] = {
        "outcome": "rewritten",
        "answer": REASON,
        "became": PUT,
        "client_said": ASKED,
        "draft": ["yes"],
    }
    assert mateus.fill("/wishes/", said).status_code == 200, mateus.text
    assert PUT in mateus.text, "the draft stands on the plan"
    until(lambda: REASON in (abigail.open(SCHOOL) and abigail.text), "the answer")
    assert PUT not in abigail.text and ASKED not in abigail.text, "the reason, and not Kofi's file"
    for person, page in OTHERS.items():
        other = cast.browser(person)
        other.open(page)
        assert MARK not in other.text, person
    until(lambda: WISH not in (mateus.open("/staff/today") and mateus.text), "nothing waits any more")


@pytest.fixture(scope="module")
def house(product: Product) -> Organisation:
    """An organisation with one child, whose parent may know and whose aunt of limited authority may not."""
    house = Organisation(product.url, product.home)
    house.person("ps_therapist", {"role": "therapist"})
    house.person("ps_parent")
    house.person("ps_aunt")
    house.client("cl_wren", age=8, names={"everyone": "Wren"})
    house.tie("cl_wren", "ps_parent")
    house.tie("cl_wren", "ps_aunt", "limited")
    house.assign("cl_wren", "ps_therapist")
    return house


def _comes_in(house: Organisation, name: str) -> Browser:
    browser = Browser(house.url)
    browser.sign_in(house.login(name), "staff" if name == "ps_therapist" else "family")
    return browser


def test_a_referral_is_accepted_and_home_hears_no_more_than_that_there_is_something_new(
    house: Organisation, product: Product
) -> None:
    therapist, parent = _comes_in(house, "ps_therapist"), _comes_in(house, "ps_parent")
    until(lambda: "Wren" in (therapist.open("/staff/caseload") and therapist.text), "the child")
    therapist.open("/staff/clients/wren/episode")
    referral: dict[str, str | list[str]] = {
        "referred_by": f"A school ({MARK})",
        "referred_on": in_days(-20)[:10],
        "told": f"A call to the parent ({MARK})",
        "ends_when": "School goes on alone",
    }
    assert therapist.fill("/episode", referral).status_code == 200, therapist.text
    waits = f"How they were told: A call to the parent ({MARK})"
    until(lambda: waits in (therapist.open("/staff/referrals") and therapist.text), "who waits")
    assert f"by A school ({MARK})" in therapist.text
    parent.open("/home")
    assert "Wren" in parent.text and "The team has begun" not in parent.text
    assert therapist.fill("/episode/moves", {"move": "accept"}).status_code == 200, therapist.text
    assert "Before there is a plan" in therapist.text, "what is needed now"
    until(lambda: "The team has begun." in (parent.open("/home") and parent.text), "that it began")
    assert "The plan is being written. You will be asked." in parent.text and MARK not in parent.text
    until(lambda: _messages(house, product, "ps_parent"), "the message to the parent")
    [message] = _messages(house, product, "ps_parent")
    assert "Wren" not in str(message) and MARK not in str(message)
    assert _messages(house, product, "ps_aunt") == [], "who may not know hears nothing"
    until(lambda: "Nobody waits." in (therapist.open("/staff/referrals") and therapist.text), "nobody")


def _messages(house: Organisation, product: Product, name: str) -> list[dict[str, str]]:
    address = house.login(name)["sign_in"]
    return [
        {"subject": message["subject"], "text": message["text"]}
        for message in product.messages()
        if address in message["to"]
    ]
