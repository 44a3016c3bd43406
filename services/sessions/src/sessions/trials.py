"""Results recorded in a session, and which class of the record each belongs to."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from contracts.classes import DataClass


@dataclass(frozen=True, slots=True)
class KnownGoal:
    """What this service knows of a goal: that it exists, and whether it is private to client and team."""

    goal_id: str
    private: bool = False
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Trial:
    """One result for one goal; `out_of`, `unit`, `phase` and `label` say what the value means."""

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


def placed(trials: Sequence[Trial], goals: Mapping[str, KnownGoal]) -> list[Placed]:
    """Where each result belongs: those of a private goal stay with client and team. Raises TrialError."""
    seen: set[str] = set()
    found = []
    for place, trial in enumerate(trials):
        _check(trial, place, goals, seen)
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
    if trial.out_of is not None and not 0 <= trial.value <= trial.out_of:
        raise TrialError(
            "The value is not between 0 and out_of.", f"trials.{place}.value", "Correct the value or out_of."
        )
