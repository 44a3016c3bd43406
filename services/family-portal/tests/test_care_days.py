"""Whose day it is: weekdays, every second week, the handover of the day, and clocks that change."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from contracts.access import AccessDocument
from family_portal.care_days import home_at
from policy.days import LONDON

SEED: list[dict[str, Any]] = [
    {"household_id": "hh_mum", "days": ["mon", "tue", "wed", "thu"]},
    {"household_id": "hh_dad", "days": ["fri", "sat", "sun"], "every_weeks": 2, "week_of": "2026-03-06",
     "otherwise": "hh_mum"},
]  # fmt: skip
HOMES = [{"id": name, "members": [f"ps_{name}"], "live_task_cap": 2} for name in ("hh_mum", "hh_dad")]


def facts(**changes: Any) -> AccessDocument:
    """A child between two homes, as the demo has them, with the handover at four."""
    whole = {"tenant_id": "tn_a", "client_id": "cl_a", "rev": 1, "households": HOMES}
    return AccessDocument.model_validate({**whole, "care_days": SEED, "handover_at": "16:00", **changes})


def at(day: int, hour: int, minute: int = 0, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=LONDON)


@pytest.mark.parametrize(
    ("moment", "home"),
    [
        (at(5, 12), "hh_mum"),
        (at(6, 15, 59), "hh_mum"),
        (at(6, 16), "hh_dad"),
        (at(8, 23), "hh_dad"),
        (at(9, 8), "hh_dad"),
        (at(9, 16), "hh_mum"),
        (at(13, 20), "hh_mum"),
        (at(20, 20), "hh_dad"),
        (at(29, 12), "hh_mum"),
        (datetime(2026, 4, 3, 14, 59, tzinfo=UTC), "hh_mum"),
        (datetime(2026, 4, 3, 15, 0, tzinfo=UTC), "hh_dad"),
    ],
)
def test_a_day_begins_at_its_handover_and_weekends_alternate(moment: datetime, home: str) -> None:
    assert home_at(facts(), moment) == home


def test_weeks_before_the_named_one_are_counted_too() -> None:
    assert home_at(facts(), at(20, 18, month=2)) == "hh_dad"
    assert home_at(facts(), at(27, 18, month=2)) == "hh_mum"


def test_without_a_calendar_or_on_a_day_it_does_not_name_every_home_has_the_child() -> None:
    assert home_at(facts(care_days=[]), at(6, 18)) is None
    assert home_at(facts(care_days=SEED[:1]), at(7, 18)) is None


def test_a_week_that_is_nobodys_is_everybodys() -> None:
    alone = [{**SEED[1], "otherwise": None}]
    assert home_at(facts(care_days=alone), at(13, 20)) is None


def test_a_home_that_is_the_clients_no_longer_has_no_day() -> None:
    assert home_at(facts(households=HOMES[:1]), at(6, 18)) is None


def test_without_a_handover_time_a_day_is_a_day() -> None:
    assert home_at(facts(handover_at="00:00"), at(6, 0)) == "hh_dad"
    assert date(2026, 3, 6).weekday() == 4
