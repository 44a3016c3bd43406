"""Live pages in Chromium: a ping refetches a part and says so once, a closed door closes, help now stays open."""

import asyncio
import threading
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import sample_family as family
import sample_staff as staff
import uvicorn
from fastapi import FastAPI
from live_page import CARD, becomes, connected, counting, fetched, fragment, swapped
from playwright.async_api import Browser, Page, Route
from sample_site import Site

from family_portal.web.models import FieldError
from family_portal.web.static_pages import router

pytestmark = pytest.mark.browser
HEARD = """
window.heard = 0;
document.querySelector("#live").addEventListener("log-kofi", () => { window.heard += 1; });
"""


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    async with counting(browser) as opened:
        yield opened


async def test_a_ping_refetches_its_part_and_says_once_what_changed(page: Page, pages: Site) -> None:
    card = family.card("noor", "Noor", "ladybird", title="A visitor in the next room", why="Step by step.")
    pages.fragments[CARD] = lambda: (
        fragment("fragments/today_card.html", card=card),
        "Mateus changed Noor’s card.",
    )
    rest = fragment("fragments/pause.html", part=family.HOME.pause)
    pages.fragments["/home/fragments/pause"] = lambda: (rest, "")
    await page.goto(f"{pages.address}/home")
    await page.focus("text=Pause everything this week")
    await connected(page)
    pages.tell("task-noor")
    await page.wait_for_selector("h2:has-text('A visitor in the next room')")
    assert await page.inner_text("#said") == "Mateus changed Noor’s card."
    await fetched(pages, "/home/fragments/pause")
    assert await page.evaluate("document.activeElement.textContent.trim()") == "Pause everything this week"
    assert await page.inner_text("#today-elias h2") == "Nothing to do today."


async def test_a_page_that_is_of_this_moment_does_not_say_so_at_each_look(page: Page, pages: Site) -> None:
    """Each look after a gap asks how old the page is, and whoever listens heard each time that it is new again."""
    age = "/live/known-at"
    pages.fragments[age] = lambda: ("", "This page is of this moment again.")
    await page.goto(f"{pages.address}/home")
    await connected(page)
    pages.tell("aged")
    await swapped(page, "known-at")
    assert await page.inner_text("#said") == ""
    old = '<p class="k-note">This page shows what was known at 14:10.</p>'
    pages.fragments[age] = lambda: (old, "This page shows what was known at 14:10.")
    pages.tell("aged")
    await page.wait_for_selector("#known-at p")
    assert await page.inner_text("#said") == "This page shows what was known at 14:10."


@pytest.mark.parametrize("place", ["meanwhile", "goal-g_noor_near"])
async def test_a_line_of_the_summary_leads_to_its_place_though_that_is_no_field(
    page: Page, pages: Site, place: str
) -> None:
    plan = replace(family.ANSWERS, errors=(FieldError(place, "Look at this."),))
    html = (
        fragment("plan/answer.html", page=plan)
        + "<p>Far below.</p>" * 99
        + '<section id="meanwhile">Now</section>'
    )
    pages.fragments["/plan-with-errors"] = lambda: (html, "")
    await page.goto(f"{pages.address}/plan-with-errors")
    await page.click("text=Look at this.")
    assert await page.evaluate("document.activeElement.id") == place
    assert await page.evaluate("id => document.getElementById(id).getBoundingClientRect().top", place) < 700


async def test_a_ping_that_changes_nothing_to_see_says_nothing(page: Page, pages: Site) -> None:
    card = family.HOME.cards[1]
    pages.fragments["/home/fragments/today/elias"] = lambda: (
        fragment("fragments/today_card.html", card=card),
        "Today’s page has changed.",
    )
    await page.goto(f"{pages.address}/home")
    await connected(page)
    pages.tell("task-elias")
    await swapped(page, "today-elias")
    assert await page.inner_text("#said") == ""


FORMS = {"observe": "#words", "log": "#words", "session-after": "#note", "edit": "#team", "task-edit": "#why"}
"""Pages with a form and no live part, and a field of theirs."""


@pytest.mark.parametrize("name", [*FORMS, "task", "consents", "withdraw", "thanks", "who", "caseload"])
async def test_a_page_without_live_parts_closes_when_access_ends(page: Page, pages: Site, name: str) -> None:
    await page.goto(f"{pages.address}/{name}")
    await connected(page)
    pages.ended.add(name)
    pages.tell("access")
    await page.wait_for_selector("text=It has ended.")


