"""Whoever chooses anew how they are told is told so from the next message on, and by nothing else."""

import secrets

import pytest
from playwright.async_api import Browser, Page, expect

from kith_local.acting import Cast, until
from kith_local.chromium import PATIENCE_MS, PHONE, come_in, window
from kith_local.founding import goal
from kith_local.hand import Hand
from kith_local.testing import Product

pytestmark = [pytest.mark.stack, pytest.mark.browser]

ADDRESS, NUMBER = "d.chaudhry@alderbeck.example", "07700 900177"
PATH = "/tenants/tn_lantern/clients/cl_noor"
PAGE = "/how-you-are-told"


def _something_new(cast: Cast) -> None:
    """Mateus puts a goal to the people around Noor; Dev teaches her."""
    mateus = cast.program("ps_mateus")
    made = mateus.post("care-plans", f"{PATH}/goals", goal(secrets.token_hex(3)))["id"]
    mateus.post("care-plans", f"{PATH}/plan/propose", {"goals": [made]})


def _to_dev(product: Product) -> dict[str, str]:
    """What left for his address or his new number: id → channel."""
    return {m["id"]: m["channel"] for m in product.messages() if m["to"] in (ADDRESS, NUMBER)}


async def _choose(page: Page, way: str, **typed: str) -> None:
    await Hand(page).choose("How should Kith tell you?", way)
    for name, text in typed.items():
        await page.fill(f"input[name={name}]", text)
    await page.click("main button")


async def _kept(page: Page, sentence: str) -> None:
    await expect(page.get_by_text("Kept.")).to_be_visible(timeout=PATIENCE_MS)
    await expect(page.get_by_text(sentence)).to_be_visible(timeout=PATIENCE_MS)


def _waits(cast: Cast) -> bool:
    dev = cast.browser("ps_dev")
    return "You have an update." in (dev.open("/messages-for-you") and dev.text)


async def test_a_teacher_moves_from_mail_to_texts_to_neither_and_back(
    cast: Cast, product: Product, browser: Browser
) -> None:
    async with window(browser, PHONE, java_script_enabled=False) as opened:
        page = await come_in(opened, product.url, cast.row("ps_dev"))
        await page.click("footer >> text=How you are told")
        await expect(page.get_by_text("By e-mail, to d…\N{WORD JOINER}@alderbeck.example.")).to_be_visible(
            timeout=PATIENCE_MS
        )
        assert ADDRESS not in await page.content()
        await _choose(page, "Text message", phone="my mobile")
        await expect(page.get_by_role("link", name="This is not a phone number.")).to_be_visible(
            timeout=PATIENCE_MS
        )
        assert await page.input_value("input[name=phone]") == "my mobile"
        try:
            await _choose(page, "Text message", phone=NUMBER)
            await _kept(page, "By text message, to the number that ends in 177.")
            assert _channels_of_the_next(cast, product) == {"sms"}
            await _choose(page, "Neither")
            await _kept(page, "By neither.")
            assert _channels_of_the_next(cast, product, leaves=False) == set()
        finally:
            await page.goto(f"{product.url}{PAGE}")
            await _choose(page, "E-mail")
            await _kept(page, "By e-mail, to d…\N{WORD JOINER}@alderbeck.example.")
        assert _channels_of_the_next(cast, product) == {"email"}


def _channels_of_the_next(cast: Cast, product: Product, *, leaves: bool = True) -> set[str]:
    """By which channels he hears of the next new thing, once it has reached his notices."""
    product.wait_until_quiet()
    while _waits(cast):
        cast.browser("ps_dev").fill("/seen", {})
    before = set(_to_dev(product))
    _something_new(cast)
    until(lambda: _waits(cast), "the notice on his page")
    if leaves:
        until(lambda: set(_to_dev(product)) - before, "the message to him")
    product.wait_until_quiet()
    return {channel for key, channel in _to_dev(product).items() if key not in before}
