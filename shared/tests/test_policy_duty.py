"""When somebody reads what is written: now, tomorrow, across midnight, across a change of the clocks, never."""

from datetime import UTC, datetime
from typing import Any

import pytest

from contracts.duty import DutyFact
from policy.duty import next_reading

LONDON = "Europe/London"
WEEK = ["mon", "tue", "wed", "thu", "fri"]


def duty(*rota: dict[str, Any], zone: str = LONDON) -> DutyFact:
    return DutyFact.model_validate({"timezone": zone, "safeguarding_lead": "ps_a", "rota": list(rota)})


def shift(days: list[str], begins: str, ends: str, person: str = "ps_a") -> dict[str, Any]:
    return {"days": days, "begins": begins, "ends": ends, "person_id": person}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


OFFICE = shift(WEEK, "09:00", "17:30")
EVENING = shift(["wed"], "17:30", "20:30", "ps_b")
NIGHT = shift(["sat"], "22:00", "06:00", "ps_n")


@pytest.mark.parametrize(
    ("now", "person", "begins", "running"),
    [
        ("2026-12-02T12:00", "ps_a", "2026-12-02T09:00", True),
        ("2026-12-02T08:59", "ps_a", "2026-12-02T09:00", False),
        ("2026-12-02T17:30", "ps_b", "2026-12-02T17:30", True),
        ("2026-12-02T23:40", "ps_a", "2026-12-03T09:00", False),
        ("2026-12-04T17:30", "ps_n", "2026-12-05T22:00", False),
        ("2026-12-06T03:00", "ps_n", "2026-12-05T22:00", True),
        ("2026-12-06T06:00", "ps_a", "2026-12-07T09:00", False),
        ("2026-07-01T08:00", "ps_a", "2026-07-01T08:00", True),
        ("2026-03-28T23:00", "ps_n", "2026-03-28T22:00", True),
        ("2026-03-29T05:30", "ps_a", "2026-03-30T08:00", False),
    ],
)
def test_the_hours_that_run_now_or_else_the_next(now: str, person: str, begins: str, running: bool) -> None:
    found = next_reading(duty(OFFICE, EVENING, NIGHT), at(now))
    assert found is not None
    assert (found.person_id, found.begins, found.now) == (person, at(begins), running)


def test_the_same_hour_is_another_moment_elsewhere() -> None:
    found = next_reading(duty(OFFICE, zone="America/Chicago"), at("2026-12-02T12:00"))
    assert found is not None
    assert (found.begins, found.now) == (at("2026-12-02T15:00"), False)


def test_once_a_week_comes_again_after_a_week_less_a_moment() -> None:
    found = next_reading(duty(shift(["wed"], "09:00", "09:30")), at("2026-12-02T09:30"))
    assert found is not None
    assert found.begins == at("2026-12-09T09:00")


def test_a_day_and_a_night_never_end() -> None:
    always = shift(["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "00:00", "00:00")
    found = next_reading(duty(always), at("2026-12-02T23:59"))
    assert found is not None
    assert found.now


def test_without_hours_nobody_reads() -> None:
    assert next_reading(None, at("2026-12-02T12:00")) is None
    assert next_reading(duty(), at("2026-12-02T12:00")) is None
