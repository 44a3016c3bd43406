"""Effect sizes of one person's series: how far treatment observations lie beyond baseline ones."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Effect:
    """What a baseline and a treatment phase say together; None where a phase is empty."""

    n_baseline: int
    n_treatment: int
    tau: float | None
    tau_u: float | None
    nap: float | None


def dominance(a: Sequence[float], b: Sequence[float]) -> int:
    """Pairs (a, b) in which b is greater, minus pairs in which it is smaller."""
    return sum((y > x) - (y < x) for x in a for y in b)


def trend(a: Sequence[float]) -> int:
    """Kendall's S: pairs in which the later value is greater, minus pairs in which it is smaller."""
    return sum((a[j] > a[i]) - (a[j] < a[i]) for i in range(len(a)) for j in range(i + 1, len(a)))


def tau(a: Sequence[float], b: Sequence[float]) -> float:
    """Non-overlap of two phases, from −1 to 1. Raises ZeroDivisionError for an empty phase."""
    return dominance(a, b) / (len(a) * len(b))


def tau_u(a: Sequence[float], b: Sequence[float]) -> float:
    """Tau less the trend that the baseline had anyway; not bounded by ±1, so never clamp it."""
    return (dominance(a, b) - trend(a)) / (len(a) * len(b))


def nap(a: Sequence[float], b: Sequence[float]) -> float:
    """The share of pairs in which b is greater, ties counting half."""
    return (tau(a, b) + 1) / 2


def effect(
    a: Sequence[float], b: Sequence[float], *, lower_is_better: bool = False, with_trend: bool = True
) -> Effect:
    """All three figures. `with_trend=False` leaves Tau-U out, for phases that were pooled over returns."""
    sign = -1 if lower_is_better else 1
    x, y = [sign * value for value in a], [sign * value for value in b]
    if not x or not y:
        return Effect(len(x), len(y), None, None, None)
    return Effect(len(x), len(y), tau(x, y), tau_u(x, y) if with_trend else None, nap(x, y))
