"""A draft or a proposal is thrown away by who has read it as it stands."""

from asyncio import gather

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
    await propose(clinic, "g_a")
    therapist = clinic.as_("ps_therapist")
    assert (await therapist.post("/goals/g_a/discard", seen=1)).status_code == 409
    assert await states(clinic) == {"t_waits": "draft"}, "what waits for it waits on"
    assert [goal["id"] for goal in (await clinic.as_("ps_parent").get("/goals")).json()["items"]] == ["g_a"]
    named = {"tasks": [{"id": "t_waits", "doc_version": 1}]}
    assert (await therapist.post("/goals/g_a/discard", named, seen=2)).json()["state"] == "cancelled"
    assert await states(clinic) == {}


async def test_practice_that_a_colleague_hung_on_it_meanwhile_is_not_thrown_away_unseen(
    clinic: Clinic,
) -> None:
    await draft(clinic)
    await add(clinic, "t_mine")
    named = [{"id": "t_mine", "doc_version": 1}]
    await add(clinic, "t_theirs")
    therapist = clinic.as_("ps_therapist")
    for tasks, unread in ((named, {"t_theirs": 1}), ([], {"t_mine": 1, "t_theirs": 1})):
        late = await therapist.post("/goals/g_a/discard", {"tasks": tasks}, seen=1)
        problem = late.json()
        assert (late.status_code, problem["field"]) == (409, "tasks"), late.text
        assert {row["id"]: row["doc_version"] for row in problem["tasks"]} == unread and problem["fix"]
    assert (await therapist.post("/goals/g_a/discard", seen=1)).status_code == 409
    assert await states(clinic) == {"t_mine": "draft", "t_theirs": "draft"}, "nothing is lost"
    revised = await therapist.put("/tasks/t_theirs", {**TASK, "why": "Anew, by a colleague."}, 1)
    assert revised.status_code == 200, revised.text
    named.append({"id": "t_theirs", "doc_version": 1})
    late = await therapist.post("/goals/g_a/discard", {"tasks": named}, seen=1)
    assert (late.status_code, late.json()["tasks"]) == (409, [{"id": "t_theirs", "doc_version": 2}])
    named[1]["doc_version"] = 2
    gone = await therapist.post("/goals/g_a/discard", {"tasks": named}, seen=1)
    assert (gone.status_code, gone.json()["state"]) == (200, "discarded"), gone.text
    assert await states(clinic) == {}


async def test_a_draft_and_the_practice_hung_on_it_in_the_same_moment_stay_or_go_together(
    clinic: Clinic,
) -> None:
    therapist = clinic.as_("ps_therapist")
    for n in range(8):
        await draft(clinic, id=f"g_{n}")
        hung, gone = await gather(
            therapist.post("/tasks", {**TASK, "id": f"t_{n}", "goal_id": f"g_{n}"}),
            therapist.post(f"/goals/g_{n}/discard", seen=1),
        )
        assert {hung.status_code, gone.status_code} in ({201, 409}, {422, 200}), (hung.text, gone.text)
