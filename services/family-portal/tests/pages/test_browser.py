"""Every page in Chromium under the real headers: axe finds nothing, nothing overflows, targets are large enough."""

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page
from rendering import PAGES

from family_portal import assets

pytestmark = pytest.mark.browser

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SMALL = """() => [...document.querySelectorAll('a, button, summary, input:not([type=hidden])')]
  .filter(e => !e.closest('p, li') && !e.matches('.nhsuk-skip-link, .nhsuk-radios__input, .nhsuk-checkboxes__input'))
  .filter(e => { const r = e.getBoundingClientRect(); return r.width && r.height < 24 }).map(e => e.outerHTML)"""
LONG = """() => { const long = 'm'.repeat(300), found = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) if (texts.currentNode.data.trim()) found.push(texts.currentNode);
  found.forEach(text => { if (!text.parentElement.closest('svg, script, option')) text.data = long });
  document.querySelectorAll('textarea, input').forEach(field => { if (field.type !== 'hidden') field.value = long });
}"""
CUT = """() => [...document.querySelectorAll('body *')].filter(e => e.clientWidth > 1
  && e.scrollWidth > e.clientWidth + 1 && ['hidden', 'clip'].includes(getComputedStyle(e).overflowX)
  && !e.matches('input, select, .nhsuk-skip-link')).map(e => e.className)"""
OUT_OF_SIGHT = """() => [...document.querySelectorAll('tbody *')].filter(e => e.textContent.trim()
  && e.getBoundingClientRect().right > document.documentElement.clientWidth).map(e => e.textContent)"""
WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


async def _open(browser: Browser, address: str, width: int, cookie: str = "") -> Page:
    context = await browser.new_context(
        viewport={"width": width, "height": 740}, reduced_motion="reduce", service_workers="block"
    )
    if cookie:
        await context.add_cookies([{"name": "kith-look", "value": cookie, "url": address}])
    await context.add_init_script(path=assets.MODULES / "axe-core" / "axe.min.js")
    return await context.new_page()


