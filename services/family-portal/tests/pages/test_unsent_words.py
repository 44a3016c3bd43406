"""Leaving a long form of staff asks once, in Chromium; nobody else is held back, and a page that must close does.

Without signal a form stays where it is, with its words; and Back does not undo a quick leave."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Dialog, Page
from sample_site import Site

pytestmark = pytest.mark.browser


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    context = await browser.new_context(viewport={"width": 1280, "height": 740}, service_workers="block")
    yield await context.new_page()
    await context.close()


class Asked:
    """What the browser asked, and was told to stay."""

    def __init__(self, page: Page) -> None:
        self.kinds: list[str] = []
        page.on("dialog", self._stay)

    async def _stay(self, dialog: Dialog) -> None:
        self.kinds.append(dialog.type)
        await dialog.dismiss()


async def _leaves(page: Page) -> bool:
    """Whether somebody who turns to another page gets there."""
    await page.evaluate("setTimeout(() => { location.href = '/caseload'; }, 0)")
    await asyncio.sleep(0.5)
    return page.url.endswith("/caseload")


async def test_words_of_a_goal_are_not_left_behind_without_a_question(page: Page, pages: Site) -> None:
    asked = Asked(page)
    await page.goto(f"{pages.address}/edit")
    await page.locator("main form textarea").first.press_sequentially("Half a thought")
    assert not await _leaves(page)
    assert asked.kinds == ["beforeunload"]


async def test_an_untouched_form_lets_go(page: Page, pages: Site) -> None:
    asked = Asked(page)
    await page.goto(f"{pages.address}/task-edit")
    await page.locator("main form textarea").first.click()
    assert await _leaves(page), (page.url, asked.kinds)
    assert asked.kinds == []


async def test_nobody_else_is_asked(page: Page, pages: Site) -> None:
    asked = Asked(page)
    await page.goto(f"{pages.address}/log")
    words = page.locator("main form textarea").first
    await words.evaluate("field => { for (let at = field; at; at = at.parentElement) at.open = true; }")
    await words.press_sequentially("Half a word")
    assert await _leaves(page) and asked.kinds == []


async def test_a_page_that_has_to_close_closes(page: Page, pages: Site) -> None:
    asked = Asked(page)
    await page.goto(f"{pages.address}/edit")
    await page.locator("main form textarea").first.press_sequentially("Half a thought")
    await page.evaluate("document.getElementById('live').dispatchEvent(new Event('access'))")
    await asyncio.sleep(0.5)
    assert asked.kinds == []
    kept = await page.locator("main form textarea").first.input_value()
    assert kept.startswith("Half a thought"), "kept by the reload"


async def test_without_signal_a_form_stays_with_its_words_and_goes_when_there_is(
    page: Page, pages: Site
) -> None:
    pages.answers = [(303, "/thanks")]
    await page.goto(f"{pages.address}/log")
    await page.locator("[name=result]").first.check()
    await page.locator("main form textarea").first.evaluate("field => { field.value = 'On the bus.'; }")
    save = page.locator("main form button:visible").last
    for _ in range(2):
        await page.context.set_offline(True)
        await save.click()
        assert await page.locator("[role=status]:has-text('There is no signal.')").count() == 1
        assert page.url.endswith("/log")
        await page.context.set_offline(False)
        await page.wait_for_selector("text=There is no signal.", state="detached")
    assert await page.locator("main form textarea").first.input_value() == "On the bus."
    await save.click()
    await page.wait_for_url("**/thanks")


async def test_back_from_where_somebody_left_quickly_is_not_the_page_they_left(
    page: Page, pages: Site
) -> None:
    for name in ("help", "mine"):
        await page.goto(f"{pages.address}/{name}")
    await page.get_by_role("link", name="Leave").click()
    await page.wait_for_url("**/leave")
    await page.go_back()
    assert page.url.endswith("/help")
