"""What results say about a target: share correct, dependence on prompts, mastery, agreement of observers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from math import sqrt

from policy.days import day_of

HIGHEST_PROMPT = 5
Z_95 = 1.959963984540054


@dataclass(frozen=True, slots=True)
class Response:
    """One opportunity; `level` is the prompt that produced the answer, 0 none … 5 full physical."""

    correct: bool
    level: int | None = None


@dataclass(frozen=True, slots=True)
class Shares:
    """Of all opportunities; None where there was none."""

    correct: float | None
    independent: float | None
    prompt_dependence: float | None


def shares(responses: Sequence[Response], support: int) -> Shares:
    """Correct with no more help than `support`, correct alone, and the mean prompt of correct answers ÷ 5."""
    if not responses:
        return Shares(None, None, None)
    levels = [r.level for r in responses if r.correct and r.level is not None]
    dependence = sum(levels) / len(levels) / HIGHEST_PROMPT if levels else None
    return Shares(
        sum(level <= support for level in levels) / len(responses),
        sum(level == 0 for level in levels) / len(responses),
        dependence,
    )


def wilson_lower(successes: int, n: int) -> float:
    """The lower end of the 95 % interval of a share: what a few good results can carry. 0 without any."""
    if n == 0:
        return 0.0
    share, z2 = successes / n, Z_95**2
    centre = share + z2 / (2 * n)
    spread = Z_95 * sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    return (centre - spread) / (1 + z2 / n)


@dataclass(frozen=True, slots=True)
class Counted:
    """One observer's count in one session."""

    session_id: str
    at: datetime
    observer: str
    successes: int
    n: int


@dataclass(frozen=True, slots=True)
class MasteryRule:
    """The rule for trial-by-trial programmes; a changed rule is a new version."""

    version: int = 1
    share: float = 0.9
    sessions: int = 3
    least_n: int = 5
    observers: int = 2


@dataclass(frozen=True, slots=True)
class Mastery:
    """Whether the rule is met, by which sessions, and how sure the pooled share is."""

    met: bool
    rule_version: int
    sessions: tuple[str, ...]
    lower_bound: float


def mastery(counts: Iterable[Counted], rule: MasteryRule | None = None) -> Mastery:
    """A pure function of the counts, whatever order they arrived in: the last sessions in a row decide."""
    rule = rule or MasteryRule()
    ordered = sorted(counts, key=lambda c: (c.at, c.session_id, c.observer))
    sessions = [list(group) for _, group in groupby(ordered, key=lambda c: (c.at, c.session_id))]
    last = sessions[-rule.sessions :]
    pooled = [count for session in last for count in session]
    met = (
        len(last) == rule.sessions
        and all(_good(session, rule) for session in last)
        and len({count.observer for count in pooled}) >= rule.observers
    )
    lower = wilson_lower(sum(c.successes for c in pooled), sum(c.n for c in pooled))
    return Mastery(met, rule.version, tuple(session[0].session_id for session in last), lower)


def _good(session: Sequence[Counted], rule: MasteryRule) -> bool:
    n = sum(count.n for count in session)
    return n >= rule.least_n and sum(count.successes for count in session) >= rule.share * n


@dataclass(frozen=True, slots=True)
class Occasion:
    """A day on which the level was seen held: where, and with whom."""

    at: datetime
    place: str
    person: str


def held(occasions: Iterable[Occasion]) -> bool:
    """The default for social goals: 2 places, 2 people, 3 occasions, 3 weeks. A person decides."""
    seen = sorted(occasions, key=lambda o: o.at)
    return (
        len({day_of(o.at) for o in seen}) >= 3
        and len({o.place for o in seen}) >= 2
        and len({o.person for o in seen}) >= 2
        and seen[-1].at - seen[0].at >= timedelta(weeks=3)
    )


def agreement(one: Mapping[int, object], other: Mapping[int, object]) -> float | None:
    """Agreements ÷ opportunities both scored, by opportunity number; None where they share none."""
    both = one.keys() & other.keys()
    return sum(one[k] == other[k] for k in both) / len(both) if both else None
