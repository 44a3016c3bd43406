"""Live pages in Chromium: a ping refetches a part, unsent text stays, a closed door reloads, help now stays open."""

import asyncio
import threading
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import sample_family as family
import sample_staff as staff
import sample_staff_forms as forms
import uvicorn
from fastapi import FastAPI
from playwright.async_api import Browser, Page, Route
from rendering import request_for
from sample_site import Site

from chassis.errors import Conflict
from family_portal.web.forms import Typed
from family_portal.web.frame import render
from family_portal.web.models import FieldError, Form
from family_portal.web.static_pages import router
from kith_local.hand import Hand

pytestmark = pytest.mark.browser
CARD = "/home/fragments/today/noor"
PLAN = "/home/noor/fragments/plan"
COUNT = """
window.connections = 0;
document.addEventListener("htmx:sse:after:connection", () => { window.connections += 1; });
"""

HEARD = """
window.heard = 0;
document.querySelector("#live").addEventListener("log-kofi", () => { window.heard += 1; });
"""


def fragment(template: str, **context: object) -> str:
    """A part as the server would answer it."""
    return bytes(render(request_for(CARD, family.VIEWER), template, **context).body).decode()


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    context = await browser.new_context(
        viewport={"width": 360, "height": 740}, reduced_motion="reduce", service_workers="block"
    )
    opened = await context.new_page()
    await opened.add_init_script(COUNT)
    yield opened
    await context.close()


async def _connected(page: Page) -> None:
    """Wait until the page itself knows that its stream is open: what is told before may find nobody."""
    for _ in range(200):
        if await page.evaluate(
            "window.connections"
        ):  # asked each time: the page's policy lets nothing wait in it
            return
        await asyncio.sleep(0.05)
    raise AssertionError("the page did not open its stream")


async def _all_heard(page: Page, count: int) -> None:
    for _ in range(200):
        if await page.evaluate("window.heard") == count:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("the page did not hear everything")


async def _fetched(pages: Site, path: str) -> None:
    for _ in range(200):
        if path in pages.fetched:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"nobody asked for {path}: {pages.fetched}")


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
    await _connected(page)
    pages.tell("task-noor")
    await page.wait_for_selector("h2:has-text('A visitor in the next room')")
    assert await page.inner_text("#said") == "Mateus changed Noor’s card."
    await _fetched(pages, "/home/fragments/pause")
    assert await page.evaluate("document.activeElement.textContent.trim()") == "Pause everything this week"
    assert await page.inner_text("#today-elias h2") == "Nothing to do today."


async def test_a_part_with_unsent_text_is_not_swapped(page: Page, pages: Site) -> None:
    pages.fragments[PLAN] = lambda: (fragment("fragments/plan_answer.html", page=family.ANSWERS), "")
    await page.goto(f"{pages.address}/family-plan")
    await page.fill("#words-g_noor_near", "Does she have to")
    await _connected(page)
    pages.tell("plan_plain-noor")
    await page.wait_for_selector("text=This changed while you were writing.")
    assert await page.input_value("#words-g_noor_near") == "Does she have to"
    assert PLAN not in pages.fetched


async def test_a_form_that_came_back_with_what_is_wrong_is_not_swapped_away(page: Page, pages: Site) -> None:
    """Its summary stands on top of the page, and what was typed is all that the form holds."""
    typed = Form("/reply", {"words": "See you Friday."}, (FieldError("words", "Read that reply."),))
    answer = replace(forms.ANSWERS[0], replied="Call me.", reply=typed)
    goal = replace(forms.PLAN.goals[1], answers=(answer,))
    plan, live = replace(forms.PLAN, goals=(goal,), wishes=(), wished=()), forms.PLAN.live
    pages.fragments["/plan-again"] = lambda: (fragment("staff/plan.html", page=plan), "")
    pages.fragments[live.url] = lambda: ("<p>Swapped away.</p>", "")
    await page.goto(f"{pages.address}/plan-again")
    await _connected(page)
    pages.tell(live.on[0])
    await page.wait_for_selector("text=This changed while you were writing.", timeout=5000)
    assert await page.input_value("#reply-a1") == "See you Friday." and live.url not in pages.fetched


async def test_a_form_that_came_back_is_not_swapped_away_whatever_was_wrong_with_it(
    page: Page, pages: Site
) -> None:
    """The plan had moved on, which is told at no field; or nothing is wrong, and its writer wanted to change it."""
    action, live = family.ANSWERS.goals[0].form.action, family.ANSWERS.live
    typed = Typed({"answer": "ask", "words": "Does she have to?"}, "k1", 1)
    for again in (typed.again(action, Conflict("It moved on.", "If-Match")), typed.as_it_is(action)):
        first, *others = family.ANSWERS.goals
        plan = replace(family.ANSWERS, goals=(replace(first, form=again), *others))
        pages.fragments["/family-plan-again"] = lambda plan=plan: (
            fragment("plan/answer.html", page=plan, at="/family-plan"),
            "",
        )
        pages.fragments[live.url] = lambda: ("<p>Swapped away.</p>", "")
        await page.goto(f"{pages.address}/family-plan-again")
        await _connected(page)
        pages.tell(live.on[0])
        await page.wait_for_selector("text=This changed while you were writing.", timeout=5000)
        assert await page.input_value(f"#words-{first.id}") == "Does she have to?"
        assert live.url not in pages.fetched
        assert await page.get_attribute("[data-changed] a", "href") == "/family-plan", "not where it was sent"
        async with page.expect_navigation(url="**/family-plan"):
            pages.tell("access")
        await page.wait_for_function("document.activeElement.tagName === 'H1'")
        assert await page.input_value(f"#words-{first.id}") == "Does she have to?"


