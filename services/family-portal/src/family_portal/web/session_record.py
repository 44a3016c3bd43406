"""Between the page after a session and what the sessions service takes."""

import re
from collections.abc import Mapping
from datetime import datetime
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
    "summary.try_at_home": "try_at_home", "text": "note",
}  # fmt: skip
_TRIAL = re.compile(r"trial-([a-z0-9][a-z0-9_]*)-(\d+)-value")


def session_path(reach: Reach) -> str:
    """The client's sessions at the sessions service."""
    return f"/tenants/{reach.caller.tenant_id}/clients/{reach.client_id}/sessions"


def record_body(form: Typed) -> dict[str, Any]:
    """What was typed, as the sessions service takes it. Raises Invalid for a result that is no number."""
    state = form.text("state") or "held"
    body: dict[str, Any] = {"state": state, "release_to_school": form.text("release_to_school") == "yes"}
    if form.text("attendance"):
        body["attendance"] = {"status": form.text("attendance"), "minutes": form.number("minutes")}
    if state == "held":
        body["trials"] = [trial for name in form.values if (trial := _trial(form, name))]
    if form.text("summary"):
        body["summary"] = {"text": form.text("summary")}
        if form.text("try_at_home"):
            body["summary"]["try_at_home"] = form.text("try_at_home")
    return body


def _trial(form: Typed, name: str) -> dict[str, Any] | None:
    match = _TRIAL.fullmatch(name)
    if match is None or form.text(name) is None:
        return None
    goal_id, row = match.groups()
    stem = f"trial-{goal_id}-{row}"
    trial: dict[str, Any] = {"id": f"{form.command_id.lower()[:30]}{row}{goal_id}"[:62], "goal_id": goal_id}
    trial["value"] = _number(form, f"{stem}-value")
    if form.text(f"{stem}-out_of"):
        trial["out_of"] = _number(form, f"{stem}-out_of")
    trial |= {word: form.text(f"{stem}-{word}") for word in ("label", "phase") if form.text(f"{stem}-{word}")}
    return trial


def _number(form: Typed, name: str) -> float:
    try:
        return float((form.text(name) or "").replace(",", "."))
    except ValueError as error:
        raise Invalid(
            "This is not a number.", field=name, fix="Write a number, for example 6 or 6.5."
        ) from error


async def after_page(
    portal: Portal, visitor: Visitor, reach: Reach, session_id: str, form: Form | None, *, saved: bool = False
) -> AfterPage:
    """The page after a session, with what is already written down."""
    found = await visitor.upstream.get("sessions", f"{session_path(reach)}/{session_id}")
    goals = sort_entries(
        await portal.reader.parts(reach, (DataClass.PLAN_TEAM, DataClass.PLAN_PRIVATE))
    ).goals
    action = f"/staff/sessions/{session_id}/after?client={slug(reach.client_id)}"
    notes = await notes_part(portal, visitor, reach, base_of("staff", reach.client_id))
    return AfterPage(
        client=await head(portal, reach, "staff"),
        when=clock(datetime.fromisoformat(found["scheduled_for"])),
        form=form or Form(action, _values(found)),
        trials=tuple(_trial_goal(goal, found["trials"]) for goal in goals if active(goal)),
        saved="Saved." if saved else "",
        school_name="school" if _school_reads(reach) else "",
        notes=notes,
    )


def _values(found: dict[str, Any]) -> dict[str, str]:
    came, summary = found.get("attendance") or {}, found.get("summary") or {}
    return {
        "state": found.get("outcome") or "held",
        "attendance": came.get("status") or "",
        "minutes": str(came.get("minutes") or ""),
        "summary": summary.get("text") or "",
        "try_at_home": summary.get("try_at_home") or "",
        "release_to_school": "yes" if found.get("released_to_school") else "",
        "note_class": "progress",
    }


def _school_reads(reach: Reach) -> bool:
    return any(
        fact.state is ConsentState.GRANTED and DataClass.SESSION_SUMMARY in fact.classes
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
