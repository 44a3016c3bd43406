"""Signing out ends the sign-in everywhere at once, and nobody else's; a family's sign-in never reaches a note."""

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from pymongo import MongoClient

from kith_local.acting import until
from kith_local.browsing import Browser
from kith_local.program import Person, Refused
from kith_local.small_family import SmallFamily
from kith_local.testing import Product
from kith_local.transcripts import listening

pytestmark = pytest.mark.stack

BOUND_S = 5.0
"""A second as a rule; on a machine that does everything at once, the bound of the freshness rule."""


def _reads(family: SmallFamily) -> dict[str, str]:
    return {
        "identity": "/me",
        "care-plans": f"{family.path}/goals",
        "sessions": f"{family.path}/sessions",
        "family-portal": f"{family.path}/view",
        "notifications": f"/tenants/{family.house.id}/notices",
    }


def _statuses(person: Person, family: SmallFamily) -> dict[str, int]:
    return {s: person.ask(s, "GET", path).status_code for s, path in _reads(family).items()}


def _until_all(look: Callable[[], bool], begun: float, what: str) -> float:
    until(look, what)
    return time.monotonic() - begun


@pytest.mark.parametrize(
    ("name", "area"), [("ps_parent", "family"), ("ps_therapist", "staff"), ("ps_teen", "api")]
)
def test_every_service_refuses_the_tokens_of_a_sign_in_that_ended(
    family: SmallFamily, name: str, area: str
) -> None:
    leaving, staying = (family.house.sign_in(name, area, "care", fresh=True) for _ in range(2))
    assert set(_statuses(leaving, family).values()) == set(_statuses(staying, family).values()) == {200}
    assert leaving.ask("identity", "POST", "/auth/sign-out", json={}).status_code == 204
    begun = time.monotonic()
    refused = set[str]()

    def all_refuse() -> bool:
        refused.update(s for s, status in _statuses(leaving, family).items() if status == 401)
        return refused == set(_reads(family))

    try:
        took = _until_all(all_refuse, begun, "every service to refuse")
    except AssertionError as error:
        raise AssertionError(f"only {sorted(refused)} refuse: {_statuses(leaving, family)}") from error
    assert took < BOUND_S, f"{took:.1f} s until every service refused"
    assert set(_statuses(staying, family).values()) == {200}
    with pytest.raises(Refused):
        leaving.renew("sessions")
    assert staying.renew("sessions")


def _leave(browser: Browser) -> None:
    page = browser.open("/start").text
    csrf = re.search(r'name="csrf" value="([^"]+)"', page)
    assert csrf is not None, page[:300]
    browser.send("/sign-out", {"csrf": csrf[1]})


def test_the_open_page_of_the_browser_that_left_closes_and_the_other_stays(family: SmallFamily) -> None:
    leaving, staying = family.browser("ps_parent"), family.browser("ps_parent")
    with listening(leaving) as closing, listening(staying) as going_on:
        assert closing.open and going_on.open
        cookies = dict(leaving.cookies)
        _leave(leaving)
        until(lambda: not closing.open, "the live stream to end")
        assert "You are signed out" in leaving.text
        leaving.cookies = cookies
        assert leaving.open("/home").url.path.startswith("/auth"), "the old cookie opens nothing"
        assert staying.open("/home").status_code == 200 and "/home" in str(staying.page.url)
        assert going_on.open


def _ended_at_identity(product: Product) -> int:
    with MongoClient[dict[str, Any]](product.parts()["mongo_admin_uri"]) as client:
        return client["identity"]["sign_ins"].count_documents({"ended_at": {"$ne": None}})


def test_who_leaves_while_identity_is_away_is_out_at_once_and_everywhere_when_it_is_back(
    product: Product, family: SmallFamily
) -> None:
    leaving, ended = family.browser("ps_parent"), _ended_at_identity(product)
    csrf = re.search(r'name="csrf" value="([^"]+)"', leaving.open("/start").text)
    assert csrf is not None
    cookies = dict(leaving.cookies)
    with product.away("identity-api", "identity-worker"):
        leaving.send("/sign-out", {"csrf": csrf[1]})
        assert "You are signed out" in leaving.text
        leaving.cookies = cookies
        assert leaving.open("/home").url.path.startswith("/auth"), "the old cookie opens nothing"
        assert _ended_at_identity(product) == ended
    until(lambda: _ended_at_identity(product) == ended + 1, "identity to end the sign-in")


def test_a_family_sign_in_never_reaches_a_note(family: SmallFamily) -> None:
    with pytest.raises(Refused):
        family.house.sign_in("ps_parent", "family", "care notes", fresh=True)
    with pytest.raises(Refused):  # staff have no hat behind the family's door
        family.house.sign_in("ps_therapist", "family", "care", fresh=True)
    for name in ("ps_parent", "ps_teen", "ps_teacher"):
        person = family.house.sign_in(name, "family", "care")
        for address in ("/notes", "/sessions/s_one/notes"):
            assert person.ask("sessions", "GET", f"{family.path}{address}").status_code == 404, (
                name,
                address,
            )
        note = {"note_class": "progress", "text": "Mine"}
        assert (
            person.ask("sessions", "POST", f"{family.path}/sessions/s_one/notes", json=note).status_code
            == 404
        )
    with pytest.raises(Refused):
        family.house.sign_in("ps_parent", "family", "care").renew("sessions", scope="care notes")
