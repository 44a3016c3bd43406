"""Whether five levels measure one thing, without a gap between them or a value that fits two."""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

_NUMBERS = {
    "none": 0, "no": 0, "one": 1, "once": 1, "two": 2, "twice": 2, "three": 3, "four": 4, "five": 5, "six": 6,
    "seven": 7, "eight": 8, "nine": 9, "ten": 10,
}  # fmt: skip
_BETWEEN = frozenset(
    {"or", "to", "and", "more", "less", "fewer", "most", "least", "at", "up", "a", "the", "%"}
)
_TIMES = {"once": "time", "twice": "time"}


def two_variables(levels: Sequence[str], dimensions: Iterable[Mapping[str, Any]]) -> tuple[str, str] | None:
    """The names of two things that change from level to level, or None where at most one does.

    A thing changes when numbers with its unit differ between levels ("2 times with 1 prompt"), or when the
    levels use different words of one of the given dimensions ("with help", "alone").
    """
    changing = [unit for unit, values in _counted(levels).items() if len(values) > 1]
    changing += [str(d["name"]) for d in dimensions if len(_used(levels, d["match"])) > 1]
    return (changing[0], changing[1]) if len(changing) > 1 else None


def overlap_or_gap(
    ranges: Sequence[tuple[float, float]], low: float | None, high: float | None
) -> tuple[float | None, float | None]:
    """The first value that fits no level, and the first that fits two; whole-number scales step by one."""
    ordered = sorted(ranges)
    step = 1.0 if all(float(edge).is_integer() for pair in ordered for edge in pair) else 0.0
    gap = low if low is not None and low < ordered[0][0] else None
    overlap: float | None = None
    for before, after in pairwise(ordered):
        if after[0] <= before[1] and overlap is None:
            overlap = after[0]
        if after[0] > before[1] + step and gap is None:
            gap = before[1] + step if step else (before[1] + after[0]) / 2
    if gap is None and high is not None and high > ordered[-1][1]:
        gap = high
    return gap, overlap


def _counted(levels: Sequence[str]) -> dict[str, set[tuple[float, ...]]]:
    """For each unit of count, the different numbers it stands with, level by level."""
    found: dict[str, set[tuple[float, ...]]] = {}
    for level in levels:
        here: dict[str, list[float]] = {}
        for unit, value in _pairs(re.findall(r"\d+(?:\.\d+)?|%|[^\W\d_]+|\S", level.lower())):
            here.setdefault(unit, []).append(value)
        for unit, values in here.items():
            found.setdefault(unit, set()).add(tuple(values))
    return found


def _pairs(tokens: list[str]) -> Iterable[tuple[str, float]]:
    for index, token in enumerate(tokens):
        value = float(token) if token[0].isdecimal() else _NUMBERS.get(token)
        if value is None:
            continue
        unit = _TIMES.get(token) or _unit(tokens[index + 1 :])
        if unit:
            yield unit, float(value)


def _unit(following: list[str]) -> str | None:
    for token in following:
        if token in _BETWEEN or token in _NUMBERS or token[0].isdigit() or token in "-–—":
            continue
        if token == "of" or not token.isalpha():
            return None
        return token.removesuffix("s")
    return None


def _used(levels: Sequence[str], phrases: Sequence[str]) -> set[frozenset[str]]:
    """The different sets of phrases that the levels use, without the levels that use none."""
    used = (
        frozenset(p for p in phrases if re.search(rf"(?<!\w){re.escape(p)}(?!\w)", level, re.IGNORECASE))
        for level in levels
    )
    return {phrases_here for phrases_here in used if phrases_here}
