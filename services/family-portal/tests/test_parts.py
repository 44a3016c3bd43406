"""How an event changes the stored views: rules alone, without a database."""

from typing import Any

from chassis.handles import Change
from contracts.care_plans import (
    AnswerBody,
    GoalState,
    PlanAnswered,
    ProposalBody,
    ProposalChanged,
    ProposalState,
    TaskState,
)
from contracts.classes import DataClass
from family_portal.views.folding import operation
from family_portal.views.parts import ViewChange, changes_for, goal_of, sortable, view_key

from .sample_events import NOW, goal, held, of_strategy, private_goal, private_task, scheduled, task, trial
from .sample_events import seen as observed

SHARED = {"plan_team", "plan_plain", "plan_school", "plan_own"}


def _sealed(event):  # type: ignore[no-untyped-def]
    return event.model_copy(update={"sections": dict.fromkeys(event.words, "box"), "words": {}})


def _changes(event) -> dict[str, ViewChange]:  # type: ignore[no-untyped-def]
    found = changes_for(_sealed(event), producer="care-plans", seq=7)
    return {change.key.split(":")[2]: change for change in found}


def test_a_goal_stands_in_every_wording_it_has_and_in_no_other_class() -> None:
    changes = _changes(goal("tn_a"))
    assert {name for name, change in changes.items() if change.entry} == SHARED
    assert {name for name, change in changes.items() if not change.entry} == {"plan_private"}
    assert {change.collection for change in changes.values()} == {"views"}


def test_a_private_goal_leaves_every_shared_class() -> None:
    changes = _changes(private_goal("tn_a"))
    assert {name for name, change in changes.items() if change.entry} == {"plan_private"}
    assert {name for name, change in changes.items() if not change.entry} == SHARED


def test_an_ended_task_leaves_both_its_classes() -> None:
    changes = _changes(task("tn_a", "household:hh_a", ended=True, words={}, state=TaskState.ENDED))
    assert {name: change.entry for name, change in changes.items()} == {"task": None, "plan_private": None}


def test_a_class_that_is_the_same_stays_as_it_is() -> None:
    words = {DataClass.PLAN_TEAM: goal("tn_a").words[DataClass.PLAN_TEAM]}
    same = (DataClass.PLAN_PLAIN, DataClass.PLAN_SCHOOL, DataClass.PLAN_OWN)
    changes = _changes(goal("tn_a", words=words, same=same))
    assert set(changes) == {"plan_team", "plan_private"}
    entry = changes["plan_team"].entry
    assert entry is not None
    assert "same" not in entry["meta"]


def test_an_entry_holds_no_word_and_everything_a_page_sorts_by() -> None:
    entry = _changes(goal("tn_a", state=GoalState.PROPOSED, version=4))["plan_plain"].entry
    assert entry is not None
    assert entry["box"] == "box"
    moments = {"version_at": "2026-03-02T12:00:00Z", "first_at": None}
    assert entry["meta"] == {"state": "proposed", "version": 4, **moments}
    assert entry["parties"] == ["guardians", "school", "client"]


def test_a_goal_and_a_task_of_the_same_id_are_two_parts() -> None:
    names = {
        _changes(event)["plan_private"].part
        for event in (private_goal("tn_a", "x"), private_task("tn_a", "x"))
    }
    assert names == {"goal:x", "task:x"}


def test_an_item_is_a_document_of_its_own() -> None:
    change = _changes(trial("tn_a", "tr_one"))["measure"]
    assert (change.collection, change.part) == ("items", None)
    assert change.key == "tn_a:cl_a:measure:care-plans:tr_one"


def test_the_view_of_what_is_counted_says_which_event_touched_it_last() -> None:
    changes = changes_for(_sealed(observed("tn_a", "client")), producer="family-portal", seq=7)
    [touched] = [change for change in changes if change.collection == "views"]
    assert touched.key == view_key("tn_a", "cl_a", DataClass.OBSERVATION, "family-portal")
    stored = operation(touched)
    assert stored == Change(
        {"_id": touched.key},
        {"$set": {"client_id": "cl_a", "class": "observation", "source": "family-portal", "seq": 7}},
        upsert=True,
    )


def test_a_scheduled_session_has_no_words_and_is_still_of_the_class_of_attendance() -> None:
    change = changes_for(scheduled("tn_a"), producer="sessions", seq=1)[0]
    assert change.entry is not None
    assert change.entry["box"] is None
    later = changes_for(_sealed(held("tn_a")), producer="sessions", seq=2)[0]
    assert later.key == change.key


def test_one_document_for_each_class_and_source() -> None:
    assert view_key("tn_a", "cl_a", DataClass.TASK, "care-plans") == "tn_a:cl_a:task:care-plans"


def test_a_goal_hangs_on_itself_and_everything_else_on_its_goal() -> None:
    stored = _changes(goal("tn_a", "g_two"))["plan_plain"].entry
    hung = _changes(task("tn_a", "client"))["task"].entry
    assert stored is not None
    assert hung is not None
    assert (goal_of(stored), goal_of(hung)) == ("g_two", "g_one")


def test_moments_sort_as_text() -> None:
    moments = [NOW.replace(microsecond=n) for n in (0, 1, 999_999)]
    assert sorted(map(sortable, moments)) == [sortable(moment) for moment in moments]


def test_an_answer_is_not_overwritten_by_a_wish_or_a_note_that_somebody_gave_its_id() -> None:
    """Ids of wishes and notes are made by people; that of an answer can be computed from what guardians know."""
    common: dict[str, Any] = {
        "tenant_id": "tn_a", "client_id": "cl_a", "record_id": "a1", "happened_at": NOW, "by": "ps_x",
        "parties": ("person:ps_x",),
    }  # fmt: skip
    answer = AnswerBody(answer="no", words="Not so.")
    said = PlanAnswered(
        **common,
        goal_id="g_one",
        version=1,
        words=dict.fromkeys((DataClass.PLAN_PLAIN, DataClass.PLAN_SCHOOL), answer),
    )
    wished = ProposalChanged(
        **common, state=ProposalState.OPEN, words={DataClass.PLAN_PLAIN: ProposalBody(words="So.")}
    )
    noted = of_strategy("tn_a", "Nod.", record_id="a1")
    keys = [
        {change.key for change in changes_for(_sealed(event), producer="care-plans", seq=7)}
        for event in (said, wished, noted)
    ]
    assert not keys[0] & keys[1] and not keys[0] & keys[2] and not keys[1] & keys[2]
