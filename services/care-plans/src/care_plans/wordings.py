"""What a goal says, in four wordings, and the sealed sections each reader gets of it."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from contracts.care_plans import Achievement, GoalTeam, GoalWording, Use
from contracts.classes import DataClass
from contracts.event import Section
from contracts.ids import Id

LEVELS = 5

Sections = dict[DataClass, Section]
Audience = Literal["guardians", "school", "network"]
Number = Annotated[float, Field(strict=True)]
Whole = Annotated[int, Field(strict=True)]


class _Words(BaseModel):
    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        str_strip_whitespace=True,
        str_max_length=4000,
        populate_by_name=True,
        allow_inf_nan=False,
    )


class OwnWords(_Words):
    """The goal as the client would say it, and what they said."""

    statement: str | None = Field(None, max_length=2000)
    client_words: str | None = Field(None, max_length=2000)


class Measure(_Words):
    """Who rates from what; `ranges` lets a numeric scale be checked for gaps and overlaps."""

    kind: Id
    min: Number | None = None
    max: Number | None = None
    window: Number | None = None
    rater: str | None = Field(None, max_length=200)
    basis: str | None = Field(None, alias="from", max_length=500)
    also: tuple[str, ...] = Field((), max_length=10)
    adult_measure: str | None = Field(None, max_length=500)
    ranges: tuple[tuple[Number, Number], ...] | None = Field(None, max_length=5)


class Assent(_Words):
    """How the client was asked, in which way of communicating, and what came back."""

    state: Literal["not_asked", "agreed", "unsure", "refused"] = "not_asked"
    how: str | None = Field(None, max_length=1000)
    way: str | None = Field(None, max_length=500)
    came_back: str | None = Field(None, max_length=2000)


class Rationale(_Words):
    """Why a goal that may ask somebody to mask is nevertheless theirs; all five lines are needed."""

    who_asked: str = Field(min_length=1, max_length=1000)
    client_words: str = Field(min_length=1, max_length=2000)
    need_behind: str = Field(min_length=1, max_length=2000)
    others_first: str = Field(min_length=1, max_length=2000)
    way_out: str = Field(min_length=1, max_length=2000)


class Masking(_Words):
    """The author's own flag, and the rationale that a flag or a rule asks for."""

    flagged: Annotated[bool, Field(strict=True)] = False
    rule: Id | None = None
    rationale: Rationale | None = None


class GoalWords(_Words):
    """Everything that is written in a goal. A half-written one is allowed: lint says what is missing."""

    team: str = Field("", max_length=4000)
    plain: str | None = Field(None, max_length=4000)
    school: str | None = Field(None, max_length=4000)
    own: OwnWords = OwnWords()
    levels: tuple[str, ...] = Field((), max_length=5)
    baseline_level: Whole | None = Field(None, ge=-2, le=2)
    measure: Measure | None = None
    others_will: tuple[str, ...] = Field((), max_length=20)
    asked_for_by: tuple[str, ...] = Field((), max_length=20)
    assent: Assent = Assent()
    settings: tuple[str, ...] = Field((), max_length=20)
    importance: Whole | None = Field(None, ge=0, le=3)
    difficulty: Whole | None = Field(None, ge=0, le=3)
    audience: tuple[Audience, ...] = Field((), max_length=3)
    private: Annotated[bool, Field(strict=True)] = False
    stop_if: str | None = Field(None, max_length=2000)
    school_link: str | None = Field(None, max_length=500)
    strategies: tuple[str, ...] = Field((), max_length=20)
    masking: Masking = Masking()

    def visible(self) -> tuple[object, ...]:
        """All that anyone outside the team can see; the goal's version moves when this does."""
        plain = self.plain if {"guardians", "network"} & set(self.audience) else None
        school = (self.school, self.strategies, self.school_link) if "school" in self.audience else None
        shown = (self.levels, self.baseline_level, self.others_will, self.stop_if)
        return (self.private, sorted(set(self.audience)), plain, school, self.own, shown)

    def empty(self) -> bool:
        """True where nothing is written: who may read it and where it is worked on are no goal yet."""
        return self.model_copy(update={"audience": (), "private": False, "settings": ()}) == GoalWords()

    def linted(self) -> tuple[object, ...]:
        """What a second reader of the rationale has read; another text needs another reading."""
        return (self.team, self.plain, self.school, self.own, self.levels, self.masking)


