"""A rest that ends today says so: on a Sunday "until Sunday" would promise a week that nobody gave."""

from datetime import timedelta

from chassis.days import today
from family_portal.web.pausing import offered
from family_portal.web.todays import Rests

HOME = "household:hh_a"


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
