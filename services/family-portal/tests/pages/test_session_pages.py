"""Planning a session and the page after it: nothing typed is lost, and nothing is kept twice."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from rendering import rendered
from sample_sessions import WRONG_PLACE, SampleSessions
from site_app import Person, acting, command_of

from family_portal.web import staff_sessions

from ..sample_events import goal

AFTER = "/staff/sessions/se_one/after?client=a"
NEW = "/staff/clients/a/sessions/new"
NOTE = "He led, and asked for two breaks."
HELD = {
    "attendance": "attended",
    "minutes": "40",
    "trial-g_one-0-value": "6",
    "trial-g_one-0-out_of": "10",
    "summary": "We built a den.",
    "note_class": "progress",
    "note": NOTE,
}


@pytest.fixture
def sessions() -> SampleSessions:
    return SampleSessions()


@pytest.fixture
async def therapist(house: Any, sessions: SampleSessions) -> AsyncIterator[Person]:
    await house.hears(goal(house.tenant))
    async with acting(house, "ps_therapist", staff_sessions.router, handle=sessions.handle) as person:
        yield person


def checked(page: httpx.Response) -> str:
    """The answer to who came that is chosen on a page."""
    radios = page.text.split('name="attendance"')[1:]
    return next((r.split('value="')[1].split('"')[0] for r in radios if " checked" in r.split(">")[0]), "")


async def test_a_form_that_signs_without_attendance_sends_nothing_and_names_the_field(
    therapist: Person, sessions: SampleSessions
) -> None:
    page = await therapist.opens(AFTER)
    said = {name: text for name, text in HELD.items() if name != "attendance"}
    refused = await therapist.sends(AFTER, page, **said, do="sign")
    assert refused.status_code == 422 and 'href="#attendance"' in refused.text
    assert NOTE in refused.text and sessions.asked == []
    done = await therapist.sends(AFTER, refused, **HELD, do="sign")
    assert done.status_code == 303 and done.headers["location"] == "/staff/clients/a"
    assert [note["status"] for note in sessions.notes.values()] == ["signed"]


async def test_a_note_that_is_refused_can_be_corrected_with_everything_else(
    therapist: Person, sessions: SampleSessions
) -> None:
    page = await therapist.opens(AFTER)
    refused = await therapist.sends(AFTER, page, **HELD | {"note": WRONG_PLACE}, do="sign")
    assert refused.status_code == 422 and staff_sessions.ONLY_THE_NOTE in refused.text
    assert command_of(refused) == command_of(page)
    assert "6 of 10" not in refused.text, "it stands in the form, and is not listed again"
    done = await therapist.sends(AFTER, refused, **HELD | {"attendance": "part", "note": NOTE}, do="sign")
    assert done.status_code == 303, done.text
    kept = sessions.sessions["se_one"]
    assert kept["attendance"] == {"status": "part", "minutes": 40}
    assert [trial["value"] for trial in kept["trials"]] == [6]
    assert [note["text"] for note in sessions.notes.values()] == [NOTE]


async def test_only_the_note_is_sent_anew_where_only_the_note_was_corrected(
    therapist: Person, sessions: SampleSessions
) -> None:
    page = await therapist.opens(AFTER)
    refused = await therapist.sends(AFTER, page, **HELD | {"note": WRONG_PLACE}, do="sign")
    assert (await therapist.sends(AFTER, refused, **HELD, do="sign")).status_code == 303
    assert sessions.sessions["se_one"]["recorded"] == 1


async def test_the_same_form_twice_has_one_effect(therapist: Person, sessions: SampleSessions) -> None:
    page = await therapist.opens(AFTER)
    for _ in range(2):
        assert (await therapist.sends(AFTER, page, **HELD, do="save")).status_code == 303
    assert sessions.sessions["se_one"]["recorded"] == 1
    assert len(sessions.notes) == 1 and len(sessions.sessions["se_one"]["trials"]) == 1


async def test_a_draft_that_is_sent_again_to_be_signed_is_signed(
    therapist: Person, sessions: SampleSessions
) -> None:
    page = await therapist.opens(AFTER)
    await therapist.sends(AFTER, page, **HELD, do="save")
    assert (await therapist.sends(AFTER, page, **HELD, do="sign")).status_code == 303
    assert [(note["text"], note["status"]) for note in sessions.notes.values()] == [(NOTE, "signed")]


async def test_a_form_whose_answer_was_lost_can_be_corrected(
    therapist: Person, sessions: SampleSessions
) -> None:
    sessions.away = {"record"}
    page = await therapist.opens(AFTER)
    lost = await therapist.sends(AFTER, page, **HELD, do="save")
    assert lost.status_code == 503 and NOTE in lost.text
    sessions.away = set()
    done = await therapist.sends(AFTER, lost, **HELD | {"summary": "We built two dens."}, do="save")
    assert done.status_code == 303, done.text
    kept = sessions.sessions["se_one"]
    assert kept["summary"] == {"text": "We built two dens."} and len(kept["trials"]) == 1


@pytest.mark.parametrize("came", ["attended", "part", "no_show", "cancelled"])
async def test_who_came_stands_on_the_page_as_it_was_answered(
    therapist: Person, sessions: SampleSessions, came: str
) -> None:
    page = await therapist.opens(AFTER)
    assert checked(page) == ""
    assert (await therapist.sends(AFTER, page, attendance=came, do="save")).status_code == 303
    outcome = came if came in ("no_show", "cancelled") else "held"
    assert sessions.sessions["se_one"]["outcome"] == outcome
    assert checked(await therapist.opens(AFTER)) == came


async def test_results_of_a_session_that_was_missed_are_asked_about_and_kept_in_the_form(
    therapist: Person, sessions: SampleSessions
) -> None:
    page = await therapist.opens(AFTER)
    refused = await therapist.sends(AFTER, page, **HELD | {"attendance": "no_show"}, do="save")
    assert refused.status_code == 422 and 'href="#trial-g_one-0-value"' in refused.text
    assert sessions.asked == [] and NOTE in refused.text


async def test_what_to_try_at_home_is_not_dropped_without_a_summary(
    therapist: Person, sessions: SampleSessions
) -> None:
    said = {"attendance": "attended", "try_at_home": "Build one too.", "do": "save"}
    refused = await therapist.sends(AFTER, await therapist.opens(AFTER), **said)
    assert (
        refused.status_code == 422 and 'href="#summary"' in refused.text and "Build one too." in refused.text
    )


async def test_a_planned_session_ends_when_it_was_said_to(
    therapist: Person, sessions: SampleSessions
) -> None:
    page = await therapist.opens(NEW)
    said = {"day": "2026-03-09", "time": "14:10", "minutes": "50", "modality": "video", "now": "no"}
    assert (await therapist.sends(NEW, page, **said)).status_code == 303
    assert (await therapist.sends(NEW, page, **said)).status_code == 303
    (made,) = (s for s in sessions.sessions.values() if s["id"] != "se_one")
    assert (made["scheduled_for"], made["ends"]) == ("2026-03-09T14:10:00+00:00", "2026-03-09T15:00:00+00:00")


@pytest.mark.parametrize("minutes", ["0", "-5", "1441"])
async def test_a_length_that_cannot_be_is_named(
    therapist: Person, sessions: SampleSessions, minutes: str
) -> None:
    said = {"day": "2026-03-09", "time": "14:10", "minutes": minutes, "now": "no"}
    refused = await therapist.sends(NEW, await therapist.opens(NEW), **said)
    assert refused.status_code == 422 and 'href="#minutes"' in refused.text and sessions.asked == []


@pytest.mark.parametrize("day", ["", "0001-01-01", "9999-12-31", "2026-02-30"])
async def test_a_day_that_cannot_be_is_named(therapist: Person, sessions: SampleSessions, day: str) -> None:
    said = {"day": day, "time": "23:59", "minutes": "50", "now": "no"}
    refused = await therapist.sends(NEW, await therapist.opens(NEW), **said)
    assert refused.status_code == 422 and sessions.asked == []


async def test_a_session_that_begins_now_begins_once(therapist: Person, sessions: SampleSessions) -> None:
    page = await therapist.opens(NEW)
    first = await therapist.sends(NEW, page, minutes="40", now="yes")
    again = await therapist.sends(NEW, page, minutes="40", now="yes")
    assert first.status_code == again.status_code == 303
    assert first.headers["location"] == again.headers["location"]
    assert len(sessions.sessions) == 2
    await therapist.sends(NEW, page, minutes="60", now="yes")
    assert len(sessions.sessions) == 3, "a corrected form is another session"


def test_a_client_without_own_lines_has_no_empty_box_for_them() -> None:
    assert "About me" in rendered("client") and "About me" not in rendered("client-away")
    assert "Ask first how" not in rendered("client-away")
