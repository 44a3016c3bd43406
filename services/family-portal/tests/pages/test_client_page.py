"""The therapist's page of one client says who else reads the plan, and leads to the people around them."""

import re
from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from sample_sessions import SCHEDULED, SampleSessions
from site_app import acting

from family_portal.web import staff_client, staff_sessions

from ..conftest import LONG_AGO
from ..sample_events import goal


def _away(request: httpx.Request) -> httpx.Response:
    return httpx.Response(503)


async def test_the_page_of_a_client_says_who_can_see_the_plan(house: Any) -> None:
    await house.hears(goal(house.tenant))
    async with acting(house, "ps_therapist", staff_client.router, handle=_away) as therapist:
        page = (await therapist.opens("/staff/clients/a")).text
    seen = page.partition('class="k-seen"')[2].partition("</p>")[0]
    assert "You" in seen and 'href="#people"' in seen
    assert page.count('id="people"') == 1


async def test_the_page_of_a_client_says_when_the_next_session_is(house: Any) -> None:
    sessions = SampleSessions()
    for name, at in (("se_later", "2126-04-09"), ("se_next", "2126-03-09")):
        row = {**sessions.sessions["se_one"], "id": name, "scheduled_for": f"{at}T14:10:00+00:00"}
        sessions.sessions[name] = row

    assert "Next session: Saturday 9 March 2126, 14:10." in await _page(house, sessions)


async def _page(house: Any, sessions: SampleSessions) -> str:
    """The page of the client, with these sessions and nothing else that answers."""

    def handle(request: httpx.Request) -> httpx.Response:
        return sessions.handle(request) if request.url.path.endswith("/sessions") else _away(request)

    async with acting(house, "ps_therapist", staff_client.router, handle=handle) as therapist:
        return (await therapist.opens("/staff/clients/a")).text


def _held(sessions: SampleSessions, name: str, at: str, state: str, outcome: str | None = "held") -> None:
    row = {"id": name, "scheduled_for": f"{at}T14:10:00+00:00", "state": state, "outcome": outcome}
    sessions.sessions[name] = {**SCHEDULED, **row}


async def test_a_year_of_weekly_sessions_ahead_hides_neither_the_next_nor_the_last(house: Any) -> None:
    sessions = SampleSessions({})
    _held(sessions, "se_last", "2026-02-03", "signed")
    for week in range(120):
        at = date(2126, 3, 9) + timedelta(weeks=week)
        _held(sessions, f"se_{week}", at.isoformat(), "scheduled" if week >= 30 else "cancelled", None)
    page = await _page(house, sessions)
    assert "Next session: Saturday 5 October 2126" in page
    assert "Last session: Tuesday 3 February" in page
    async with acting(house, "ps_therapist", staff_sessions.router, handle=sessions.handle) as therapist:
        new = (await therapist.opens("/staff/clients/a/sessions/new")).text.partition('id="coming"')[2]
    assert re.findall(r"/staff/sessions/(se_\w+)/", new) == [f"se_{week}" for week in range(30, 50)]


async def test_the_last_session_is_one_that_was_held(house: Any) -> None:
    sessions = SampleSessions({})
    _held(sessions, "se_held", "2026-02-03", "documented")
    _held(sessions, "se_missed", "2026-02-10", "signed", "no_show")
    _held(sessions, "se_none", "2026-02-11", "no_show", "no_show")
    _held(sessions, "se_off", "2026-02-12", "cancelled", "cancelled")
    _held(sessions, "se_begun", "2026-02-13", "in_progress", None)
    assert "Last session: Tuesday 3 February" in await _page(house, sessions)


@pytest.mark.parametrize("begun", [True, False])
async def test_a_supervisor_is_offered_nothing_that_would_be_refused(house: Any, begun: bool) -> None:
    tie = {"id": "s1", "person_id": "ps_supervisor", "supervisee_id": "ps_therapist", "begins": LONG_AGO}
    await house.knows(rev=2, supervisions=[tie])
    if begun:
        await house.hears(goal(house.tenant))
    pages = {}
    for person in ("ps_supervisor", "ps_therapist"):
        async with acting(house, person, staff_client.router, handle=_away) as reader:
            pages[person] = (await reader.opens("/staff/clients/a")).text
            pages[person] += (await reader.opens("/staff/clients/a/fragments/goal_panels")).text
    for offered in ("/sessions/new", "/plan/edit"):
        assert offered in pages["ps_therapist"] and offered not in pages["ps_supervisor"]
    assert "Open the plan" in pages["ps_supervisor"]
    assert ("team asks for a break" if begun else "No goal yet.") in pages["ps_supervisor"]
