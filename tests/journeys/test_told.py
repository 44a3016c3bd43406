"""Each is told that there is something to read, as they chose, in words that a locked screen may show."""

import re
import secrets
from typing import Any

import pytest

from kith_local.acting import Cast, until
from kith_local.demo.content_pack import read
from kith_local.testing import Product

pytestmark = pytest.mark.stack

MARK = secrets.token_hex(3)
EFUA, CLAIRE = "07700900103", "c.fontaine@alderbeck.example"


def _goal(client: str) -> dict[str, Any]:
    return {
        "team": f"Shows a partner one step of a shared game by any means on 2 of 4 days ({MARK}).",
        "plain": f"Shows somebody how a game goes ({MARK}).",
        "school": f"Shows a partner one step of a game ({MARK}).",
        "own": {"statement": f"I show you my game ({MARK}).", "client_words": "“my game”"},
        "levels": [f"On {n} of four days" for n in ("none", "one", "two", "three", "all")],
        "baseline_level": -1,
        "measure": {"kind": "out_of_n", "min": 0, "max": 4, "rater": "A grown-up", "from": "a tick a day"},
        "others_will": ["Somebody waits and watches."],
        "asked_for_by": [client],
        "assent": {"state": "agreed", "how": "Two photos, two days", "came_back": "“my game”"},
        "settings": ["home", "school"],
        "importance": 1,
        "difficulty": 1,
        "audience": ["guardians", "school"],
    }


def _proposed(cast: Cast, client: str) -> None:
    path, mateus = f"/tenants/tn_lantern/clients/cl_{client}", cast.program("ps_mateus")
    goal = mateus.post("care-plans", f"{path}/goals", _goal(client))["id"]
    mateus.post("care-plans", f"{path}/plan/propose", {"goals": [goal]})


def _to(product: Product, address: str) -> list[dict[str, Any]]:
    return [m for m in product.messages() if m["to"].replace(" ", "").endswith(address.removeprefix("0"))]


@pytest.fixture(scope="module")
def told(cast: Cast, product: Product) -> list[dict[str, Any]]:
    """Every message that left after a goal was put to Kofi's people and one to Noor's."""
    product.wait_until_quiet()
    before = {m["id"] for m in product.messages()}
    _proposed(cast, "kofi")
    until(lambda: {m["id"] for m in _to(product, EFUA)} - before, "the text to Efua")
    until(lambda: {m["id"] for m in _to(product, CLAIRE)} - before, "the mail to Claire")
    _proposed(cast, "noor")
    until(lambda: {m["id"] for m in _to(product, "erik.l@home.example")} - before, "the mail to Erik")
    return [m for m in product.messages() if m["id"] not in before]


def test_each_is_told_by_the_way_they_chose(told: list[dict[str, Any]]) -> None:
    by_channel = {(m["channel"], m["to"].replace(" ", "")) for m in told}
    assert any(channel == "sms" and to.endswith(EFUA[1:]) for channel, to in by_channel)
    assert ("email", CLAIRE) in by_channel
    assert not any(channel == "email" and "efua" in to for channel, to in by_channel)


def test_the_court_restricted_mother_is_told_nothing(told: list[dict[str, Any]]) -> None:
    assert not any("renee" in m["to"] or m["to"].replace(" ", "").endswith("7700900104") for m in told)


def test_no_message_holds_a_clinical_word_or_a_name(told: list[dict[str, Any]]) -> None:
    words = [
        *read("lint")["notification"]["forbidden_words"],
        "Kofi",
        "Noor",
        "Mateus",
        "Alderbeck",
        "Lantern Lane",
    ]
    for message in told:
        seen = f"{message['subject']}\n{message['text']}"
        for word in words:
            assert not re.search(rf"(?i)\b{re.escape(word)}s?\b", seen), (word, message)


def test_all_are_told_in_the_same_bytes(told: list[dict[str, Any]]) -> None:
    sms = {m["text"] for m in told if m["channel"] == "sms"}
    mails = {(m["subject"], m["text"]) for m in told if m["channel"] == "email"}
    assert len(sms) == 1 and len(mails) == 1
    fixed = [
        {k: v for k, v in m["headers"].items() if k.lower() not in ("to", "date", "message-id")}
        for m in told
        if m["channel"] == "email"
    ]
    assert all(headers == fixed[0] for headers in fixed)


def test_no_header_tells_whom_it_is_about(told: list[dict[str, Any]]) -> None:
    for message in told:
        headers = {k: v for k, v in message.get("headers", {}).items() if k != "From"}
        said = f"{headers} {message['id']}"
        assert not re.search(r"cl_|kofi|noor|tn_|lantern", said, re.IGNORECASE), said


def test_who_has_neither_mail_nor_phone_reads_it_on_the_next_page(
    cast: Cast, told: list[dict[str, Any]]
) -> None:
    maureen = cast.browser("ps_maureen")
    until(lambda: "You have an update." in (maureen.open("/school") and maureen.text), "the notice")
    maureen.open("/messages-for-you")
    assert "Someone would like a reply. Read and answer" in maureen.text
    assert 'href="/school/pupils/noor/plan"' in maureen.page.text
    while waiting := maureen.text.count("I have seen it"):
        maureen.fill("/seen", {})
        assert maureen.text.count("I have seen it") == waiting - 1, "one tap removes one"
    assert "You have an update." not in maureen.text
