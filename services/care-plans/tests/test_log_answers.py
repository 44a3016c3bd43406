"""A log is answered in words, with a smaller step on its card, or both; the goal stays, and others read no why."""

from datetime import UTC, datetime
from typing import Any

import pytest

from care_plans.store.points import point_writes
from contracts.classes import DataClass
from contracts.family_portal import TaskLogBody, TaskLogged

from .steps import TASK, Clinic, active, add

WHERE = "/tasks/t_card/logs/lg_one/answer"
SMALLER = ["Show the card.", "Say yes."]


@pytest.fixture(autouse=True)
async def logged(clinic: Clinic) -> None:
    """A live task, and a mother's log of it that has become a point."""
    await active(clinic)
    await add(clinic, "t_card")
    log = TaskLogged(
        tenant_id=clinic.tenant, client_id="cl_a", by="ps_parent", record_id="lg_one", goal_id="g_a",
        task_id="t_card", household_id="hh_a", parties=("household:hh_a",), happened_at=datetime.now(UTC),
        words={DataClass.TASK_LOG: TaskLogBody(result="couldnt", words="She was too tired.")},
    )  # fmt: skip
    sealed = await clinic.chassis.keys.seal_event(log)
    rows = clinic.chassis.mongo.tenant("points", clinic.tenant)
    for put in point_writes(sealed):
        await rows.replace_one(put.filter, put.document, upsert=True)


async def _task(clinic: Clinic, who: str = "ps_therapist") -> Any:
    return (await clinic.as_(who).get("/tasks")).json()["items"][0]


async def _version(clinic: Clinic) -> Any:
    return (await clinic.as_("ps_parent").get("/goals/g_a")).json()["version"]


async def test_a_smaller_step_changes_the_card_for_all_and_the_words_reach_the_home_alone(
    clinic: Clinic,
) -> None:
    before, version = await _task(clinic), await _version(clinic)
    said = {"words": "One minute is plenty.", "steps": SMALLER, "easier": "Hang the card by the door."}
    done = await clinic.as_("ps_therapist").post(WHERE, said, seen=before["doc_version"])
    assert done.status_code == 201, done.text
    card = (await _task(clinic, "ps_parent"))["text"]
    assert card["steps"] == SMALLER and card["easier"] == "Hang the card by the door."
    assert card["changed"] == ["Say yes.", "Hang the card by the door."] and card["changed_on"]
    assert await _version(clinic) == version, "a card hangs on its goal and moves it not"
    changed, answered = (await clinic.stream())[-2:]
    assert (changed["type"], answered["type"]) == ("task_changed", "log_answered")
    assert (answered["parties"], answered["log_id"], answered["told"]) == (["household:hh_a"], "lg_one", True)
    assert "plenty" not in str(changed) + str(answered)
    stale = await clinic.as_("ps_therapist").post(WHERE, said, seen=before["doc_version"])
    assert stale.status_code == 409


async def test_words_alone_leave_the_card_as_it_is(clinic: Clinic) -> None:
    before = await _task(clinic)
    same = {"words": "Thank you.", "steps": TASK["steps"]}
    assert (await clinic.as_("ps_therapist").post(WHERE, same)).status_code == 201
    assert await _task(clinic) == before
    [answered] = (await clinic.stream())[-1:]
    assert (answered["type"], answered["told"]) == ("log_answered", False)
    empty = await clinic.as_("ps_therapist").post(WHERE, {"steps": TASK["steps"]})
    assert (empty.status_code, empty.json()["field"]) == (422, "words")


async def test_a_step_left_out_is_said_and_a_written_card_says_nothing_of_before(clinic: Clinic) -> None:
    fewer = {"steps": TASK["steps"][:1]}
    assert (await clinic.as_("ps_therapist").post(WHERE, fewer)).status_code == 201
    task = await _task(clinic)
    assert task["text"]["changed"] == ["A step is left out."]
    body = {**TASK, "id": "t_card"}
    assert (await clinic.as_("ps_therapist").put("/tasks/t_card", body, task["doc_version"])).is_success
    assert not (await _task(clinic))["text"].get("changed")


@pytest.mark.parametrize(
    ("who", "path", "status"),
    [
        ("ps_parent", WHERE, 404), ("ps_teen", WHERE, 404), ("ps_stranger", WHERE, 404),
        ("ps_supervisor", WHERE, 403), ("ps_therapist", "/tasks/t_card/logs/lg_none/answer", 404),
        ("ps_therapist", "/tasks/t_none/logs/lg_one/answer", 404),
    ],
)  # fmt: skip
async def test_the_team_alone_answers_what_there_is(clinic: Clinic, who: str, path: str, status: int) -> None:
    assert (await clinic.as_(who).post(path, {"words": "Yes."})).status_code == status
