"""A real browser for tests: Chromium as the machine has it, and people who come in through the door."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from kith_local.acting import LONGEST_S

PATIENCE_MS = LONGEST_S * 1000
ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-quic", "--no-first-run",
)  # fmt: skip
PHONE, OLD_PHONE, DESK = 360, 320, 1280


def executable() -> str:
    """Where the browser is. Raises RuntimeError where there is none."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found is None:
        raise RuntimeError("Chromium is not installed; `make install-tests` installs it.")
    return found


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """The browser; raises RuntimeError where there is none."""
    found = executable()
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=found, args=list(ARGUMENTS))
        yield browser
        await browser.close()


@asynccontextmanager
async def window(browser: Browser, width: int = DESK, **more: Any) -> AsyncIterator[BrowserContext]:
    """A window with nothing in it: no cookie, no cache, nobody signed in."""
    context = await browser.new_context(viewport={"width": width, "height": 800}, **more)
    context.set_default_timeout(PATIENCE_MS)
    context.set_default_navigation_timeout(PATIENCE_MS)
    yield context
    await context.close()


async def come_in(context: BrowserContext, url: str, row: dict[str, Any]) -> Page:
    """A page of somebody who has come in by the door of their area, with what the demo loader said of them."""
    page = await context.new_page()
    await page.goto(f"{url}{'/staff' if row['door'] == '/staff' else ''}/sign-in")
    await page.fill("[name=who]", row["sign_in"])
    await page.fill("[name=password]", row["password"])
    await page.click("main button[type=submit], main button:not([type])")
    await page.wait_for_selector("header .k-who")
    return page
