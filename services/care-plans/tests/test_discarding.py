"""A draft or a proposal is thrown away by who has read it as it stands."""

from typing import Any

import pytest

from .steps import TASK, Clinic, add, draft, propose, states


async def test_a_draft_that_a_colleague_has_written_on_is_not_thrown_away_unseen(clinic: Clinic) -> None:
    await draft(clinic)
    therapist = clinic.as_("ps_therapist")
    rewritten = await therapist.put("/goals/g_a", {"team": "Much more, by a colleague."}, 1)
    assert rewritten.json()["doc_version"] == 2
    late = await therapist.post("/goals/g_a/discard", seen=1)
    assert (late.status_code, late.json()["field"], late.json()["version"]) == (409, "If-Match", 2)
    assert (await therapist.post("/goals/g_a/discard")).status_code == 428
    [kept] = (await therapist.get("/plan")).json()["goals"]
    assert kept["words"]["team"] == "Much more, by a colleague."
    gone = await therapist.post("/goals/g_a/discard", seen=2)
    assert (gone.status_code, gone.json()) == (200, {"id": "g_a", "state": "discarded"})
    assert (await clinic.as_("ps_parent").post("/goals/g_a/discard", seen=2)).status_code == 404


async def test_what_was_proposed_meanwhile_is_not_taken_back_as_the_draft_it_was(clinic: Clinic) -> None:
    await draft(clinic)
    await add(clinic, "t_waits")
    seen = await _goal(clinic)
    await propose(clinic, "g_a")
    therapist = clinic.as_("ps_therapist")
    assert (await therapist.post("/goals/g_a/discard", seen=seen)).status_code == 409
    assert await states(clinic) == {"t_waits": "draft"}, "what waits for it waits on"
    assert [goal["id"] for goal in (await clinic.as_("ps_parent").get("/goals")).json()["items"]] == ["g_a"]
    seen = await _goal(clinic)
    assert (await therapist.post("/goals/g_a/discard", seen=seen)).json()["state"] == "cancelled"


@pytest.mark.parametrize("proposed", [False, True])
async def test_a_practice_that_a_colleague_wrote_meanwhile_is_not_thrown_away_with_its_goal_unseen(
    clinic: Clinic, proposed: bool
) -> None:
    await draft(clinic)
    if proposed:
        await propose(clinic, "g_a")
    therapist, told = clinic.as_("ps_therapist"), await clinic.stream()
    seen = await _goal(clinic)
    await add(clinic, "t_new")
    assert (await therapist.post("/goals/g_a/discard", seen=seen)).status_code == 409
    seen = await _goal(clinic)
    again = {**TASK, "id": "t_new", "title": "Much more, by a colleague"}
    assert (await therapist.put("/tasks/t_new", again, 1)).is_success
    assert (await therapist.post("/goals/g_a/discard", seen=seen)).status_code == 409
    assert await states(clinic) == {"t_new": "draft"}
    assert await clinic.stream() == told, "nobody outside the team can infer it"
    seen = await _goal(clinic)
    assert (await therapist.post("/goals/g_a/discard", seen=seen)).status_code == 200
    assert await states(clinic) == {}


async def test_a_draft_of_a_practice_ends_by_who_has_read_it_and_one_that_lives_as_before(
    clinic: Clinic,
) -> None:
    await draft(clinic)
    await add(clinic, "t_new")
    therapist = clinic.as_("ps_therapist")
    again = {**TASK, "id": "t_new", "title": "Much more, by a colleague"}
    assert (await therapist.put("/tasks/t_new", again, 1)).is_success
    assert (await therapist.post("/tasks/t_new/end")).status_code == 428
    late = await therapist.post("/tasks/t_new/end", seen=1)
    assert (late.status_code, late.json()["field"], late.json()["version"]) == (409, "If-Match", 2)
    assert await states(clinic) == {"t_new": "draft"}
    assert (await therapist.post("/tasks/t_new/end", seen=2)).json()["state"] == "ended"


async def _goal(clinic: Clinic) -> Any:
    """The version of the goal as the team reads it now."""
    [goal] = (await clinic.as_("ps_therapist").get("/plan")).json()["goals"]
    return goal["doc_version"]
