"""Every page of every role: accessible, whole on a narrow phone, usable by keyboard, quiet in the console."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Browser, ConsoleMessage, Page

from kith_local import browsing
from kith_local.acting import LONGEST_S, Cast
from kith_local.chromium import DESK, OLD_PHONE, PHONE, come_in, window
from kith_local.testing import Product

pytestmark = [pytest.mark.stack, pytest.mark.browser]

TASK = "/home/kofi/tasks/tk_kofi_card"
MY_TASK = "/mine/tasks/tk_priya_question"
KOFI = "/staff/clients/kofi"
PAGES: dict[str, tuple[str, ...]] = {
    "ps_efua": (
        "/home", "/home/kofi", "/home/kofi/plan", TASK, f"{TASK}/log", f"{TASK}/thanks", "/home/kofi/sessions",
        "/home/kofi/consents", "/home/kofi/consents/cn_kofi_school/end", "/home/kofi/who-can-see",
        "/home/kofi/about", "/home/kofi/about/ab_kofi_senses_0",
        "/messages-for-you", "/how-you-are-told", "/home/nobody",
    ),
    "ps_renee": ("/home", "/messages-for-you"),
    "ps_priya": (
        "/mine", "/mine/about", "/mine/about/ab_priya_senses_0", "/mine/goals/g_priya_speak", "/mine/plan",
        "/mine/sessions", "/mine/consents", "/mine/who-can-see",
        MY_TASK, f"{MY_TASK}/log", f"{MY_TASK}/thanks", "/messages-for-you",
        "/how-you-are-told",
    ),
    "ps_claire": (
        "/school", "/school/pupils/kofi", "/school/pupils/kofi/plan", "/school/pupils/kofi/observe",
        "/messages-for-you", "/how-you-are-told",
    ),
    "ps_giselle": ("/messages-for-you", "/how-you-are-told"),
    "ps_mateus": (
        "/staff/today", "/staff/caseload", KOFI, f"{KOFI}/about", f"{KOFI}/about/ab_kofi_one_page_0",
        f"{KOFI}/plan", f"{KOFI}/plan/edit",
        f"{KOFI}/plan/edit?goal=g_kofi_break", f"{KOFI}/plan/tasks/edit?goal=g_kofi_break",
        f"{KOFI}/plan/tasks/edit?goal=g_kofi_break&task=tk_kofi_card", f"{KOFI}/sessions/new",
        "/staff/sessions/se_noor_next/after?client=noor", "/staff/clients/nobody",
        "/staff/how-you-are-told",
    ),
    "ps_rosalind": ("/staff/today", "/staff/caseload", "/staff/how-you-are-told"),
}  # fmt: skip
OPEN = (
    "/", "/staff", "/sign-in", "/staff/sign-in", "/help-now", "/offline", "/language", "/looks",
    "/how-kith-keeps-things", "/nowhere",
)  # fmt: skip
NOWHERE = ("/home/nobody", "/staff/clients/nobody", "/nowhere")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
WIDER = """() => {
  const root = document.scrollingElement;
  if (root.scrollWidth <= root.clientWidth) return "";
  const wide = [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > innerWidth + 1
    && !e.closest(".k-scroll"));
  return `${root.scrollWidth} > ${root.clientWidth}: ${wide.slice(-3).map(e => e.tagName + "." + e.className)}`;
}"""
FIRST_ACTION = """() => {
  const all = "main .nhsuk-button:not(.nhsuk-button--secondary), main .k-big, main a[href]";
  const own = [...document.querySelectorAll(all)];
  const seen = own.filter(e => e.checkVisibility() && !e.closest("details:not([open])"));
  const first = seen.find(e => e.matches(".nhsuk-button, .k-big")) || seen[0];
  if (first) first.dataset.first = "";
  return Boolean(first);
}"""
REACHED = """() => {
  const at = document.activeElement, style = getComputedStyle(at);
  const shown = style.outlineStyle !== "none" || style.boxShadow !== "none";
  return at.matches("[data-first]") && shown;
}"""
LOOKED_AFTER = """async () => {
  await navigator.serviceWorker.ready;
  while (!navigator.serviceWorker.controller) await new Promise(done => setTimeout(done, 100));
}"""
MOST_TABS = 150


class Watched:
    """One page with what its console says and what was found wrong, at every address it was taken to."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url, self.wrong = page, url, list[str]()
        self._at = ""
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.wrong.append(f"{self._at}: {error}"))

    def _said(self, message: ConsoleMessage) -> None:
        expected = message.text.startswith("Failed to load resource") and self._at in NOWHERE
        if message.type == "error" and not expected:
            self.wrong.append(f"{self._at} console: {message.text}")

    async def visit(self, address: str) -> None:
        """Open an address and look at it in three widths and by keyboard."""
        self._at = address
        answer = await self.page.goto(f"{self.url}{address}")
        assert answer is not None
        if answer.status != (404 if address in NOWHERE else 200):
            self.wrong.append(f"{address}: {answer.status}")
        await self.page.evaluate(AXE_SCRIPT)
        for width in (OLD_PHONE, PHONE, DESK):
            await self.page.set_viewport_size({"width": width, "height": 800})
            await self._look(f"{address} at {width}")
        await self._tab_to_the_first_action()

    async def _look(self, where: str) -> None:
        wider = await self.page.evaluate(WIDER)
        if wider:
            self.wrong.append(f"{where}: {wider}")
        found = await self.page.evaluate("options => axe.run(document, options)", OPTIONS)
        for each in found["violations"]:
            nodes = [f"{n['html'][:160]} {n['failureSummary'][:200]}" for n in each["nodes"][:2]]
            self.wrong.append(f"{where}: {each['id']}: {nodes}")

    async def _tab_to_the_first_action(self) -> None:
        if not await self.page.evaluate(FIRST_ACTION):
            return
        for _ in range(MOST_TABS):
            await self.page.keyboard.press("Tab")
            if await self.page.evaluate(REACHED):
                return
        self.wrong.append(f"{self._at}: its first action is not reached by keyboard")


