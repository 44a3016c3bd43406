"""Three things for school this week: which of the goals' strategies it sees, and which wait."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest

MOST = 3
"""Nobody does more than three new things in a week beside teaching."""


@dataclass(frozen=True)
class Week:
    """What school sees, at most three, and what does not fit beside it."""

    seen: tuple[str, ...]
    waiting: tuple[str, ...]


def this_week(goals: Iterable[tuple[str, Sequence[str]]]) -> Week:
    """The strategies of goals, each with the day of its version: in turn one of each goal, the newest first."""
    newest = [lines for _, lines in sorted(goals, key=lambda goal: goal[0], reverse=True)]
    lines = [line for line in chain.from_iterable(zip_longest(*newest)) if line]
    each = tuple(dict.fromkeys(lines))
    return Week(each[:MOST], each[MOST:])
