"""Open pages: a ping for who holds the class and is a party, none for anybody else, and what was missed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta

import pytest

from contracts.about_me import LineState
from contracts.duty import DAYS
from contracts.ids import new_id
from family_portal.views import live
from family_portal.views.live import MOST_OPEN, UNSEEN, Hub, Ping

from .conftest import LONG_AGO, House, facts
from .sample_events import about_line, goal, note_signed, private_goal, rest, summary, task, trial

WAIT_S = 20.0
QUIET_S = 0.6
SETTLED_S = 0.5


class OpenPage:
    """A page that listens."""

    def __init__(
        self,
        hub: Hub,
        house: House,
        person_id: str,
        last_id: str | None = None,
        drawn: datetime | None = None,
    ) -> None:
        self._pings = hub.pings((house.caller(person_id),), last_id, drawn)
        self._next: asyncio.Task[Ping] | None = None
        self.last_id = ""
        self.ended = False

    async def ping(self, within_s: float = WAIT_S) -> str | None:
        """The name of the next ping, None when there was none in time or the stream has ended."""
        self._next = self._next or asyncio.ensure_future(anext(self._pings))
        done, _ = await asyncio.wait({self._next}, timeout=within_s)
        if not done:
            return None
        ended, self._next = self._next, None
        with suppress(StopAsyncIteration):
            ping = ended.result()
            self.last_id = ping.id
            return ping.name
        self.ended = True
        return None

    async def close(self) -> None:
        """Leave the page."""
        if self._next:
            self._next.cancel()
            with suppress(asyncio.CancelledError, StopAsyncIteration):
                await self._next
        await self._pings.aclose()  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
async def hub(process: House) -> AsyncIterator[Hub]:
    """The hub of a process, its change stream open."""
    opened = Hub(process.chassis)
    tailing = asyncio.create_task(opened.run())
    warm = House(process.portal, process.http, process.keys, process.signing)
    await warm.knows()
    page = OpenPage(opened, warm, "ps_mother")
    for _ in range(100):
        await warm.hears(task(warm.tenant, "household:hh_a"))
        if await page.ping(0.2):
            break
    await page.close()
    yield opened
    tailing.cancel()
    with suppress(asyncio.CancelledError):
        await tailing


@asynccontextmanager
async def open_pages(hub: Hub, house: House, *people: str) -> AsyncIterator[list[OpenPage]]:
    """Pages of these people, listening."""
    pages = [OpenPage(hub, house, person) for person in people]
    for page in pages:
        while await page.ping(SETTLED_S) is not None:
            pass  # what was told before the page opened may still be under way
    try:
        yield pages
    finally:
        for page in pages:
            await page.close()


async def test_a_goal_pings_everyone_who_may_see_it_by_the_name_of_a_section(hub: Hub, house: House) -> None:
    async with open_pages(hub, house, "ps_mother", "ps_teacher", "ps_therapist", "ps_teen") as pages:
        await house.hears(goal(house.tenant))
        assert [await page.ping() for page in pages] == ["plan-cl_a"] * 4


async def test_when_the_child_changes_hands_the_pages_of_both_homes_look_again_by_themselves(
    hub: Hub, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = {"home": "hh_a"}
    monkeypatch.setattr(live, "IDLE_S", 0.1)
    monkeypatch.setattr(live, "home_at", lambda document, moment: here["home"])
    async with open_pages(hub, house, "ps_mother", "ps_father", "ps_teen", "ps_teacher") as pages:
        here["home"] = "hh_b"
        assert [await page.ping() for page in pages[:3]] == ["task-cl_a"] * 3
        assert [await page.ping(QUIET_S) for page in pages] == [None] * 4, "once, and school never"


async def test_a_page_that_stays_open_says_how_old_it_is_and_says_so_no_more_once_it_is_of_this_moment(
    hub: Hub, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    age = {"s": 0.1}

    async def age_s() -> float:
        return age["s"]

    monkeypatch.setattr(live, "IDLE_S", 0.1)
    monkeypatch.setattr(house.chassis.access, "age_s", age_s)
    async with open_pages(hub, house, "ps_mother", "ps_therapist") as pages:
        age["s"] = 58.0
        assert [await page.ping() for page in pages] == ["aged"] * 2
        assert [await page.ping(QUIET_S) for page in pages] == [None] * 2
        age["s"] = 0.2
        assert [await page.ping() for page in pages] == ["aged"] * 2


async def test_a_private_goal_moves_nothing_on_anybody_elses_page(hub: Hub, house: House) -> None:
    async with open_pages(hub, house, "ps_mother", "ps_teacher", "ps_stranger", "ps_teen") as pages:
        await house.hears(private_goal(house.tenant), private_goal(house.tenant, ended=True, words={}))
        assert await pages[-1].ping() == "plan-cl_a"
        assert [await page.ping(QUIET_S) for page in pages[:-1]] == [None, None, None]


async def test_a_line_about_somebody_moves_schools_page_from_its_yes_on_and_when_it_leaves(
    hub: Hub, house: House
) -> None:
    named = {"state": "granted", "recipients": ["ps_teacher"], "begins": LONG_AGO}
    await house.knows(rev=2, consents=[{"id": "c1", "classes": ["about_me"], **named}])
    waits = {"state": LineState.WAITS, "parties": ("client",)}
    async with open_pages(hub, house, "ps_teacher", "ps_mother", "ps_teen") as (teacher, mother, teen):
        await house.hears(about_line(house.tenant, **waits))
        assert await teen.ping() == "about-cl_a"
        assert [await page.ping(QUIET_S) for page in (teacher, mother)] == [None, None]
        for changes in ({}, waits):
            await house.hears(about_line(house.tenant, **changes))
            assert [await page.ping() for page in (teacher, mother, teen)] == ["about-cl_a"] * 3


async def test_a_goal_that_is_not_shared_with_a_teacher_moves_nothing_on_her_page(
    hub: Hub, house: House
) -> None:
    async with open_pages(hub, house, "ps_teacher", "ps_mother") as (teacher, mother):
        await house.hears(goal(house.tenant, "g_two"), goal(house.tenant, "g_two", ended=True, words={}))
        assert await mother.ping() == "plan-cl_a"
        assert await teacher.ping(QUIET_S) is None


async def test_what_one_home_practises_moves_nothing_in_the_other(hub: Hub, house: House) -> None:
    async with open_pages(hub, house, "ps_mother", "ps_father") as (mother, father):
        await house.hears(task(house.tenant, "household:hh_a"))
        assert await mother.ping() == "task-cl_a"
        await house.hears(task(house.tenant, "household:hh_a", ended=True, words={}))
        assert await mother.ping() == "task-cl_a"
        assert await father.ping(QUIET_S) is None


async def test_a_home_that_rests_moves_its_own_pages_and_the_teams_alone(hub: Hub, house: House) -> None:
    people = ("ps_mother", "ps_therapist", "ps_father", "ps_teacher", "ps_teen")
    async with open_pages(hub, house, *people) as pages:
        for event in (rest(house.tenant), rest(house.tenant, ended=True)):
            await house.hears(event)
            assert [await page.ping() for page in pages[:2]] == ["log-cl_a"] * 2
        assert [await page.ping(QUIET_S) for page in pages[2:]] == [None] * 3


async def test_whose_days_they_are_is_no_news_to_a_home_or_school(hub: Hub, house: House) -> None:
    later = DAYS[(datetime.now(UTC).weekday() + 3) % 7]  # whose day it is now stays, which is news
    days = [{"household_id": "hh_b", "days": [later]}]
    async with open_pages(hub, house, "ps_therapist", "ps_mother", "ps_father", "ps_teacher") as pages:
        await house.knows(rev=2, care_days=days, handover_at="16:00")
        assert await pages[0].ping() == "who-cl_a"
        assert [await page.ping(QUIET_S) for page in pages[1:]] == [None] * 3


async def test_a_task_that_moves_house_moves_on_both_pages(hub: Hub, house: House) -> None:
    await house.hears(task(house.tenant, "household:hh_a"))
    async with open_pages(hub, house, "ps_mother", "ps_father") as pages:
        for page in pages:
            while await page.ping(QUIET_S):
                pass
        await house.hears(task(house.tenant, "household:hh_b"))
        assert [await page.ping() for page in pages] == ["task-cl_a", "task-cl_a"]


async def test_items_ping_their_own_sections(hub: Hub, house: House) -> None:
    async with open_pages(hub, house, "ps_teen", "ps_mother") as (teen, mother):
        await house.hears(trial(house.tenant, "tr_one"), summary(house.tenant, "guardians"))
        assert await teen.ping() == "log-cl_a"
        assert await mother.ping() == "session-cl_a"
        assert await teen.ping(QUIET_S) is None


async def test_a_withdrawn_consent_closes_the_page_it_opened_and_moves_who_sees_it_on_the_others(
    hub: Hub, house: House
) -> None:
    async with open_pages(hub, house, "ps_teacher", "ps_mother", "ps_therapist") as pages:
        await house.knows(rev=2, consents=())
        assert [await page.ping() for page in pages] == ["access", "who-cl_a", "who-cl_a"]


async def test_a_consent_for_the_private_part_moves_nothing_at_home_or_at_school(
    hub: Hub, house: House
) -> None:
    consent = {"id": "c9", "state": "granted", "recipients": ["ps_friend"], "begins": LONG_AGO}
    private = {**consent, "classes": ["plan_plain", "plan_private"], "needs_acceptance": True}
    async with open_pages(hub, house, "ps_mother", "ps_teacher", "ps_teen") as (mother, teacher, teen):
        await house.knows(rev=2, consents=[*facts(house.tenant).consents, private])
        assert await teen.ping() == "who-cl_a"
        assert [await page.ping(QUIET_S) for page in (mother, teacher)] == [None, None]


async def test_a_page_that_comes_back_hears_what_it_missed(hub: Hub, house: House) -> None:
    async with open_pages(hub, house, "ps_mother") as (mother,):
        await house.hears(goal(house.tenant))
        assert await mother.ping() == "plan-cl_a"
    await house.hears(task(house.tenant, "household:hh_a"), private_goal(house.tenant))
    back = OpenPage(hub, house, "ps_mother", mother.last_id)
    heard = {await back.ping()}
    while (ping := await back.ping(QUIET_S)) is not None:
        heard.add(ping)
    assert heard == {"task-cl_a"}
    await back.close()


async def test_a_page_from_long_ago_or_from_another_process_reads_everything_again(
    hub: Hub, house: House
) -> None:
    page = OpenPage(hub, house, "ps_mother", new_id())
    assert await page.ping() == "refresh"
    await page.close()


async def test_a_page_hears_what_moved_since_it_was_drawn_and_nothing_older(hub: Hub, house: House) -> None:
    async with open_pages(hub, house, "ps_mother") as (mother,):
        await house.hears(task(house.tenant, "household:hh_a"))
        assert await mother.ping() == "task-cl_a"
        await asyncio.sleep(UNSEEN.total_seconds() + 0.5)
        drawn = datetime.now(UTC)
        await house.hears(goal(house.tenant))
        assert await mother.ping() == "plan-cl_a"
    page = OpenPage(hub, house, "ps_mother", drawn=drawn)
    assert [await page.ping(), await page.ping(QUIET_S)] == ["plan-cl_a", None]
    await page.close()


async def test_a_page_drawn_before_this_process_began_reads_everything_again(hub: Hub, house: House) -> None:
    page = OpenPage(hub, house, "ps_mother", drawn=datetime.now(UTC) - timedelta(hours=1))
    assert await page.ping() == "refresh"
    await page.close()


async def test_signing_out_ends_the_page(hub: Hub, house: House) -> None:
    rows = house.chassis.mongo.crossing_tenants("ended_sessions", why="a sign-in belongs to a person")
    async with open_pages(hub, house, "ps_father", "ps_mother") as (father, mother):
        await rows.insert_one({"_id": "sid_ps_father", "ends_at": datetime.now(UTC) + timedelta(minutes=5)})
        assert await father.ping() == "access"
        assert await father.ping() is None
        assert await mother.ping(QUIET_S) is None
    await rows.delete_one({"_id": "sid_ps_father"})


async def test_when_facts_are_old_and_identity_is_away_a_familys_page_ends_and_a_therapists_goes_on(
    hub: Hub, house: House
) -> None:
    beats = house.chassis.mongo.crossing_tenants("freshness", why="one heartbeat for all tenants")
    async with open_pages(hub, house, "ps_mother", "ps_therapist") as (mother, therapist):
        await beats.update_one({}, {"$set": {"beat_at": datetime.now(UTC) - timedelta(minutes=1)}})
        try:
            assert await mother.ping() is None
            assert mother.ended
            await house.hears(goal(house.tenant))
            assert await therapist.ping() == "plan-cl_a"
        finally:
            await beats.update_one({}, {"$set": {"beat_at": datetime.now(UTC) + timedelta(hours=1)}})
            await asyncio.sleep(0.3)


async def test_a_page_is_looked_after_as_soon_as_the_facts_are_old(
    hub: Hub, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not at the next look after that: what was taken back a moment before stood there twice as long."""
    beats = house.chassis.mongo.crossing_tenants("freshness", why="one heartbeat for all tenants")
    async with open_pages(hub, house, "ps_mother") as (mother,):
        monkeypatch.setattr(live, "IDLE_S", 600.0)
        limit = timedelta(seconds=house.chassis.settings.freshness_limit_s)
        await beats.update_one({}, {"$set": {"beat_at": datetime.now(UTC) - limit + timedelta(seconds=2)}})
        try:
            await house.hears(task(house.tenant, "household:hh_a"))
            assert await mother.ping() == "task-cl_a"
            assert await mother.ping() is None and mother.ended
        finally:
            await beats.update_one({}, {"$set": {"beat_at": datetime.now(UTC) + timedelta(hours=1)}})
            await asyncio.sleep(0.3)