async def test_a_page_that_is_of_this_moment_does_not_say_so_at_each_look(page: Page, pages: Site) -> None:
    """Each look after a gap asks how old the page is, and whoever listens heard each time that it is new again."""
    age = "/live/known-at"
    pages.fragments[age] = lambda: ("", "This page is of this moment again.")
    await page.goto(f"{pages.address}/home")
    await _connected(page)
    async with page.expect_response(f"**{age}"):
        pages.tell("aged")
    await page.wait_for_timeout(300)
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


async def test_when_access_changes_the_page_reloads_and_keeps_what_was_typed(page: Page, pages: Site) -> None:
    await page.goto(f"{pages.address}/family-plan")
    await page.fill("#words-g_noor_near", "Does she have to talk")
    await _connected(page)
    async with page.expect_navigation():
        pages.tell("access")
    await page.wait_for_function("document.activeElement.tagName === 'H1'")
    assert await page.input_value("#words-g_noor_near") == "Does she have to talk"
    assert await page.evaluate("sessionStorage.length") == 0


async def test_a_ping_that_changes_nothing_to_see_says_nothing(page: Page, pages: Site) -> None:
    card = family.HOME.cards[1]
    pages.fragments["/home/fragments/today/elias"] = lambda: (
        fragment("fragments/today_card.html", card=card),
        "Today’s page has changed.",
    )
    await page.goto(f"{pages.address}/home")
    await _connected(page)
    async with page.expect_response("**/home/fragments/today/elias"):
        pages.tell("task-elias")
    await page.wait_for_timeout(300)
    assert await page.inner_text("#said") == ""


FORMS = {"observe": "#words", "log": "#words", "session-after": "#note", "edit": "#team", "task-edit": "#why"}
"""Pages with a form and no live part, and a field of theirs."""


@pytest.mark.parametrize("name", [*FORMS, "task", "consents", "withdraw", "thanks", "who", "caseload"])
async def test_a_page_without_live_parts_closes_when_access_ends(page: Page, pages: Site, name: str) -> None:
    await page.goto(f"{pages.address}/{name}")
    await _connected(page)
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
    await _connected(page)
    pages.fetched.clear()
    pages.tell("")
    await _fetched(pages, f"/{name}")
    assert await page.input_value(FORMS[name]) == "Half a thought"
    pages.ended.add(name)
    pages.tell("")
    await page.wait_for_selector("text=It has ended.")


async def test_every_kind_of_field_is_kept_when_access_changes_and_the_page_stays(
    page: Page, pages: Site
) -> None:
    await page.goto(f"{pages.address}/observe")
    await Hand(page).choose("2. What I saw", "Card")
    await page.click("summary")
    await page.fill("#words", "He showed the card.")
    await _connected(page)
    async with page.expect_navigation():
        pages.tell("access")
    await page.wait_for_function("document.activeElement.tagName === 'H1'")
    assert await page.is_checked("#saw-2") and await page.input_value("#words") == "He showed the card."
    assert await page.is_visible("#words")


async def test_a_form_that_came_back_with_errors_keeps_its_words_too(page: Page, pages: Site) -> None:
    await page.goto(f"{pages.address}/log-errors")
    await _connected(page)
    async with page.expect_navigation():
        pages.tell("access")
    await page.wait_for_function("document.activeElement !== document.body")
    assert await page.input_value("#words") == "She pointed at the jam."


async def test_words_of_worry_that_wait_for_their_writer_stay_while_access_changes(
    page: Page, pages: Site
) -> None:
    """They stand in no field: a reload took them away, and nobody had read them."""
    await page.goto(f"{pages.address}/worry")
    words = await page.get_attribute('main input[name="words"]', "value")
    await page.evaluate("window.stays = true")
    await _connected(page)
    pages.fetched.clear()
    pages.tell("access")
    await _fetched(pages, "/worry")
    await page.wait_for_timeout(300)
    assert words and await page.evaluate("window.stays")
    assert await page.get_attribute('main input[name="words"]', "value") == words
    pages.ended.add("worry")
    pages.tell("access")
    await page.wait_for_selector("text=It has ended.")


