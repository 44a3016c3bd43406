"""The therapist's page of one client says who else reads the plan, and leads to the people around them."""

from typing import Any

import httpx
from sample_sessions import SampleSessions
from site_app import acting

from family_portal.web import staff_client

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

    def handle(request: httpx.Request) -> httpx.Response:
        return sessions.handle(request) if request.url.path.endswith("/sessions") else _away(request)

    async with acting(house, "ps_therapist", staff_client.router, handle=handle) as therapist:
        page = (await therapist.opens("/staff/clients/a")).text
    assert "Next session: Saturday 9 March 2126, 14:10." in page
