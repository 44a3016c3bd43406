"""What is known of one goal before it is drawn: levels agreed, what happened where, results, versions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

Setting = Literal["home", "school", "session"]
SETTINGS: tuple[tuple[Setting, str], ...] = (("home", "Home"), ("school", "School"), ("session", "Session"))
LEVEL_NAMES = ("less", "a start", "aimed for", "more", "a lot more")
"""What the five levels are called where their own words do not fit, lowest first."""


@dataclass(frozen=True, slots=True)
class Level:
    """A level agreed for a day, −2 to 2."""

    on: date
    level: int
    source: str = ""
    """Seen where, by whom."""


@dataclass(frozen=True, slots=True)
class Happening:
    """Something noted in one setting: whether it happened, where, and what the table says of it."""

    at: datetime
    setting: Setting
    happened: bool | None
    """None: nothing was tried, so that it neither happened nor failed."""
    said: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """A session result with a value; a change of `phase` draws a dotted line."""

    at: datetime
    value: float
    out_of: float | None = None
    unit: str = ""
    label: str = ""
    phase: str = ""


@dataclass(frozen=True, slots=True)
class Version:
    """A day on which the goal became a new version."""

    on: date
    number: int


@dataclass(frozen=True, slots=True)
class GoalPoints:
    """Everything known of one goal, in any order."""

    goal_id: str
    title: str
    level_texts: Sequence[str]
    """Five, lowest first."""
    levels: Sequence[Level] = ()
    happenings: Sequence[Happening] = ()
    results: Sequence[Result] = ()
    versions: Sequence[Version] = ()
    most: float | None = None
    """What the goal's own measure ends at; results that say it themselves do not need it."""
    newest: int | None = None
    """How many of the newest were read where there are more; None when nothing was left out."""