async def _look(page: Page, address: str, name: str) -> list[str]:
    """What is wrong with one page."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    await page.goto(f"{address}/{name}")
    found: dict[str, Any] = await page.evaluate(
        "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})", TAGS
    )
    wrong = [f"axe {v['id']}: {v['nodes'][0]['target']}" for v in found["violations"]]
    wrong += ["wider than the screen"] if await page.evaluate(WIDE) else []
    wrong += [f"small: {html[:90]}" for html in await page.evaluate(SMALL)]
    return [f"{name}: {what}" for what in wrong + said]


@pytest.mark.parametrize("width", [320, 360, 1280])
async def test_every_page_passes_axe_at_every_width(browser: Browser, address: str, width: int) -> None:
    page = await _open(browser, address, width)
    wrong = [what for name in PAGES for what in await _look(page, address, name)]
    await page.context.close()
    assert wrong == []


@pytest.mark.parametrize("width", [320, 360, 1280])
async def test_no_word_however_long_makes_a_page_wider_or_is_cut(
    browser: Browser, address: str, width: int
) -> None:
    page = await _open(browser, address, width)
    wrong = []
    for name in PAGES:
        await page.goto(f"{address}/{name}")
        await page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
        await page.evaluate(LONG)
        wrong += [f"{name}: wider than the screen"] if await page.evaluate(WIDE) else []
        wrong += [f"{name}: cut in {where}" for where in await page.evaluate(CUT)]
    await page.context.close()
    assert wrong == []


async def test_the_caseload_is_a_list_on_a_phone_and_a_table_still(browser: Browser, address: str) -> None:
    page = await _open(browser, address, 360)
    await page.goto(f"{address}/caseload")
    assert await page.evaluate(OUT_OF_SIGHT) == []
    kofi = page.get_by_role("table", name="Something open").get_by_role("row", name="Kofi")
    assert [await cell.inner_text() for cell in await kofi.get_by_role("cell").all()] == [
        "Plan\nActive",
        "Open\nto answer",
        "Lead\nMateus",
    ]
    assert await page.get_by_text("Everyone else").count() == 1
    await page.context.close()


@pytest.mark.parametrize(
    "cookie", ["dark.usual.usual.usual", "light.more.calm.larger", "dark.more.usual.large"]
)
async def test_pages_pass_axe_in_every_look(browser: Browser, address: str, cookie: str) -> None:
    page = await _open(browser, address, 360, cookie)
    names = ("help", "home", "child", "log-errors", "client", "edit", "receipt-waits", "pupil", "mine")
    wrong = [what for name in names for what in await _look(page, address, name)]
    await page.context.close()
    assert wrong == []


async def test_an_error_summary_takes_the_focus_and_leads_to_its_field(
    browser: Browser, address: str
) -> None:
    page = await _open(browser, address, 360)
    await page.goto(f"{address}/log-errors")
    assert await page.evaluate("document.activeElement.classList.contains('nhsuk-error-summary')")
    await page.click(".nhsuk-error-summary a")
    assert await page.evaluate("document.activeElement.id") == "result"
    await page.context.close()


SENDS = "() => { document.addEventListener('submit', e => { e.preventDefault(); window.sent = true }) }"
BY_BUTTON = (
    "session-after",
    "session-signed",
    "edit",
    "task-edit",
    "observe",
    "session-new",
    "log",
    "plan",
)


@pytest.mark.parametrize("name", BY_BUTTON)
async def test_enter_sends_no_form_that_others_read(browser: Browser, address: str, name: str) -> None:
    page = await _open(browser, address, 1280)
    await page.goto(f"{address}/{name}")
    await page.evaluate(SENDS)
    await page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    fields = await page.locator("form:has([data-by-button]) input:visible").all()
    assert fields
    for field in fields:
        await field.press("Enter")
        assert not await page.evaluate("window.sent"), await field.evaluate("each => each.outerHTML")
    await page.locator("form:has([data-by-button]) button:visible").first.click()
    assert await page.evaluate("window.sent")
    await page.context.close()


async def test_the_focused_field_is_not_under_the_fixed_bar(browser: Browser, address: str) -> None:
    page = await _open(browser, address, 360)
    await page.goto(f"{address}/log")
    for _ in range(14):
        await page.keyboard.press("Tab")
        below = await page.evaluate(
            "() => document.activeElement.closest('main') ? document.activeElement.getBoundingClientRect().bottom"
            " - document.querySelector('.k-nav--bar').getBoundingClientRect().top : -1"
        )
        assert below <= 0
    await page.context.close()


def test_the_two_dark_blocks_are_equal() -> None:
    """Dark by device and dark by choice must not drift apart."""
    tokens = Path(assets.STYLES / "tokens.css").read_text()
    by_device, by_choice = tokens.split('\n:root[data-theme="dark"] {', 1)
    device = by_device.split(':root:not([data-theme="light"]) {', 1)[1].split("}", 1)[0].split()
    choice = by_choice.split("}", 1)[0].replace("color-scheme: dark;", "").split()
    assert device == choice


async def test_a_chart_on_a_phone_begins_at_its_newest_end(browser: Browser, address: str) -> None:
    page = await _open(browser, address, 360)
    await page.goto(f"{address}/client")
    ends = await page.evaluate(
        """() => [...document.querySelectorAll('.k-scroll--newest')].map(e => {
          const [shown, whole] = [e, e.firstElementChild].map(x => x.getBoundingClientRect().right);
          return [e.scrollWidth > e.clientWidth, whole <= shown + 1] })"""
    )
    assert ends and all(scrolls and newest for scrolls, newest in ends)
    lines = await page.evaluate(
        """() => [...document.querySelectorAll('.k-when')].map(e => {
          const words = document.createRange(); words.selectNodeContents(e);
          return words.getClientRects().length })"""
    )
    assert set(lines) == {1}, "a day stands on one line"


async def test_a_page_whose_stylesheet_did_not_arrive_can_be_read(browser: Browser, address: str) -> None:
    """Signs as large as the screen stood between its lines; in colour and at their size they come by the sheet."""
    page = await _open(browser, address, 360)
    await page.route("**/kith.css", lambda route: route.abort())
    for name in ("home", "client"):
        await page.goto(f"{address}/{name}")
        large = "[...document.querySelectorAll('svg.k-icon')].filter(e => e.getBoundingClientRect().width > 24).length"
        assert await page.evaluate(large) == 0
    await page.context.close()
