"""A heavy week (J3): one press rests one home's practice with every child and organisation, and nobody else's moves."""

import re
from collections.abc import Callable, Iterator

import pytest

from kith_local.acting import Cast, bare, until
from kith_local.browsing import Browser
from kith_local.testing import Product
from policy.days import today

pytestmark = pytest.mark.stack

UNTIL = "the end of today" if today().weekday() == 6 else "Sunday"
RESTING, PAUSED = f"Resting until {UNTIL}. Nothing to do, nothing to explain.", f"paused until {UNTIL}"
OTHERS = {
    "ps_erik": ("/home", "/home/noor", "/home/elias", "/home/noor/tasks/tk_noor_wait", "/messages-for-you"),
    "ps_dev": ("/school", "/school/pupils/noor"),
    "ps_claire": ("/school", "/school/pupils/noor"),
    "ps_elias": ("/mine",),
    "ps_efua": ("/home",),
}
"""The other home, both schools' people, a child's own page, and another family."""
TEAM = {
    "ps_mateus": ("/staff/today", "/staff/clients/noor", "/staff/clients/noor/plan"),
    "ps_tariq": ("/staff/today", "/staff/clients/elias", "/staff/clients/elias/plan"),
}


def _told(cast: Cast) -> dict[str, str]:
    return {
        f"{person} {path}": bare(cast.browser(person).open(path).text)
        for person, paths in OTHERS.items()
        for path in paths
    }


def _team(cast: Cast) -> dict[str, bool]:
    found = {}
    for person, paths in TEAM.items():
        pages = cast.browser(person)
        found |= {f"{person} {path}": PAUSED in (pages.open(path) and pages.text) for path in paths}
    return found


@pytest.fixture
def samira(cast: Cast, set_days: Callable[..., None]) -> Iterator[Browser]:
    """Samira before her first page, where nothing rests, before and after; both homes have both children daily."""
    set_days([])
    pages = cast.browser("ps_samira")
    until(lambda: pages.open("/home") and "Nothing to do today" not in pages.text, "both cards")
    yield pages
    pages.open("/home")
    if pages.forms("/home/go-on"):
        pages.fill("/home/go-on", {})


def test_one_press_rests_her_home_alone_and_one_more_goes_on(
    cast: Cast, product: Product, samira: Browser
) -> None:
    product.wait_until_quiet()
    before, left = _told(cast), len(product.messages())
    asked = samira.forms("/home/pause")[0]
    assert set(asked.fields) == {"csrf", "command_id"}, "there is nothing to fill in"
    samira.fill("/home/pause", {})
    assert samira.at == "/home" and samira.text.count(RESTING) == 2, samira.text
    until(lambda: all(_team(cast).values()), "both therapists to read that it rests")
    samira.open("/home/noor")
    assert RESTING in samira.text
    assert _told(cast) == before
    product.wait_until_quiet()
    assert len(product.messages()) == left, "nobody is sent a word of it"
    samira.open("/home")
    samira.fill("/home/go-on", {})
    assert RESTING not in samira.text and samira.forms("/home/pause")
    until(lambda: not any(_team(cast).values()), "both therapists to read that it goes on")
    assert _told(cast) == before


def test_the_same_form_twice_pauses_once(cast: Cast, samira: Browser) -> None:
    form = samira.forms("/home/pause")[0]
    for _ in range(2):
        samira.send(form.action, form.fields)
        assert samira.at == "/home" and samira.text.count(RESTING) == 2
    rests = cast.program("ps_mateus").get("care-plans", "/tenants/tn_lantern/clients/cl_noor/rests")["items"]
    assert [row["household_id"] for row in rests] == ["hh_samira"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", rests[0]["until"])
