"""One or many, said as people say it: names joined into a sentence, a number with its word, a verb that agrees."""

import re
from collections.abc import Iterable


def joined(names: Iterable[str]) -> str:
    """Names in a sentence: A; A and B; A, B and C. Nothing for none."""
    *first, last = [*names] or [""]
    return f"{', '.join(first)} and {last}" if first else last


def counted(number: int, one: str, many: str = "") -> str:
    """A number with its word: 1 minute, 2 minutes, 2 people."""
    return f"{number} {one if number == 1 else many or f'{one}s'}"


def to_you(text: str) -> str:
    """What is said of somebody, said to them: their part, your part."""
    return re.sub(r"\btheir\b", "your", text)


def agreeing(names: Iterable[str], one: str, many: str) -> str:
    """Names with a verb that agrees: Dana sees, Dana and Yusuf see, you see."""
    called = [*names]
    alone = len(called) == 1 and called[0].lower() != "you"
    return f"{joined(called)} {one if alone else many}"
