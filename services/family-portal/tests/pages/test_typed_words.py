"""What is typed stays, in Chromium: while its part changes, while access does, and while another form is sent."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import sample_family as family
import sample_staff_forms as forms
from live_page import connected, counting, fetched, fragment
from playwright.async_api import Browser, Page, Route
from rendering import rendered
from sample_site import Site

from chassis.errors import Conflict
from family_portal.web.forms import Typed
from family_portal.web.models import FieldError, Form
from family_portal.web.models.staff_plan import PlanGoal
from kith_local.hand import Hand

pytestmark = pytest.mark.browser
PLAN = "/home/noor/fragments/plan"


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    async with counting(browser) as opened:
        yield opened


async def test_a_part_with_unsent_text_is_not_swapped(page: Page, pages: Site) -> None:
    pages.fragments[PLAN] = lambda: (fragment("fragments/plan_answer.html", page=family.ANSWERS), "")
    await page.goto(f"{pages.address}/family-plan")
    await page.fill("#words-g_noor_near", "Does she have to")
    await connected(page)
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
    await connected(page)
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
        await connected(page)
        pages.tell(live.on[0])
        await page.wait_for_selector("text=This changed while you were writing.", timeout=5000)
        assert await page.input_value(f"#words-{first.id}") == "Does she have to?"
        assert live.url not in pages.fetched
        assert await page.get_attribute("[data-changed] a", "href") == "/family-plan", "not where it was sent"
        async with page.expect_navigation(url="**/family-plan"):
            pages.tell("access")
        await page.wait_for_function("document.activeElement.tagName === 'H1'")
        assert await page.input_value(f"#words-{first.id}") == "Does she have to?"


async def test_when_access_changes_the_page_reloads_and_keeps_what_was_typed(page: Page, pages: Site) -> None:
    await page.goto(f"{pages.address}/family-plan")
    await page.fill("#words-g_noor_near", "Does she have to talk")
    await connected(page)
    async with page.expect_navigation():
        pages.tell("access")
    await page.wait_for_function("document.activeElement.tagName === 'H1'")
    assert await page.input_value("#words-g_noor_near") == "Does she have to talk"
    assert await page.evaluate("sessionStorage.length") == 0


async def test_every_kind_of_field_is_kept_when_access_changes_and_the_page_stays(
    page: Page, pages: Site
) -> None:
    await page.goto(f"{pages.address}/observe")
    await Hand(page).choose("2. What I saw", "Card")
    await page.click("summary")
    await page.fill("#words", "He showed the card.")
    await connected(page)
    async with page.expect_navigation():
        pages.tell("access")
    await page.wait_for_function("document.activeElement.tagName === 'H1'")
    assert await page.is_checked("#saw-2") and await page.input_value("#words") == "He showed the card."
    assert await page.is_visible("#words")


async def test_a_form_that_came_back_with_errors_keeps_its_words_too(page: Page, pages: Site) -> None:
    await page.goto(f"{pages.address}/log-errors")
    await connected(page)
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
    await connected(page)
    pages.fetched.clear()
    pages.tell("access")
    await fetched(pages, "/worry")
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
    await connected(page)
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


async def test_words_that_come_back_after_a_reload_have_read_what_their_writer_had(
    page: Page, pages: Site
) -> None:
    """Not the words that a colleague saved meanwhile: those were written over by somebody who had not seen them."""
    await page.goto(f"{pages.address}/edit")
    version = page.locator("form:has(#team) input[name=version]")
    read = await version.input_value()
    await page.fill("#team", "Two hours of work.")
    pages.fragments["/edit"] = lambda: (
        rendered("edit", "").replace(f'name="version" value="{read}"', 'name="version" value="99"'),
        "",
    )
    await connected(page)
    async with page.expect_navigation():
        pages.tell("access")
    await page.wait_for_function("document.activeElement.tagName === 'H1'")
    assert await page.input_value("#team") == "Two hours of work."
    assert await version.input_value() == read


async def test_a_tick_comes_back_to_what_was_ticked_and_to_nothing_that_took_its_place(
    page: Page, pages: Site
) -> None:
    """A goal that nobody had chosen was ticked for the family, where another of the list had gone."""
    draft = next(goal for goal in forms.PLAN.goals if goal.can_propose)
    goals = [replace(draft, id=f"g_{name}", title=name, read=f"g_{name}:1") for name in "abc"]

    def plan(*shown: PlanGoal) -> None:
        drawn = replace(forms.PLAN, goals=shown, wishes=(), wished=())
        pages.fragments["/plan-anew"] = lambda: (fragment("staff/plan.html", page=drawn), "")

    plan(*goals)
    await page.goto(f"{pages.address}/plan-anew")
    await page.check('#propose input[value="g_b:1"]')
    for left, ticked in ((goals[1:], 1), ([replace(goals[1], read="g_b:2"), goals[2]], 0)):
        plan(*left)
        await page.evaluate("document.querySelectorAll('main details').forEach(fold => { fold.open = true })")
        pages.answers = [(303, "/plan-anew")]
        async with page.expect_navigation():
            await page.locator("text=Yes, discard it").first.click()
        found = page.locator("#propose input:checked")
        assert await found.count() == ticked
        assert not ticked or await found.get_attribute("value") == "g_b:1"
