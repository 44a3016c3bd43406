"""The formulas against the golden vectors of the domain reference."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from sessions.measures import (
    Counted,
    Occasion,
    Response,
    agreement,
    held,
    mastery,
    shares,
    wilson_lower,
)
from sessions.single_case import effect

START = datetime(2026, 5, 4, tzinfo=UTC)
LEVELS = {"I": 0, "G": 1, "V": 2, "M": 3}


def responses(text: str) -> list[Response]:
    return [
        Response(False) if word == "NR" else Response(word.endswith("+"), LEVELS[word[0]])
        for word in text.split()
    ]


def test_shares_of_ten_opportunities_with_verbal_support() -> None:
    found = shares(responses("I+ I+ G+ V+ M+ I- NR I+ I+ G+"), support=LEVELS["V"])
    assert found.correct == pytest.approx(0.70)
    assert found.independent == pytest.approx(0.40)
    assert found.prompt_dependence == pytest.approx(0.175)


def test_no_opportunity_gives_no_share() -> None:
    assert shares([], support=2).correct is None
    assert shares(responses("NR I-"), support=2).prompt_dependence is None


@pytest.mark.parametrize(("successes", "n", "lower"), [(5, 5, 0.57), (27, 30, 0.74), (0, 0, 0.0)])
def test_wilson_lower_bound(successes: int, n: int, lower: float) -> None:
    assert wilson_lower(successes, n) == pytest.approx(lower, abs=0.005)


def counted(day: int, successes: int, n: int, observer: str = "ps_a") -> Counted:
    return Counted(f"se_{day}", START + timedelta(days=day), observer, successes, n)


def test_three_good_sessions_in_a_row_with_two_observers_are_mastery() -> None:
    good = [counted(1, 5, 5), counted(8, 9, 10, "ps_b"), counted(15, 5, 5)]
    found = mastery(good)
    assert found.met and found.sessions == ("se_1", "se_8", "se_15") and found.rule_version == 1
    assert all(mastery(order) == found for order in permutations(good))


@pytest.mark.parametrize(
    "counts",
    [
        [counted(1, 5, 5), counted(8, 5, 5, "ps_b")],
        [counted(1, 5, 5), counted(8, 5, 5), counted(15, 5, 5)],
        [counted(1, 5, 5), counted(8, 4, 5, "ps_b"), counted(15, 5, 5)],
        [counted(1, 5, 5), counted(8, 4, 4, "ps_b"), counted(15, 5, 5)],
    ],
    ids=["two sessions", "one observer", "below 90 %", "too few trials"],
)
def test_less_is_not_mastery(counts: list[Counted]) -> None:
    assert not mastery(counts).met


def test_a_social_goal_is_held_in_two_places_with_two_people_over_three_weeks() -> None:
    days = [(0, "home", "ps_a"), (10, "school", "ps_b"), (21, "home", "ps_a")]
    seen = [Occasion(START + timedelta(days=d), place, person) for d, place, person in days]
    assert held(seen)
    assert not held(seen[:2])
    assert not held([Occasion(o.at, "home", o.person) for o in seen])
    assert not held([*seen[:2], Occasion(START + timedelta(days=20), "home", "ps_a")])


def test_agreement_pairs_by_opportunity_and_is_silent_without_pairs() -> None:
    one = dict.fromkeys(range(20), True)
    other = one | {3: False, 7: False}
    assert agreement(one, other) == pytest.approx(0.90)
    assert agreement(one, {99: True}) is None


def test_tau_tau_u_and_nap_of_the_published_example() -> None:
    found = effect([20, 20, 26, 25, 22, 23], [28, 25, 24, 27, 30, 30, 29])
    assert found.tau == pytest.approx(0.833, abs=5e-4)
    assert found.tau_u == pytest.approx(0.738, abs=5e-4)
    assert found.nap == pytest.approx(0.9167, abs=5e-5)


def test_an_empty_phase_has_no_effect_size() -> None:
    assert effect([1.0, 2.0], []).tau is None
