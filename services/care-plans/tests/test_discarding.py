"""A draft or a proposal is thrown away by who has read it as it stands."""

from .steps import Clinic, add, draft, propose, states


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
    assert (await therapist.post("/goals/g_a/discard", seen=2)).json()["state"] == "cancelled"
