"""Open pages take in what others do, without a reload, and never over what somebody is writing."""

import re
import secrets
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect

from kith_local.acting import Cast, until
from kith_local.chromium import PATIENCE_MS, PHONE, come_in, window
from kith_local.testing import Product

pytestmark = [pytest.mark.stack, pytest.mark.browser]

CLIENT = "/tenants/tn_lantern/clients/cl_kofi"
GOAL = "g_kofi_break"


def _draft(cast: Cast, words: str) -> str:
    """A draft like a goal that is there, in words of its own."""
    mateus = cast.program("ps_mateus")
    goals = mateus.get("care-plans", f"{CLIENT}/plan?limit=200")["goals"]
    known = next(goal for goal in goals if goal["id"] == GOAL)["words"]
    own = {"statement": words, "client_words": words}
    worded = {**known, "team": words, "plain": words, "school": words, "own": own}
    return str(mateus.post("care-plans", f"{CLIENT}/goals", worded)["id"])


def _put(cast: Cast, verb: str, goal: str) -> None:
    cast.program("ps_mateus").post("care-plans", f"{CLIENT}/plan/{verb}", {"goals": [goal]})


def _approved(cast: Cast, goal: str) -> None:
    body = {"party": "guardian", "answer": "approve"}
    cast.program("ps_efua", "care").post("care-plans", f"{CLIENT}/goals/{goal}/answers", body)


@pytest.fixture
def task(cast: Cast) -> Iterator[dict[str, Any]]:
    """What a new task says; whatever came of it ends with the test."""
    title = f"Two minutes in the quiet corner ({secrets.token_hex(3)})"
    body = {
        "id": f"tk_{secrets.token_hex(6)}",
        "goal_id": GOAL,
        "setting": "home",
        "households": ["hh_efua"],
        "title": title,
        "why": "So that the corner is a known place.",
        "steps": ["Go there together.", "Sit.", "Come back when he wants."],
        "planned": {"times": 1, "per": "week", "when": "after tea"},
    }
    yield body
    mateus, where = cast.program("ps_mateus"), f"{CLIENT}/tasks"
    for kept in mateus.get("care-plans", f"{where}?limit=200")["items"]:
        if kept["id"] == body["id"]:
            mateus.post("care-plans", f"{where}/{kept['id']}/end", {}, version=kept["doc_version"])


async def _stay(page: Page) -> None:
    """Mark the page, so that a reload would show, and wait until it listens."""
    await page.evaluate("window.stayed = true")
    await page.locator("#live[data-htmx-powered]").wait_for(state="attached")


async def _stayed(page: Page) -> bool:
    return bool(await page.evaluate("window.stayed === true"))


async def test_a_new_task_appears_on_the_parents_phone(
    cast: Cast, product: Product, browser: Browser, task: dict[str, Any]
) -> None:
    async with window(browser, PHONE) as opened:
        page = await come_in(opened, product.url, cast.row("ps_efua"))
        await page.goto(f"{product.url}/home")
        await _stay(page)
        cast.program("ps_mateus").post("care-plans", f"{CLIENT}/tasks", task)
        await expect(page.get_by_text(task["title"]).first).to_be_visible(timeout=PATIENCE_MS)
        assert await _stayed(page)


async def test_what_is_typed_stays_while_the_page_moves_on(
    cast: Cast, product: Product, browser: Browser
) -> None:
    first = _draft(cast, f"A first goal to read ({secrets.token_hex(3)}).")
    second = _draft(cast, f"A second goal to read ({secrets.token_hex(3)}).")
    _put(cast, "propose", first)
    efua = cast.browser("ps_efua")
    until(lambda: f"words-{first}" in efua.open("/home/kofi/plan").text, "the goal to answer")
    async with window(browser, PHONE) as opened:
        page = await come_in(opened, product.url, cast.row("ps_efua"))
        await page.goto(f"{product.url}/home/kofi/plan")
        await _stay(page)
        box = page.locator(f"#words-{first}")
        await box.fill("Half a thought, not sent")
        await box.focus()
        _put(cast, "propose", second)
        await expect(page.get_by_text("This changed while you were writing.")).to_be_visible(
            timeout=PATIENCE_MS
        )
        assert await box.input_value() == "Half a thought, not sent"
        assert await page.evaluate("document.activeElement.id") == f"words-{first}"
        assert await _stayed(page)
    for goal in (first, second):
        body = {"party": "guardian", "answer": "no"}
        cast.program("ps_efua", "care").post("care-plans", f"{CLIENT}/goals/{goal}/answers", body)


async def test_a_new_goal_appears_on_the_teachers_page(
    cast: Cast, product: Product, browser: Browser
) -> None:
    words = f"Kofi chooses his seat himself ({secrets.token_hex(3)})."
    goal = _draft(cast, words)
    _put(cast, "propose", goal)
    until(
        lambda: f"/plan/{goal}" in cast.browser("ps_efua").open("/home/kofi/plan").text, "the goal to answer"
    )
    _approved(cast, goal)
    async with window(browser) as opened:
        page = await come_in(opened, product.url, cast.row("ps_abigail"))
        await page.goto(f"{product.url}/school/pupils/kofi")
        await _stay(page)
        _put(cast, "activate", goal)
        await expect(page.get_by_text(words).first).to_be_visible(timeout=PATIENCE_MS)
        assert await _stayed(page)


async def test_a_log_appears_on_the_therapists_chart(cast: Cast, product: Product, browser: Browser) -> None:
    async with window(browser) as opened:
        page = await come_in(opened, product.url, cast.row("ps_mateus"))
        await page.goto(f"{product.url}/staff/clients/kofi")
        await _stay(page)
        rows = page.locator(f"#goal-{GOAL} tbody tr")
        before = await rows.count()
        log = {"id": f"lg_{secrets.token_hex(6)}", "result": "part", "felt": 2, "words": "Nearly."}
        cast.program("ps_efua", "care").post("family-portal", f"{CLIENT}/tasks/tk_kofi_card/logs", log)
        await expect(rows).to_have_count(before + 1, timeout=PATIENCE_MS)
        assert await _stayed(page)


LIVE_PAGES = {
    "ps_efua": ("/home", "/home/kofi", "/home/kofi/plan", "/home/kofi/sessions"),
    "ps_abigail": ("/school", "/school/pupils/kofi", "/school/pupils/kofi/plan"),
    "ps_priya": ("/mine", "/mine/goals/g_priya_speak", "/mine/plan", "/mine/sessions"),
    "ps_mateus": ("/staff/today", "/staff/clients/kofi", "/staff/clients/kofi/plan"),
}


@pytest.mark.parametrize("person", LIVE_PAGES)
def test_a_live_part_answers_with_itself_and_nothing_else(cast: Cast, person: str) -> None:
    browser = cast.browser(person)
    for address in LIVE_PAGES[person]:
        parts = re.findall(
            r'id="([^"]+)" hx-get="([^"]+)" hx-trigger="[^"]+" hx-swap="outerMorph"',
            browser.open(address).text,
        )
        assert parts, address
        for part, url in parts:
            html = browser.open(url).text
            assert re.findall(r'id="([^"]+)" hx-get', html) == [part], (address, url)
