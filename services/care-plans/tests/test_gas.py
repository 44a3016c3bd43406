"""The formulas against the published and computed vectors."""

import pytest

from care_plans.gas import t_change, t_score, weight


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


def test_a_weight_nobody_gave_is_one() -> None:
    assert (weight(3, 2), weight(None, 2), weight(0, 3)) == (6.0, 1.0, 0.0)
