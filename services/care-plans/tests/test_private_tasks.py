"""A private task leaves no trace in a home: it takes no place there, and nothing there moves when it does."""

from typing import Any

import pytest

from .steps import Clinic, end_task

GOAL: dict[str, Any] = {
    "team": "Asks for a break by any means in 4 to 6 of ten noisy moments.",
    "plain": "He asks for a break when it gets too loud.",
    "own": {"statement": "It is too loud. I show my card."},
    "levels": ["0 or 1 of 10", "2 or 3 of 10", "4 to 6 of 10", "7 or 8 of 10", "9 or 10 of 10"],
    "baseline_level": -1,
    "measure": {"kind": "out_of", "min": 0, "max": 10, "rater": "ps_a", "from": "the last ten moments noted"},
    "others_will": ["Every adult answers within one minute."],
    "assent": {"state": "agreed", "how": "chose the card"},
    "audience": ["guardians"],
}
TASK: dict[str, Any] = {
    "goal_id": "g_a",
    "setting": "home",
    "planned": {"times": 3, "per": "week"},
    "title": "The blue card works here too",
    "why": "A card that works at home is easier to use in a loud hall.",
}
HOME = ["hh_a"]
"""A home with two places."""


async def active(clinic: Clinic, goal_id: str = "g_a", **changes: Any) -> None:
    therapist = clinic.as_("ps_therapist")
    private = changes.get("private", False)
    signer, party = ("ps_teen", "client") if private else ("ps_parent", "guardian")
    await therapist.post("/goals", {**GOAL, "id": goal_id, **changes})
    await therapist.post("/plan/propose", {"goals": [goal_id]})
    await clinic.as_(signer).post(f"/goals/{goal_id}/answers", {"party": party, "answer": "approve"})
    done = await therapist.post("/plan/activate", {"goals": [goal_id]})
    assert done.status_code == 200, done.text


async def add(clinic: Clinic, task_id: str, **changes: Any) -> str:
    made = await clinic.as_("ps_therapist").post("/tasks", {**TASK, "id": task_id, **changes})
    assert made.status_code == 201, made.text
    return str(made.json()["state"])


async def states(clinic: Clinic) -> dict[str, str]:
    listed = (await clinic.as_("ps_therapist").get("/tasks")).json()["items"]
    return {item["id"]: item["state"] for item in listed}


async def places(clinic: Clinic) -> list[int]:
    """How many tasks live in each home that tasks of this tenant are counted in."""
    rows = await clinic.chassis.mongo.tenant("tasks", clinic.tenant).find()
    homes = sorted({home for row in rows for home in row["homes"]})
    loads = clinic.chassis.mongo.crossing_tenants("household_load", why="the test counts the places")
    return [len(row["live"]) for row in await loads.find({"_id": {"$in": homes}})]


def told(events: list[dict[str, Any]]) -> list[tuple[str, str, bool, tuple[str, ...]]]:
    kept = [event for event in events if event["type"] == "task_changed"]
    return [(e["record_id"], e["state"], e.get("ended", False), tuple(e["parties"])) for e in kept]


async def make_private(clinic: Clinic, goal_id: str) -> None:
    therapist = clinic.as_("ps_therapist")
    version = (await therapist.get(f"/goals/{goal_id}")).json()["doc_version"]
    done = await therapist.put(f"/goals/{goal_id}", {**GOAL, "id": goal_id, "private": True}, version)
    assert done.status_code == 200, done.text


@pytest.mark.parametrize("goal_private", [True, False])
async def test_a_home_named_for_a_private_task_is_refused_and_said_why(
    clinic: Clinic, goal_private: bool
) -> None:
    await active(clinic, private=goal_private)
    body = {**TASK, "id": "t_own", "households": HOME, "private": not goal_private}
    refused = await clinic.as_("ps_therapist").post("/tasks", body)
    assert (refused.status_code, refused.json().get("field")) == (422, "households"), refused.text
    assert "private" in refused.text and "Leave the homes out" in refused.text
    assert await states(clinic) == {} and await places(clinic) == []


async def test_a_task_becomes_private_without_its_homes_and_gives_their_places_back(clinic: Clinic) -> None:
    await active(clinic)
    assert [await add(clinic, f"t{n}", households=HOME) for n in range(3)] == ["live", "live", "queued"]
    therapist = clinic.as_("ps_therapist")
    kept = await therapist.put("/tasks/t0", {**TASK, "households": HOME, "private": True}, 2)
    assert kept.status_code == 422
    done = await therapist.put("/tasks/t0", {**TASK, "households": [], "private": True}, 2)
    assert done.status_code == 200, done.text
    assert await states(clinic) == {"t0": "live", "t1": "live", "t2": "live"}
    assert await places(clinic) == [2]


