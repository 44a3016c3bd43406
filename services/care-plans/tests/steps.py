"""What the tests of a plan have in common: a goal, a task, and the steps that bring them to life."""

from typing import Any

Clinic = Any
"""The fixture's class in conftest.py, which no test can import."""

GOAL: dict[str, Any] = {
    "id": "g_a",
    "team": "Asks for a break by any means in 4 to 6 of ten noisy moments.",
    "plain": "He asks for a break when it gets too loud.",
    "school": "He shows the blue card. Say yes within one minute.",
    "own": {"statement": "It is too loud. I show my card.", "client_words": "loud. out."},
    "levels": ["0 or 1 of 10", "2 or 3 of 10", "4 to 6 of 10", "7 or 8 of 10", "9 or 10 of 10"],
    "baseline_level": -1,
    "measure": {"kind": "out_of", "min": 0, "max": 10, "rater": "ps_a", "from": "the last ten moments noted"},
    "others_will": ["Every adult answers within one minute."],
    "assent": {"state": "agreed", "how": "chose the card"},
    "audience": ["guardians", "school"],
}
TASK: dict[str, Any] = {
    "goal_id": "g_a",
    "setting": "home",
    "households": ["hh_a"],
    "planned": {"times": 3, "per": "week", "when": "a calm moment"},
    "title": "The blue card works here too",
    "why": "A card that works at home is easier to use in a loud hall.",
    "steps": ["Show the card.", "Say yes at once."],
}


async def draft(clinic: Clinic, **changes: Any) -> Any:
    made = await clinic.as_("ps_therapist").post("/goals", {**GOAL, **changes})
    assert made.status_code == 201, made.text
    return made.json()


async def propose(clinic: Clinic, *goals: str) -> None:
    done = await clinic.as_("ps_therapist").post("/plan/propose", {"goals": list(goals)})
    assert done.status_code == 200, done.text


async def active(clinic: Clinic) -> None:
    await draft(clinic)
    await propose(clinic, "g_a")
    said = await clinic.as_("ps_parent").post(
        "/goals/g_a/answers", {"party": "guardian", "answer": "approve"}
    )
    assert said.status_code == 200, said.text
    done = await clinic.as_("ps_therapist").post("/plan/activate", {"goals": ["g_a"]})
    assert done.status_code == 200, done.text


async def add(clinic: Clinic, task_id: str, **changes: Any) -> Any:
    body = {**TASK, "id": task_id, **changes}
    made = await clinic.as_("ps_therapist").post("/tasks", body)
    assert made.status_code == 201, made.text
    return made.json()


async def states(clinic: Clinic) -> dict[str, str]:
    listed = (await clinic.as_("ps_therapist").get("/tasks")).json()["items"]
    return {item["id"]: item["state"] for item in listed}


async def end_task(clinic: Clinic, task_id: str) -> Any:
    """End a task as it stands."""
    therapist = clinic.as_("ps_therapist")
    listed = (await therapist.get("/tasks")).json()["items"]
    seen = next(item["doc_version"] for item in listed if item["id"] == task_id)
    ended = await therapist.post(f"/tasks/{task_id}/end", seen=seen)
    assert ended.status_code == 200, ended.text
    return ended


def kinds(events: list[dict[str, Any]]) -> list[str]:
    return [event["type"] for event in events]
