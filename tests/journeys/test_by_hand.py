"""A goal, its practice, a session and a consent, from the first word on, clicked by people with scripts and without."""

import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
from playwright.async_api import Browser, Locator

from kith_local.acting import Cast, until
from kith_local.chromium import DESK, PHONE, come_in, window
from kith_local.hand import Hand
from kith_local.testing import Product

pytestmark = [pytest.mark.stack, pytest.mark.browser]

CLIENT = "/tenants/tn_lantern/clients/cl_kofi"
CONSENT = f"{CLIENT}/consents/cn_kofi_school"
ENOUGH = "Enough have said yes to begin"
SHARED_WITH = "Claire Fontaine-Osei and Abigail Stone"


@dataclass
class Walk:
    """Three people, each at a page of their own, and the words that are this walk's alone."""

    mateus: Hand
    efua: Hand
    abigail: Hand
    live: bool
    mark: str

    def words(self, sentence: str) -> str:
        """A sentence that nobody else has written."""
        return f"{sentence} ({self.mark})"

    async def reads(self, who: Hand, what: str | Locator) -> None:
        """What another has done stands on somebody's open page: by itself, or when they look again."""
        await (who.sees(what) if self.live else who.reloads_until(what))


@pytest.fixture
def mark(cast: Cast) -> Iterator[str]:
    """Marks the words of one walk; whatever became of it, its tasks end, and school sees what it saw."""
    made = secrets.token_hex(3)
    yield made
    mateus, efua = cast.program("ps_mateus"), cast.program("ps_efua", "care")
    for task in mateus.get("care-plans", f"{CLIENT}/tasks?limit=200")["items"]:
        if made in task["text"]["title"]:
            seen = task["doc_version"]
            mateus.post("care-plans", f"{CLIENT}/tasks/{task['id']}/end", {}, version=seen)
    if efua.get("identity", CONSENT)["state"] != "granted":
        efua.post("identity", f"{CONSENT}/grant", {})
    school = cast.browser("ps_abigail")
    until(lambda: school.open("/school/pupils/kofi").status_code == 200, "school to see it again")


@asynccontextmanager
async def _people(
    browser: Browser, product: Product, cast: Cast, live: bool, mark: str
) -> AsyncIterator[Walk]:
    more = {"java_script_enabled": live}
    async with (
        window(browser, DESK, **more) as desk,
        window(browser, PHONE, **more) as phone,
        window(browser, DESK, **more) as school,
    ):
        pages = [
            await come_in(opened, product.url, cast.row(who))
            for opened, who in ((desk, "ps_mateus"), (phone, "ps_efua"), (school, "ps_abigail"))
        ]
        yield Walk(*(Hand(page) for page in pages), live=live, mark=mark)


@pytest.mark.parametrize("live", [True, False], ids=["with scripts", "without scripts"])
async def test_three_people_do_all_of_it_by_hand(
    cast: Cast, product: Product, browser: Browser, live: bool, mark: str
) -> None:
    async with _people(browser, product, cast, live, mark) as walk:
        await _a_goal_is_written(walk)
        await _home_and_school_say_yes(walk)
        await _it_is_practised(walk)
        await _a_session_is_signed(walk)
        await _the_consent_ends_and_comes_back(walk)
        await _the_practice_ends(walk)


async def _a_goal_is_written(walk: Walk) -> None:
    """The therapist keeps a draft, makes it whole, hangs two tasks on it, and puts it to family and school."""
    hand = walk.mateus
    for link in ("Caseload", "Kofi", "Open the plan", "Write a goal"):
        await hand.follow(link)
    await hand.type("The goal as Kofi would say it", walk.words("I show the way"))
    await hand.press("Keep as draft")
    await hand.sees("Draft. Nobody outside the team sees it until you propose it.")
    await _the_rest_of_the_goal(walk)
    await hand.press("Keep as draft")
    await hand.follow("Kofi")
    await hand.follow("Open the plan")
    for title in ("Lead the way to the shop", "Draw the way home"):
        await _a_task(walk, walk.words(title))
    await hand.choose("Ready to be read by whom it is for", walk.words("Kofi shows the way on a walk"))
    await hand.press("Propose")
    await hand.sees("Waiting for answers")


async def _the_rest_of_the_goal(walk: Walk) -> None:
    hand = walk.mateus
    typed = {
        "What Kofi said about it": "Talker: “map. me first.”",
        "How you asked": "Talker board and two photos",
        "For the team": walk.words("Kofi leads one part of the route for a peer, in 2 of 4 walks"),
        "For the family, in plain words": walk.words("Kofi shows the way on a walk"),
        "For school": walk.words("On class walks Kofi leads one part of the way"),
        "A lot more": "On all four walks",
        "More": "On three of four walks",
        "Aimed for": "On two of four walks",
        "A start": "On one of four walks",
        "Less": "On none of four walks",
        "Lowest value": "0",
        "Highest value": "4",
        "Who notes it": "Abigail Stone",
        "From what": "a tick after each walk",
        "What the others will do": "Somebody walks behind him and waits.",
        "We stop and meet if": "Hood up twice on one walk.",
    }
    for label, words in typed.items():
        await hand.type(label, words)
    await hand.choose("Has Kofi been asked?", "Asked, and said yes")
    await hand.choose("Where it is worked on", "Home", "School")
    await hand.choose("Who may read it, besides the team", "Family", "School")
    await hand.pick("Where it is today", "A start")
    await hand.pick("How it is measured", "How many out of how many")


