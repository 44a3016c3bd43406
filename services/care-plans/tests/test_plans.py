"""The plan as a whole over HTTP: read in pages, put to people who may decide, and its readers told of what is new."""

from datetime import UTC, datetime

from policy.days import day_of

from .steps import GOAL, Clinic, active, add, draft, kinds, propose


async def test_a_plan_is_read_in_pages_and_each_task_stands_with_its_goal(clinic: Clinic) -> None:
    for number in range(3):
        await draft(clinic, id=f"g_{number}")
        await add(clinic, f"t_{number}", goal_id=f"g_{number}")
    await draft(clinic, id="g_gone")
    therapist = clinic.as_("ps_therapist")
    await propose(clinic, "g_gone")
    whole = (await therapist.get("/plan")).json()
    goals, tasks, after = [], [], {}
    while after is not None:
        page = (await therapist.get("/plan", limit=1, **after)).json()
        assert {task["goal_id"] for task in page["tasks"]} <= {goal["id"] for goal in page["goals"]}
        assert {**page, "goals": 0, "tasks": 0, "next": 0} == {**whole, "goals": 0, "tasks": 0, "next": 0}
        goals += page["goals"]
        tasks += page["tasks"]
        after = {"after": page["next"]} if page["next"] else None
    assert goals == whole["goals"] and len(goals) == 4
    assert sorted(task["id"] for task in tasks) == ["t_0", "t_1", "t_2"]
    wrong = await therapist.get("/plan", after="elsewhere")
    assert (wrong.status_code, wrong.json()["field"]) == (422, "after")


async def test_a_goal_is_put_only_where_somebody_who_may_decide_reads_it(clinic: Clinic) -> None:
    therapist = clinic.as_("ps_therapist")
    for number, audience in enumerate(([], ["school"], ["network"])):
        await draft(clinic, id=f"g_{number}", audience=audience)
        refused = await therapist.post("/plan/propose", {"goals": [f"g_{number}"]})
        assert refused.status_code == 409, audience
        assert [error["field"] for error in refused.json()["errors"]] == ["audience"]
    await draft(clinic, id="g_family", audience=["guardians"])
    await draft(clinic, id="g_private", audience=[], private=True)
    await propose(clinic, "g_family", "g_private")


async def test_who_reads_an_active_goal_is_told_of_a_new_version_and_of_nothing_else(clinic: Clinic) -> None:
    await active(clinic)
    therapist = clinic.as_("ps_therapist")
    body = {name: value for name, value in GOAL.items() if name != "id"}
    seen = (await therapist.get("/goals/g_a")).json()["doc_version"]
    before = kinds(await clinic.stream())
    quiet = await therapist.put("/goals/g_a", {**body, "team": "Asks for a break in 7 of ten."}, seen)
    assert quiet.status_code == 200, quiet.text
    assert kinds(await clinic.stream())[len(before) :] == ["goal_changed"]
    moved = await therapist.put("/goals/g_a", {**body, "plain": "He asks when he wants quiet."}, seen + 1)
    assert (moved.json()["state"], moved.json()["version"]) == ("active", 2)
    told = (await clinic.stream())[len(before) + 1 :]
    assert sorted(kinds(told)) == ["goal_changed", "plan_activated"]


async def test_from_majority_on_a_parents_approval_decides_nothing(clinic: Clinic) -> None:
    today = day_of(datetime.now(UTC))
    grown = {"consents_from": today, "majority_from": today}
    therapist, yes = clinic.as_("ps_therapist"), {"answer": "approve"}
    await draft(clinic)
    await propose(clinic, "g_a")
    await clinic.as_("ps_parent").post("/goals/g_a/answers", {"party": "guardian", **yes})
    await clinic.knows(**grown, rev=2)
    refused = await therapist.post("/plan/activate", {"goals": ["g_a"]})
    assert refused.status_code == 409, refused.text
    assert refused.json()["errors"][0]["field"] == "answers"
    await clinic.knows(**grown, rev=3, client_person_id=None)
    await draft(clinic, id="g_b")
    nobody = await therapist.post("/plan/propose", {"goals": ["g_b"]})
    assert (nobody.status_code, nobody.json()["errors"][0]["field"]) == (409, "audience"), nobody.text
    await clinic.knows(**grown, rev=4)
    said = await clinic.as_("ps_teen").post("/goals/g_a/answers", {"party": "client", **yes})
    assert said.status_code == 200, said.text
    assert (await therapist.post("/plan/activate", {"goals": ["g_a"]})).status_code == 200


async def test_a_goal_moves_as_it_was_read_or_not_at_all(clinic: Clinic) -> None:
    """Proposing what a colleague has changed meanwhile put words to a family that nobody had read."""
    therapist = clinic.as_("ps_therapist")
    for name in ("g_a", "g_b"):
        await draft(clinic, id=name)
    at = {name: (await therapist.get(f"/goals/{name}")).json()["doc_version"] for name in ("g_a", "g_b")}
    read = [{"id": name, "doc_version": version} for name, version in at.items()]
    body = {name: value for name, value in GOAL.items() if name != "id"}
    changed = await therapist.put("/goals/g_b", {**body, "plain": "He asks for quiet."}, at["g_b"])
    late = await therapist.post("/plan/propose", {"goals": ["g_a", "g_b"], "read": read})
    assert late.status_code == 409
    assert [(e["goal_id"], e["field"]) for e in late.json()["errors"]] == [("g_b", "read")]
    assert (await therapist.get("/goals/g_a")).json()["state"] == "draft", "half of it has moved"
    read[1]["doc_version"] = changed.json()["doc_version"]
    done = await therapist.post("/plan/propose", {"goals": ["g_a", "g_b"], "read": read})
    assert done.status_code == 200, done.text
    again = await therapist.post("/plan/propose", {"goals": ["g_a"], "read": read[:1]})
    assert again.status_code == 200, "what has moved is not said to stand where it was"


async def test_practice_that_nobody_read_begins_with_no_goal(clinic: Clinic) -> None:
    """A card that a colleague hung on it, or reworded, since the page was drawn went live at home in seconds."""
    therapist = clinic.as_("ps_therapist")
    await draft(clinic)
    await propose(clinic, "g_a")
    said = await clinic.as_("ps_parent").post(
        "/goals/g_a/answers", {"party": "guardian", "answer": "approve"}
    )
    assert said.status_code == 200, said.text
    made = await add(clinic, "t_new")
    goal = (await therapist.get("/goals/g_a")).json()
    body = {"goals": ["g_a"], "read": [{"id": "g_a", "doc_version": goal["doc_version"]}], "tasks": []}
    late = await therapist.post("/plan/activate", body)
    assert late.status_code == 409
    assert [(e["goal_id"], e["field"]) for e in late.json()["errors"]] == [("g_a", "tasks")]
    body["tasks"] = [{"id": "t_new", "doc_version": made["doc_version"]}]
    assert (await therapist.post("/plan/activate", body)).status_code == 200
