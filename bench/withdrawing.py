"""From a withdrawn consent until a read finds nothing, the open page has closed, and every service has said so."""

import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, sync_playwright

from bench.rows import Row, middle
from kith_local.chromium import ARGUMENTS, executable
from kith_local.program import Kith, Person, Refused
from kith_local.testing import Product

TIMES = 20
LONGEST_S = 30.0
CLIENT = "/tenants/tn_lantern/clients/cl_kofi"
CONSENT = f"{CLIENT}/consents/cn_kofi_school"
PUPIL = "/school/pupils/kofi"
EFFECTIVE_MS = CLOSED_MS = 1_000.0
AT_REST_MS = 600
"""The page listens, and has fetched what was new, before the consent is taken back."""
_WATCH = """
new MutationObserver(() => {
  const head = document.querySelector("h1");
  if (head && head.innerText.includes("Something here has ended")) window.closedAt ||= Date.now();
}).observe(document, {childList: true, subtree: true, characterData: true});
"""


def rows(product: Product) -> list[Row]:
    """Withdrawn and granted again, over and over; the worst of all stands for the 99th percentile."""
    people = {person["id"]: person for person in product.people()}
    kith = Kith(product.url)
    efua, abigail = (
        kith.sign_in(people[who]["sign_in"], people[who]["password"]) for who in ("ps_efua", "ps_abigail")
    )
    closed, effective = [], []
    for _ in range(TIMES):
        begun = time.perf_counter()
        efua.post("identity", f"{CONSENT}/withdraw", {})
        closed.append(_until(lambda: not _reads(abigail), begun))
        effective.append(_until(lambda: bool(efua.get("identity", CONSENT)["effective"]), begun))
        _grant(efua, abigail)
    found_nothing = middle(closed)
    return [
        Row(
            "Withdrawal → a read finds nothing, p50", found_nothing, "ms", "–", None, "for information", True
        ),
        *_page_rows(to_page(product, people["ps_abigail"], efua, abigail)),
        _within_a_second(f"Withdrawal effective, worst of {TIMES}", max(effective), EFFECTIVE_MS),
    ]


def to_page(product: Product, row: dict[str, Any], efua: Person, abigail: Person) -> list[float]:
    """Milliseconds from sending the withdrawal until the teacher's open page, at rest, has closed."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=list(ARGUMENTS))
        page = browser.new_page()
        page.add_init_script(_WATCH)
        page.goto(f"{product.url}/sign-in")
        page.fill("[name=who]", row["sign_in"])
        page.fill("[name=password]", row["password"])
        page.click("main button[type=submit]")
        page.wait_for_selector("header .k-who")
        found = [_closed(page, product.url, efua, abigail) for _ in range(TIMES)]
        browser.close()
    return found


def _closed(page: Page, url: str, efua: Person, abigail: Person) -> float:
    page.goto(f"{url}{PUPIL}")
    page.locator("#live[data-htmx-powered]").wait_for(state="attached")
    page.wait_for_timeout(AT_REST_MS)
    begun = time.time() * 1000
    efua.post("identity", f"{CONSENT}/withdraw", {})
    page.wait_for_function("() => window.closedAt", timeout=LONGEST_S * 1000)
    at: float = page.evaluate("window.closedAt")
    _until(lambda: bool(efua.get("identity", CONSENT)["effective"]), time.perf_counter())
    _grant(efua, abigail)
    return at - begun


def _page_rows(closed: list[float]) -> list[Row]:
    name = "Withdrawal → their open page has closed"
    return [
        _within_a_second(f"{name}, p50", middle(closed), CLOSED_MS),
        _within_a_second(f"{name}, worst of {TIMES}", max(closed), CLOSED_MS),
    ]


def _within_a_second(name: str, value: float, most: float) -> Row:
    return Row(name, value, "ms", f"{most:.0f} ms", value / most, "≤ 1 s", value <= most)


def _grant(efua: Person, abigail: Person) -> None:
    efua.post("identity", f"{CONSENT}/grant", {})
    _until(lambda: _reads(abigail), time.perf_counter())


def _reads(person: Person) -> bool:
    try:
        person.get("family-portal", f"{CLIENT}/view")
    except Refused:
        return False
    return True


def _until(look: Callable[[], bool], begun: float) -> float:
    """Milliseconds from `begun` until it is so. Raises RuntimeError when it never is."""
    while not look():
        if time.perf_counter() - begun > LONGEST_S:
            raise RuntimeError("it did not come about within half a minute")
        time.sleep(0.005)
    return (time.perf_counter() - begun) * 1000
