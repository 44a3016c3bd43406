"""Whom a goal is shared with: its tasks are read by nobody else, and are there again once it is shared again."""

from asyncio import gather
from typing import Any

from .steps import GOAL, TASK, Clinic, active, add, draft, end_task

AT_SCHOOL: dict[str, Any] = {"setting": "school", "households": ["hh_a"]}


async def share_with(clinic: Clinic, *audience: str) -> Any:
    """Share the goal with these from now on; answers what has been told of tasks since."""
    before = len(await clinic.stream())
    therapist = clinic.as_("ps_therapist")
    seen = (await therapist.get("/goals/g_a")).json()["doc_version"]
    body = {name: value for name, value in GOAL.items() if name != "id"} | {"audience": list(audience)}
    done = await therapist.put("/goals/g_a", body, seen)
    assert done.status_code == 200, done.text
    told = [event for event in (await clinic.stream())[before:] if event["type"] == "task_changed"]
    return [(e["record_id"], e["state"], e.get("ended", False), e["parties"]) for e in told]


async def read_at_school(clinic: Clinic) -> list[str]:
    listed = (await clinic.as_("ps_teacher").get("/tasks")).json()["items"]
    return [task["id"] for task in listed]


async def test_a_goal_taken_from_school_takes_its_tasks_from_there(clinic: Clinic) -> None:
    consent = {"id": "c1", "state": "granted", "recipients": ["ps_teacher"], "begins": "2025-01-01T00:00:00Z"}
    await clinic.knows(consents=[{**consent, "classes": ["plan_school", "task"]}])
    await active(clinic)
    await add(clinic, "t_school", **AT_SCHOOL)
    await add(clinic, "t_home")
    await add(clinic, "t_over", **AT_SCHOOL)
    await end_task(clinic, "t_over")
    assert await read_at_school(clinic) == ["t_school"]
    at_home = ["household:hh_a", "client"]
    assert await share_with(clinic, "guardians") == [("t_school", "live", False, at_home)]
    assert await read_at_school(clinic) == []
    rows = await clinic.chassis.mongo.tenant("tasks", clinic.tenant).find({"parties": "school"})
    assert rows == []
    assert await share_with(clinic, "guardians", "school") == [
        ("t_school", "live", False, [*at_home, "school"])
    ]
    assert await read_at_school(clinic) == ["t_school"]


async def test_what_nobody_has_been_told_of_follows_without_a_word(clinic: Clinic) -> None:
    await clinic.as_("ps_therapist").post("/goals", GOAL)
    await add(clinic, "t_draft", **AT_SCHOOL)
    assert await share_with(clinic, "guardians") == []
    row = await clinic.chassis.mongo.tenant("tasks", clinic.tenant).find_one({"task_id": "t_draft"})
    assert row["parties"] == ["household:hh_a", "client"]


async def test_practice_written_anew_while_its_goal_leaves_school_stays_out_of_school(
    clinic: Clinic, beside: Clinic
) -> None:
    """Nobody has been told of either yet, so no stream puts the two in order."""
    kept = {name: value for name, value in GOAL.items() if name != "id"} | {"audience": ["guardians"]}
    for n in range(8):
        goal_id = f"g_{n}"
        await draft(clinic, id=goal_id)
        await add(clinic, f"t_{n}", goal_id=goal_id)
        at_school = {**TASK, "goal_id": goal_id, **AT_SCHOOL}
        done = await gather(
            clinic.as_("ps_therapist").put(f"/tasks/t_{n}", at_school, 1),
            beside.as_("ps_therapist").put(f"/goals/{goal_id}", kept, 1),
        )
        assert [answer.status_code for answer in done] == [200, 200], [answer.text for answer in done]
    assert await clinic.chassis.mongo.tenant("tasks", clinic.tenant).find({"parties": "school"}) == []