async def test_a_page_that_opens_while_nobody_can_decide_stays_and_reads_everything_afterwards(
    hub: Hub, house: House
) -> None:
    """It broke off after it had begun, and came again twice a second."""
    beats = house.chassis.mongo.crossing_tenants("freshness", why="one heartbeat for all tenants")
    await beats.update_one({}, {"$set": {"beat_at": datetime.now(UTC) - timedelta(minutes=1)}})
    await asyncio.sleep(0.3)
    mother, father = OpenPage(hub, house, "ps_mother"), OpenPage(hub, house, "ps_father")
    try:
        await house.hears(task(house.tenant, "household:hh_a"))
        assert [await page.ping(QUIET_S) for page in (mother, father)] == [None, None]
        assert not mother.ended and not father.ended
        rows = house.chassis.mongo.crossing_tenants("ended_sessions", why="a sign-in belongs to a person")
        await rows.insert_one({"_id": "sid_ps_father", "ends_at": datetime.now(UTC) + timedelta(minutes=5)})
        told = [await father.ping() for _ in range(4)]
        assert told[-2:] == ["access", None] and father.ended, told
        await rows.delete_one({"_id": "sid_ps_father"})
    finally:
        await beats.update_one({}, {"$set": {"beat_at": datetime.now(UTC) + timedelta(hours=1)}})
    assert await mother.ping() == "refresh"
    await house.hears(task(house.tenant, "household:hh_a"))
    assert "task-cl_a" in [await mother.ping() for _ in range(2)]
    for page in (mother, father):
        await page.close()


