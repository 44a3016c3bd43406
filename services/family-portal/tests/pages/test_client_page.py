"""The therapist's page of one client says who else reads the plan, and leads to the people around them."""

from typing import Any

import httpx
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
