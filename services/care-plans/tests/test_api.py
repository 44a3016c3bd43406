"""A plan over HTTP, from a draft that leaves no trace to an active goal, with the people it concerns."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from chassis.cursors import values_of

from .steps import GOAL, TASK, Clinic, active, add, draft, kinds, propose, states


async def test_a_draft_leaves_no_trace(clinic: Clinic) -> None:
    nothing = (await clinic.as_("ps_parent").get("/goals")).content
    made = await draft(clinic, levels=[], assent={})
    assert made == {"id": "g_a", "state": "draft", "version": 0, "doc_version": 1}
    await add(clinic, "t1")
    assert await clinic.stream() == []
    for person in ("ps_parent", "ps_teacher", "ps_teen"):
        visit = clinic.as_(person)
        assert (await visit.get("/goals")).content == nothing
        assert (await visit.get("/goals/g_a")).content == (await visit.get("/goals/g_unknown")).content
        taken = await visit.post("/goals/g_a/answers", {"party": "guardian", "answer": "approve"})
        assert taken.status_code == 404
    listed = (await clinic.as_("ps_therapist").get("/goals")).json()["items"]
    assert [(goal["id"], goal["wordings"]["plan_team"]["levels"]) for goal in listed] == [("g_a", [])]
    plan = (await clinic.as_("ps_therapist").get("/plan")).json()
    assert plan["goals"][0]["state"] == "draft" and plan["goals"][0]["unmet"]
    assert (await clinic.as_("ps_supervisor").get("/plan")).json()["goals"] == []


async def test_each_party_reads_its_wording(clinic: Clinic) -> None:
    await draft(clinic)
    await propose(clinic, "g_a")
    read = {}
    for person in ("ps_parent", "ps_teacher", "ps_teen", "ps_aunt", "ps_supervisor"):
        goal = (await clinic.as_(person).get("/goals/g_a")).json()
        read[person] = {name: words["statement"] for name, words in goal["wordings"].items()}
        assert goal["version"] == 1
    assert read["ps_parent"] == read["ps_aunt"] == {"plan_plain": GOAL["plain"]}
    assert read["ps_teacher"] == {"plan_school": GOAL["school"]}
    assert set(read["ps_teen"]) == {"plan_plain", "plan_own"}
    assert set(read["ps_supervisor"]) == {"plan_team", "plan_plain", "plan_school", "plan_own"}


async def test_from_question_to_active(clinic: Clinic) -> None:
    therapist, parent = clinic.as_("ps_therapist"), clinic.as_("ps_parent")
    await draft(clinic)
    await propose(clinic, "g_a")
    await add(clinic, "t1")
    await parent.post("/goals/g_a/answers", {"party": "guardians", "answer": "ask", "words": "Any lesson?"})
    early = await therapist.post("/plan/activate", {"goals": ["g_a"]})
    assert early.status_code == 409
    assert {e["field"] for e in early.json()["errors"]} == {"answers"}
    replied = await therapist.post("/goals/g_a/answers/ps_parent/reply", {"words": "Any."})
    assert replied.status_code == 200
    await parent.post("/goals/g_a/answers", {"party": "guardian", "answer": "approve"})
    done = await therapist.post("/plan/activate", {"goals": ["g_a"]})
    assert done.json()["goals"][0]["state"] == "active" and done.json()["tasks"] == [
        {"id": "t1", "state": "live"}
    ]
    assert done.headers["Kith-Position"]
    events = await clinic.stream()
    assert kinds(events) == [
        "goal_changed", "plan_proposed", "plan_answered", "plan_answered", "plan_answered",
        "goal_changed", "task_changed", "plan_activated",
    ]  # fmt: skip
    assert events[1]["asked"] == ["guardians", "school", "client"]
    assert all(e["parties"] == ["person:ps_parent"] for e in events if e["type"] == "plan_answered")
    assert [seq["version"] for seq in events if seq["type"] == "goal_changed"] == [1, 1]
    plan = (await therapist.get("/plan")).json()
    said = plan["goals"][0]["answers"][0]
    assert (said["answer"], said["words"], said["reply"]) == ("approve", None, None)
    assert (said["words_before"], said["reply_before"]) == ("Any lesson?", "Any.")
    assert plan["version"] == 1


async def test_what_nobody_could_agree_to_is_told_before_it_is_proposed(clinic: Clinic) -> None:
    await draft(clinic, audience=[])
    (goal,) = (await clinic.as_("ps_therapist").get("/plan")).json()["goals"]
    refused = await clinic.as_("ps_therapist").post("/plan/propose", {"goals": ["g_a"]})
    assert refused.status_code == 409
    told = {(unmet["field"], unmet["detail"]) for unmet in goal["unmet"]}
    assert {(e["field"], e["detail"]) for e in refused.json()["errors"]} == told
    assert "audience" in {field for field, _ in told}


async def test_practice_that_nobody_would_get_is_refused(clinic: Clinic) -> None:
    await clinic.knows(client_person_id=None, consents_from=None, privacy_from=None)
    await active(clinic)
    therapist = clinic.as_("ps_therapist")
    for changes, field in (
        ({"households": []}, "households"),
        ({"households": [], "assigned_to": "cl_a"}, "households"),
        ({"households": [], "setting": "community"}, "households"),
    ):
        refused = await therapist.post("/tasks", {**TASK, "id": "t0", **changes})
        assert (refused.status_code, refused.json().get("field")) == (422, field), refused.text
    assert await states(clinic) == {}
    for task_id, changes in (("t1", {}), ("t2", {"setting": "school"}), ("t3", {"assigned_to": "ps_aunt"})):
        await add(clinic, task_id, **{"households": [], **changes} if changes else {})
    again = {**TASK, "id": "t1", "households": []}
    assert (await therapist.put("/tasks/t1", again, 2)).status_code == 422
    await draft(clinic, id="g_home", audience=["guardians"], school=None)
    at_school = {**TASK, "id": "t4", "goal_id": "g_home", "households": [], "setting": "school"}
    refused = await therapist.post("/tasks", at_school)
    assert (refused.status_code, refused.json().get("field")) == (422, "setting"), refused.text


async def test_a_client_with_a_sign_in_of_their_own_gets_practice_without_a_home(clinic: Clinic) -> None:
    await active(clinic)
    assert (await add(clinic, "t1", households=[]))["state"] == "live"
    assert [item["id"] for item in (await clinic.as_("ps_teen").get("/tasks")).json()["items"]] == ["t1"]


async def test_nothing_written_stands_in_the_clear(clinic: Clinic) -> None:
    await active(clinic)
    await add(clinic, "t1")
    for name in ("goals", "answers", "tasks", "journal", "audit"):
        rows = await clinic.chassis.mongo.tenant(name, clinic.tenant).find()
        assert rows, name
        assert not any(word in repr(rows) for word in ("blue card", "too loud", "noisy", "approve", "of 10"))


async def test_a_private_goal_moves_nothing_on_anybody_elses_page(clinic: Clinic) -> None:
    await active(clinic)
    before = {p: (await clinic.as_(p).get("/goals")).content for p in ("ps_parent", "ps_teacher", "ps_aunt")}
    await draft(clinic, id="g_mine", private=True, audience=["guardians"], plain=None, school=None)
    await propose(clinic, "g_mine")
    teen = clinic.as_("ps_teen")
    agreed = await teen.post("/goals/g_mine/answers", {"party": "client", "answer": "approve"})
    assert agreed.status_code == 200
    assert (await clinic.as_("ps_therapist").post("/plan/activate", {"goals": ["g_mine"]})).status_code == 200
    await add(clinic, "t_mine", goal_id="g_mine", households=[])
    assert {p: (await clinic.as_(p).get("/goals")).content for p in before} == before
    assert (await clinic.as_("ps_parent").get("/tasks")).json()["items"] == []
    assert [item["id"] for item in (await teen.get("/tasks")).json()["items"]] == ["t_mine"]
    events = [event for event in await clinic.stream() if event.get("sections")]
    own = [event for event in events if event.get("record_id") in ("g_mine", "t_mine")]
    assert own and all(set(event["sections"]) == {"plan_private"} for event in own)
    asked = [event for event in await clinic.stream() if event["type"] == "plan_proposed"][-1]
    assert (asked["goal_ids"], asked["asked"]) == (["g_mine"], ["client"])


async def test_what_is_missing_is_named_with_its_fix(clinic: Clinic) -> None:
    await draft(clinic, others_will=[], levels=["a", "b", "c", "d", "a"], assent={"state": "not_asked"})
    refused = await clinic.as_("ps_therapist").post("/plan/propose", {"goals": ["g_a"]})
    problem = refused.json()
    assert refused.status_code == 409
    assert {e["rule"] for e in problem["errors"]} == {"lm_one_sided", "lm_not_asked", "lg_five"}
    assert all(e["goal_id"] == "g_a" and e["field"] and e["fix"] for e in problem["errors"])
    assert await clinic.stream() == []


async def test_what_nobody_chose_does_not_move(clinic: Clinic) -> None:
    await draft(clinic)
    for move, state in (("propose", "draft"), ("activate", "proposed")):
        none = await clinic.as_("ps_therapist").post(f"/plan/{move}", {"goals": []})
        assert (none.status_code, none.json()["field"]) == (422, "goals")
        assert none.json()["fix"] == "Choose at least one."
        assert (await clinic.as_("ps_therapist").get("/goals/g_a")).json()["state"] == state
        if move == "propose":
            await propose(clinic, "g_a")
            said = {"party": "guardian", "answer": "approve"}
            await clinic.as_("ps_parent").post("/goals/g_a/answers", said)


async def test_an_empty_goal_is_not_kept(clinic: Clinic) -> None:
    therapist = clinic.as_("ps_therapist")
    nothing = {"team": " ", "own": {}, "levels": [], "audience": ["guardians"], "settings": ["home"]}
    for body in ({}, nothing):
        refused = await therapist.post("/goals", body)
        assert (refused.status_code, refused.json()["field"]) == (422, "own"), refused.text
    assert (await therapist.get("/goals")).json()["items"] == []
    await draft(clinic)
    assert (await therapist.put("/goals/g_a", nothing, 1)).status_code == 422


async def test_what_is_missing_says_what_and_how_and_no_two_say_the_same(clinic: Clinic) -> None:
    made = await clinic.as_("ps_therapist").post("/goals", {"id": "g_a", "team": "Breaks"})
    assert made.status_code == 201
    refused = await clinic.as_("ps_therapist").post("/plan/propose", {"goals": ["g_a"]})
    told = [(e["detail"], e["fix"]) for e in refused.json()["errors"]]
    assert len(told) > 4 and len(set(told)) == len(told)
    assert all(detail.startswith("Not settled yet: ") and detail not in fix for detail, fix in told)
    assert not any("_" in detail for detail, _ in told)


async def test_a_rationale_is_read_by_somebody_else(clinic: Clinic) -> None:
    lines = dict.fromkeys(("who_asked", "client_words", "need_behind", "others_first", "way_out"), "said so")
    await draft(clinic, team="Uses full sentences at register.", masking={"rationale": lines})
    therapist, supervisor = clinic.as_("ps_therapist"), clinic.as_("ps_supervisor")
    assert (await therapist.post("/plan/propose", {"goals": ["g_a"]})).status_code == 409
    assert (await therapist.post("/goals/g_a/rationale/read")).status_code == 403
    assert [goal["id"] for goal in (await supervisor.get("/plan")).json()["goals"]] == ["g_a"]
    assert (await supervisor.post("/goals/g_a/rationale/read")).status_code == 200
    await propose(clinic, "g_a")


async def test_the_order_of_goals_says_nothing_of_when_they_were_begun(clinic: Clinic) -> None:
    parent = clinic.as_("ps_parent")
    await draft(clinic, id="g_begun_first")
    await draft(clinic, id="g_told_first")
    await propose(clinic, "g_told_first")
    await propose(clinic, "g_begun_first")
    listed = (await parent.get("/goals")).json()["items"]
    assert [goal["id"] for goal in listed] == ["g_told_first", "g_begun_first"]
    page = (await parent.get("/goals", limit=1)).json()
    assert [goal["id"] for goal in page["items"]] == ["g_told_first"]
    rest = (await parent.get("/goals", limit=1, after=page["next"])).json()
    assert [goal["id"] for goal in rest["items"]] == ["g_begun_first"]
    told, _ = values_of(page["next"])
    assert told.isoformat() == datetime.fromisoformat(page["items"][0]["version_at"]).isoformat()


async def test_lists_are_read_page_by_page(clinic: Clinic) -> None:
    await active(clinic)
    for n in range(5):
        await add(clinic, f"t{n}", households=[])
    visit, seen, after = clinic.as_("ps_teen"), [], None
    while True:
        page = (await visit.get("/tasks", limit=2, **({"after": after} if after else {}))).json()
        seen += [item["id"] for item in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert seen == [f"t{n}" for n in range(5)]
    assert (await visit.get("/tasks", after="nonsense")).status_code == 422


async def test_the_client_rests_a_goal_and_its_tasks_rest_at_once(clinic: Clinic) -> None:
    await active(clinic)
    for n in range(3):
        await add(clinic, f"t{n}")
    assert (await clinic.as_("ps_parent").post("/goals/g_a/pause")).status_code == 404
    rested = await clinic.as_("ps_teen").post("/goals/g_a/pause")
    assert rested.json()["state"] == "on_hold" and rested.json()["version"] == 1
    assert set((await states(clinic)).values()) == {"paused"}
    await clinic.as_("ps_therapist").post("/goals/g_a/resume")
    assert sorted((await states(clinic)).values()) == ["live", "live", "queued"]


async def test_a_stale_version_and_a_missing_one(clinic: Clinic) -> None:
    await draft(clinic)
    therapist = clinic.as_("ps_therapist")
    assert (await therapist.put("/goals/g_a", GOAL, 1)).json()["doc_version"] == 2
    stale = await therapist.put("/goals/g_a", GOAL, 1)
    assert stale.status_code == 409 and stale.json()["version"] == 2
    assert (await therapist.put("/goals/g_a", GOAL, None)).status_code == 428


async def test_a_proposal_that_changes_is_asked_anew(clinic: Clinic) -> None:
    await draft(clinic)
    await propose(clinic, "g_a")
    await clinic.as_("ps_parent").post("/goals/g_a/answers", {"party": "guardian", "answer": "approve"})
    changed = await clinic.as_("ps_therapist").put("/goals/g_a", {**GOAL, "plain": "He asks for a break."}, 2)
    assert changed.json()["version"] == 2
    assert kinds(await clinic.stream())[-2:] == ["plan_proposed", "goal_changed"]
    assert (await clinic.as_("ps_therapist").post("/plan/activate", {"goals": ["g_a"]})).status_code == 409


async def test_the_same_request_twice_has_one_effect(clinic: Clinic) -> None:
    therapist = clinic.as_("ps_therapist")
    first = await therapist.post("/goals", GOAL, key="once")
    again = await therapist.post("/goals", GOAL, key="once")
    assert (again.status_code, again.json()) == (201, first.json())
    other = await therapist.post("/goals", {**GOAL, "id": "g_b"}, key="once")
    assert other.status_code == 409 and other.json()["field"] == "Idempotency-Key"
    assert (await therapist.post("/goals", GOAL)).status_code == 409


async def test_goals_keep_their_order_after_a_level_a_rest_and_an_edit(clinic: Clinic) -> None:
    therapist = clinic.as_("ps_therapist")
    for goal_id in ("g_c", "g_b", "g_a"):
        await draft(clinic, id=goal_id)
        await propose(clinic, goal_id)
        said = {"party": "guardian", "answer": "approve"}
        await clinic.as_("ps_parent").post(f"/goals/{goal_id}/answers", said)
        await therapist.post("/plan/activate", {"goals": [goal_id]})
    await therapist.post("/goals/g_c/ratings", {"level": 0, "on": str(date.today() - timedelta(days=1))})
    await therapist.post("/goals/g_c/pause")
    await therapist.post("/goals/g_c/resume")
    goals = (await therapist.get("/plan")).json()["goals"]
    assert [goal["id"] for goal in goals] == ["g_c", "g_b", "g_a"]
    told = [e for e in await clinic.stream() if e["type"] == "goal_changed"]
    since = {e["record_id"]: {x["first_at"] for x in told if x["record_id"] == e["record_id"]} for e in told}
    assert all(len(moments) == 1 for moments in since.values())
    assert sorted(since, key=lambda goal_id: min(since[goal_id])) == ["g_c", "g_b", "g_a"]


async def test_a_rating_stands_in_progress_and_moves_no_version(clinic: Clinic) -> None:
    await active(clinic)
    therapist = clinic.as_("ps_therapist")
    for rating in (
        {"id": "r1", "level": -1, "on": str(date.today() - timedelta(days=60))},
        {"id": "r2", "level": 0, "on": str(date.today() - timedelta(days=10))},
    ):
        rated = await therapist.post("/goals/g_a/ratings", rating)
        assert rated.status_code == 201 and rated.json()["version"] == 1, rated.text
    points = (await therapist.get("/progress", goal="g_a")).json()["items"]
    assert [(p["kind"], p["level"]) for p in points] == [("rating", -1), ("rating", 0)]
    assert (await clinic.as_("ps_parent").get("/progress")).json()["items"] == []
    goal = (await clinic.as_("ps_parent").get("/goals/g_a")).json()
    assert goal["wordings"]["plan_plain"]["level"] == 0
    assert (await therapist.get("/plan")).json()["gas"]["change"] == 10.0


@pytest.mark.parametrize("person", ["ps_stranger", "ps_therapist"])
async def test_a_stranger_and_a_stranger_to_the_tenant_learn_nothing(clinic: Clinic, person: str) -> None:
    await active(clinic)
    visit = clinic.as_(person, client="cl_a" if person == "ps_stranger" else "cl_nobody")
    nowhere = clinic.as_(person, client="cl_elsewhere")
    for path in ("/plan", "/goals", "/tasks", "/goals/g_a", "/progress"):
        answer, none = await visit.get(path), await nowhere.get(path)
        assert (answer.status_code, answer.content) == (404, none.content)


async def test_the_twin_with_identical_ids_has_a_plan_of_its_own(clinic: Clinic) -> None:
    await active(clinic)
    other = clinic.as_("ps_therapist", tenant=clinic.twin)
    assert (await other.get("/plan")).json()["goals"] == []
    assert (await other.get("/goals/g_a")).status_code == 404
    assert await clinic.stream(tenant=clinic.twin) == []


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/goals", {**GOAL, "surprise": 1}),
        ("/goals", {**GOAL, "team": {"$ne": None}}),
        ("/goals", {**GOAL, "baseline_level": "1"}),
        ("/goals", {**GOAL, "audience": ["everyone"]}),
        ("/goals", {**GOAL, "id": "Not An Id"}),
        ("/tasks", {**TASK, "households": ["hh_unknown"]}),
        ("/tasks", {**TASK, "goal_id": "g_unknown"}),
        ("/goals/g_a/ratings", {"level": 3, "on": "2025-01-01"}),
        ("/goals/g_a/answers", {"party": "guardian", "answer": "perhaps"}),
    ],
)
async def test_bad_input_is_named(clinic: Clinic, path: str, body: Any) -> None:
    await draft(clinic, id="g_first")
    answer = await clinic.as_("ps_therapist").post(path, body)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")


async def test_a_goal_that_becomes_private_leaves_every_other_page(clinic: Clinic) -> None:
    await active(clinic)
    await add(clinic, "t1")
    doc_version = (await clinic.as_("ps_therapist").get("/goals/g_a")).json()["doc_version"]
    kept = await clinic.as_("ps_therapist").put("/goals/g_a", {**GOAL, "private": True}, doc_version)
    assert kept.status_code == 200, kept.text
    assert (await clinic.as_("ps_parent").get("/goals")).json()["items"] == []
    assert (await clinic.as_("ps_parent").get("/tasks")).json()["items"] == []
    last = [(e["record_id"], e["ended"], e["parties"]) for e in (await clinic.stream())[-4:]]
    assert last == [
        ("g_a", True, ["guardians", "school", "client"]),
        ("g_a", False, ["client"]),
        ("t1", True, ["household:hh_a", "client"]),
        ("t1", False, ["client"]),
    ]


async def test_reads_are_written_down(clinic: Clinic) -> None:
    await active(clinic)
    await clinic.as_("ps_parent").get("/goals")
    entries = await clinic.chassis.mongo.tenant("audit", clinic.tenant).find(
        {"by": "ps_parent", "action": "read"}
    )
    assert entries[-1]["classes"] == ["plan_plain"]


async def test_the_rules_look_at_every_goal_or_at_the_one_that_is_named(clinic: Clinic) -> None:
    for goal_id in ("g_one", "g_two"):
        await draft(clinic, id=goal_id, others_will=[])
    found = []
    for named in ({}, {"lint_of": "g_two"}, {"lint_of": "none"}):
        goals = (await clinic.as_("ps_therapist").get("/plan", **named)).json()["goals"]
        found.append(sorted(goal["id"] for goal in goals if goal["lint"] and goal["unmet"]))
    assert found == [["g_one", "g_two"], ["g_two"], []]
