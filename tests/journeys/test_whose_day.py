"""Handover (J3.7): from its time on, today's practice is on the other home's page and gone from the first."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from contracts.duty import DAYS
from kith_local.acting import Cast, bare, until
from kith_local.browsing import Browser
from policy.days import LONDON

pytestmark = pytest.mark.stack

NOTHING = "Nothing to do today."


def _reads(pages: Browser) -> bool:
    """Whether today's practice of both children stands on the first page."""
    pages.open("/home")
    return NOTHING not in pages.text


def test_from_the_handover_on_practice_is_on_the_other_homes_page(
    cast: Cast, set_days: Callable[..., None]
) -> None:
    """The day changes hands at a time that lies behind, and then at one that is still to come."""
    now = datetime.now(LONDON)
    one, other = cast.browser("ps_samira"), cast.browser("ps_erik")
    earlier, later = (now - timedelta(minutes=1)), (now + timedelta(minutes=10))
    if earlier.date() != now.date() or later.date() != now.date():
        pytest.skip("the day ends within these minutes")
    today = DAYS[now.weekday()]
    rest = [day for day in DAYS if day != today]
    handed = [{"household_id": "hh_erik", "days": [today]}, {"household_id": "hh_samira", "days": rest}]
    set_days(handed, f"{later:%H:%M}")
    until(lambda: _reads(one) and not _reads(other), "hers before the handover")
    set_days(handed, f"{earlier:%H:%M}")
    until(lambda: _reads(other) and not _reads(one), "his from the handover on")
    assert one.text.count(NOTHING) == 2
    form_of_hers = one.open("/home/noor/tasks/tk_noor_bridge")
    assert form_of_hers.status_code == 200 and "Say how it was" in one.text


def test_each_home_logs_what_was_done_on_its_own_days(cast: Cast, set_days: Callable[..., None]) -> None:
    """On his day she still tells how hers went, and he reads nothing of it."""
    set_days([{"household_id": "hh_erik", "days": list(DAYS)}])
    one, other = cast.browser("ps_samira"), cast.browser("ps_erik")
    until(lambda: not _reads(one), "his days")
    paths = ("/home", "/home/noor", "/home/noor/tasks/tk_noor_wait")
    before = [bare(other.open(path).text) for path in paths]
    one.open("/home/noor/tasks/tk_noor_wait/log")
    one.fill("/log", {"result": "did", "felt": "3"})
    assert one.page.status_code == 200 and "/thanks" in one.at
    assert [bare(other.open(path).text) for path in paths] == before


def test_neither_home_is_told_whose_days_there_are(cast: Cast) -> None:
    for person in ("ps_samira", "ps_erik", "ps_dev"):
        program = cast.program(person, "care")
        there, nowhere = (
            program.ask("identity", "GET", f"/tenants/tn_lantern/clients/{client}/care-days")
            for client in ("cl_noor", "cl_nobody")
        )
        assert (there.status_code, there.content) == (404, nowhere.content)
