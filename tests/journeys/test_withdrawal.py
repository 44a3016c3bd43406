"""A sole guardian takes back what school may see: it closes everywhere, says so, and comes back as it was."""

import re
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from playwright.async_api import Browser

from kith_local.acting import Cast, bare, until
from kith_local.chromium import come_in, window
from kith_local.founding import in_days
from kith_local.program import Refused
from kith_local.testing import Product

pytestmark = [pytest.mark.stack, pytest.mark.browser]

PUPIL = "/school/pupils/kofi"
CONSENTS = "/home/kofi/consents"
RECEIPT = f"{CONSENTS}/cn_kofi_school/receipt"
CLIENT = "/tenants/tn_lantern/clients/cl_kofi"
CLOSED = "no longer see it."
PARTS = ("Sign-in and sharing", "The plan", "Sessions and groups", "Pages", "Messages and calendar")


@pytest.fixture
def granted(cast: Cast) -> Iterator[None]:
    """The consent is in force before and after."""
    yield
    efua = cast.program("ps_efua", "care")
    consent = efua.get("identity", f"{CLIENT}/consents/cn_kofi_school")
    if consent["state"] != "granted":
        efua.post("identity", f"{CLIENT}/consents/cn_kofi_school/grant", {})
    until(lambda: cast.browser("ps_abigail").open(PUPIL).status_code == 200, "school to see it again")


def _withdraw(cast: Cast) -> None:
    efua = cast.browser("ps_efua")
    efua.open(CONSENTS)
    assert f"{CONSENTS}/cn_kofi_school/end" in efua.page.text, efua.text
    efua.open(f"{CONSENTS}/cn_kofi_school/end")
    assert "What will happen" in efua.text
    assert (
        "What they wrote here stays in Kofi’s record for the team. They no longer read it either."
        in efua.text
    )
    efua.fill("/cn_kofi_school/end", {})
    assert efua.at == RECEIPT, efua.text


def _status(cast: Cast, person: str, path: str) -> int:
    try:
        cast.program(person, "care").get("family-portal", f"{CLIENT}{path}")
    except Refused as refused:
        return refused.status
    return 200


@pytest.mark.parametrize("address", [PUPIL, f"{PUPIL}/observe", f"{PUPIL}/plan"])
async def test_the_teachers_open_page_closes_and_a_further_read_finds_nothing(
    cast: Cast, product: Product, browser: Browser, granted: None, address: str
) -> None:
    async with window(browser) as opened:
        page = await come_in(opened, product.url, cast.row("ps_abigail"))
        await page.goto(f"{product.url}{address}")
        assert "Kofi" in await page.inner_text("main")
        await page.locator("#live[data-htmx-powered]").wait_for(state="attached")
        _withdraw(cast)
        await page.locator("h1", has_text="Something here has ended").wait_for()
        assert "Kofi" not in await page.inner_text("body")
        assert "Abigail Stone" in await page.inner_text("header")
    abigail = cast.browser("ps_abigail")
    gone, never = abigail.open(PUPIL), abigail.open("/school/pupils/nobody")
    assert gone.status_code == never.status_code == 404
    assert bare(gone.text) == bare(never.text)
    assert "Kofi" not in (abigail.open("/school") and abigail.text)
    for path in ("/view", "/items?class=observation", "/items?class=plan_school"):
        assert _status(cast, "ps_abigail", path) == 404


def test_every_service_gives_its_receipt(cast: Cast, granted: None) -> None:
    efua = cast.browser("ps_efua")
    efua.open(f"{CONSENTS}/cn_kofi_school/end")
    second_tab = efua.forms("/cn_kofi_school/end")[0]
    _withdraw(cast)
    efua.send(second_tab.action, second_tab.fields)
    assert efua.at == RECEIPT, efua.text
    until(lambda: CLOSED in (efua.open(RECEIPT) and efua.text), "five receipts")
    assert efua.page.text.count("<time") == 5
    assert all(part in efua.text for part in PARTS)
    assert "Not yet" not in efua.text


@pytest.mark.parametrize(
    ("worker", "part", "facts_grow_old"),
    [
        ("identity-worker", "Messages and calendar", True),
        ("care-plans-worker", "The plan", False),
        ("sessions-worker", "Sessions and groups", False),
        ("family-portal-worker", "Pages", True),
        ("notifications-worker", "Messages and calendar", False),
    ],
)
def test_with_one_worker_stopped_it_is_not_yet_effective_and_says_so(
    cast: Cast, product: Product, granted: None, worker: str, part: str, facts_grow_old: bool
) -> None:
    """Also while nobody can say any more who may see what, and every other page of a family takes a breath."""
    efua, abigail = cast.browser("ps_efua"), cast.browser("ps_abigail")
    with product.held(worker):
        _withdraw(cast)
        until(lambda: abigail.open(PUPIL).status_code in (404, 503), "school to see nothing")
        if facts_grow_old:
            until(lambda: efua.open("/home/kofi").status_code == 503, "the facts to be too old")
        others = "[^.]*" if worker == "identity-worker" else ""  # nobody hears of it then
        waits = re.compile(rf"Still waiting for: {others}{part}\.")
        until(
            lambda: efua.open(RECEIPT) and waits.search(efua.text), "the receipt to say who has not closed it"
        )
        assert "It is being closed" in efua.text and CLOSED not in efua.text
        assert others or efua.page.text.count("<time") == 4
        assert abigail.open(PUPIL).status_code in (404, 503)
    until(lambda: CLOSED in (efua.open(RECEIPT) and efua.text), "the last receipt")
    assert abigail.open(PUPIL).status_code == 404


