"""Planning a session: when it is, how long it takes, and that it is made once."""

from datetime import UTC, datetime, timedelta

import pytest
from sample_sessions import AFTER, SampleSessions
from site_app import Person, command_of

NEW = "/staff/clients/a/sessions/new"


async def test_a_planned_session_ends_when_it_was_said_to(
    therapist: Person, sessions: SampleSessions
) -> None:
    page = await therapist.opens(NEW)
    said = {"day": "2126-03-09", "time": "14:10", "minutes": "50", "modality": "video", "now": "no"}
    assert (await therapist.sends(NEW, page, **said)).status_code == 303
    assert (await therapist.sends(NEW, page, **said)).status_code == 303
    (made,) = (s for s in sessions.sessions.values() if s["id"] != "se_one")
    assert (made["scheduled_for"], made["ends"]) == ("2126-03-09T14:10:00+00:00", "2126-03-09T15:00:00+00:00")


@pytest.mark.parametrize("minutes", ["0", "-5", "1441"])
async def test_a_length_that_cannot_be_is_named(
    therapist: Person, sessions: SampleSessions, minutes: str
) -> None:
    said = {"day": "2126-03-09", "time": "14:10", "minutes": minutes, "now": "no"}
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


async def test_a_plan_that_was_changed_after_back_asks_before_it_makes_a_second_session(
    therapist: Person, sessions: SampleSessions
) -> None:
    page = await therapist.opens(NEW)
    said = {"day": "2126-03-09", "time": "14:10", "minutes": "40", "modality": "video", "now": "no"}
    assert (await therapist.sends(NEW, page, **said)).status_code == 303
    for changed in ({"time": "15:10"}, {"minutes": "60"}, {"modality": "in_person"}, {"day": "2126-03-10"}):
        asked = await therapist.sends(NEW, page, **said | changed)
        assert asked.status_code == 409 and "You have made a session with this already" in asked.text
        assert len(sessions.sessions) == 2
    assert (await therapist.sends(NEW, asked, **said | changed)).status_code == 303
    assert len(sessions.sessions) == 3 and command_of(asked) != command_of(page)


async def test_what_has_happened_stands_on_its_own_day(therapist: Person, sessions: SampleSessions) -> None:
    page = await therapist.opens(NEW)
    assert (await therapist.sends(NEW, page, day="2026-03-09", time="14:10", now="yes")).status_code == 303
    assert {row["scheduled_for"] for row in sessions.sessions.values()} >= {"2026-03-09T14:10:00+00:00"}
    known = len(sessions.sessions)
    early = await therapist.sends(NEW, page, day="2126-03-09", time="14:10", now="yes")
    assert early.status_code == 422 and "This is still to come." in early.text
    late = await therapist.sends(NEW, page, day="2026-03-09", time="14:10", now="no")
    assert late.status_code == 422 and "This day and time have gone by." in late.text
    assert len(sessions.sessions) == known


async def test_a_session_that_has_not_begun_can_only_be_cancelled(
    therapist: Person, sessions: SampleSessions
) -> None:
    begins = datetime.now(UTC) + timedelta(days=1)
    sessions.sessions["se_one"]["scheduled_for"] = begins.isoformat()
    page = await therapist.opens(AFTER)
    assert "has not begun yet" in page.text
    assert 'value="cancelled"' in page.text and 'value="attended"' not in page.text
    today = await therapist.opens("/staff/today")
    assert "Open session" in today.text and "Start session" not in today.text
    begins = datetime.now(UTC) + timedelta(minutes=10)
    sessions.sessions["se_one"]["scheduled_for"] = begins.isoformat()
    assert "Start session" in (await therapist.opens("/staff/today")).text
