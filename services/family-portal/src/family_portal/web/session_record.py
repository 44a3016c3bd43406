"""Between the page after a session and what the sessions service takes."""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from chassis.errors import Invalid
from contracts.access import ConsentState
from contracts.classes import DataClass
from family_portal.portal import Portal
from family_portal.views.reader import Entry, Reach
from family_portal.web.forms import Typed
from family_portal.web.goals import active, sort_entries
from family_portal.web.heads import base_of, clock, head, slug
from family_portal.web.models import AfterPage, Form, TrialGoal, TrialLine
from family_portal.web.session_rows import notes_part
from family_portal.web.visitor import Visitor

AFTER_FIELDS: Mapping[str, str] = {
    "attendance.status": "attendance", "attendance.minutes": "minutes", "summary.text": "summary",
    "summary.try_at_home": "try_at_home", "text": "note", "note_class": "note_class", "state": "attendance",
}  # fmt: skip
MISSED = frozenset({"no_show", "cancelled"})
"""Answers to who came that say what became of the whole session: it has no attendance and no results."""
LONGEST_MINUTES = 1440
_TRIAL = re.compile(r"trial-([a-z0-9][a-z0-9_-]*)-(\d+)-value")


def session_path(reach: Reach) -> str:
    """The client's sessions at the sessions service."""
    return f"/tenants/{reach.caller.tenant_id}/clients/{reach.client_id}/sessions"


def record_body(form: Typed) -> dict[str, Any]:
    """What was typed, as the sessions service takes it. Raises Invalid for a result that cannot be."""
    came = form.text("attendance")
    body: dict[str, Any] = {
        "state": came if came in MISSED else "held",
        "release_to_school": form.text("release_to_school") == "yes",
    }
    if came in MISSED:
        _check_no_results(form)
    else:
        body["trials"] = [trial for name in form.values if (trial := _trial(form, name))]
        if came:
            body["attendance"] = {"status": came, "minutes": minutes_of(form)}
    if summary := _summary(form):
        body["summary"] = summary
    return body


def _summary(form: Typed) -> dict[str, str]:
    said = {"text": form.text("summary"), "try_at_home": form.text("try_at_home")}
    if said["try_at_home"] and not said["text"]:
        raise Invalid(
            "What to try at home goes along with what you did.", field="summary", fix="Write that, too."
        )
    return {name: words for name, words in said.items() if words}


def minutes_of(form: Typed) -> int | None:
    """How long it is or was; None where nobody said. Raises Invalid for what is longer than a day, or nothing."""
    minutes = form.number("minutes")
    if minutes is not None and not 0 < minutes <= LONGEST_MINUTES:
        raise Invalid(
            "This is no length of a session.", field="minutes", fix="Write minutes, for example 40."
        )
    return minutes


def _check_no_results(form: Typed) -> None:
    for name in form.values:
        if _TRIAL.fullmatch(name) and form.text(name):
            raise Invalid(
                "Only a session that took place has results.",
                field=name,
                fix="Take them out, or choose who was there.",
            )


def _trial(form: Typed, name: str) -> dict[str, Any] | None:
    match = _TRIAL.fullmatch(name)
    if match is None or form.text(name) is None:
        return None
    goal_id, row = match.groups()
    stem = f"trial-{goal_id}-{row}"
    trial: dict[str, Any] = {"goal_id": goal_id, "value": _number(form, f"{stem}-value")}
    if form.text(f"{stem}-out_of"):
        trial["out_of"] = _number(form, f"{stem}-out_of")
    trial |= {word: form.text(f"{stem}-{word}") for word in ("label", "phase") if form.text(f"{stem}-{word}")}
    trial["id"] = form.made_id(row, sorted(trial.items()))
    return trial


def _number(form: Typed, name: str) -> float:
    try:
        number = float((form.text(name) or "").replace(",", "."))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise Invalid("This is not a number.", field=name, fix="Write a number, for example 6 or 6.5.")
    return number


async def after_page(
    portal: Portal,
    visitor: Visitor,
    reach: Reach,
    session_id: str,
    form: Form | None,
    *,
    saved: str = "",
    typed_ids: frozenset[str] = frozenset(),
) -> AfterPage:
    """The page after a session, with what is already written down.

    `typed_ids`: results that are kept and still stand in the form; they are not listed a second time.
    """
    found = await visitor.upstream.get("sessions", f"{session_path(reach)}/{session_id}")
    goals = sort_entries(
        await portal.reader.parts(reach, (DataClass.PLAN_TEAM, DataClass.PLAN_PRIVATE))
    ).goals
    listed = [trial for trial in found["trials"] if trial["id"] not in typed_ids]
    action = f"/staff/sessions/{session_id}/after?client={slug(reach.client_id)}"
    notes = await notes_part(portal, visitor, reach, base_of("staff", reach.client_id))
    return AfterPage(
        client=await head(portal, reach, "staff"),
        when=clock(datetime.fromisoformat(found["scheduled_for"])),
        form=form or Form(action, after_values(found)),
        trials=tuple(_trial_goal(goal, listed) for goal in goals if active(goal)),
        saved=saved,
        school_name="School" if _school_reads(reach) else "",
        notes=notes,
    )


def after_values(found: dict[str, Any]) -> dict[str, str]:
    """What the form holds of a session as the sessions service shows it."""
    came, summary = found.get("attendance") or {}, found.get("summary") or {}
    return {
        "attendance": found["outcome"] if found.get("outcome") in MISSED else came.get("status") or "",
        "minutes": str(came.get("minutes") or ""),
        "summary": summary.get("text") or "",
        "try_at_home": summary.get("try_at_home") or "",
        "release_to_school": "yes" if found.get("released_to_school") else "",
        "note_class": "progress",
    }


def _school_reads(reach: Reach) -> bool:
    """Whether a consent opens summaries now; one for single goals opens none, as a summary hangs on no goal."""
    now = datetime.now(UTC)
    return any(
        fact.state is ConsentState.GRANTED
        and DataClass.SESSION_SUMMARY in fact.classes
        and fact.only_goals is None
        and fact.begins <= now
        and (fact.expires is None or now < fact.expires)
        for fact in reach.document.consents
    )


def _trial_goal(goal: Entry, trials: list[dict[str, Any]]) -> TrialGoal:
    measure = goal.body.get("measure") or {}
    lines = tuple(TrialLine(_said(t), t.get("label") or "") for t in trials if t["goal_id"] == goal.record_id)
    return TrialGoal(
        goal_id=goal.record_id,
        title=goal.body["statement"],
        measure=_measured(measure),
        out_of=measure.get("kind") in ("out_of", "out_of_n", "minutes_in_window"),
        recorded=lines,
    )


def _measured(measure: dict[str, Any]) -> str:
    said = ": ".join(str(measure[k]).replace("_", " ") for k in ("kind", "from") if measure.get(k))
    return f"{said[:1].upper()}{said[1:]}"


def _said(trial: dict[str, Any]) -> str:
    value = f"{trial['value']:g}"
    return (
        f"{value} of {trial['out_of']:g}"
        if trial.get("out_of")
        else f"{value} {trial.get('unit') or ''}".strip()
    )
