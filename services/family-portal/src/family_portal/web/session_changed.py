"""Somebody else wrote about the session meanwhile: what was typed stays, and beside it what is kept now."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from family_portal.web.forms import Typed
from family_portal.web.models import (
    ATTENDANCES,
    AfterPage,
    FieldError,
    Form,
    Meanwhile,
    SignedPage,
    TrialGoal,
)
from family_portal.web.session_record import after_values
from family_portal.web.session_results import MOST_LINES, PARTS, Trials, as_typed, result_lines, stems_of
from family_portal.web.staff_plan_changed import told

_CAME = {"attendance": "Who came", "minutes": "Minutes"}
_SUMMARY = {"summary": "What you did", "try_at_home": "To try at home"}


def beside_what_is_kept(page: AfterPage, form: Form, found: dict[str, Any]) -> AfterPage:
    """The page after a session as it was typed, with what is kept now where that differs.

    It can be saved from here: it has seen the version that was found.
    """
    labels = {**_CAME, **_SUMMARY, **_school(page.school_name)}
    results = (each for goal in page.trials for each in _results(goal, form, found["trials"]))
    there = (*_fields(form, found, labels), *results)
    return replace(page, form=_has_seen(page.form, found, there), meanwhile=there)


def beside_what_the_family_reads(page: SignedPage, form: Form, found: dict[str, Any]) -> SignedPage:
    """The same for a signed session, whose summary alone can still be corrected."""
    there = tuple(_fields(form, found, {**_SUMMARY, **_school(page.school_name)}))
    return replace(page, summary=_has_seen(page.summary, found, there), meanwhile=there)


def without_a_place(page: SignedPage, form: Form, found: dict[str, Any]) -> tuple[str, ...]:
    """Who came and what was counted, as it was typed and is not kept: a signed session has no box for them."""
    typed, kept = Typed(form.values, "", None), Typed(after_values(found), "", None)
    came = [
        f"{label}: {_shown(name, said)}"
        for name, label in _CAME.items()
        if (said := typed.text(name)) and not _alike(said, kept.text(name) or "")
    ]
    counted = [line for goal in page.results for line in _counted(goal, form, found["trials"])]
    return (*came, *counted)


def _counted(goal: TrialGoal, form: Form, stored: Trials) -> Iterator[str]:
    typed, kept = Typed(form.values, form.command_id, None), {str(trial["id"]): trial for trial in stored}
    for stem in stems_of(goal.goal_id, form):
        now = kept.get(form.value(f"{stem}-id") or typed.made_id(stem))
        value, out_of, label, phase = (typed.text(f"{stem}-{part}") for part in PARTS)
        if now and value is None and form.value(f"{stem}-id"):
            yield f"{_called(goal)}, taken out: {_said(now)}"
        if value and (now is None or _differs(typed, stem, now)):
            said = f"{value} of {out_of}" if out_of else value
            yield f"{_called(goal)}: {', '.join(filter(None, (said, label, phase)))}"


def _called(goal: TrialGoal) -> str:
    """The goal's sentence, for more to be said after it."""
    return goal.title.rstrip(".")


def _has_seen(form: Form, found: dict[str, Any], there: tuple[Meanwhile, ...]) -> Form:
    errors = (FieldError("meanwhile" if there else "", told("this session")),)
    return replace(form, errors=errors, version=found.get("version"))


def _school(name: str) -> dict[str, str]:
    return {"release_to_school": f"{name} may read it too"} if name else {}


def _fields(form: Form, found: dict[str, Any], labels: Mapping[str, str]) -> Iterator[Meanwhile]:
    said, kept = Typed(form.values, "", None), Typed(after_values(found), "", None)
    for name, label in labels.items():
        if said.text(name) != kept.text(name):
            yield Meanwhile(name, label, _shown(name, kept.text(name) or ""))


def _shown(name: str, kept: str) -> str:
    if name == "attendance":
        return next((choice.text for choice in ATTENDANCES if choice.value == kept), "")
    if name == "release_to_school":
        return "Yes" if kept else "No"
    return kept


def _results(goal: TrialGoal, form: Form, stored: Trials) -> Iterator[Meanwhile]:
    """Results of a goal that were corrected, taken back or added since the form was drawn."""
    mine = [trial for trial in stored if trial["goal_id"] == goal.goal_id]
    kept = {str(trial["id"]): trial for trial in mine}
    typed = Typed(form.values, form.command_id, None)
    in_form = set()
    for n in range(goal.rows):
        stem = f"trial-{goal.goal_id}-{n}"
        known = form.value(f"{stem}-id")
        trial_id = known or typed.made_id(stem)
        in_form.add(trial_id)
        now = kept.get(trial_id)
        gone = known and now is None and typed.text(f"{stem}-value")
        if gone or (now and _differs(typed, stem, now)):
            yield Meanwhile(f"{stem}-value", f"{_called(goal)}, result {n + 1}", _said(now))
    for trial in mine[-MOST_LINES:]:
        if str(trial["id"]) not in in_form:
            yield Meanwhile(
                f"trial-{goal.goal_id}-0-value", f"{_called(goal)}, one more that stays", _said(trial)
            )


def _differs(typed: Typed, stem: str, now: Mapping[str, Any]) -> bool:
    return any(
        not _alike(typed.text(f"{stem}-{part}") or "", "" if now.get(part) is None else as_typed(now[part]))
        for part in PARTS
        if f"{stem}-{part}" in typed.values
    )


def _alike(typed: str, kept: str) -> bool:
    """Whether both say the same: "6,5" and "6.50" are one number."""
    if typed == kept:
        return True
    try:
        return float(typed.replace(",", ".")) == float(kept)
    except ValueError:
        return False


def _said(trial: Mapping[str, Any] | None) -> str:
    return ", ".join(f"{line.text} {line.soft}".strip() for line in result_lines([trial] if trial else []))
