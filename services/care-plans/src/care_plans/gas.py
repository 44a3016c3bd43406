"""Goal Attainment Scaling: the T score, its change, and what a goal weighs."""

from collections.abc import Sequence
from math import sqrt

RHO = 0.3
"""The assumed correlation between goals, by convention of the method."""


def t_score(levels: Sequence[float], weights: Sequence[float] | None = None, rho: float = RHO) -> float:
    """T = 50 + 10·Σwx / √((1−ρ)Σw² + ρ(Σw)²); all-zero or absent weights count as one each.

    Raises ValueError without goals, for a level beyond −2…+2 or for weights that do not fit.
    """
    if not levels or any(not -2 <= x <= 2 for x in levels):
        raise ValueError("levels run from -2 to +2, and there is at least one")
    chosen = list(weights or [])
    if chosen and len(chosen) != len(levels):
        raise ValueError("one weight for each level")
    used = chosen if any(chosen) else [1.0] * len(levels)
    spread = (1 - rho) * sum(w * w for w in used) + rho * sum(used) ** 2
    return 50 + 10 * sum(w * x for w, x in zip(used, levels, strict=True)) / sqrt(spread)


def t_change(
    baseline: Sequence[float], now: Sequence[float], weights: Sequence[float] | None = None
) -> tuple[float, float, float]:
    """T at baseline, T now, and the difference."""
    before, after = t_score(baseline, weights), t_score(now, weights)
    return before, after, after - before


def weight(importance: int | None, difficulty: int | None) -> float:
    """Importance × difficulty, or one where either was not said."""
    return 1.0 if importance is None or difficulty is None else float(importance * difficulty)
