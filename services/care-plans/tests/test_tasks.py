"""A task's moves and what each of them tells."""

from datetime import UTC, datetime

import pytest

from care_plans.tasks import Planned, Stage, Task, TaskEnded, TaskNotThere, task_parties
from contracts.care_plans import TaskBody, TaskChanged
from contracts.classes import DataClass

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)


def a_task(title: str = "Wait", private: bool = False) -> Task:
    body = TaskBody(title=title, why="It helps.")
    task = Task("tn_a", "cl_a", "tk_a", "g_a", "home", ("hh_1",), Planned(5, "week"), body, private=private)
    task.parties = ("client",) if private else ("household:hh_1",)
    return task


def told(task: Task) -> list[tuple[str, bool]]:
    return [(event.state.value, event.ended) for event in task.events if isinstance(event, TaskChanged)]


def placed(task: Task, admitted: bool = True) -> Task:
    task.place(admitted, homes=("h",), by="ps_t", now=NOW)
    return task


def test_a_draft_tells_nobody_not_even_when_changed_or_ended() -> None:
    task = a_task()
    task.revise(a_task("Wait longer"), by="ps_t", now=NOW)
    task.end(by="ps_t", now=NOW)
    assert task.events == [] and task.body.title == "Wait longer"


def test_live_or_waiting_is_told_once() -> None:
    task = placed(placed(a_task(), False), False)
    assert told(task) == [("queued", False)] and task.queued_at == NOW
    assert told(placed(task)) == [("queued", False), ("live", False)] and task.queued_at is None


def test_an_ended_task_leaves_every_page_and_stays_ended() -> None:
    task = placed(a_task())
    task.end(by="ps_t", now=NOW)
    assert told(task)[-1] == ("ended", True)
    with pytest.raises(TaskEnded):
        task.end(by="ps_t", now=NOW)
    with pytest.raises(TaskEnded):
        placed(task)


def test_a_task_rests_with_its_goal_and_waits_for_it() -> None:
    task = placed(a_task())
    task.rest(by="ps_child", now=NOW, with_goal=True)
    assert task.stage is Stage.PAUSED and task.waits_for_goal()
    with pytest.raises(TaskNotThere):
        task.rest(by="ps_child", now=NOW)
    assert not placed(task).waits_for_goal()


def test_a_task_that_was_paused_alone_does_not_come_back_with_its_goal() -> None:
    task = placed(a_task())
    task.rest(by="ps_t", now=NOW)
    assert not task.waits_for_goal()


def test_a_private_task_is_sealed_as_the_clients_own() -> None:
    event = placed(a_task(private=True)).events[0]
    assert set(event.words) == {DataClass.PLAN_PRIVATE}


def test_becoming_private_takes_it_from_the_homes_first() -> None:
    task = placed(a_task())
    task.revise(a_task(private=True), by="ps_t", now=NOW)
    assert told(task)[1:] == [("live", True), ("live", False)]
    assert isinstance(task.events[1], TaskChanged) and task.events[1].parties == ("household:hh_1",)


def test_a_hidden_task_is_in_no_household_and_waits_for_none() -> None:
    task = placed(a_task(), False)
    task.hide(by="ps_t", now=NOW)
    assert (task.stage, task.households, task.queued_at) == (Stage.LIVE, (), None)
    assert told(task)[1:] == [("queued", True), ("live", False)]
    draft = a_task()
    draft.hide(by="ps_t", now=NOW)
    assert (draft.stage, draft.households, draft.events) == (Stage.DRAFT, (), [])


def test_who_reads_a_task() -> None:
    homes = ("hh_1", "hh_2")
    shared = task_parties(households=homes, private=False, client_reads=False, at_school=False)
    assert shared == ("household:hh_1", "household:hh_2")
    own = task_parties(households=(), private=False, client_reads=True, at_school=True, person="ps_b")
    assert own == ("client", "person:ps_b", "school")
    kept = task_parties(households=homes, private=True, client_reads=True, at_school=True)
    assert kept == ("client",)
