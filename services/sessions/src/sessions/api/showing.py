"""What one caller sees of a session: pure, class by class, nothing that the grants do not hold."""

from collections.abc import Iterable, Mapping
from typing import Any

from chassis.errors import NotFound
from contracts.classes import DataClass
from policy.filters import shows
from policy.grants import Grants
from sessions.notes import Note
from sessions.sessions import Session, attendance_parties
from sessions.trials import Placed


def sees(grants: Grants) -> None:
    """Raises NotFound to whom neither times nor summaries are open."""
    if not grants.may(DataClass.ATTENDANCE) and not grants.may(DataClass.SESSION_SUMMARY):
        raise NotFound


def summaries_for(grants: Grants) -> frozenset[str] | None:
    """None where times are open; else the parties whose summaries alone make a session exist for the caller.

    Lists are filtered by this in the database, so that no short page tells of a hidden session.
    """
    if shows(grants, DataClass.ATTENDANCE, attendance_parties()):
        return None
    return grants.labels if grants.may(DataClass.SESSION_SUMMARY) else frozenset()


def shown_session(grants: Grants, session: Session) -> dict[str, Any]:
    """The part of a session that is open to the caller. Raises NotFound when nothing is."""
    shown: dict[str, Any] = {}
    if shows(grants, DataClass.ATTENDANCE, attendance_parties()):
        shown |= {"happened_at": session.scheduled_for.isoformat(), **_times(session)}
    summary = session.summary
    if summary and shows(grants, DataClass.SESSION_SUMMARY, session.summary_parties):
        shown["summary"] = {"text": summary.text, "try_at_home": summary.try_at_home}
    if "team" in grants.labels:
        shown |= {
            "by": session.by,
            "version": session.version,
            "summary_shared": session.summary_shared,
            "released_to_school": session.released_to_school,
        }
    if not shown:
        raise NotFound
    return {"id": session.session_id, **shown}


def classes_of(shown: Iterable[Mapping[str, Any]], trials: Iterable[Placed] = ()) -> frozenset[DataClass]:
    """The classes of what is shown of sessions and of these results, for the audit."""
    parts = {"scheduled_for": DataClass.ATTENDANCE, "summary": DataClass.SESSION_SUMMARY}
    held = {data_class for each in shown for part, data_class in parts.items() if part in each}
    return frozenset(held | {placed.data_class for placed in trials})


def shown_trial(placed: Placed) -> dict[str, Any]:
    """One result."""
    trial = placed.trial
    return {
        "id": trial.trial_id,
        "goal_id": trial.goal_id,
        "value": trial.value,
        "out_of": trial.out_of,
        "unit": trial.unit,
        "phase": trial.phase,
        "label": trial.label,
        "prompt_level": trial.prompt_level,
        "outcome": trial.outcome,
        "happened_at": trial.happened_at.isoformat(),
        "private": placed.data_class is DataClass.PLAN_PRIVATE,
    }


def shown_note(note: Note) -> dict[str, Any]:
    """One note, for somebody who may read it."""
    return {
        "id": note.note_id,
        "session_id": note.session_id,
        "note_class": note.data_class.value.removeprefix("note_"),
        "author": note.author,
        "text": note.text,
        "state": note.state.value,
        "version": note.version,
        "written_at": note.written_at.isoformat(),
        "signed_at": note.signed_at.isoformat() if note.signed_at else None,
        "amendments": [{"text": a.text, "by": a.by, "at": a.at.isoformat()} for a in note.amendments],
    }


def _times(session: Session) -> dict[str, Any]:
    came = session.attendance
    return {
        "kind": session.kind,
        "scheduled_for": session.scheduled_for.isoformat(),
        "ends": session.ends.isoformat() if session.ends else None,
        "modality": session.modality,
        "state": session.state.value,
        "outcome": session.outcome.value if session.outcome else None,
        "attendance": {"status": came.status, "minutes": came.minutes} if came else None,
    }