async def test_a_signed_note_moves_the_pages_of_the_team_and_nobody_elses(hub: Hub, house: House) -> None:
    async with open_pages(hub, house, "ps_therapist", "ps_mother") as (team, mother):
        for _ in range(2):
            await house.hears(note_signed(house.tenant))
            assert await team.ping() == "note-cl_a"
        assert await mother.ping(QUIET_S) is None
    kept = str(await house.rows("signed_notes").find({}))
    assert "no_one" not in kept and "se_one" not in kept


async def test_the_oldest_of_too_many_pages_of_one_sign_in_is_told_to_look_by_itself(
    hub: Hub, house: House
) -> None:
    async with open_pages(hub, house, "ps_mother", "ps_teacher") as (oldest, teacher):
        more = [OpenPage(hub, house, "ps_mother") for _ in range(MOST_OPEN - 1)]
        await asyncio.gather(*[page.ping(QUIET_S) for page in more])
        assert await oldest.ping(QUIET_S) is None and not oldest.ended
        newest = OpenPage(hub, house, "ps_mother")
        await newest.ping(QUIET_S)
        assert await oldest.ping() == "enough"
        assert await oldest.ping() is None and oldest.ended
        while await newest.ping(QUIET_S):
            pass
        await house.hears(task(house.tenant, "household:hh_a"))
        assert await newest.ping() == "task-cl_a"
        assert await teacher.ping(QUIET_S) is None and not teacher.ended
        for page in (*more, newest):
            await page.close()
    assert hub._of_sign_in == {}
