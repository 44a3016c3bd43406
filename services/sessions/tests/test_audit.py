"""Every read is written down with the classes of what was shown, before it is answered."""

from typing import Any

PLANNED = {"id": "se_a", "kind": "individual", "scheduled_for": "2026-05-04T14:00:00Z"}
HELD: dict[str, Any] = {
    "state": "held",
    "attendance": {"status": "attended", "minutes": 45},
    "trials": [{"id": f"tr_{goal}", "goal_id": goal, "value": 1} for goal in ("g_shared", "g_private")],
    "summary": {"text": "We practised the card."},
    "share_summary": True,
}


async def reads(clinic: Any, person: str) -> list[Any]:
    found: list[Any] = await clinic.rows("audit").find({"action": "read", "by": person}, sort=[("at", 1)])
    return found


async def test_every_read_is_written_down_with_its_reasons(clinic: Any) -> None:
    therapist = clinic.as_("ps_therapist")
    await therapist.post("/sessions", PLANNED)
    await therapist.post("/sessions/se_a/record", HELD)
    await clinic.as_("ps_parent").get("/sessions/se_a")
    (read,) = await reads(clinic, "ps_parent")
    assert (read["classes"], read["detail_id"]) == (["session_summary"], "se_a")
    assert read["policy_hash"]
    await therapist.get("/sessions")
    await therapist.get("/sessions/se_a")
    await therapist.get("/notes")
    listed = ["attendance", "session_summary"]
    assert [e["classes"] for e in await reads(clinic, "ps_therapist")] == [
        listed,
        sorted([*listed, "measure", "plan_private"]),
        [],
    ]
