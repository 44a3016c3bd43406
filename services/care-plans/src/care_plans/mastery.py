"""The usual rule for a social goal, as evidence and nothing more: its level held in several places, over weeks."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

AIMED_FOR = 0
"""The level of the five that was aimed for."""


@dataclass(frozen=True)
class Rated:
    """A level agreed for a day."""

    on: date
    level: int


@dataclass(frozen=True)
class Happened:
    """It was seen to happen: on a day, in a place, with a person."""

    on: date
    place: str
    person: str


@dataclass(frozen=True)
class Part:
    """One part of the rule: what was found, what it usually takes, and whether that is there."""

    name: str
    found: int
    needed: int

    @property
    def holds(self) -> bool:
        """Whether there is as much as it usually takes."""
        return self.found >= self.needed


@dataclass(frozen=True)
class Evidence:
    """What speaks for ending a goal. It decides nothing: the person and their clinician do."""

    held_since: date | None
    """Since when every agreed level was the one aimed for, or above; None while the last one is below."""
    places: tuple[str, ...]
    parts: tuple[Part, ...]


def held_since(ratings: Iterable[Rated]) -> date | None:
    """Since when the level is held; None where the newest is below what was aimed for, or none was agreed."""
    since = None
    for rating in sorted(ratings, key=lambda each: each.on, reverse=True):
        if rating.level < AIMED_FOR:
            break
        since = rating.on
    return since


def evidence(since: date | None, happened: Iterable[Happened]) -> Evidence:
    """The four parts of the rule over what happened since the level is held: ≥ 2 places, with ≥ 2 people,
    on ≥ 3 days, over ≥ 3 weeks."""
    counted = [each for each in happened if since is not None and each.on >= since]
    days = {each.on for each in counted}
    weeks = (max(days) - min(days)).days // 7 if days else 0
    places = tuple(sorted({each.place for each in counted}))
    people = {each.person for each in counted}
    return Evidence(
        since,
        places,
        (
            Part("places", len(places), 2),
            Part("people", len(people), 2),
            Part("occasions", len(days), 3),
            Part("weeks", weeks, 3),
        ),
    )
