"""One log, one observation and one goal, from the first page to the last word, by keys alone."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, expect

from kith_local.acting import Cast, until
from kith_local.chromium import DESK, PATIENCE_MS, come_in, window
from kith_local.hand import Keys
from kith_local.testing import Product

pytestmark = [pytest.mark.stack, pytest.mark.browser]

CLIENT = "/tenants/tn_lantern/clients/cl_kofi"


@asynccontextmanager
async def _keys(browser: Browser, product: Product, cast: Cast, person: str) -> AsyncIterator[Keys]:
    async with window(browser, DESK) as opened:
        yield Keys(await come_in(opened, product.url, cast.row(person)))


async def _heads(keys: Keys, words: str) -> None:
    await expect(keys.page.locator("h1")).to_contain_text(words, timeout=PATIENCE_MS)


async def test_a_parent_logs_a_practice(cast: Cast, product: Product, browser: Browser) -> None:
    words = f"He showed me the card ({secrets.token_hex(3)})."
    async with _keys(browser, product, cast, "ps_efua") as keys:
        await keys.enter("The blue card works here too")
        await _heads(keys, "The blue card works here too")
        await keys.enter("Say how it was")
        await _heads(keys, "How was it?")
        await keys.choose("We did it", "Part of it")
        await keys.choose("hard going", "good")
        await keys.type("How fast did you say yes?", words)
        await keys.enter("Save")
        await _heads(keys, "Thank you")
    told = cast.program("ps_efua", "care").get("family-portal", f"{CLIENT}/items?class=task_log&limit=50")
    [log] = [log for log in told["items"] if log["words"] == words]
    assert (log["result"], log["felt"]) == ("part", 3)


async def test_a_teacher_observes(cast: Cast, product: Product, browser: Browser) -> None:
    words = f"On the stairs, before the noise ({secrets.token_hex(3)})."
    async with _keys(browser, product, cast, "ps_abigail") as keys:
        await keys.enter("Kofi")
        await _heads(keys, "Kofi")
        await keys.enter("I saw something")
        await _heads(keys, "I saw something")
        await keys.choose("Kofi uses the blue card", "Kofi uses the blue card")
        await keys.choose("Pointed", "Card")
        await keys.enter("Add a few words")
        await keys.type("A few words, if you like", words)
        await keys.enter("Partly")
        await _heads(keys, "Kofi")
    school = cast.program("ps_abigail", "care")
    at = f"{CLIENT}/items?class=observation&limit=50"

    def seen() -> list[tuple[str, str]]:
        rows = school.get("family-portal", at)["items"]
        return [(row["saw"], row["my_part"]) for row in rows if row.get("words") == words]

    assert until(seen, "the observation") == [("card", "partly")]


async def test_a_therapist_writes_a_goal_and_throws_it_away(
    cast: Cast, product: Product, browser: Browser
) -> None:
    words = f"Kofi chooses who sits beside him ({secrets.token_hex(3)})."
    async with _keys(browser, product, cast, "ps_mateus") as keys:
        for link, head in (("Caseload", "Caseload"), ("Kofi", "Kofi"), ("Open the plan", "Plan")):
            await keys.enter(link)
            await _heads(keys, head)
        await keys.enter("Write a goal")
        await _heads(keys, "A goal with Kofi")
        await _writes_the_goal(keys, words)
        await keys.enter("Keep as draft")
        await expect(keys.page.get_by_text("Kept").first).to_be_visible(timeout=PATIENCE_MS)
        goals = cast.program("ps_mateus").get("care-plans", f"{CLIENT}/plan?limit=200")["goals"]
        [goal] = [goal for goal in goals if goal["words"]["team"] == words]
        assert goal["unmet"] == [], "it could be proposed as it is"
        await keys.enter("Discard this draft")
        await keys.enter("Yes, discard it")
        await _heads(keys, "Plan")
    kept = cast.program("ps_mateus").get("care-plans", f"{CLIENT}/plan?limit=200")["goals"]
    assert goal["id"] not in [each["id"] for each in kept]


async def _writes_the_goal(keys: Keys, words: str) -> None:
    """Field after field in the order of the page, so that Tab never has to go back."""
    await keys.type("What Kofi said about it", "Talker: “me first.”")
    await keys.type("The goal as Kofi would say it", "I choose.")
    await keys.choose("Not asked yet", "Asked, and said yes")
    await keys.type("How you asked", "Talker and two photos")
    await keys.type("For the team", words)
    await keys.type("For the family", words)
    await keys.type("For school", words)
    for level, says in (
        ("A lot more", "On all four days"),
        ("More", "On three of four days"),
        ("Aimed for", "On two of four days"),
        ("A start", "On one of four days"),
        ("Less", "On none of four days"),
    ):
        await keys.type(level, says)
    await keys.pick("Where it is today", "A start")
    await keys.pick("How it is measured", "How many out of how many")
    await keys.type("Lowest value", "0")
    await keys.type("Highest value", "4")
    await keys.type("Who notes it", "Abigail Stone")
    await keys.type("From what", "a tick each day")
    await keys.type("What the others will do", "Everybody asks him first.")
    await keys.tick("Home")
    await keys.tick("School")
