"""A person at a page in a real browser: clicks what can be seen by its words, or goes by keys alone."""

import re
import time
from typing import Any

from playwright.async_api import Locator, Page, expect

from kith_local.acting import LONGEST_S
from kith_local.chromium import PATIENCE_MS

MOST_TABS = 200
_AT = """() => {
  const at = document.activeElement, chosen = at.selectedOptions ? at.selectedOptions[0].text : "";
  const words = at.labels && at.labels.length ? at.labels[0].innerText : at.innerText || "";
  return {words: words.replace(/\\s+/g, " ").trim(), kind: at.type || at.tagName, on: Boolean(at.checked), chosen};
}"""
"""What has the focus: the words a person reads on it, what it is, whether it is ticked, and what is picked."""


def _begins(words: str) -> re.Pattern[str]:
    return re.compile(rf"^\s*{re.escape(words)}")


class Hand:
    """Clicks links, buttons and labels by what is written on them; types where the label led."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def follow(self, words: str) -> None:
        """Click the first link that begins so, whatever it looks like, and wait for where it leads."""
        link = self.page.get_by_role("link", name=_begins(words))
        button = self.page.get_by_role("button", name=_begins(words))
        await self.click(link.or_(button).first)

    async def press(self, words: str) -> None:
        """Click the button that begins so, and wait for the answer."""
        await self.click(self.page.locator("button:visible", has_text=_begins(words)).first)

    async def click(self, at: Locator) -> None:
        """Click what leads to another page, and wait for it."""
        async with self.page.expect_navigation():
            await at.click()

    async def unfold(self, words: str) -> None:
        """Click what opens a part of the page."""
        await self.page.locator("summary", has_text=words).first.click()

    async def type(self, label: str, words: str, within: Locator | None = None) -> None:
        """Click a field's label and write over what stands there."""
        here = within or self.page.locator("main")
        await here.locator("label", has_text=_begins(label)).first.click()
        await self.page.keyboard.press("ControlOrMeta+a")
        await self.page.keyboard.insert_text(words)

    def choice(self, legend: str, words: str) -> Locator:
        """The words of a tile, a choice or a tick below this legend."""
        group = self.page.get_by_role("group", name=_begins(legend))
        return group.locator("label", has_text=_begins(words)).first

    async def choose(self, legend: str, *labels: str) -> None:
        """Click tiles, choices or ticks below this legend that are not chosen; each is afterwards."""
        group = self.page.get_by_role("group", name=_begins(legend))
        for words in labels:
            box = group.get_by_label(_begins(words)).first
            if not await box.is_checked():
                await self._point_at(self.choice(legend, words))
            await expect(box).to_be_checked(timeout=PATIENCE_MS)

    async def _point_at(self, words: Locator) -> None:
        """Click in the middle of these words, whatever lies there: of a tile the whole is its box."""
        await words.scroll_into_view_if_needed()
        place = await words.bounding_box()
        assert place is not None, "the words can be seen"
        await self.page.mouse.click(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)

    async def pick(self, label: str, words: str) -> None:
        """Choose from a list that folds out."""
        await self.page.get_by_label(label, exact=True).select_option(label=words)

    async def sees(self, what: str | Locator) -> None:
        """Wait until the page shows it by itself."""
        await expect(self._first(what)).to_be_visible(timeout=PATIENCE_MS)

    async def reloads_until(self, what: str | Locator) -> None:
        """Load the page again until it shows it, as a person without scripts does."""
        end = time.monotonic() + LONGEST_S
        while not await self._first(what).is_visible():
            assert time.monotonic() < end, f"waited in vain: {what} at {self.page.url}"
            await self.page.reload()

    def _first(self, what: str | Locator) -> Locator:
        return (self.page.get_by_text(what) if isinstance(what, str) else what).first


class Keys:
    """Goes by Tab, arrows, Space and Enter, and knows only what has the focus."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def to(self, words: str) -> dict[str, Any]:
        """Tab to what begins so. Raises AssertionError where Tab does not lead there."""
        passed = []
        for _ in range(MOST_TABS):
            await self._press("Tab")
            at = await self._at()
            if at["words"].startswith(words):
                return at
            passed.append(at["words"][:40])
        raise AssertionError(f"Tab does not lead to {words}: {passed[:60]}")

    async def enter(self, words: str) -> None:
        """Tab to a link, a button or a fold, and press Enter."""
        await self.to(words)
        await self._press("Enter")

    async def type(self, label: str, words: str) -> None:
        """Tab to a field and write."""
        await self.to(label)
        await self.page.keyboard.type(words)

    async def tick(self, label: str) -> None:
        """Tab to a box and press Space."""
        await self.to(label)
        await self._press("Space")
        assert (await self._at())["on"], label

    async def choose(self, first: str, label: str) -> None:
        """Tab to a group of choices, which begins with `first`, and go down to one of them."""
        at = await self.to(first)
        assert at["kind"] == "radio", at
        if label == first:
            await self._press("Space")
        await self._down_to("words", label)
        assert (await self._at())["on"], label

    async def pick(self, label: str, words: str) -> None:
        """Tab to a list that folds out, and go down to one of its lines."""
        await self.to(label)
        await self._down_to("chosen", words)

    async def _down_to(self, what: str, words: str) -> None:
        for _ in range(MOST_TABS):
            if (await self._at())[what].startswith(words):
                return
            await self._press("ArrowDown")
        raise AssertionError(f"the arrows do not lead to {words}")

    async def _press(self, key: str) -> None:
        await self.page.keyboard.press(key)

    async def _at(self) -> dict[str, Any]:
        found: dict[str, Any] = await self.page.evaluate(_AT)
        return found
