"""While the sessions service does not answer, the team's pages say which part of them is missing; the rest stands."""

from typing import Any

import httpx
import pytest
from sample_sessions import SCHEDULED, SampleSessions
from site_app import Person, acting

from family_portal.web import staff, staff_client, staff_sessions

ROUTERS = (staff.router, staff_sessions.router, staff_client.router)
SAID = "Not available right now. The rest of the page is complete."
PARTS = [
    ("/staff/today", "next-session", "/staff/fragments/next_session"),
    ("/staff/today", "to-sign", "/staff/fragments/to_sign"),
    ("/staff/clients/a", "last-session", "/staff/clients/a/fragments/last_session"),
    ("/staff/clients/a/sessions/new", "planned", "/staff/clients/a/fragments/planned"),
]


def _away(request: httpx.Request) -> httpx.Response:
    return httpx.Response(503)


def _box(page: str, part: str) -> str:
    return page.partition(f'id="{part}"')[2].partition("</section>")[0]


@pytest.mark.parametrize(("page", "part", "again"), PARTS)
async def test_a_part_that_is_away_says_so_and_can_be_asked_for_again(
    house: Any, page: str, part: str, again: str
) -> None:
    async with acting(house, "ps_therapist", *ROUTERS, handle=_away) as therapist:
        box = _box((await therapist.opens(page)).text, part)
        assert SAID in box and f'hx-get="{again}"' in box
        assert SAID in _box((await therapist.opens(again)).text, part)
    async with acting(house, "ps_therapist", *ROUTERS, handle=SampleSessions({}).handle) as therapist:
        assert SAID not in (await therapist.opens(page)).text
        assert f'id="{part}"' in (await therapist.opens(again)).text


async def test_a_part_that_came_back_says_what_there_is(house: Any) -> None:
    held = {"state": "documented", "outcome": "held", "by": "ps_therapist"}
    rows = {
        "se_saved": {**SCHEDULED, "id": "se_saved", "scheduled_for": "2026-03-02T14:10:00+00:00", **held},
        "se_next": {**SCHEDULED, "id": "se_next", "scheduled_for": "2126-03-09T14:10:00+00:00"},
    }

    async def says(therapist: Person, address: str) -> str:
        return (await therapist.opens(address)).text

    async with acting(house, "ps_therapist", *ROUTERS, handle=SampleSessions(rows).handle) as therapist:
        assert "/staff/sessions/se_next/after" in await says(therapist, PARTS[0][2])
        assert "/staff/sessions/se_saved/after" in await says(therapist, PARTS[1][2])
        told = await says(therapist, PARTS[2][2])
        assert "Last session: Monday 2 March" in told and "Next session: Saturday 9 March 2126" in told
        assert "/staff/sessions/se_next/after" in await says(therapist, PARTS[3][2])
