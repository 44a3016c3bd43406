"""How much a home carries: live tasks over children and organisations, and who takes a place that comes free."""

import asyncio

from .steps import GOAL, TASK, Clinic, active, add, end_task, kinds, states


async def test_the_household_carries_so_much_and_the_next_one_waits(clinic: Clinic) -> None:
    await active(clinic)
    made = [await add(clinic, f"t{n}") for n in range(4)]
    assert [task["state"] for task in made] == ["live", "live", "queued", "queued"]
    assert made[2]["waiting"] == "Waits: the household is full."
    ended = await end_task(clinic, "t0")
    assert ended.json()["state"] == "ended"
    assert await states(clinic) == {"t1": "live", "t2": "live", "t3": "queued"}
    told = [(e["record_id"], e["state"]) for e in await clinic.stream() if e["type"] == "task_changed"]
    assert told[-2:] == [("t0", "ended"), ("t2", "live")]


async def test_a_brothers_task_takes_the_free_place_in_the_same_home(clinic: Clinic) -> None:
    await clinic.knows("cl_b", client_person_id=None)
    await active(clinic)
    await add(clinic, "t1")
    await add(clinic, "t2")
    brother = clinic.as_("ps_therapist", client="cl_b")
    await brother.post("/goals", GOAL)
    await brother.post("/plan/propose", {"goals": ["g_a"]})
    await clinic.as_("ps_parent", client="cl_b").post(
        "/goals/g_a/answers", {"party": "guardian", "answer": "approve"}
    )
    assert (await brother.post("/plan/activate", {"goals": ["g_a"]})).status_code == 200
    assert (await brother.post("/tasks", {**TASK, "id": "t1"})).json()["state"] == "queued"
    await end_task(clinic, "t2")
    assert (await brother.get("/tasks")).json()["items"][0]["state"] == "live"
    assert [event["type"] for event in await clinic.stream(client="cl_b")][-1] == "task_changed"


async def test_another_tenant_shares_the_home_as_a_number_only(clinic: Clinic) -> None:
    await active(clinic)
    twin = clinic.turned()
    await active(twin)
    await add(clinic, "t1")
    await add(clinic, "t2")
    assert (await add(twin, "t1"))["state"] == "queued"
    strangers = [{"id": "hh_a", "members": ["ps_elsewhere"], "live_task_cap": 2}]
    await twin.knows(rev=2, households=strangers)
    assert (await add(twin, "t2"))["state"] == "live"
    loads = await clinic.chassis.mongo.crossing_tenants(
        "household_load", why="the test reads all of it"
    ).find()
    assert not any(name in repr(loads) for name in (clinic.tenant, twin.tenant, "cl_a", "hh_a", "ps_parent"))


async def test_tasks_that_arrive_together_never_exceed_the_cap(clinic: Clinic) -> None:
    twin = clinic.turned()
    await active(clinic)
    await active(twin)
    made = await asyncio.gather(*(add(side, f"t{n}") for n in range(5) for side in (clinic, twin)))
    assert sorted(task["state"] for task in made) == ["live"] * 2 + ["queued"] * 8
    ends = [
        (side, name)
        for side in (clinic, twin)
        for name, state in (await states(side)).items()
        if state == "live"
    ]
    await asyncio.gather(*(end_task(side, name) for side, name in ends))
    await clinic.look_for_places()
    left = [state for side in (clinic, twin) for state in (await states(side)).values()]
    assert sorted(left) == ["live"] * 2 + ["queued"] * 6


async def test_a_place_left_for_another_tenant_is_taken_by_it(clinic: Clinic) -> None:
    await active(clinic)
    twin = clinic.turned()
    await active(twin)
    await add(clinic, "t1")
    await add(clinic, "t2")
    await add(twin, "t1")
    await add(clinic, "t3")
    await end_task(clinic, "t1")
    assert await states(clinic) == {"t2": "live", "t3": "queued"}, "the twin's task waits longer"
    await clinic.look_for_places()
    assert await states(twin) == {"t1": "live"}
    assert await states(clinic) == {"t2": "live", "t3": "queued"}
    assert kinds(await twin.stream())[-1] == "task_changed"
