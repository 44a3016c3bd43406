"""A page of the sample site in Chromium, which counts what its stream and its parts do."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import sample_family as family
from playwright.async_api import Browser, Page
from rendering import request_for
from sample_site import Site

from family_portal.web.frame import render

CARD = "/home/fragments/today/noor"
COUNT = """
window.connections = 0;
window.swapped = [];
document.addEventListener("htmx:sse:after:connection", () => { window.connections += 1; });
document.addEventListener("htmx:after:swap", (event) => { window.swapped.push(event.target.id); });
"""


def fragment(template: str, **context: object) -> str:
    """A part as the server would answer it."""
    return bytes(render(request_for(CARD, family.VIEWER), template, **context).body).decode()


@asynccontextmanager
async def counting(browser: Browser) -> AsyncIterator[Page]:
    """A narrow page that counts."""
    context = await browser.new_context(
        viewport={"width": 360, "height": 740}, reduced_motion="reduce", service_workers="block"
    )
    opened = await context.new_page()
    await opened.add_init_script(COUNT)
    yield opened
    await context.close()


async def becomes(page: Page, expression: str) -> None:
    """Wait until it is so; asked each time anew, for the page's policy lets nothing wait in it."""
    for _ in range(200):
        if await page.evaluate(expression):
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"never so: {expression}")


async def connected(page: Page) -> None:
    """Wait until the page itself knows that its stream is open: what is told before may find nobody."""
    await becomes(page, "window.connections")


async def swapped(page: Page, part: str) -> None:
    """Wait until a part of the page, by its id, has been swapped.

    What a stream sets off is asked of the page or of the site, never of the browser's tool: it hears of requests
    only once it has been told to listen, which may be after the answer came.
    """
    await becomes(page, f"window.swapped.includes('{part}')")


async def fetched(pages: Site, path: str) -> None:
    """Wait until somebody has asked for a path."""
    for _ in range(200):
        if path in pages.fetched:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"nobody asked for {path}: {pages.fetched}")
