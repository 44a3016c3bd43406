"""Each is told that there is something to read, as they chose, in words that a locked screen may show."""

import re
import secrets
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr
from typing import Any

import pytest

from kith_local.acting import Cast, bare, until
from kith_local.demo.content_pack import read
from kith_local.testing import Product

pytestmark = pytest.mark.stack

MARK = secrets.token_hex(3)
EFUA, CLAIRE = "07700900103", "c.fontaine@alderbeck.example"
PRIYA = "priya.v@home.example"
IN_A_MONTH = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()


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
    words = [*read("lint")["notification"]["forbidden_words"], "Kofi", "Noor", "Mateus", "Alderbeck"]
    for message in told:
        said = f"{message['subject']}\n{message['text']}"
        assert "Lantern Lane" not in said
        for word in words:
            seen = f"{message['from']}\n{said}"
            assert not re.search(rf"(?i)\b{re.escape(word)}s?\b", seen), (word, message)


def test_each_is_from_the_neutral_sender_and_nobody_else(told: list[dict[str, Any]]) -> None:
    neutral = {tenant["neutral_sender"] for tenant in read("tenants")["tenants"]}
    own = {person["safe_contact"]["sender_name"] for person in read("people")["persons"] if _named(person)}
    assert {_sender(message) for message in told} <= neutral | own, told


def _named(person: dict[str, Any]) -> bool:
    return "sender_name" in person.get("safe_contact", {})


def _sender(message: dict[str, Any]) -> str:
    """The name a message is from: beside the address of an e-mail, alone on a text."""
    name, _ = parseaddr(message["from"]) if message["channel"] == "email" else (message["from"], "")
    return name


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
        assert not re.search(r"cl_|kofi|noor|tn_", message["from"], re.IGNORECASE), message["from"]


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


def _plans(cast: Cast, therapist: str, client: str, time: str) -> None:
    """The therapist puts a session in the calendar, a month from now."""
    staff = cast.browser(therapist)
    staff.open(f"/staff/clients/{client}/sessions/new")
    staff.fill("/sessions/new", {"day": IN_A_MONTH, "time": time, "minutes": "40", "now": "no"})
    assert staff.at == f"/staff/clients/{client}", staff.text


def _calls_off(cast: Cast, therapist: str, client: str, time: str) -> None:
    """The therapist opens the session where it is listed as planned, and says that it is cancelled."""
    staff = cast.browser(therapist)
    staff.open(f"/staff/clients/{client}/sessions/new")
    found = re.search(rf'href="(/staff/sessions/[^"]+)"[^>]*>[^<]*{time}', staff.page.text)
    assert found, staff.text
    staff.open(found[1].replace("&amp;", "&"))
    staff.fill("/after", {"attendance": "cancelled", "do": "save"})
    assert "It was cancelled" in staff.text, staff.text


def _left(product: Product, before: set[str]) -> list[dict[str, Any]]:
    """The messages that left since, once no more can be on their way."""
    product.wait_until_quiet()
    return [m for m in product.messages() if m["id"] not in before]


def _so_far(product: Product) -> set[str]:
    product.wait_until_quiet()
    return {m["id"] for m in product.messages()}


def _only(left: list[dict[str, Any]], to: str) -> None:
    """One message, to one address, with nothing in it but that there is something new."""
    assert [m["to"].replace(" ", "").endswith(to.removeprefix("0")) for m in left] == [True], left
    said = [line for line in left[0]["text"].splitlines() if not line.startswith("http")]
    assert said == ["You have an update."]


def test_a_family_is_told_that_a_session_is_planned_and_that_it_is_cancelled(
    cast: Cast, product: Product
) -> None:
    efua, before = cast.browser("ps_efua"), _so_far(product)
    _plans(cast, "ps_mateus", "kofi", "17:53")
    _only(_left(product, before), EFUA)
    efua.open("/messages-for-you")
    assert 'href="/home#next">Read it' in efua.page.text
    efua.open("/home")
    assert "17:53 Kofi’s session" in efua.text and "17:53 Kofi’s session is cancelled." not in efua.text
    before = _so_far(product)
    _calls_off(cast, "ps_mateus", "kofi", "17:53")
    _only(_left(product, before), EFUA)
    efua.open("/home")
    assert "17:53 Kofi’s session is cancelled." in efua.text


def test_a_session_that_begins_now_is_told_nobody(cast: Cast, product: Product) -> None:
    mateus, before = cast.browser("ps_mateus"), _so_far(product)
    mateus.open("/staff/clients/kofi/sessions/new")
    mateus.fill("/sessions/new", {"now": "yes"})
    mateus.fill("/after", {"attendance": "cancelled", "do": "save"})
    assert _left(product, before) == []


def test_when_a_young_person_comes_is_told_to_her_and_leaves_no_trace_for_her_mother(
    cast: Cast, product: Product
) -> None:
    priya, lakshmi, before = cast.browser("ps_priya"), cast.browser("ps_lakshmi"), _so_far(product)
    pages = ("/home", "/home/priya", "/messages-for-you")
    saw = [bare(lakshmi.open(page).text) for page in pages]
    _plans(cast, "ps_leilani", "priya", "17:56")
    _only(_left(product, before), PRIYA)
    priya.open("/messages-for-you")
    assert 'href="/mine">Read it' in priya.page.text
    assert "17:56 Your session" in (priya.open("/mine") and priya.text)
    before = _so_far(product)
    _calls_off(cast, "ps_leilani", "priya", "17:56")
    _only(_left(product, before), PRIYA)
    assert "17:56 Your session is cancelled." in (priya.open("/mine") and priya.text)
    assert [bare(lakshmi.open(page).text) for page in pages] == saw
