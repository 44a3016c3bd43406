"""The daily use of three people in a real browser whose scripts are off: links and forms alone."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, Page, expect

from kith_local.acting import Cast, until
from kith_local.chromium import PATIENCE_MS, PHONE, come_in, window
from kith_local.hand import Hand
from kith_local.testing import Product

pytestmark = [pytest.mark.stack, pytest.mark.browser]


@asynccontextmanager
async def without_scripts(
    browser: Browser, product: Product, cast: Cast, person: str, width: int = PHONE
) -> AsyncIterator[Page]:
    """The person, come in by their own door, in a window that runs no script."""
    async with window(browser, width, java_script_enabled=False) as opened:
        yield await come_in(opened, product.url, cast.row(person))


async def test_a_parent_logs_a_practice(cast: Cast, product: Product, browser: Browser) -> None:
    words = f"He showed me the card ({secrets.token_hex(3)})."
    async with without_scripts(browser, product, cast, "ps_efua") as page:
        await page.goto(f"{product.url}/home/kofi/tasks/tk_kofi_card/log")
        await Hand(page).choose("This time", "We did it")
        await Hand(page).choose("How it felt", "really good")
        await page.fill("textarea[name=words]", words)
        await page.click("main button[type=submit]:visible, main button:not([type]):visible")
        await expect(page.locator("h1")).to_contain_text("Thank you", timeout=PATIENCE_MS)
    mateus = cast.browser("ps_mateus")
    until(lambda: words in (mateus.open("/staff/clients/kofi") and mateus.text), "the words on his page")


async def test_a_teacher_observes_in_three_taps(cast: Cast, product: Product, browser: Browser) -> None:
    async with without_scripts(browser, product, cast, "ps_abigail") as page:
        await page.goto(f"{product.url}/school/pupils/kofi/observe")
        await Hand(page).choose("1. What was it about?", "Kofi uses the blue card")
        await Hand(page).choose("2. What I saw", "Pointed")
        await page.click("main button[name=my_part] >> nth=0")
        await page.wait_for_url("**/school/pupils/kofi**", timeout=PATIENCE_MS)
        assert "noted" in page.url


async def test_a_therapist_begins_a_goal_and_keeps_it_as_a_draft(
    cast: Cast, product: Product, browser: Browser
) -> None:
    words = f"Kofi chooses who sits beside him ({secrets.token_hex(3)})."
    async with without_scripts(browser, product, cast, "ps_mateus", 1280) as page:
        await page.goto(f"{product.url}/staff/clients/kofi/plan/edit")
        await page.fill("textarea[name=team]", words)
        await page.click("main button[value=draft]")
        await page.wait_for_url("**/staff/clients/kofi/plan**", timeout=PATIENCE_MS)
        await expect(page.get_by_text(words).first).to_be_visible(timeout=PATIENCE_MS)
