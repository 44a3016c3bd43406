"""A sign-in ends while somebody writes: their words wait on the page, and are sent once, by themselves."""

import secrets

import pytest
from playwright.async_api import Browser, Page, expect

from kith_local.acting import Cast
from kith_local.chromium import PATIENCE_MS, PHONE, come_in, window
from kith_local.hand import Hand
from kith_local.testing import Product

pytestmark = [pytest.mark.stack, pytest.mark.browser]

LOG = "/home/kofi/tasks/tk_kofi_card/log"
CLIENT = "/tenants/tn_lantern/clients/cl_kofi"


@pytest.mark.parametrize("script", [True, False])
async def test_words_that_were_written_while_the_sign_in_ended_are_sent_after_the_next(
    cast: Cast, product: Product, browser: Browser, script: bool
) -> None:
    words = f"He showed me the card for ME ({secrets.token_hex(3)})."
    async with window(browser, PHONE, java_script_enabled=script) as opened:
        page = await come_in(opened, product.url, cast.row("ps_efua"))
        await page.goto(f"{product.url}{LOG}")
        await Hand(page).choose("This time", "We did it")
        await page.fill("#words", words)
        await opened.clear_cookies()
        await page.click("main button:has-text('Save')")
        await expect(page.get_by_text(words)).to_be_visible(timeout=PATIENCE_MS)
        async with opened.expect_page() as another:
            await page.click("text=Sign in, in a new window")
        await _signs_in(await another.value, cast)
        await page.bring_to_front()
        await page.click("main button:has-text('Send again')")
        await expect(page.locator("h1")).to_have_text("Send it once more", timeout=PATIENCE_MS)
        assert "Efua Mensah" in await page.inner_text("header") and words in await page.inner_text("main")
        await page.click("main button:has-text('Send again')")
        await expect(page.locator("h1")).to_have_text("Thank you", timeout=PATIENCE_MS)
        assert "Sent. Mateus has it now." in await page.inner_text("main")
    logs = cast.program("ps_efua", "care").get("family-portal", f"{CLIENT}/items?class=task_log&limit=50")
    assert [log["words"] for log in logs["items"]].count(words) == 1


async def _signs_in(page: Page, cast: Cast) -> None:
    await page.fill("[name=who]", cast.row("ps_efua")["sign_in"])
    await page.fill("[name=password]", cast.row("ps_efua")["password"])
    await page.click("main button[type=submit], main button:not([type])")
    await expect(page.locator("h1")).to_have_text("You are in", timeout=PATIENCE_MS)
