"""What was read is written down: the classes of what was really shown, and what opened them."""

from datetime import UTC, datetime
from typing import Any

from policy import cedar
from policy.days import day_of

from .steps import Clinic, active, add, draft, propose


async def reads(clinic: Clinic, person: str) -> list[dict[str, Any]]:
    rows = clinic.chassis.mongo.tenant("audit", clinic.tenant)
    found: list[dict[str, Any]] = await rows.find({"by": person, "action": "read"}, sort=[("at", 1)])
    return found


async def test_a_private_result_is_written_down_as_what_it_is(clinic: Clinic) -> None:
    therapist, teen = clinic.as_("ps_therapist"), clinic.as_("ps_teen")
    today = day_of(datetime.now(UTC)).isoformat()
    await active(clinic)
    await draft(clinic, id="g_own", audience=[], private=True)
    await propose(clinic, "g_own")
    await teen.post("/goals/g_own/answers", {"party": "client", "answer": "approve"})
    await therapist.post("/plan/activate", {"goals": ["g_own"]})
    for goal in ("g_a", "g_own"):
        rated = await therapist.post(f"/goals/{goal}/ratings", {"level": 0, "on": today})
        assert rated.status_code == 201, rated.text
    for goal, data_class in (("g_a", "measure"), ("g_own", "plan_private")):
        assert len((await therapist.get("/progress", goal=goal)).json()["items"]) == 1
        last = (await reads(clinic, "ps_therapist"))[-1]
        assert (last["classes"], last["detail_id"]) == ([data_class], goal)
    await therapist.get("/progress")
    assert (await reads(clinic, "ps_therapist"))[-1]["classes"] == ["measure", "plan_private"]
    await clinic.as_("ps_parent").get("/progress")
    assert (await reads(clinic, "ps_parent"))[-1]["classes"] == []


async def test_a_read_names_the_consent_and_the_policies_that_opened_it(clinic: Clinic) -> None:
    await active(clinic)
    await clinic.as_("ps_teacher").get("/goals")
    (read,) = await reads(clinic, "ps_teacher")
    assert (read["classes"], read["consent_ids"]) == (["plan_school"], ["c1"])
    assert read["policy_hash"] == cedar.shipped().hash


async def test_a_plan_is_written_down_with_what_stands_in_it(clinic: Clinic) -> None:
    therapist = clinic.as_("ps_therapist")
    await therapist.get("/plan")
    await active(clinic)
    await add(clinic, "t_own", private=True, households=[])
    await therapist.get("/plan")
    first, second = await reads(clinic, "ps_therapist")
    assert first["classes"] == []
    assert second["classes"] == ["plan_plain", "plan_private", "plan_team"]