async def test_a_private_task_makes_nobody_wait_and_moves_nobody(clinic: Clinic) -> None:
    await active(clinic)
    await active(clinic, "g_own", private=True)
    assert [await add(clinic, f"p{n}", goal_id="g_own") for n in range(2)] == ["live", "live"]
    assert [await add(clinic, f"t{n}", households=HOME) for n in range(2)] == ["live", "live"]
    assert await add(clinic, "t2", households=HOME) == "queued"
    before = told(await clinic.stream())
    await clinic.as_("ps_teen").post("/tasks/p0/pause")
    await clinic.as_("ps_teen").post("/tasks/p0/resume")
    await end_task(clinic, "p1")
    assert (await states(clinic))["t2"] == "queued"
    assert {parties for *_, parties in told(await clinic.stream())[len(before) :]} == {("client",)}


async def test_a_goal_that_becomes_private_gives_its_tasks_places_back(clinic: Clinic) -> None:
    await active(clinic)
    await active(clinic, "g_b")
    for n in range(3):
        await add(clinic, f"t{n}", households=HOME)
    await add(clinic, "b0", goal_id="g_b", households=HOME)
    assert await states(clinic) == {"t0": "live", "t1": "live", "t2": "queued", "b0": "queued"}
    before = told(await clinic.stream())
    await make_private(clinic, "g_a")
    assert await states(clinic) == {"t0": "live", "t1": "live", "t2": "live", "b0": "live"}
    assert await places(clinic) == [1]
    new, home = told(await clinic.stream())[len(before) :], ("household:hh_a", "client")
    assert [event for event in new if event[3] == home] == [
        ("t0", "live", True, home),
        ("t1", "live", True, home),
        ("t2", "queued", True, home),
        ("b0", "live", False, home),
    ]
    assert [event[:3] for event in new if event[3] == ("client",)] == [
        (task_id, "live", False) for task_id in ("t0", "t1", "t2")
    ]
    listed = (await clinic.as_("ps_therapist").get("/tasks")).json()["items"]
    assert {item["id"]: item["households"] for item in listed}["t0"] == []


async def test_a_draft_of_a_goal_that_becomes_private_takes_no_place_when_it_begins(clinic: Clinic) -> None:
    await clinic.as_("ps_therapist").post("/goals", {**GOAL, "id": "g_a"})
    await add(clinic, "t0", households=HOME)
    await active(clinic, "g_b")
    await make_private(clinic, "g_a")
    await clinic.as_("ps_therapist").post("/plan/propose", {"goals": ["g_a"]})
    await clinic.as_("ps_teen").post("/goals/g_a/answers", {"party": "client", "answer": "approve"})
    done = await clinic.as_("ps_therapist").post("/plan/activate", {"goals": ["g_a"]})
    assert done.json()["tasks"] == [{"id": "t0", "state": "live"}]
    assert await places(clinic) == []


async def test_a_private_task_of_before_that_waits_for_a_home_no_longer_does(clinic: Clinic) -> None:
    await active(clinic)
    for n in range(3):
        await add(clinic, f"t{n}", households=HOME)
    await add(clinic, "own", private=True)
    rows = clinic.chassis.mongo.tenant("tasks", clinic.tenant)
    waiting = await rows.find_one({"task_id": "t2"})
    older = {name: waiting[name] for name in ("households", "homes", "stage", "queued_at")}
    await rows.update_one({"task_id": "own"}, {"$set": older})
    await clinic.look_for_places()
    assert await states(clinic) == {"t0": "live", "t1": "live", "t2": "queued", "own": "live"}
    own = await rows.find_one({"task_id": "own"})
    assert (own["households"], own["homes"]) == ([], [])


async def test_a_private_goal_that_begins_tells_no_home_that_the_team_has_begun(clinic: Clinic) -> None:
    therapist = clinic.as_("ps_therapist")
    await therapist.post("/episode", {"referred_on": "2026-01-05", "told": "a call"})
    await active(clinic, private=True)
    told = [event for event in await clinic.stream() if event["type"] == "episode_changed"]
    assert [(event["state"], list(event["sections"])) for event in told] == [("waiting", ["plan_team"])]
