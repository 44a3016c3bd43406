"""Every answer that the pages about a session offer is one that the sessions service takes, and shows again."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import pytest

from family_portal.web.forms import Typed
from family_portal.web.models.staff_sessions import ATTENDANCES, MODALITIES, NOTE_CLASSES
from family_portal.web.session_record import after_values, record_body
from family_portal.web.session_results import typed_results
from family_portal.web.staff_sessions import session_body
from sessions.api.bodies import NoteIn, RecordIn, SessionIn
from sessions.sessions import Session, State

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def typed(**said: str) -> Typed:
    """A form as it is posted."""
    return Typed(said, "c0ffee", None)


def recorded(session: Session, came: str) -> Session:
    """The session after the page said who came, by the API's own form and the domain's own rules."""
    body = RecordIn.model_validate(record_body(typed(attendance=came, minutes="40")))
    return session.recorded(body.outcome(), body.came(), NOON)


def shown(session: Session) -> dict[str, Any]:
    """What of it the API shows to the team and the form is filled from."""
    came = session.attendance
    return {"outcome": session.outcome and session.outcome.value, "attendance": came and asdict(came)}


@pytest.fixture
def session() -> Session:
    return Session("se_a", "cl_a", "ps_a", "individual", NOON)


@pytest.mark.parametrize("came", [choice.value for choice in ATTENDANCES])
def test_every_answer_to_who_came_is_taken_and_comes_back(session: Session, came: str) -> None:
    after = recorded(session, came)
    assert after_values(shown(after))["attendance"] == came


@pytest.mark.parametrize("first", [choice.value for choice in ATTENDANCES])
@pytest.mark.parametrize("second", [choice.value for choice in ATTENDANCES])
def test_every_answer_can_be_corrected_into_every_other(session: Session, first: str, second: str) -> None:
    after = recorded(recorded(session, first), second)
    assert after_values(shown(after))["attendance"] == second


def test_an_answer_says_what_became_of_the_session(session: Session) -> None:
    states = {choice.value: recorded(session, choice.value).state for choice in ATTENDANCES}
    assert states == {
        "attended": State.DOCUMENTED,
        "part": State.DOCUMENTED,
        "no_show": State.NO_SHOW,
        "cancelled": State.CANCELLED,
    }


def test_a_session_that_was_missed_brings_no_attendance_and_no_results() -> None:
    for came in ("no_show", "cancelled"):
        assert not {"attendance", "trials"} & set(record_body(typed(attendance=came, minutes="40")))


def test_nobody_has_said_yet_who_came(session: Session) -> None:
    assert after_values(shown(session))["attendance"] == ""
    RecordIn.model_validate(record_body(typed()))


def test_results_and_words_are_taken_as_they_are_typed() -> None:
    said = {
        "attendance": "part", "trial-g_one-0-value": "6,5", "trial-g_one-0-out_of": "10",
        "trial-g-two-1-value": "3", "trial-g-two-1-label": "Lunch", "summary": "We built.", "try_at_home": "Build.",
        "release_to_school": "yes",
    }  # fmt: skip
    body = RecordIn.model_validate(record_body(typed(**said), typed_results(typed(**said))))
    assert [(trial.goal_id, trial.value) for trial in body.trials] == [("g_one", 6.5), ("g-two", 3)]
    assert body.release_to_school and body.summary and body.summary.try_at_home == "Build."


@pytest.mark.parametrize("how", [choice.value for choice in MODALITIES])
@pytest.mark.parametrize("now", ["yes", "no"])
def test_every_way_to_meet_is_taken_with_its_length(how: str, now: str) -> None:
    form = typed(
        day="2026-03-09" if now == "yes" else "2126-03-09", time="14:10", minutes="40", modality=how, now=now
    )
    body = SessionIn.model_validate(session_body(form))
    assert body.modality == how and body.id
    assert body.ends and (body.ends - body.scheduled_for).total_seconds() == 40 * 60


@pytest.mark.parametrize("note_class", [choice.value for choice in NOTE_CLASSES])
def test_every_kind_of_note_is_taken(note_class: str) -> None:
    NoteIn.model_validate({"note_class": note_class, "text": "He led.", "status": "draft"})