class Ending(_Words):
    """How a goal ended: what was decided, how far it came, and what the person said when they were asked."""

    decision: Literal["completed", "cancelled"]
    use: Use | None = None
    """What became of a completed goal; one that was not carried on has none."""
    achievement: Achievement
    asked: Assent = Assent()
    on: date


class Standing(_Words):
    """The level agreed last, and since when; and its end, where it has come."""

    level: int | None = None
    since: date | None = None
    ending: Ending | None = None


def parties(words: GoalWords, *, client_reads: bool) -> tuple[str, ...]:
    """Party labels of a goal: its audience and the client with an account; a private goal has only theirs."""
    if words.private:
        return ("client",)
    asked = tuple(p for p in ("guardians", "school", "network") if p in words.audience)
    return (*asked, "client") if client_reads else asked


def sections(words: GoalWords, standing: Standing) -> Sections:
    """The open sections of a goal, class by class; a private goal has one section and no other."""
    return {data_class: section(data_class, words, standing) for data_class in classes(words)}


def section(data_class: DataClass, words: GoalWords, standing: Standing) -> Section:
    """The goal as the readers of one class get it."""
    school = data_class is DataClass.PLAN_SCHOOL
    statement = {
        DataClass.PLAN_PLAIN: words.plain,
        DataClass.PLAN_SCHOOL: words.school,
        DataClass.PLAN_OWN: words.own.statement or words.own.client_words,
    }.get(data_class)
    return _wording(words, standing, statement, school=school) if statement else _team(words, standing)


def classes(words: GoalWords) -> tuple[DataClass, ...]:
    """The data classes in which a goal of these words is published."""
    if words.private:
        return (DataClass.PLAN_PRIVATE,)
    wanted = {
        DataClass.PLAN_TEAM: True,
        DataClass.PLAN_PLAIN: bool(words.plain and {"guardians", "network"} & set(words.audience)),
        DataClass.PLAN_SCHOOL: bool(words.school and "school" in words.audience),
        DataClass.PLAN_OWN: bool(words.own.statement or words.own.client_words),
    }
    return tuple(data_class for data_class, here in wanted.items() if here)


def _team(words: GoalWords, standing: Standing) -> GoalTeam:
    # A draft is shown to those who write it before it has all it needs; only whole goals are told to others.
    make = GoalTeam if len(words.levels) == LEVELS else GoalTeam.model_construct
    ending = standing.ending
    return make(
        statement=words.team,
        own=words.own.statement,
        client_words=words.own.client_words,
        levels=list(words.levels),
        baseline_level=words.baseline_level,
        level=standing.level,
        level_since=standing.since,
        measure=_measure(words.measure),
        others_will=list(words.others_will),
        asked_for_by=list(words.asked_for_by),
        assent=_said(words.assent),
        stop_if=words.stop_if,
        school_link=words.school_link,
        # A private goal has this one section, which the person reads as well.
        achievement=ending.achievement if ending and not words.private else None,
        ending=_said(ending.asked) if ending else {},
        **_end(standing),
    )


def _wording(words: GoalWords, standing: Standing, statement: str, *, school: bool) -> GoalWording:
    return GoalWording(
        statement=statement,
        client_words=words.own.client_words,
        levels=list(words.levels),
        baseline_level=words.baseline_level,
        level=standing.level,
        level_since=standing.since,
        others_will=list(words.others_will),
        strategies=list(words.strategies) if school else [],
        school_link=words.school_link if school else None,
        stop_if=None if school else words.stop_if,
        **_end(standing),
    )


def _end(standing: Standing) -> dict[str, Any]:
    """What all readers of a goal have of its end."""
    return {"ended_on": standing.ending.on, "use": standing.ending.use} if standing.ending else {}


def _said(asked: Assent) -> dict[str, str]:
    return {name: value for name, value in asked.model_dump().items() if value}


def _measure(measure: Measure | None) -> dict[str, str]:
    if measure is None:
        return {}
    told = measure.model_dump(by_alias=True, exclude_none=True, exclude={"ranges", "also"})
    lines = {name: f"{value:g}" if isinstance(value, float) else str(value) for name, value in told.items()}
    if measure.ranges:
        lines["ranges"] = " ".join(f"{low:g}–{high:g}" for low, high in measure.ranges)
    return lines