async def test_what_was_tapped_in_a_form_that_came_back_is_kept_as_its_words_are(
    page: Page, pages: Site
) -> None:
    typed = Typed({"result": "couldnt", "words": "Too loud."}, "k1", None)
    again = replace(family.LOG, form=typed.as_it_is(family.LOG.form.action))
    pages.fragments["/log-again"] = lambda: (fragment("family/log.html", page=again, at="/log"), "")
    await page.goto(f"{pages.address}/log-again")
    await _connected(page)
    async with page.expect_navigation(url="**/log"):
        pages.tell("access")
    await page.wait_for_function("document.activeElement.tagName === 'H1'")
    assert await page.input_value("#words") == "Too loud."
    assert await page.is_checked('input[name="result"][value="couldnt"]')


async def test_what_is_typed_in_another_form_of_the_page_is_there_after_one_was_sent(
    page: Page, pages: Site
) -> None:
    async def answered(route: Route) -> None:
        await route.fulfill(status=303, headers={"Location": f"{pages.address}/family-plan?said=g_noor_near"})

    await page.route("**/home/noor/plan/g_noor_near/answer", answered)
    await page.goto(f"{pages.address}/family-plan")
    await page.fill("#words-g_noor_near", "Does she have to talk?")
    await page.fill("#words-g_noor_choice", "With the cards?")
    await page.fill("#wish", "That she eats with us.")
    async with page.expect_navigation(url="**/family-plan?said=*"):
        await page.click('#answer-g_noor_near button[value="ask"]')
    assert await page.input_value("#words-g_noor_choice") == "With the cards?"
    assert await page.input_value("#wish") == "That she eats with us."
    assert await page.input_value("#words-g_noor_near") == "", "it was sent"
    assert await page.evaluate("sessionStorage.length") == 0
    pages.answers = [(303, "/help-now")]
    async with page.expect_navigation(url="**/help-now"):
        await page.click(".k-foot button")
    assert await page.evaluate("sessionStorage.length") == 0, "who signs out leaves nothing behind"


async def test_back_after_a_form_that_was_put_right_is_the_page_itself(page: Page, pages: Site) -> None:
    """Not the browser's question whether to send again what came back with an error."""
    first, *others = family.ANSWERS.goals
    again = replace(first.form, errors=(FieldError("words", "A question needs words."),))
    plan = replace(family.ANSWERS, goals=(replace(first, form=again), *others))
    wrong = fragment("plan/answer.html", page=plan, at="/family-plan?from=home")
    pages.answers = [(422, wrong), (303, "/log")]
    await page.goto(f"{pages.address}/family-plan")
    for _ in range(2):
        async with page.expect_navigation():
            await page.locator(f"form[action='{first.form.action}'] button[value=ask]").click()
    assert page.url.endswith("/log")
    await page.go_back()
    assert page.url.endswith("/family-plan?from=home")
    assert await page.locator(".nhsuk-error-message").count() == 0


async def test_after_a_lost_stream_every_part_is_fetched_anew(page: Page, pages: Site) -> None:
    card = family.card("noor", "Noor", "ladybird", title="After the gap", why="Step by step.")
    pages.fragments[CARD] = lambda: (fragment("fragments/today_card.html", card=card), "")
    await page.goto(f"{pages.address}/home")
    await _connected(page)
    pages.tell("")
    await page.wait_for_selector("h2:has-text('After the gap')")


async def test_a_stream_is_not_opened_before_the_page_listens_to_it(page: Page, pages: Site) -> None:
    """On a slow line kith.js comes a second late: what is told on the stream meanwhile is not missed."""

    async def late(route: Route) -> None:
        await asyncio.sleep(1)
        await route.continue_()

    await page.route("**/kith.js*", late)
    await page.goto(f"{pages.address}/consents", wait_until="commit")
    await _connected(page)
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
    await _connected(page)
    await page.evaluate(HEARD)
    await page.clock.pause_at(await page.evaluate("Date.now() + 1000"))
    for _ in range(3):
        pages.tell("log-kofi")
    await _all_heard(page, 3)
    await _fetched(pages, practice)
    assert charts not in pages.fetched, "they wait"
    await page.clock.run_for(1000)
    await _fetched(pages, charts)
    await page.clock.run_for(1000)
    assert pages.fetched.count(charts) == 1


async def test_a_page_whose_stream_another_has_taken_looks_by_itself(page: Page, pages: Site) -> None:
    card = fragment("fragments/today_card.html", card=family.HOME.cards[1])
    pages.fragments[CARD] = lambda: (card, "")
    await page.clock.install()
    await page.goto(f"{pages.address}/home")
    await _connected(page)
    pages.tell("enough")
    await page.clock.run_for(20_000)
    assert CARD not in pages.fetched
    for _ in range(20):  # the page hears of it in its own time, and looks half a minute later
        if CARD in pages.fetched:
            break
        await page.clock.run_for(5_000)
    await _fetched(pages, CARD)
    assert await page.evaluate("window.connections") == 1, "it does not take the place back"