async def _a_task(walk: Walk, title: str) -> None:
    hand = walk.mateus
    await hand.click(hand.page.get_by_role("link", name="Add practice").filter(has_text=walk.mark))
    await hand.choose("Where", "At home")
    await hand.choose("In which home", "With Efua Mensah")
    for label, words in (
        ("What it is called", title),
        ("Why", "It is good to be followed."),
        ("What to do", "Hand him the map.\nWalk behind him."),
        ("How many times", "2"),
    ):
        await hand.type(label, words)
    await hand.press("Give it to the family")
    await hand.sees(title)


async def _home_and_school_say_yes(walk: Walk) -> None:
    """Each comes to the plan by the links of their own pages, and answers their own wording."""
    for who, first, then, words in (
        (walk.efua, "How Kofi is doing", "The whole plan", "Kofi shows the way on a walk"),
        (walk.abigail, "Kofi", "Read the new goal", "On class walks Kofi leads one part of the way"),
    ):
        await who.follow(first)
        await walk.reads(who, then)
        await who.follow(then)
        await walk.reads(who, walk.words(words))
        await who.click(who.page.get_by_role("button", name="Yes, let us do it").filter(has_text=walk.mark))
        await who.sees("You said yes.")
    await walk.reads(walk.mateus, walk.mateus.choice(ENOUGH, walk.words("Kofi shows the way on a walk")))


async def _it_is_practised(walk: Walk) -> None:
    """Active, it stands on the pages that are open; home logs, and school observes."""
    mateus, efua, abigail = walk.mateus, walk.efua, walk.abigail
    first, second = walk.words("Lead the way to the shop"), walk.words("Draw the way home")
    await efua.follow("Today")
    await abigail.follow("Back")
    await mateus.choose(ENOUGH, walk.words("Kofi shows the way on a walk"))
    await mateus.press("Activate")
    await walk.reads(efua, first)
    assert second not in await efua.page.inner_text("main")
    await mateus.sees("waits, the household is full")
    await efua.follow(first)
    await efua.follow("Say how it was")
    await efua.choose("This time", "Tried, couldn’t")
    await efua.choose("How it felt", "a bit hard")
    await efua.press("Save")
    await efua.sees("Thank you")
    await walk.reads(abigail, walk.words("On class walks Kofi leads one part of the way"))
    await abigail.follow("I saw something")
    await abigail.choose("1. What was it about?", walk.words("On class walks Kofi leads one part of the way"))
    await abigail.choose("2. What I saw", "Pointed")
    await abigail.press("I got to it")
    await walk.reads(abigail, "I got to my part")


async def _a_session_is_signed(walk: Walk) -> None:
    """The family reads the summary, and the note stands on no page but the staff's."""
    hand, efua = walk.mateus, walk.efua
    await hand.follow("Kofi")
    await hand.follow("Start session")
    await hand.press("It happened, or begins now")
    await hand.choose("Kofi", "was there")
    await hand.type("Minutes", "45")
    counted = hand.page.get_by_role("group").filter(has_text=walk.mark)
    await hand.type("Result", "3", within=counted)
    await hand.type("What you did", walk.words("We walked to the shop, Kofi first"))
    await hand.choose("What kind", "Progress note")
    await hand.type("Note", walk.words("Led without a prompt"))
    await hand.press("Save and sign")
    await walk.reads(hand, walk.words("Led without a prompt"))
    await efua.follow("Today")
    await efua.follow("How Kofi is doing")
    await efua.follow("What was said after sessions")
    await walk.reads(efua, walk.words("We walked to the shop, Kofi first"))
    assert walk.words("Led without a prompt") not in await efua.page.content()


async def _the_consent_ends_and_comes_back(walk: Walk) -> None:
    """The guardian closes school's page and opens it again; the teacher's page was open all the while."""
    efua, abigail = walk.efua, walk.abigail
    await efua.follow("Kofi")
    await efua.follow("Consents")
    await efua.follow(f"Close this for {SHARED_WITH}")
    await efua.sees("What will happen")
    await efua.press("Close it")
    await walk.reads(efua, "no longer see it.")
    if walk.live:
        await abigail.sees("Something here has ended")
    else:
        await abigail.page.reload()
        assert "Kofi" not in await abigail.page.inner_text("main")
    await efua.press(f"Let {SHARED_WITH} see it again")
    await abigail.page.goto(f"{abigail.page.url.split('/school')[0]}/school")
    await walk.reads(abigail, "Kofi")
    await abigail.follow("Kofi")
    await abigail.sees(walk.words("On class walks Kofi leads one part of the way"))


async def _the_practice_ends(walk: Walk) -> None:
    hand = walk.mateus
    await hand.follow("Open the plan")
    for title in ("Draw the way home", "Lead the way to the shop"):
        await hand.unfold(f"End: {walk.words(title)}")
        await hand.press(f"Yes, end it: {walk.words(title)}")
        await hand.page.get_by_role("link", name=walk.words(title)).wait_for(state="detached")
