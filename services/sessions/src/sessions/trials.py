"""Results recorded in a session, and which class of the record each belongs to."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from contracts.classes import DataClass

_SHARES = frozenset({"out_of", "out_of_n", "minutes_in_window", "trial_by_trial"})
"""Kinds of measure whose results may say themselves what they are out of."""
_OWN_ENDS = {"rubric_0_4": 4.0, "percent_of_days": 100.0}
"""Kinds of measure that end where their name says."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Between which numbers a goal's results lie; `high` is None where there is no most."""

    kind: str
    low: float = 0
    high: float | None = None

    @property
    def words(self) -> str:
        """The range as people say it."""
        return f"from {self.low:g} to {self.high:g}" if self.high is not None else f"from {self.low:g} up"

    def holds(self, value: float) -> bool:
        """Whether there can be such a result."""
        return self.low <= value and (self.high is None or value <= self.high)


def scale_of(measure: Mapping[str, str]) -> Scale | None:
    """The scale of a goal's measure as care-plans tells it; None where nobody has said how it is measured."""
    kind = measure.get("kind")
    if not kind:
        return None
    high = float(measure["max"]) if "max" in measure else _OWN_ENDS.get(kind)
    return Scale(kind, float(measure.get("min", 0)), high)


@dataclass(frozen=True, slots=True)
class KnownGoal:
    """What this service knows of a goal: that it exists, whether it is private, how its results are measured."""

    goal_id: str
    private: bool = False
    ended: bool = False
    scale: Scale | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """One result for one goal; `out_of`, `unit`, `phase` and `label` say what the value means.

    One with a unit of its own is not counted as the goal is, but on a scale of its own.
    """

    trial_id: str
    goal_id: str
    value: float
    happened_at: datetime
    out_of: float | None = None
    unit: str | None = None
    phase: str | None = None
    label: str | None = None
    prompt_level: int | None = None
    outcome: str | None = None


@dataclass(frozen=True, slots=True)
class Placed:
    """A result with its place: the class it is sealed under, and who besides the team may see the item."""

    trial: Trial
    data_class: DataClass
    parties: tuple[str, ...]


class TrialError(Exception):
    """A result cannot be recorded; `field` names where in the request."""

    def __init__(self, detail: str, field: str, fix: str) -> None:
        super().__init__(detail)
        self.detail, self.field, self.fix = detail, field, fix


def unknown_goals(trials: Iterable[Trial], goals: Mapping[str, KnownGoal]) -> list[str]:
    """Goals of these results that nobody has told this service about."""
    return sorted({trial.goal_id for trial in trials} - goals.keys())


def placed(
    trials: Sequence[Trial], goals: Mapping[str, KnownGoal], kept: Collection[Trial] = ()
) -> list[Placed]:
    """Where each result belongs: those of a private goal stay with client and team. Raises TrialError.

    What is `kept` just so may be said again, though its goal is measured otherwise by now.
    """
    seen: set[str] = set()
    found = []
    for place, trial in enumerate(trials):
        _check(trial, place, goals, seen)
        if trial not in kept:
            _check_value(trial, f"trials.{place}.value", goals[trial.goal_id].scale)
        seen.add(trial.trial_id)
        private = goals[trial.goal_id].private
        found.append(Placed(trial, DataClass.PLAN_PRIVATE if private else DataClass.MEASURE, ("client",)))
    return found


def _check(trial: Trial, place: int, goals: Mapping[str, KnownGoal], seen: set[str]) -> None:
    goal = goals.get(trial.goal_id)
    if goal is None or goal.ended:
        raise TrialError(
            "This goal takes no results.",
            f"trials.{place}.goal_id",
            "Use a goal of the client's active plan.",
        )
    if trial.trial_id in seen:
        raise TrialError(
            "Two results have the same id.", f"trials.{place}.id", "Give each result an id of its own."
        )


def _check_value(trial: Trial, field: str, scale: Scale | None) -> None:
    if trial.out_of is not None and not 0 <= trial.value <= trial.out_of:
        raise TrialError(
            f"There is no {trial.value:g} of {trial.out_of:g}.",
            field,
            f"Write a number from 0 to {trial.out_of:g}, or correct what it is out of.",
        )
    says_itself = trial.unit or (trial.out_of is not None and scale and scale.kind in _SHARES)
    if scale is not None and not says_itself and not scale.holds(trial.value):
        raise TrialError(
            f"A result of this goal lies {scale.words}, and this is {trial.value:g}.",
            field,
            f"Write a number {scale.words}.",
        )
