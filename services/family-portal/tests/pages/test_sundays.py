"""A rest that ends today says so: on a Sunday "until Sunday" would promise a week that nobody gave."""

from datetime import timedelta
from typing import Any

from family_portal.web.pausing import offered
from family_portal.web.staff_rests import paused_lines
from family_portal.web.todays import Rests
from policy.days import today

from ..sample_events import rest

HOME = "household:hh_a"
DAY = timedelta(days=1)


def test_the_last_day_of_a_rest_is_named_as_today() -> None:
    now, later = today(), today() + timedelta(days=2)
    last = Rests(frozenset({HOME}), {HOME: now})
    assert last.sentence == "Resting until the end of today. Nothing to do, nothing to explain."
    assert Rests(frozenset({HOME}), {HOME: later}).sentence.startswith(f"Resting until {later:%A}.")


def test_the_button_offers_what_is_left_of_the_week() -> None:
    sunday = today() + timedelta(days=6 - today().weekday())
    assert offered(sunday, 1, "family").text.startswith(
        "Everything can rest until the end of today, in your home."
    )
    before = offered(sunday - timedelta(days=1), 1, "family").text
    assert before.startswith("Everything can rest until Sunday, in your home.")


async def test_the_team_reads_of_the_last_day_of_a_rest_as_home_does(house: Any) -> None:
    reach = await house.portal.reader.reach(house.caller("ps_therapist"), "cl_a")
    await house.hears(rest(house.tenant, until=today()), rest(house.tenant, "hh_b", until=today() + DAY))
    ends, goes_on = await paused_lines(house.portal, reach)
    assert ends.endswith(": paused until the end of today")
    assert goes_on.endswith(f": paused until {today() + DAY:%A}")
