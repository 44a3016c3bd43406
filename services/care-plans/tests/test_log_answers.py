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
    await _logs(clinic)


async def _logs(clinic: Clinic, record_id: str = "lg_one", **changes: Any) -> None:
    usual = {"task_id": "t_card", "household_id": "hh_a", "parties": ("household:hh_a",)}
    log = TaskLogged(
        tenant_id=clinic.tenant, client_id="cl_a", by="ps_parent", record_id=record_id, goal_id="g_a",
        happened_at=datetime.now(UTC), **(usual | changes),
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


async def _eased(clinic: Clinic, said: dict[str, Any]) -> Any:
    """The answer of a therapist who has read the card as it is now."""
    version = (await _task(clinic))["doc_version"]
    return await clinic.as_("ps_therapist").post(WHERE, said, seen=version)


async def test_nobody_writes_over_a_card_that_they_do_not_say_they_have_read(clinic: Clinic) -> None:
    before = await _task(clinic)
    for said in ({"steps": SMALLER}, {"words": "Yes.", "easier": "Sit down."}):
        refused = await clinic.as_("ps_therapist").post(WHERE, said)
        assert (refused.status_code, refused.json().get("field")) == (428, "If-Match"), refused.text
    assert await _task(clinic) == before
    assert (await _eased(clinic, {"steps": SMALLER})).status_code == 201


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
    assert (await _eased(clinic, fewer)).status_code == 201
    task = await _task(clinic)
    assert task["text"]["changed"] == ["A step is left out."]
    body = {**TASK, "id": "t_card"}
    assert (await clinic.as_("ps_therapist").put("/tasks/t_card", body, task["doc_version"])).is_success
    assert not (await _task(clinic))["text"].get("changed")


async def test_steps_in_another_order_are_said_to_be_that_and_not_fewer(clinic: Clinic) -> None:
    turned = {"steps": TASK["steps"][::-1]}
    assert (await _eased(clinic, turned)).status_code == 201
    assert (await _task(clinic))["text"]["changed"] == ["The steps are in another order."]


async def _is_answered_in_words_alone(clinic: Clinic, log_id: str) -> None:
    """No step reaches the card, whoever reads it now, and its notice tells nobody of the answer."""
    before, told = await _task(clinic), await clinic.stream()
    therapist, where = clinic.as_("ps_therapist"), f"/tasks/t_card/logs/{log_id}/answer"
    for said, field in (({"steps": SMALLER}, "steps"), ({"words": "Yes.", "easier": "Sit down."}, "easier")):
        refused = await therapist.post(where, said)
        assert (refused.status_code, refused.json().get("field")) == (409, field), refused.text
    assert (await _task(clinic), await clinic.stream()) == (before, told)
    same = {"words": "Thank you.", "steps": TASK["steps"]}
    assert (await therapist.post(where, same)).status_code == 201
    [answered] = (await clinic.stream())[len(told) :]
    assert (answered["type"], answered["told"]) == ("log_answered", False)
    assert await _task(clinic) == before


async def test_a_log_of_before_eases_no_card_that_is_private_now(clinic: Clinic) -> None:
    goal = (await clinic.as_("ps_therapist").get("/plan")).json()["goals"][0]
    hidden = {**goal["words"], "private": True, "audience": []}
    done = await clinic.as_("ps_therapist").put("/goals/g_a", hidden, goal["doc_version"])
    assert done.status_code == 200 and (await _task(clinic))["private"], done.text
    await _is_answered_in_words_alone(clinic, "lg_one")


@pytest.mark.parametrize("parties", [("household:hh_b",), ("household:hh_a", "household:hh_b")])
async def test_a_log_of_a_home_that_has_the_card_no_more_eases_it_for_nobody(
    clinic: Clinic, parties: tuple[str, ...]
) -> None:
    await _logs(clinic, "lg_other", parties=parties)
    await _is_answered_in_words_alone(clinic, "lg_other")


async def test_a_log_is_answered_with_its_own_card_alone(clinic: Clinic) -> None:
    await _logs(clinic, "lg_other", task_id="t_other")
    there = await clinic.as_("ps_therapist").post("/tasks/t_card/logs/lg_other/answer", {"steps": SMALLER})
    assert there.status_code == 404
    rows = clinic.chassis.mongo.tenant("points", clinic.tenant)
    await rows.update_one({"record_id": "lg_one"}, {"$unset": {"task_id": ""}})
    kept_before = await _eased(clinic, {"steps": SMALLER})
    assert kept_before.status_code == 201, "an earlier release kept no task beside a log"


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