@pytest.mark.parametrize("name", FORMS)
async def test_a_page_without_live_parts_closes_after_a_gap_in_which_access_ended(
    page: Page, pages: Site, name: str
) -> None:
    """A hidden tab hears nothing; shown again it has to look for itself, and keeps what is written if all is well."""
    await page.goto(f"{pages.address}/{name}")
    await page.evaluate(
        "sel => document.querySelector(sel).closest('details')?.setAttribute('open', '')", FORMS[name]
    )
    await page.fill(FORMS[name], "Half a thought")
    await connected(page)
    pages.fetched.clear()
    pages.tell("")
    await fetched(pages, f"/{name}")
    assert await page.input_value(FORMS[name]) == "Half a thought"
    pages.ended.add(name)
    pages.tell("")
    await page.wait_for_selector("text=It has ended.")


async def test_after_a_lost_stream_every_part_is_fetched_anew(page: Page, pages: Site) -> None:
    card = family.card("noor", "Noor", "ladybird", title="After the gap", why="Step by step.")
    pages.fragments[CARD] = lambda: (fragment("fragments/today_card.html", card=card), "")
    await page.goto(f"{pages.address}/home")
    await connected(page)
    pages.tell("")
    await page.wait_for_selector("h2:has-text('After the gap')")


async def test_a_stream_is_not_opened_before_the_page_listens_to_it(page: Page, pages: Site) -> None:
    """On a slow line kith.js comes a second late: what is told on the stream meanwhile is not missed."""

    async def late(route: Route) -> None:
        await asyncio.sleep(1)
        await route.continue_()

    await page.route("**/kith.js*", late)
    await page.goto(f"{pages.address}/consents", wait_until="commit")
    await connected(page)
    pages.ended.add("consents")
    pages.tell("access")
    await page.wait_for_selector("text=It has ended.", timeout=5000)


async def test_help_now_opens_offline_after_a_first_visit(browser: Browser) -> None:
    app = FastAPI()
    app.include_router(router)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    for _ in range(400):
        if server.started:
            break
        await asyncio.sleep(0.05)
    address = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    context = await browser.new_context()
    page = await context.new_page()
    await page.goto(address)
    await page.wait_for_function(
        "navigator.serviceWorker.ready.then(ready => ready.active.state === 'activated')"
    )
    server.should_exit = True
    thread.join(timeout=10)
    await page.goto(f"{address}/help-now")
    assert await page.inner_text("h1") == "Help now"
    assert await page.evaluate("getComputedStyle(document.querySelector('.k-line')).display") == "grid"
    await page.goto(f"{address}/home/kofi")
    assert await page.inner_text("h1") == "There is no signal"
    await context.close()


async def test_words_go_before_the_charts_which_are_drawn_once_for_all_of_them(
    page: Page, pages: Site
) -> None:
    practice, charts = (f"/staff/clients/kofi/fragments/{name}" for name in ("practice", "goal_panels"))
    pages.fragments[practice] = lambda: (fragment("fragments/practice.html", part=staff.CLIENT.practice), "")
    pages.fragments[charts] = lambda: (fragment("fragments/goal_panels.html", part=staff.CLIENT.goals), "")
    await page.clock.install()
    await page.goto(f"{pages.address}/client")
    await connected(page)
    await page.evaluate(HEARD)
    await page.clock.pause_at(await page.evaluate("Date.now() + 1000"))
    for _ in range(3):
        pages.tell("log-kofi")
    await becomes(page, "window.heard === 3")
    await fetched(pages, practice)
    assert charts not in pages.fetched, "they wait"
    await page.clock.run_for(1000)
    await fetched(pages, charts)
    await page.clock.run_for(1000)
    assert pages.fetched.count(charts) == 1


async def test_a_page_whose_stream_another_has_taken_looks_by_itself(page: Page, pages: Site) -> None:
    card = fragment("fragments/today_card.html", card=family.HOME.cards[1])
    pages.fragments[CARD] = lambda: (card, "")
    await page.clock.install()
    await page.goto(f"{pages.address}/home")
    await connected(page)
    pages.tell("enough")
    await page.clock.run_for(20_000)
    assert CARD not in pages.fetched
    for _ in range(20):  # the page hears of it in its own time, and looks half a minute later
        if CARD in pages.fetched:
            break
        await page.clock.run_for(5_000)
    await fetched(pages, CARD)
    assert await page.evaluate("window.connections") == 1, "it does not take the place back"
