"""The formulas against the published and computed vectors."""

import pytest

from care_plans.gas import level_of, reported, t_change, t_score, weight


@pytest.mark.parametrize(
    ("levels", "weights", "expected"),
    [
        ([-1, -1, -1], None, 36.31),
        ([-2, -2, -2], None, 22.61),
        ([1, 0, -1], [3, 2, 1], 54.41),
        ([0, 1, -1], [6, 4, 2], 52.20),
        ([-1, -1, -2], [6, 4, 2], 34.58),
        ([0, 1], [6, 6], 56.20),
        ([-1, -1], [6, 4], 37.73),
    ],
)
def test_t_follows_the_published_formula(
    levels: list[float], weights: list[float] | None, expected: float
) -> None:
    assert round(t_score(levels, weights), 2) == expected


def test_the_change_is_now_minus_baseline() -> None:
    before, now, change = t_change([-1, -1], [0, 0], [6, 4])
    assert (round(before, 2), round(now, 2), round(change, 2)) == (37.73, 50.00, 12.27)


def test_all_zero_weights_count_as_unweighted() -> None:
    assert t_score([1, 0, -1], [0, 0, 0]) == t_score([1, 0, -1])


@pytest.mark.parametrize(("levels", "weights"), [([], None), ([3], None), ([0, 1], [1])])
def test_what_is_not_a_scale_is_refused(levels: list[float], weights: list[float] | None) -> None:
    with pytest.raises(ValueError, match="level"):
        t_score(levels, weights)


def test_the_half_point_below_the_start_is_reported_as_minus_one() -> None:
    assert [reported(x) for x in (-2, -1, -0.5, 0, 1)] == [-2, -1, -1, 0, 1]


def test_a_value_stands_for_the_level_whose_range_holds_it() -> None:
    ranges = [(0, 0), (1, 1), (2, 3), (4, 4), (5, 5)]
    assert [level_of(x, ranges) for x in (0, 1, 2, 3, 4, 5, 6)] == [-2, -1, 0, 0, 1, 2, None]


def test_a_weight_nobody_gave_is_one() -> None:
    assert (weight(3, 2), weight(None, 2), weight(0, 3)) == (6.0, 1.0, 0.0)