def test_whoever_reads_all_the_while_finds_all_of_it_or_nothing(
    cast: Cast, product: Product, granted: None
) -> None:
    """A read that begins once every service has said so finds nothing; one before finds what always stood there."""
    efua, abigail = cast.program("ps_efua", "care"), cast.program("ps_abigail", "care")
    consent = f"{CLIENT}/consents/cn_kofi_school"
    bearer = {"Authorization": f"Bearer {abigail.token('family-portal')}"}
    whole = abigail.get("family-portal", f"{CLIENT}/view")
    turns, wrong, closed_reads = [0], [], []  # an odd turn: closed, and everybody has said so

    def reads() -> None:
        with httpx.Client(base_url=product.url, headers=bearer) as http:
            while turns[0] >= 0:
                begun = turns[0]
                answer = http.get(f"{CLIENT}/view")
                if answer.status_code != 404 and (answer.status_code != 200 or answer.json() != whole):
                    wrong.append(answer.text)
                if begun % 2 and begun == turns[0]:
                    closed_reads.append(answer.status_code)

    with ThreadPoolExecutor(6) as readers:
        asked = [readers.submit(reads) for _ in range(6)]
        try:
            for turn in range(1, 11, 2):
                efua.post("identity", f"{consent}/withdraw", {})
                until(lambda: efua.get("identity", consent)["effective"], "every receipt")
                turns[0] = turn
                until(lambda t=len(closed_reads): len(closed_reads) > t + 20, "reads of what is closed")
                turns[0] = turn + 1
                efua.post("identity", f"{consent}/grant", {})
                until(lambda: _status(cast, "ps_abigail", "/view") == 200, "school to see it again")
        finally:
            turns[0] = -1
    assert [each.exception() for each in asked] == [None] * 6
    assert wrong == []
    assert set(closed_reads) == {404}


def test_granting_it_again_brings_the_page_back_byte_for_byte(cast: Cast, granted: None) -> None:
    abigail, efua = cast.browser("ps_abigail"), cast.browser("ps_efua")
    addresses = (PUPIL, "/school", f"{PUPIL}/observe", f"{PUPIL}/plan")
    before = [bare(abigail.open(address).text) for address in addresses]
    view = cast.program("ps_abigail", "care").get("family-portal", f"{CLIENT}/view")
    _withdraw(cast)
    until(lambda: abigail.open(PUPIL).status_code == 404, "the page to close")
    efua.open(CONSENTS)
    efua.fill("/cn_kofi_school/grant", {})
    until(lambda: abigail.open(PUPIL).status_code == 200, "the page to come back")

    until(
        lambda: [bare(abigail.open(address).text) for address in addresses] == before,
        "every part of each page to be as it was",
    )
    assert cast.program("ps_abigail", "care").get("family-portal", f"{CLIENT}/view") == view
    assert "It is open" in (efua.open(RECEIPT) and efua.text), "whoever goes back to the receipt"
    assert "It is closed" not in efua.text


def test_a_withdrawn_consent_stops_a_message_that_was_about_to_leave(
    cast: Cast, product: Product, granted: None
) -> None:
    claire, efua_phone = "c.fontaine@alderbeck.example", "7700900103"

    def told(address: str) -> set[str]:
        return {m["id"] for m in product.messages() if address in m["to"].replace(" ", "")}

    mateus = cast.program("ps_mateus")
    goals = mateus.get("care-plans", f"{CLIENT}/plan?limit=200")["goals"]
    active = next(goal for goal in goals if goal["id"] == "g_kofi_break")
    wording = "Kofi shows when it is too loud, before it hurts."
    own = {"statement": wording, "client_words": wording}
    draft = {**active["words"], "team": wording, "plain": wording, "school": wording, "own": own}
    goal = mateus.post("care-plans", f"{CLIENT}/goals", draft)["id"]
    before = {address: told(address) for address in (claire, efua_phone)}
    with product.held("notifications-worker"):
        mateus.post("care-plans", f"{CLIENT}/plan/propose", {"goals": [goal]})
        _withdraw(cast)
    efua = cast.browser("ps_efua")
    until(lambda: CLOSED in (efua.open(RECEIPT) and efua.text), "every receipt")
    until(lambda: told(efua_phone) - before[efua_phone], "the control: the text to Efua, who may know")
    assert told(claire) == before[claire]


def test_a_young_person_of_their_own_consents_closes_it_themselves(cast: Cast, product: Product) -> None:
    """J11, step 1: Jun opens the college page to Dana, closes it on their own page, and reads five receipts."""
    jun, dana = cast.browser("ps_jun"), cast.browser("ps_dana")
    path = "/tenants/tn_lantern/clients/cl_jun/consents"
    consent = f"cn_{secrets.token_hex(4)}"
    program = cast.program("ps_jun", "care")
    named = {"recipients": ["ps_dana"], "classes": ["plan_school"]}
    made = {"id": consent, **named, "purpose": "exam room", "expires": in_days(60)}
    program.post("identity", path, made)
    pupil = "/school/pupils/jun"
    until(lambda: dana.open(pupil).status_code == 200, "Dana to see the page")
    jun.open(f"/mine/consents/{consent}/end")
    assert "What will happen" in jun.text
    jun.fill(f"/{consent}/end", {})
    until(lambda: dana.open(pupil).status_code == 404, "the page to close")
    receipt = f"/mine/consents/{consent}/receipt"
    until(lambda: "no longer sees it." in (jun.open(receipt) and jun.text), "five receipts")
    assert jun.page.text.count("<time") == 5
