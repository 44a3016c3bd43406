"""A session's states, where its results belong, and how notes change."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from contracts.classes import DataClass
from sessions.notes import Note, NoteError, NoteState
from sessions.sessions import Attendance, Outcome, Session, SessionError, State, Summary
from sessions.trials import KnownGoal, Trial, TrialError, placed, unknown_goals

AT = datetime(2026, 9, 1, 15, tzinfo=UTC)
PLANNED = Session("se_one", "cl_one", "ps_a", "individual", AT)
CAME = Attendance("attended", 45)


def test_a_held_session_with_attendance_is_documented_and_can_be_signed() -> None:
    held = PLANNED.begun().recorded(Outcome.HELD, CAME)
    assert (held.state, held.outcome, held.version) == (State.DOCUMENTED, Outcome.HELD, 3)
    assert held.summarised(Summary("We built."), False).signed().state is State.SIGNED


def test_nothing_is_signed_while_attendance_is_open() -> None:
    open_ = PLANNED.recorded(Outcome.HELD, None)
    assert open_.state is State.ENDED
    with pytest.raises(SessionError) as refused:
        open_.signed()
    assert refused.value.field == "attendance"
    assert open_.recorded(Outcome.HELD, CAME).signed().state is State.SIGNED


def test_a_missed_session_is_signed_with_its_absence() -> None:
    missed = PLANNED.recorded(Outcome.NO_SHOW, None)
    assert missed.attendance == Attendance("absent") and missed.outcome is Outcome.NO_SHOW
    assert missed.signed().state is State.SIGNED


def test_a_cancelled_session_can_turn_out_to_have_been_held_but_takes_no_summary() -> None:
    cancelled = PLANNED.recorded(Outcome.CANCELLED, None)
    with pytest.raises(SessionError):
        cancelled.summarised(Summary("x"), False)
    assert cancelled.recorded(Outcome.HELD, CAME).outcome is Outcome.HELD


def test_held_and_absent_contradict_each_other() -> None:
    with pytest.raises(SessionError) as refused:
        PLANNED.recorded(Outcome.HELD, Attendance("absent"))
    assert refused.value.field == "attendance.status"


def test_a_signed_session_is_closed_but_for_its_summary() -> None:
    signed = PLANNED.recorded(Outcome.HELD, CAME).signed()
    assert signed.signed() == signed
    with pytest.raises(SessionError):
        signed.recorded(Outcome.HELD, CAME)
    assert signed.summarised(Summary("Corrected."), False).state is State.SIGNED
    with pytest.raises(SessionError):
        signed.begun()


def test_a_summary_waits_for_the_end_of_the_session() -> None:
    with pytest.raises(SessionError):
        PLANNED.summarised(Summary("x"), False)


def trial(**changes: object) -> Trial:
    return replace(Trial("tr_1", "g_one", 3, AT, out_of=5), **changes)  # type: ignore[arg-type]


GOALS = {
    "g_one": KnownGoal("g_one"),
    "g_mine": KnownGoal("g_mine", private=True),
    "g_over": KnownGoal("g_over", ended=True),
}


def test_results_of_a_private_goal_stay_with_client_and_team() -> None:
    found = placed([trial(), trial(trial_id="tr_2", goal_id="g_mine")], GOALS)
    assert [p.data_class for p in found] == [DataClass.MEASURE, DataClass.PLAN_PRIVATE]
    assert {p.parties for p in found} == {("client",)}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"goal_id": "g_none"}, "trials.1.goal_id"),
        ({"goal_id": "g_over"}, "trials.1.goal_id"),
        ({"value": 6.0}, "trials.1.value"),
        ({"value": -1.0}, "trials.1.value"),
        ({"trial_id": "tr_1"}, "trials.1.id"),
    ],
)
def test_a_wrong_result_is_named(wrong: dict[str, object], field: str) -> None:
    with pytest.raises(TrialError) as refused:
        placed([trial(), trial(**({"trial_id": "tr_2"} | wrong))], GOALS)
    assert refused.value.field == field


def test_unknown_goals_are_listed_once() -> None:
    assert unknown_goals([trial(goal_id="g_x"), trial(goal_id="g_x"), trial()], GOALS) == ["g_x"]


NOTE = Note("no_one", "se_one", DataClass.NOTE_PROGRESS, "ps_a", "Pause plan used once.", AT)


def test_a_note_is_signed_by_its_author_and_then_only_grows() -> None:
    with pytest.raises(NoteError):
        NOTE.signed("ps_b", AT)
    signed = NOTE.rewritten("Pause plan used twice.", "ps_a").signed("ps_a", AT)
    assert signed.state is NoteState.SIGNED and signed.signed("ps_a", AT) == signed
    with pytest.raises(NoteError):
        signed.rewritten("x", "ps_a")
    amended = signed.amended("It was three times.", "ps_a", AT)
    assert amended.text == "Pause plan used twice." and amended.state is NoteState.AMENDED
    with pytest.raises(NoteError):
        NOTE.amended("x", "ps_a", AT)


def test_drafts_and_psychotherapy_notes_are_their_authors() -> None:
    signed = NOTE.signed("ps_a", AT)
    assert signed.readable_by("ps_b") and not NOTE.readable_by("ps_b")
    assert not replace(signed, data_class=DataClass.NOTE_PSYCHOTHERAPY).readable_by("ps_b")
