"""Days as people say them."""

from datetime import UTC, datetime

import pytest

from family_portal.web import heads
from family_portal.web.heads import clock, day
from policy.days import LONDON


class In2026(datetime):
    """A clock that stands on New Year's Eve, half an hour before midnight in London."""

    @classmethod
    def now(cls, tz: object = None) -> "In2026":
        assert tz is LONDON
        return cls(2026, 12, 31, 23, 30, tzinfo=LONDON)


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (datetime(2026, 3, 3, 14, 10, tzinfo=UTC), "Tuesday 3 March"),
        (datetime(2020, 1, 1, tzinfo=UTC), "Wednesday 1 January 2020"),
        (datetime(2027, 1, 1, tzinfo=UTC), "Friday 1 January 2027"),
        (datetime(2026, 1, 1, tzinfo=UTC), "Thursday 1 January"),
    ],
)
def test_a_day_of_another_year_is_said_with_its_year(
    moment: datetime, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heads, "datetime", In2026)
    assert day(moment) == said
    assert clock(moment) == f"{said}, {moment:%H:%M}"


def test_the_year_is_londons(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heads, "datetime", In2026)
    assert day(datetime(2020, 6, 30, 23, 30, tzinfo=UTC)) == "Wednesday 1 July 2020"
    assert clock(datetime(2026, 6, 30, 23, 30, tzinfo=UTC)) == "Wednesday 1 July, 00:30"


def test_what_was_said_in_one_year_is_said_anew_in_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    moment = datetime(2026, 12, 30, 9, tzinfo=UTC)
    monkeypatch.setattr(heads, "datetime", In2026)
    assert day(moment) == "Wednesday 30 December"
    next_year = In2026(2027, 1, 1, tzinfo=LONDON)
    monkeypatch.setattr(In2026, "now", classmethod(lambda cls, tz=None: next_year))
    assert day(moment) == "Wednesday 30 December 2026"
