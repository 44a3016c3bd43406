"""Results as they stand in the form after a session, and as the sessions service keeps them.

A result that is kept stands in the form with its id: what is written over it corrects it, an emptied line takes it
back. A line without an id is a new result, whose id the same form gives it again however often it is sent.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chassis.errors import Invalid
from family_portal.views.opened import Entry
from family_portal.web.forms import Typed
from family_portal.web.models import Form, TrialGoal, TrialLine

PARTS = ("value", "out_of", "label", "phase")
SHARES = frozenset({"out_of", "out_of_n", "minutes_in_window", "trial_by_trial"})
"""Kinds of measure of which a result says what it is out of."""
BLANK = 3
"""Empty lines for new results of each goal."""
MOST_LINES = 10
"""Results of a goal that can be corrected on the page, the newest; older ones are listed."""
_LINE = re.compile(r"trial-([a-z0-9][a-z0-9_-]*)-(\d{1,4})-value")
Trials = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class TypedResult:
    """One line of the form: where it stands, and the result to keep, or the id of the one to take back."""

    stem: str
    trial: dict[str, Any] | None = None
    removed: str = ""


def typed_results(form: Typed, stored: Trials = ()) -> list[TypedResult]:
    """What the lines of a form say. Raises Invalid for a result that cannot be."""
    kept = {str(trial["id"]): trial for trial in stored}
    lines = (
        (f"trial-{match[1]}-{match[2]}", match[1]) for name in form.values if (match := _LINE.fullmatch(name))
    )
    found = (_typed(form, stem, goal_id, kept) for stem, goal_id in lines)
    return [result for result in found if result is not None]


def stems_of(goal_id: str, form: Form) -> list[str]:
    """Where the lines of a goal's results stand in a form, from top to bottom."""
    lines = (match for name in form.values if (match := _LINE.fullmatch(name)) and match[1] == goal_id)
    return [f"trial-{goal_id}-{n}" for n in sorted(int(match[2]) for match in lines)]


def check_no_results(form: Typed) -> None:
    """Raises Invalid where results stand in the form of a session that did not take place."""
    for name in form.values:
        if _LINE.fullmatch(name) and form.text(name):
            raise Invalid(
                "Only a session that took place has results.",
                field=name,
                fix="Take them out, or choose who was there.",
            )


def result_fields(results: Iterable[TypedResult]) -> dict[str, str]:
    """Where in the form each field of the results stands that the sessions service may name."""
    kept = [result.stem for result in results if result.trial is not None]
    named = {f"trials.{n}.{part}": f"{stem}-{part}" for n, stem in enumerate(kept) for part in PARTS}
    other = {
        f"trials.{n}.{part}": f"{stem}-value" for n, stem in enumerate(kept) for part in ("goal_id", "id")
    }
    return {**named, **other}


def _typed(form: Typed, stem: str, goal_id: str, kept: Mapping[str, Mapping[str, Any]]) -> TypedResult | None:
    known = form.text(f"{stem}-id")
    if form.text(f"{stem}-value") is None:
        if form.text(f"{stem}-label") and not known:
            raise Invalid(
                "There is no result on this line.",
                field=f"{stem}-value",
                fix="Write a number, or empty the line.",
            )
        return TypedResult(stem, removed=known) if known else None
    made = form.made_id(stem)
    before = kept.get(known, {}) if known and known != made else {}
    trial: dict[str, Any] = {
        name: said for name, said in before.items() if said is not None and name != "private"
    }
    trial |= {"id": known or made, "goal_id": goal_id, "value": _number(form, f"{stem}-value")}
    for part in PARTS[1:]:
        if f"{stem}-{part}" in form.values:
            trial.pop(part, None)
        if form.text(f"{stem}-{part}"):
            trial[part] = _number(form, f"{stem}-out_of") if part == "out_of" else form.text(f"{stem}-{part}")
    return TypedResult(stem, trial)


def _number(form: Typed, name: str) -> float:
    try:
        number = float((form.text(name) or "").replace(",", "."))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise Invalid("This is not a number.", field=name, fix="Write a number, for example 6 or 6.5.")
    return number


def result_values(goals: Iterable[Entry], stored: Trials) -> dict[str, str]:
    """What the lines of the form hold of a session's results, and what new ones are out of unless one says else."""
    values: dict[str, str] = {}
    for goal in goals:
        lines = _correctable(goal, stored)
        for n, trial in enumerate(lines):
            stem = f"trial-{goal.record_id}-{n}"
            values[f"{stem}-id"] = str(trial["id"])
            values |= {
                f"{stem}-{part}": as_typed(trial[part]) for part in PARTS if trial.get(part) is not None
            }
        for n in range(len(lines), len(lines) + BLANK):
            values[f"trial-{goal.record_id}-{n}-out_of"] = _whole(goal)
    return values


def trial_goal(goal: Entry, stored: Trials, form: Form) -> TrialGoal:
    """One goal of the form, with as many lines as stand in it."""
    measure = goal.body.get("measure") or {}
    mine = [trial for trial in stored if trial["goal_id"] == goal.record_id]
    stem = re.compile(rf"trial-{re.escape(goal.record_id)}-(\d{{1,4}})-")
    lines = {int(match[1]) for name in form.values if (match := stem.match(name))}
    return TrialGoal(
        goal_id=goal.record_id,
        title=goal.body["statement"],
        measure=_measured(measure),
        out_of=measure.get("kind") in SHARES,
        rows=max(lines, default=BLANK - 1) + 1,
        correctable=any(form.value(f"trial-{goal.record_id}-{n}-id") for n in lines),
        recorded=result_lines(mine[:-MOST_LINES]),
    )


def result_lines(trials: Trials) -> tuple[TrialLine, ...]:
    """Results as they are read."""
    return tuple(TrialLine(_said(trial), trial.get("label") or "") for trial in trials)


def _correctable(goal: Entry, stored: Trials) -> Trials:
    return [trial for trial in stored if trial["goal_id"] == goal.record_id][-MOST_LINES:]


def _whole(goal: Entry) -> str:
    measure = goal.body.get("measure") or {}
    return str(measure.get("max") or "") if measure.get("kind") in SHARES else ""


def as_typed(said: Any) -> str:
    """Part of a result as it stands in its input."""
    return f"{said:.15g}" if isinstance(said, float) else str(said)


def _measured(measure: Mapping[str, Any]) -> str:
    said = ": ".join(str(measure[k]).replace("_", " ") for k in ("kind", "from") if measure.get(k))
    ends = f", {measure.get('min') or 0} to {measure['max']}" if measure.get("max") else ""
    return f"{said[:1].upper()}{said[1:]}{ends}"


def _said(trial: Mapping[str, Any]) -> str:
    value = f"{trial['value']:g}"
    return (
        f"{value} of {trial['out_of']:g}"
        if trial.get("out_of")
        else f"{value} {trial.get('unit') or ''}".strip()
    )
