"""What others are told about a session: events whose words are open until the journal seals them."""

from contracts.classes import DataClass
from contracts.sessions import (
    AttendanceBody,
    NoteSigned,
    SessionEnded,
    SessionScheduled,
    SummaryBody,
    SummaryShared,
    TrialBody,
    TrialRecorded,
)
from sessions.sessions import Session, State, attendance_parties
from sessions.trials import Placed


def scheduled(tenant_id: str, session: Session) -> SessionScheduled:
    """The session stands in the calendar."""
    return SessionScheduled(
        tenant_id=tenant_id,
        client_id=session.client_id,
        record_id=session.session_id,
        parties=attendance_parties(),
        happened_at=session.scheduled_for,
        kind=session.kind,
        state=session.state.value,
    )


def ended(tenant_id: str, session: Session) -> SessionEnded:
    """The session is over; in the clear only that, who came is sealed."""
    came = session.attendance
    body = AttendanceBody(status=came.status, minutes=came.minutes) if came else None
    return SessionEnded(
        tenant_id=tenant_id,
        client_id=session.client_id,
        record_id=session.session_id,
        parties=attendance_parties(),
        happened_at=session.scheduled_for,
        kind=session.kind,
        state=State.CANCELLED.value if session.state is State.CANCELLED else State.ENDED.value,
        words={DataClass.ATTENDANCE: body or AttendanceBody(status="cancelled")},
    )


def summary_shared(tenant_id: str, session: Session) -> SummaryShared | None:
    """The summary as family and, where released, school read it; None before it is shared."""
    if session.summary is None or not session.summary_shared:
        return None
    return SummaryShared(
        tenant_id=tenant_id,
        client_id=session.client_id,
        record_id=session.session_id,
        session_id=session.session_id,
        parties=session.summary_parties,
        happened_at=session.scheduled_for,
        words={
            DataClass.SESSION_SUMMARY: SummaryBody(
                text=session.summary.text, try_at_home=session.summary.try_at_home
            )
        },
    )


def trial_recorded(tenant_id: str, session: Session, placed: Placed) -> TrialRecorded:
    """One result, new or corrected, sealed under the class it belongs to."""
    return TrialRecorded(
        tenant_id=tenant_id,
        client_id=session.client_id,
        record_id=placed.trial.trial_id,
        session_id=session.session_id,
        parties=placed.parties,
        goal_id=placed.trial.goal_id,
        happened_at=placed.trial.happened_at,
        words={placed.data_class: trial_body(placed)},
    )


def trial_removed(tenant_id: str, session: Session, placed: Placed) -> TrialRecorded:
    """A result that was taken back: it leaves every chart, and no word of it travels."""
    told = trial_recorded(tenant_id, session, placed)
    return told.model_copy(update={"words": {}, "ended": True})


def trial_body(placed: Placed) -> TrialBody:
    """The sealed part of a result."""
    trial = placed.trial
    return TrialBody(
        value=trial.value,
        out_of=trial.out_of,
        unit=trial.unit,
        phase=trial.phase,
        label=trial.label,
        prompt_level=trial.prompt_level,
        outcome=trial.outcome,
    )


def note_signed(tenant_id: str, client_id: str, session_id: str, note_id: str) -> NoteSigned:
    """A progress note was signed; of other notes nobody is told."""
    return NoteSigned(tenant_id=tenant_id, client_id=client_id, session_id=session_id, note_id=note_id)
