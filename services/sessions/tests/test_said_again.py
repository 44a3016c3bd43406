"""A record that is said again: what is kept just so is no reason to refuse the rest."""

from typing import Any

import pytest

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


@pytest.mark.parametrize("instead", ["no_show", "cancelled"])
async def test_a_session_that_did_not_take_place_has_no_results(clinic: Any, instead: str) -> None:
    therapist = clinic.as_("ps_therapist")
    await therapist.post("/sessions", PLANNED)
    trials = [
        {"id": f"tr_{n}", "goal_id": goal, "value": 3} for n, goal in enumerate(("g_shared", "g_private"))
    ]
    await therapist.post("/sessions/se_a/record", {**HELD, "trials": trials})
    told = len(await clinic.told())
    refused = await therapist.post("/sessions/se_a/record", {"state": instead, "trials": trials})
    assert (refused.status_code, refused.json()["field"]) == (422, "trials")
    assert len((await therapist.get("/sessions/se_a")).json()["trials"]) == 2
    done = await therapist.post("/sessions/se_a/record", {"state": instead})
    assert done.status_code == 200, done.text
    assert (await therapist.get("/sessions/se_a")).json()["trials"] == []
    assert await clinic.rows("trials").find({"session_id": "se_a"}) == []
    gone = [e for e in (await clinic.told())[told:] if e["type"] == "trial_recorded"]
    assert [(e["record_id"], e["ended"], e["sections"]) for e in gone] == [
        ("tr_0", True, {}),
        ("tr_1", True, {}),
    ]
    written = await clinic.rows("audit").find({"action": "results_removed"})
    assert sorted(entry["classes"] for entry in written) == [["measure"], ["plan_private"]]
    told = len(await clinic.told())
    await therapist.post("/sessions/se_a/record", {"state": instead})
    assert len(await clinic.told()) == told, "what has been taken back is not taken back again"
    await therapist.post("/sessions/se_a/record", {**HELD, "trials": trials})
    assert len((await therapist.get("/sessions/se_a")).json()["trials"]) == 2


async def test_results_of_other_sessions_stay_where_one_did_not_take_place(clinic: Any) -> None:
    therapist = clinic.as_("ps_therapist")
    for session in ("se_a", "se_b"):
        await therapist.post("/sessions", {**PLANNED, "id": session})
        trial = {"id": f"tr_{session}", "goal_id": "g_shared", "value": 3}
        await therapist.post(f"/sessions/{session}/record", {**HELD, "trials": [trial]})
    await therapist.post("/sessions/se_a/record", {"state": "no_show"})
    assert [t["id"] for t in (await therapist.get("/sessions/se_b")).json()["trials"]] == ["tr_se_b"]


async def test_a_summary_that_is_sent_again_is_answered_again_and_told_once(clinic: Any) -> None:
    therapist = clinic.as_("ps_therapist")
    await therapist.post("/sessions", PLANNED)
    held = (await therapist.post("/sessions/se_a/record", HELD)).json()
    told = len(await clinic.told())
    answers = [
        await therapist.put(path, {"text": "We built."}, held["version"], key="k-summary")
        for path in ["/sessions/se_a/summary"] * 2
    ]
    assert [answer.status_code for answer in answers] == [200, 200], answers[1].text
    assert answers[0].json() == answers[1].json()
    assert len(await clinic.told()) == told + 1
    without = await therapist.put("/sessions/se_a/summary", {"text": "We built."}, key="no key")
    assert (without.status_code, without.json()["field"]) == (400, "Idempotency-Key")


async def test_a_draft_that_is_sent_again_is_written_once(clinic: Any) -> None:
    therapist = clinic.as_("ps_therapist")
    await therapist.post("/sessions", PLANNED)
    note = {"id": "no_a", "note_class": "psychotherapy", "text": "Quiet."}
    await therapist.post("/sessions/se_a/notes", note)
    answers = [await therapist.put("/notes/no_a", {"text": "Quieter."}, 1, key="k-note") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200], answers[1].text
    assert [answer.json()["version"] for answer in answers] == [2, 2]
