"""Pages of a list in hand: all of it, nothing twice, whatever comes and goes meanwhile."""

from datetime import UTC, datetime, timedelta

import pytest

from chassis.cursors import cursor_of, page_of
from chassis.errors import Invalid

Thing = tuple[datetime, str]
DAY = datetime(2026, 3, 2, 12, tzinfo=UTC)
THINGS: list[Thing] = [(DAY + timedelta(days=n // 2), f"t{n}") for n in range(7)]
"""Sorted; two of each day."""


def _place(thing: Thing) -> Thing:
    return thing


def _walk(things: list[Thing], limit: int, after: str | None = None) -> list[Thing]:
    read: list[Thing] = []
    while True:
        page, after = page_of(things, _place, limit=limit, after=after)
        assert len(page) <= limit
        read += page
        if after is None:
            return read


@pytest.mark.parametrize("limit", range(1, 9))
def test_the_pages_together_are_the_list(limit: int) -> None:
    assert _walk(THINGS, limit) == THINGS


def test_a_list_without_anything_has_one_page() -> None:
    assert page_of([], _place, limit=5, after=None) == ([], None)
    assert page_of([], _place, limit=5, after=cursor_of(THINGS[0])) == ([], None)


def test_what_comes_and_goes_between_two_pages_moves_nothing_else() -> None:
    first, after = page_of(THINGS, _place, limit=3, after=None)
    changed = sorted([thing for thing in THINGS if thing != first[-1]] + [(DAY, "t00"), (THINGS[6][0], "t9")])
    assert _walk(changed, 2, after) == [*THINGS[3:], (THINGS[6][0], "t9")]


@pytest.mark.parametrize(
    "after", ["x", "bnVsbA", cursor_of(["t1"]), cursor_of(["t1", DAY]), cursor_of([None, "t1"]), "é"]
)
def test_what_is_no_place_in_this_list_is_refused(after: str) -> None:
    with pytest.raises(Invalid) as refused:
        page_of(THINGS, _place, limit=3, after=after)
    assert refused.value.field == "after"