@pytest.mark.parametrize("person", PAGES)
async def test_every_page_of_a_role(cast: Cast, product: Product, browser: Browser, person: str) -> None:
    async with window(browser, service_workers="block", reduced_motion="reduce") as opened:
        watched = Watched(await come_in(opened, product.url, cast.row(person)), product.url)
        for address in PAGES[person]:
            await watched.visit(address)
        assert not watched.wrong, "\n".join(watched.wrong)


async def test_every_page_that_is_open_to_anyone(product: Product, browser: Browser) -> None:
    async with window(browser, service_workers="block", reduced_motion="reduce") as opened:
        watched = Watched(await opened.new_page(), product.url)
        for address in OPEN:
            await watched.visit(address)
        assert not watched.wrong, "\n".join(watched.wrong)


@pytest.fixture
async def signed_out(browser: Browser) -> AsyncIterator[Page]:
    """A phone on which nobody has ever signed in."""
    async with window(browser, PHONE) as opened:
        yield await opened.new_page()


async def test_help_now_opens_signed_out_and_offline_after_a_first_visit(
    product: Product, signed_out: Page
) -> None:
    await signed_out.goto(f"{product.url}/")
    async with asyncio.timeout(LONGEST_S):
        await signed_out.evaluate(LOOKED_AFTER)
    await signed_out.goto(f"{product.url}/help-now")
    online = await signed_out.inner_text("main")
    await signed_out.context.set_offline(True)
    await signed_out.goto(f"{product.url}/help-now")
    assert await signed_out.inner_text("main") == online
    assert "999" in online


def test_help_now_opens_with_every_service_but_the_web_tier_down(cast: Cast, product: Product) -> None:
    down: list[Any] = [
        f"{s}-{p}" for s in ("identity", "care-plans", "sessions", "notifications") for p in ("api", "worker")
    ]
    with ExitStack() as held:
        for process in down:
            held.enter_context(product.held(process))
        page = browsing.Browser(product.url).open("/help-now")
    assert page.status_code == 200 and "999" in page.text
