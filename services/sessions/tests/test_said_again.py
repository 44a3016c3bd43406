"""A record that is said again: what is kept just so is no reason to refuse the rest."""

from typing import Any

PLANNED = {"id": "se_a", "kind": "individual", "scheduled_for": "2026-05-04T14:00:00Z"}
HELD: dict[str, Any] = {"state": "held", "attendance": {"status": "attended", "minutes": 45}}


async def test_a_kept_result_may_be_said_again_after_its_measure_has_changed(clinic: Any) -> None:
    await clinic.has_goal("g_days", measure={"kind": "days_in_week", "min": "0", "max": "7"})
    therapist = clinic.as_("ps_therapist")
    await therapist.post("/sessions", PLANNED)
    kept = {"id": "tr_d", "goal_id": "g_days", "value": 7}
    await therapist.post("/sessions/se_a/record", {**HELD, "trials": [kept]})
    await clinic.has_goal("g_days", measure={"kind": "days_in_week", "min": "0", "max": "5"})
    more = {"id": "tr_e", "goal_id": "g_days", "value": 4}
    done = await therapist.post("/sessions/se_a/record", {**HELD, "trials": [kept, more]})
    assert done.status_code == 200, done.text
    for wrong in ({**kept, "value": 6}, {**more, "value": 7}):
        refused = await therapist.post("/sessions/se_a/record", {**HELD, "trials": [wrong]})
        assert (refused.status_code, refused.json()["field"]) == (422, "trials.0.value")
