"""A session's states, where its results belong, and how notes change."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from contracts.classes import DataClass
from contracts.sessions import EARLY
from sessions.notes import Note, NoteError, NoteState
from sessions.sessions import Attendance, Outcome, Session, SessionError, State, Summary
from sessions.trials import KnownGoal, Scale, Trial, TrialError, placed, scale_of, unknown_goals

AT = datetime(2026, 9, 1, 15, tzinfo=UTC)
LATER = AT + timedelta(hours=1)
PLANNED = Session("se_one", "cl_one", "ps_a", "individual", AT)
CAME = Attendance("attended", 45)
HELD = PLANNED.recorded(Outcome.HELD, CAME, LATER)


def test_a_held_session_with_attendance_is_documented_and_can_be_signed() -> None:
    held = PLANNED.begun(AT).recorded(Outcome.HELD, CAME, LATER)
    assert (held.state, held.outcome, held.version) == (State.DOCUMENTED, Outcome.HELD, 3)
    assert held.summarised(Summary("We built."), False).signed().state is State.SIGNED


def test_nothing_is_signed_while_attendance_is_open() -> None:
    open_ = PLANNED.recorded(Outcome.HELD, None, LATER)
    assert open_.state is State.ENDED
    with pytest.raises(SessionError) as refused:
        open_.signed()
    assert refused.value.field == "attendance"
    assert open_.recorded(Outcome.HELD, CAME, LATER).signed().state is State.SIGNED


def test_a_missed_session_is_signed_with_its_absence() -> None:
    missed = PLANNED.recorded(Outcome.NO_SHOW, None, LATER)
    assert missed.attendance == Attendance("absent") and missed.outcome is Outcome.NO_SHOW
    assert missed.signed().state is State.SIGNED


def test_a_cancelled_session_can_turn_out_to_have_been_held_but_takes_no_summary() -> None:
    cancelled = PLANNED.recorded(Outcome.CANCELLED, None, LATER)
    with pytest.raises(SessionError):
        cancelled.summarised(Summary("x"), False)
    assert cancelled.recorded(Outcome.HELD, CAME, LATER).outcome is Outcome.HELD


def test_held_and_absent_contradict_each_other() -> None:
    with pytest.raises(SessionError) as refused:
        PLANNED.recorded(Outcome.HELD, Attendance("absent"), LATER)
    assert refused.value.field == "attendance.status"


def test_a_signed_session_is_closed_but_for_its_summary() -> None:
    signed = HELD.signed()
    assert signed.signed() == signed
    with pytest.raises(SessionError):
        signed.recorded(Outcome.HELD, CAME, LATER)
    assert signed.summarised(Summary("Corrected."), False).state is State.SIGNED
    with pytest.raises(SessionError):
        signed.begun(LATER)


def test_a_summary_waits_for_the_end_of_the_session() -> None:
    with pytest.raises(SessionError):
        PLANNED.summarised(Summary("x"), False)


def test_a_summary_is_the_teams_until_it_is_shared_or_the_session_is_signed() -> None:
    written = HELD.summarised(Summary("We built."), True)
    assert not written.summary_shared and written.summary_parties == ()
    for shared in (written.shared(), written.signed()):
        assert shared.summary_parties == ("client", "guardians", "school")
        assert shared.version > written.version
    corrected = written.shared().summarised(Summary("We built two."), False)
    assert corrected.summary_parties == ("client", "guardians")


def test_a_summary_that_waits_can_be_taken_back_and_one_that_is_read_cannot() -> None:
    waiting = HELD.summarised(Summary("We built."), True)
    erased = waiting.unsummarised()
    assert (erased.summary, erased.released_to_school) == (None, False)
    assert erased.signed().summary_parties == ()
    assert waiting.released(False).signed().summary_parties == ("client", "guardians")
    with pytest.raises(SessionError, match="reads this summary already"):
        waiting.shared().unsummarised()
    with pytest.raises(SessionError, match="reads this summary already"):
        waiting.shared().released(False)


@pytest.mark.parametrize("outcome", [Outcome.NO_SHOW, Outcome.CANCELLED])
def test_a_session_that_did_not_take_place_loses_the_summary_that_waits(outcome: Outcome) -> None:
    waiting = HELD.summarised(Summary("We built."), True)
    missed = waiting.recorded(outcome, None, LATER)
    assert (missed.summary, missed.released_to_school) == (None, False)
    assert waiting.shared().recorded(outcome, None, LATER).summary == Summary("We built.")


def test_words_written_for_a_missed_session_stay_when_it_is_said_again() -> None:
    missed = HELD.recorded(Outcome.NO_SHOW, None, LATER).summarised(Summary("We missed you."), False)
    assert missed.recorded(Outcome.NO_SHOW, None, LATER).summary == Summary("We missed you.")


def test_a_session_without_a_summary_shares_nothing() -> None:
    assert HELD.shared() == HELD and HELD.signed().summary_parties == ()


def test_a_cancelled_session_has_nothing_to_sign() -> None:
    with pytest.raises(SessionError) as refused:
        PLANNED.recorded(Outcome.CANCELLED, None, LATER).signed()
    assert refused.value.field == "state"


def test_nobody_has_come_to_a_session_that_has_not_begun() -> None:
    yesterday = AT - timedelta(days=1)
    for outcome, came in ((Outcome.HELD, CAME), (Outcome.NO_SHOW, None)):
        with pytest.raises(SessionError) as refused:
            PLANNED.recorded(outcome, came, yesterday)
        assert refused.value.field == "state" and "not begun" in refused.value.detail
        assert PLANNED.recorded(outcome, came, AT - EARLY).outcome is outcome
    with pytest.raises(SessionError):
        PLANNED.begun(yesterday)
    assert PLANNED.recorded(Outcome.CANCELLED, None, yesterday).state is State.CANCELLED


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


DAYS = scale_of({"kind": "days_in_week", "min": "0", "max": "5", "rater": "Gran"})
TENTHS = scale_of({"kind": "out_of", "min": "0", "max": "10"})


@pytest.mark.parametrize(
    ("scale", "result"),
    [
        (DAYS, {"value": 9.0, "out_of": None}),
        (DAYS, {"value": 9.0, "out_of": 10.0}),
        (DAYS, {"value": -1.0, "out_of": None}),
        (TENTHS, {"value": 11.0, "out_of": None}),
        (scale_of({"kind": "rubric_0_4"}), {"value": 5.0, "out_of": None}),
        (scale_of({"kind": "times_in_period"}), {"value": -1.0, "out_of": None}),
    ],
)
def test_a_result_that_the_goals_measure_cannot_have_is_named_with_its_range(
    scale: Scale, result: dict[str, object]
) -> None:
    with pytest.raises(TrialError) as refused:
        placed([trial(**result)], {"g_one": KnownGoal("g_one", scale=scale)})
    assert refused.value.field == "trials.0.value"
    assert scale.words in refused.value.detail and scale.words in refused.value.fix


@pytest.mark.parametrize(
    ("scale", "result"),
    [
        (DAYS, {"value": 5.0, "out_of": None}),
        (DAYS, {"value": 40.0, "out_of": None, "unit": "minutes"}),
        (TENTHS, {"value": 12.0, "out_of": 20.0}),
        (TENTHS, {"value": 7.0, "out_of": None}),
        (scale_of({"kind": "times_in_period"}), {"value": 300.0, "out_of": None}),
        (scale_of({}), {"value": -3.0, "out_of": None}),
    ],
)
def test_a_result_inside_the_measure_or_on_a_scale_of_its_own_is_taken(
    scale: Scale | None, result: dict[str, object]
) -> None:
    assert placed([trial(**result)], {"g_one": KnownGoal("g_one", scale=scale)})


def test_more_than_there_was_is_said_in_peoples_words() -> None:
    with pytest.raises(TrialError) as refused:
        placed([trial(value=9.0)], GOALS)
    said = f"{refused.value.detail} {refused.value.fix}"
    assert "9 of 5" in said and "from 0 to 5" in said and "out_of" not in said


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
