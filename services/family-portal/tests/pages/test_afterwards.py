"""After a tap: one more says what got in the way, another takes it back for a minute; all of it without scripts."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import httpx
import pytest
from sample_sessions import SampleSessions
from site_app import Person, acting

from contracts.classes import DataClass
from contracts.event import Item
from contracts.family_portal import ObservationRecorded, TaskLogged
from family_portal.logs import BARRIERS
from family_portal.web import family, mine, school, staff, staff_client
from family_portal.web.models.family import WAYS

from ..sample_events import goal, task

HOME, PUPIL = "/home/a/tasks/tk_a", "/school/pupils/a"
SAW = {"goal_id": "g_one", "saw": "card", "my_part": "partly"}


def nobody(request: httpx.Request) -> httpx.Response:
    """No other service is asked."""
    raise AssertionError(request.url)


@pytest.fixture(autouse=True)
async def furnished(house: Any) -> None:
    await house.hears(goal(house.tenant), task(house.tenant, "household:hh_a", "client", task_id="tk_a"))


@pytest.fixture
async def mother(house: Any) -> AsyncIterator[Person]:
    async with acting(house, "ps_mother", family.router, handle=nobody) as person:
        yield person


@pytest.fixture
async def teacher(house: Any) -> AsyncIterator[Person]:
    async with acting(house, "ps_teacher", school.router, handle=nobody) as person:
        yield person


async def _arrives(house: Any, kind: type[Item]) -> None:
    await house.hears(kind.read((await house.journal())[-1]))


async def _couldnt(house: Any, mother: Person) -> str:
    """A mother says that it could not be done; answers where that leads."""
    done = await mother.sends(f"{HOME}/log", await mother.opens(f"{HOME}/log"), result="couldnt")
    assert done.status_code == 303, done.text
    await _arrives(house, TaskLogged)
    return str(done.headers["location"])


def _action(page: str, end: str) -> str:
    found = re.search(rf'action="([^"]+/{end})"', page)
    assert found, page
    return found[1]


def test_every_reason_that_a_program_may_give_is_one_tap() -> None:
    assert {way.value for way in WAYS} == set(BARRIERS)


async def test_one_tap_says_what_got_in_the_way_and_the_team_reads_it(house: Any, mother: Person) -> None:
    page = (await mother.opens(await _couldnt(house, mother))).text
    assert "Nothing else is needed." in page and 'value="too_tired">too tired</button>' in page
    done = await mother.sends(_action(page, "way"), got_in_the_way="too_tired")
    assert (done.status_code, done.headers["location"]) == (303, f"{HOME}/thanks?said=reason")
    await _arrives(house, TaskLogged)
    thanks = (await mother.opens(done.headers["location"])).text
    assert "<h1>Thank you</h1>" in thanks and "Nothing else is needed." in thanks
    assert "got_in_the_way" not in thanks and "Undo" not in thanks
    routers, handle = (staff.router, staff_client.router), SampleSessions({}).handle
    async with acting(house, "ps_therapist", *routers, handle=handle) as therapist:
        for path in ("/staff/fragments/to-answer", "/staff/clients/a/fragments/practice"):
            assert "tried, couldn’t (too tired)" in unescape((await therapist.opens(path)).text), path


async def test_a_reason_said_later_makes_the_minute_no_longer(house: Any, mother: Person) -> None:
    thanks = await _couldnt(house, mother)
    page = (await mother.opens(thanks)).text
    assert "You can take it back until" in page
    await house.rows("task_logs").update_one({}, {"$set": {"at": datetime.now(UTC) - timedelta(seconds=61)}})
    await mother.sends(_action(page, "way"), got_in_the_way="too_tired")
    await _arrives(house, TaskLogged)
    assert "You can take it back until" not in (await mother.opens(thanks)).text


async def test_nobody_is_asked_after_another_answer_and_nothing_odd_is_kept(
    house: Any, mother: Person
) -> None:
    page = (await mother.opens(await _couldnt(house, mother))).text
    odd = await mother.sends(_action(page, "way"), got_in_the_way="a long story")
    assert odd.status_code == 303 and "said=couldnt" in odd.headers["location"]
    assert len(await house.journal()) == 1
    for said in ("did", "part", "not_this_week"):
        assert "got_in_the_way" not in (await mother.opens(f"{HOME}/thanks?said={said}&log=lg_x")).text


async def test_a_log_is_taken_back_within_a_minute(house: Any, mother: Person) -> None:
    page = await mother.opens(await _couldnt(house, mother))
    assert re.search(r"You can take it back until \d\d:\d\d:\d\d\.", page.text)
    done = await mother.sends(_action(page.text, "undo"), page)
    assert done.headers["location"] == f"{HOME}/thanks?said=undone"
    await _arrives(house, TaskLogged)
    assert "It is taken back" in (await mother.opens(done.headers["location"])).text
    again = await mother.sends(_action(page.text, "undo"), page)
    assert again.status_code == 303, "sent twice it is taken back once"


@pytest.mark.parametrize("result", ["couldnt", "did"])
async def test_what_was_taken_back_is_not_said_to_be_kept_when_its_form_is_sent_once_more(
    house: Any, mother: Person, result: str
) -> None:
    form = await mother.opens(f"{HOME}/log")
    thanks = await mother.sends(f"{HOME}/log", form, result="couldnt")
    await _arrives(house, TaskLogged)
    page = await mother.opens(thanks.headers["location"])
    await mother.sends(_action(page.text, "undo"), page)
    await _arrives(house, TaskLogged)
    back = await mother.sends(f"{HOME}/log", form, result=result)
    assert back.status_code == 409 and "You took this back." in back.text and "as it was" not in back.text
    again = await mother.sends(f"{HOME}/log", back, result=result)
    assert again.status_code == 303
    await _arrives(house, TaskLogged)
    assert len(await house.lists("ps_mother", DataClass.TASK_LOG)) == 1


@pytest.mark.parametrize("saw", ["card", "pointed"])
async def test_neither_is_what_somebody_at_school_took_back(house: Any, teacher: Person, saw: str) -> None:
    form = await teacher.opens(f"{PUPIL}/observe")
    saved = await teacher.sends(f"{PUPIL}/observe", form, **SAW)
    await _arrives(house, ObservationRecorded)
    page = (await teacher.opens(saved.headers["location"])).text
    await teacher.sends(_action(page, "undo"))
    back = await teacher.sends(f"{PUPIL}/observe", form, **{**SAW, "saw": saw})
    assert back.status_code == 409 and "You took this back." in back.text
    again = await teacher.sends(f"{PUPIL}/observe", back, **{**SAW, "saw": saw})
    assert again.status_code == 303 and len(await house.journal()) == 3


async def test_a_tap_that_slipped_is_taken_back_from_the_therapists_chart_too(
    house: Any, teacher: Person
) -> None:
    saved = await teacher.sends(f"{PUPIL}/observe", await teacher.opens(f"{PUPIL}/observe"), **SAW)
    await _arrives(house, ObservationRecorded)
    page = (await teacher.opens(saved.headers["location"])).text
    assert "It is written down." in page and "Card, partly got to my part" in page
    handle = SampleSessions({}).handle
    async with acting(house, "ps_therapist", staff_client.router, handle=handle) as therapist:
        pages = ("/staff/clients/a/fragments/goal_panels", "/staff/clients/a/fragments/practice")
        before = [(await therapist.opens(path)).text.lower() for path in pages]
        assert all("partly got to their own part" in text for text in before), before
        done = await teacher.sends(_action(page, "undo"))
        assert done.headers["location"] == f"{PUPIL}?said=undone"
        await _arrives(house, ObservationRecorded)
        after = [(await therapist.opens(path)).text.lower() for path in pages]
        assert not any("partly got to their own part" in text for text in after)
    left = (await teacher.opens(done.headers["location"])).text
    assert "It is taken back. Nobody reads it any more." in left and "Card, partly" not in left


async def test_after_the_minute_the_page_says_that_it_stands_and_whom_to_tell(
    house: Any, teacher: Person
) -> None:
    saved = await teacher.sends(f"{PUPIL}/observe", await teacher.opens(f"{PUPIL}/observe"), **SAW)
    await _arrives(house, ObservationRecorded)
    page = (await teacher.opens(saved.headers["location"])).text
    late = {"$set": {"at": datetime.now(UTC) - timedelta(seconds=61)}}
    await house.rows("observations").update_one({}, late)
    stands = await teacher.sends(_action(page, "undo"))
    lead = (await house.portal.names.persons(["ps_therapist"]))["ps_therapist"].name
    assert stands.status_code == 409
    assert f"This stands now: the minute is over. Tell {lead} what to put right." in unescape(stands.text)
    assert "Worried about safety?" in stands.text, "it is the pupil's page, and whole"


async def test_what_was_noted_earlier_offers_no_undo_and_neither_does_a_made_up_id(
    house: Any, teacher: Person
) -> None:
    await teacher.sends(f"{PUPIL}/observe", await teacher.opens(f"{PUPIL}/observe"), **SAW)
    [told] = await house.journal()
    await _arrives(house, ObservationRecorded)
    late = {"$set": {"at": datetime.now(UTC) - timedelta(seconds=61)}}
    await house.rows("observations").update_one({}, late)
    for record in (told["record_id"], "ob_never", "a%22%3E"):
        assert "/undo" not in (await teacher.opens(f"{PUPIL}?said=noted&id={record}")).text
    assert (await teacher.sends(f"{PUPIL}/observations/ob_never/undo")).status_code == 404


async def test_a_young_person_has_the_same_ways(house: Any) -> None:
    async with acting(house, "ps_teen", mine.router, handle=nobody) as teen:
        log = "/mine/tasks/tk_a/log"
        done = await teen.sends(log, await teen.opens(log), result="couldnt")
        await _arrives(house, TaskLogged)
        page = (await teen.opens(done.headers["location"])).text
        kept = await teen.sends(_action(page, "way"), got_in_the_way="did_not_want_to")
        assert kept.headers["location"] == "/mine/tasks/tk_a/thanks?said=reason"
        assert (await teen.sends(_action(page, "undo"))).status_code == 303
