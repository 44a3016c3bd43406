"""New words of a goal that others read wait for the second reader of their rationale, and nobody else sees them."""

from typing import Any

import pytest

from .steps import GOAL, Clinic, draft, kinds, propose

LINES = dict.fromkeys(("who_asked", "client_words", "need_behind", "others_first", "way_out"), "said so")
MASKING: dict[str, Any] = {"team": "Uses full sentences at register.", "masking": {"rationale": LINES}}
BEFORE, AFTER = GOAL["plain"], "He asks in a full sentence."


async def put_to_its_readers(clinic: Clinic, state: str) -> None:
    await draft(clinic, **MASKING)
    assert (await clinic.as_("ps_supervisor").post("/goals/g_a/rationale/read")).status_code == 200
    await propose(clinic, "g_a")
    if state == "active":
        yes = {"party": "guardian", "answer": "approve"}
        await clinic.as_("ps_parent").post("/goals/g_a/answers", yes)
        done = await clinic.as_("ps_therapist").post("/plan/activate", {"goals": ["g_a"]})
        assert done.status_code == 200, done.text


async def reword(clinic: Clinic, **changes: Any) -> Any:
    body = {name: value for name, value in GOAL.items() if name != "id"} | MASKING | changes
    goal = (await clinic.as_("ps_therapist").get("/plan")).json()["goals"][0]
    done = await clinic.as_("ps_therapist").put("/goals/g_a", body, goal["doc_version"])
    assert done.status_code == 200, done.text
    return done.json()


async def at_home(clinic: Clinic) -> tuple[int, str]:
    goal = (await clinic.as_("ps_parent").get("/goals/g_a")).json()
    return goal["version"], goal["wordings"]["plan_plain"]["statement"]


@pytest.mark.parametrize("state", ["proposed", "active"])
async def test_new_words_are_read_by_a_supervisor_before_anybody_else(clinic: Clinic, state: str) -> None:
    therapist, supervisor = clinic.as_("ps_therapist"), clinic.as_("ps_supervisor")
    await put_to_its_readers(clinic, state)
    told, home = await clinic.stream(), await clinic.as_("ps_parent").get("/goals")
    saved = await reword(clinic, plain=AFTER)
    assert (saved["state"], saved["version"], saved["waits_for_reader"]) == (state, 1, True)
    assert await clinic.stream() == told
    assert (await clinic.as_("ps_parent").get("/goals")).content == home.content
    for person in (therapist, supervisor):
        goal = (await person.get("/plan")).json()["goals"][0]
        waits = goal["rewording"]
        assert (goal["words"]["plain"], waits["words"]["plain"], waits["author"]) == (
            BEFORE,
            AFTER,
            "ps_therapist",
        )
    if state == "proposed":
        refused = await therapist.post("/plan/activate", {"goals": ["g_a"]})
        assert (refused.status_code, refused.json()["field"]) == (409, "masking.read_by")
    assert (await therapist.post("/goals/g_a/rationale/read")).status_code == 403
    late = await supervisor.post("/goals/g_a/rationale/read", seen=saved["doc_version"] - 1)
    assert (late.status_code, await at_home(clinic)) == (409, (1, BEFORE))
    done = await supervisor.post("/goals/g_a/rationale/read", seen=saved["doc_version"])
    assert (done.status_code, done.json()["version"]) == (200, 2), done.text
    assert await at_home(clinic) == (2, AFTER)
    news = (await clinic.stream())[len(told) :]
    assert sorted(kinds(news)) == [
        "goal_changed",
        f"plan_{'proposed' if state == 'proposed' else 'activated'}",
    ]
    goal = (await therapist.get("/plan")).json()["goals"][0]
    assert (goal["rewording"], goal["read_by"], goal["state"]) == (None, "ps_supervisor", state)


async def test_words_that_wait_to_be_private_are_kept_as_such_and_leave_no_trace(clinic: Clinic) -> None:
    await put_to_its_readers(clinic, "active")
    told = await clinic.stream()
    saved = await reword(clinic, plain=AFTER, private=True)
    assert saved["waits_for_reader"] and await clinic.stream() == told
    row = await clinic.chassis.mongo.tenant("goals", clinic.tenant).find_one({"goal_id": "g_a"})
    assert row["sealed_as"] == "plan_private" and "plan_plain" in row["class"]
    assert await at_home(clinic) == (1, BEFORE)
    await clinic.as_("ps_supervisor").post("/goals/g_a/rationale/read")
    assert (await clinic.as_("ps_parent").get("/goals/g_a")).status_code == 404
    assert "plan_private" in (await clinic.as_("ps_teen").get("/goals/g_a")).json()["wordings"]


async def test_a_draft_without_a_rationale_is_no_draft_to_a_second_reader(clinic: Clinic) -> None:
    """Its problem, and the version in it, told a supervisor that somebody had begun to write."""
    await draft(clinic)
    supervisor = clinic.as_("ps_supervisor")
    for seen in (None, 1, 9):
        there = await supervisor.post("/goals/g_a/rationale/read", seen=seen)
        nowhere = await supervisor.post("/goals/g_none/rationale/read", seen=seen)
        assert (there.status_code, there.content) == (404, nowhere.content), there.text
    await draft(clinic, id="g_masked", **MASKING)
    assert (await supervisor.post("/goals/g_masked/rationale/read")).status_code == 200
