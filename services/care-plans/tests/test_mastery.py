"""The usual rule as evidence: places, people, days and weeks since the level is held, and nothing decided."""

from datetime import date, timedelta

import pytest

from care_plans.mastery import Evidence, Happened, Rated, evidence, held_since

FIRST = date(2026, 3, 2)


def seen(day: int, place: str = "home", person: str = "ps_a") -> Happened:
    return Happened(FIRST + timedelta(days=day), place, person)


def holds(found: Evidence) -> dict[str, bool]:
    return {part.name: part.holds for part in found.parts}


@pytest.mark.parametrize(
    ("levels", "since"),
    [((), None), ((-1, -1), None), ((-1, 0, 1), 1), ((0, 1, -1), None), ((1, -1, 0, 2), 2), ((0, 0), 0)],
)
def test_a_level_is_held_since_the_last_time_it_was_below_what_was_aimed_for(
    levels: tuple[int, ...], since: int | None
) -> None:
    ratings = [Rated(FIRST + timedelta(days=day), level) for day, level in enumerate(levels)]
    assert held_since(reversed(ratings)) == (None if since is None else FIRST + timedelta(days=since))


def test_all_four_hold_over_two_places_two_people_three_days_and_three_weeks() -> None:
    found = evidence(FIRST, [seen(0), seen(10, "school", "ps_b"), seen(21)])
    assert all(holds(found).values()) and found.places == ("home", "school")


@pytest.mark.parametrize(
    ("happened", "open_part"),
    [
        ([seen(0), seen(10, person="ps_b"), seen(21)], "places"),
        ([seen(0), seen(10, "school"), seen(21)], "people"),
        ([seen(0), seen(21, "school", "ps_b"), seen(21)], "occasions"),
        ([seen(0), seen(10, "school", "ps_b"), seen(20)], "weeks"),
    ],
)
def test_each_part_is_open_on_its_own(happened: list[Happened], open_part: str) -> None:
    found = holds(evidence(FIRST, happened))
    assert [name for name, there in found.items() if not there] == [open_part]


def test_what_was_seen_before_the_level_was_held_does_not_count() -> None:
    early = [seen(0, "school", "ps_b"), seen(1, "school", "ps_b")]
    assert evidence(FIRST + timedelta(days=2), [*early, seen(2)]).places == ("home",)
    assert [part.found for part in evidence(None, early).parts] == [0, 0, 0, 0]
