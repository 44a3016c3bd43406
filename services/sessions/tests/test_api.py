"""A session over HTTP: planned, recorded, read by each in their part, and nothing of it in the clear."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.ids import new_id

Clinic = Any
"""The fixture's class in conftest.py, which no test can import."""

PLANNED = {
    "id": "se_a",
    "kind": "individual",
    "scheduled_for": "2026-05-04T14:00:00Z",
    "modality": "in_person",
}
HELD: dict[str, Any] = {
    "state": "held",
    "attendance": {"status": "attended", "minutes": 45},
    "trials": [
        {"id": "tr_1", "goal_id": "g_shared", "value": 3, "out_of": 5, "phase": "treatment"},
        {"id": "tr_2", "goal_id": "g_private", "value": 1, "out_of": 5},
    ],
    "summary": {"text": "We practised the canary card.", "try_at_home": "Show the card at breakfast."},
    "share_summary": True,
}
WAITING = {**HELD, "share_summary": False}


async def planned(clinic: Clinic, **changes: Any) -> None:
    made = await clinic.as_("ps_therapist").post("/sessions", {**PLANNED, **changes})
    assert made.status_code == 201, made.text
    assert made.headers["Kith-Position"]


async def recorded(clinic: Clinic, **changes: Any) -> Any:
    await planned(clinic)
    done = await clinic.as_("ps_therapist").post("/sessions/se_a/record", {**HELD, **changes})
    assert done.status_code == 200, done.text
    return done.json()


async def test_a_recorded_session_tells_what_happened_in_sealed_sections(clinic: Clinic) -> None:
    answer = await recorded(clinic)
    assert answer == {"id": "se_a", "version": 4, "state": "documented", "trials": ["tr_1", "tr_2"]}
    told = {(event["type"], event["record_id"]): event for event in await clinic.told()}
    assert set(told) == {
        ("session_scheduled", "se_a"),
        ("session_ended", "se_a"),
        ("summary_shared", "se_a"),
        ("trial_recorded", "tr_1"),
        ("trial_recorded", "tr_2"),
    }
    ended = told["session_ended", "se_a"]
    assert ended["words"] == {"attendance": {"status": "attended", "minutes": 45}}
    summary = told["summary_shared", "se_a"]
    assert summary["parties"] == ["client", "guardians"]
    assert told["trial_recorded", "tr_1"]["words"]["measure"]["value"] == 3
    private = told["trial_recorded", "tr_2"]
    assert set(private["sections"]) == {"plan_private"} and private["parties"] == ["client"]


async def test_no_word_score_or_absence_stands_in_the_clear(clinic: Clinic) -> None:
    await recorded(clinic)
    await clinic.as_("ps_therapist").post("/sessions", {**PLANNED, "id": "se_b"})
    missed = await clinic.as_("ps_therapist").post("/sessions/se_b/record", {"state": "no_show"})
    assert missed.json()["state"] == "ended"
    rows = [
        row
        for name in ("sessions", "trials", "journal", "audit", "goals")
        for row in await clinic.rows(name).find({})
    ]
    text = str(rows)
    assert rows and not any(word in text for word in ("canary", "breakfast", "absent", "no_show", "attended"))


async def test_each_reads_their_part(clinic: Clinic) -> None:
    await recorded(clinic)
    team = (await clinic.as_("ps_colleague").get("/sessions/se_a")).json()
    assert (team["state"], team["outcome"], team["version"]) == ("documented", "held", 4)
    assert [t["id"] for t in team["trials"]] == ["tr_1", "tr_2"]
    teen = (await clinic.as_("ps_teen").get("/sessions/se_a")).json()
    assert [t["id"] for t in teen["trials"]] == ["tr_1", "tr_2"] and "version" not in teen
    parent = (await clinic.as_("ps_parent").get("/sessions/se_a")).json()
    assert parent == {
        "id": "se_a",
        "summary": {"text": "We practised the canary card.", "try_at_home": "Show the card at breakfast."},
        "trials": [],
    }


async def test_school_reads_what_was_released_and_nothing_before(clinic: Clinic) -> None:
    await recorded(clinic)
    hidden = await clinic.as_("ps_teacher").get("/sessions/se_a")
    absent = await clinic.as_("ps_teacher").get("/sessions/se_none")
    assert hidden.status_code == absent.status_code == 404 and hidden.content == absent.content
    assert (await clinic.as_("ps_teacher").get("/sessions")).json()["items"] == []
    body = {"text": "Offer the card first.", "release_to_school": True}
    done = await clinic.as_("ps_therapist").put("/sessions/se_a/summary", body, version=4)
    assert done.status_code == 200 and done.json()["version"] == 5
    shown = (await clinic.as_("ps_teacher").get("/sessions")).json()["items"]
    assert [s["summary"]["text"] for s in shown] == ["Offer the card first."]
    assert (await clinic.told())[-1]["parties"] == ["client", "guardians", "school"]


@pytest.mark.parametrize("person", ["ps_stranger", "ps_admin", "ps_teacher", "ps_parent", "ps_teen"])
async def test_nobody_else_records(clinic: Clinic, person: str) -> None:
    await planned(clinic)
    for path, body in (("/sessions", PLANNED), ("/sessions/se_a/record", HELD)):
        assert (await clinic.as_(person).post(path, body)).status_code == 404
    assert (await clinic.as_("ps_supervisor").post("/sessions/se_a/record", HELD)).status_code == 403


async def test_another_organisation_with_the_same_ids_sees_and_changes_nothing(clinic: Clinic) -> None:
    await recorded(clinic)
    other = clinic.as_("ps_therapist", tenant=clinic.twin)
    assert (await other.get("/sessions/se_a")).status_code == 404
    assert (await other.get("/sessions")).json() == {"items": [], "next": None}
    assert (await other.post("/sessions/se_a/trials", {"trials": HELD["trials"]})).status_code == 404


async def test_the_same_request_again_has_one_effect(clinic: Clinic) -> None:
    await planned(clinic)
    key = new_id()
    once = await clinic.as_("ps_therapist").post("/sessions/se_a/record", HELD, key=key)
    again = await clinic.as_("ps_therapist").post("/sessions/se_a/record", HELD, key=key)
    assert once.json() == again.json() and once.status_code == again.status_code == 200
    other = {**HELD, "state": "cancelled", "trials": [], "summary": None, "attendance": None}
    assert (await clinic.as_("ps_therapist").post("/sessions/se_a/record", other, key=key)).status_code == 409
    assert len(await clinic.told()) == 5


async def test_what_is_said_again_is_neither_kept_nor_told_twice(clinic: Clinic) -> None:
    await recorded(clinic)
    again = await clinic.as_("ps_therapist").post("/sessions/se_a/record", HELD)
    assert again.status_code == 200, again.text
    read = (await clinic.as_("ps_therapist").get("/sessions/se_a")).json()
    assert [t["id"] for t in read["trials"]] == ["tr_1", "tr_2"]
    assert (await clinic.told())[5:] == []


async def test_a_session_is_called_off_once_however_often_it_is_said(clinic: Clinic) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    await planned(clinic, scheduled_for=tomorrow)
    for _ in range(2):
        off = await clinic.as_("ps_therapist").post("/sessions/se_a/record", {"state": "cancelled"})
        assert off.status_code == 200, off.text
    told = [(e["type"], e["state"]) for e in await clinic.told()]
    assert told == [("session_scheduled", "scheduled"), ("session_ended", "cancelled")]


async def test_a_result_id_of_another_session_is_taken(clinic: Clinic) -> None:
    await recorded(clinic)
    await planned(clinic, id="se_b")
    taken = await clinic.as_("ps_therapist").post("/sessions/se_b/record", HELD)
    assert taken.status_code == 409 and taken.json()["field"] == "trials"


async def test_results_are_corrected_and_taken_back_until_the_session_is_signed(clinic: Clinic) -> None:
    await recorded(clinic)
    therapist = clinic.as_("ps_therapist")
    right = {"id": "tr_1", "goal_id": "g_shared", "value": 4, "out_of": 5}
    body = {**HELD, "trials": [right], "removed_trials": ["tr_2", "tr_gone"]}
    assert (await therapist.post("/sessions/se_a/record", body)).status_code == 200
    read = (await therapist.get("/sessions/se_a")).json()
    assert [(t["id"], t["value"]) for t in read["trials"]] == [("tr_1", 4)]
    told = {(e["type"], e["record_id"]): e for e in (await clinic.told())[5:]}
    assert told["trial_recorded", "tr_1"]["words"]["measure"]["value"] == 4
    gone = told["trial_recorded", "tr_2"]
    assert gone["ended"] and gone["sections"] == {}
    actions = [e["action"] for e in await clinic.rows("audit").find({"detail_id": "se_a"})]
    assert "results_removed" in actions
    assert (await therapist.post("/sessions/se_a/sign")).status_code == 200
    closed = await therapist.post("/sessions/se_a/record", {**body, "removed_trials": ["tr_1"]})
    assert closed.status_code == 409
    read = (await therapist.get("/sessions/se_a")).json()
    assert [(t["id"], t["value"]) for t in read["trials"]] == [("tr_1", 4)]


async def test_a_result_of_another_session_is_not_taken_back(clinic: Clinic) -> None:
    await recorded(clinic)
    await planned(clinic, id="se_b")
    body = {"state": "held", "attendance": {"status": "attended"}, "removed_trials": ["tr_1"]}
    assert (await clinic.as_("ps_therapist").post("/sessions/se_b/record", body)).status_code == 200
    read = (await clinic.as_("ps_therapist").get("/sessions/se_a")).json()
    assert [t["id"] for t in read["trials"]] == ["tr_1", "tr_2"]


async def test_a_summary_stays_with_the_team_until_the_session_is_signed(clinic: Clinic) -> None:
    await planned(clinic)
    therapist, parent = clinic.as_("ps_therapist"), clinic.as_("ps_parent")
    assert (await therapist.post("/sessions/se_a/record", WAITING)).status_code == 200
    assert (await parent.get("/sessions/se_a")).status_code == 404
    assert (await parent.get("/sessions")).json()["items"] == []
    read = (await therapist.get("/sessions/se_a")).json()
    assert read["summary"] == WAITING["summary"] and read["summary_shared"] is False
    assert "summary_shared" not in [e["type"] for e in await clinic.told()]
    signed = await therapist.post("/sessions/se_a/sign")
    assert signed.status_code == 200 and signed.json()["state"] == "signed", signed.text
    shown = (await parent.get("/sessions/se_a")).json()
    assert shown["summary"] == WAITING["summary"] and "summary_shared" not in shown
    assert [e["type"] for e in await clinic.told()][-1] == "summary_shared"
    told = await clinic.told()
    assert (await therapist.post("/sessions/se_a/sign")).status_code == 200
    assert await clinic.told() == told, "signing again tells nobody"


async def test_a_summary_can_be_shared_before_and_corrected_after_signing(clinic: Clinic) -> None:
    await planned(clinic)
    therapist, parent = clinic.as_("ps_therapist"), clinic.as_("ps_parent")
    await therapist.post("/sessions/se_a/record", WAITING)
    assert (await therapist.put("/sessions/se_a/summary", {"text": "We built."})).status_code == 200
    assert (await parent.get("/sessions/se_a")).json()["summary"]["text"] == "We built."
    assert (await therapist.post("/sessions/se_a/sign")).status_code == 200
    assert (await therapist.put("/sessions/se_a/summary", {"text": "We built two."})).status_code == 200
    assert (await parent.get("/sessions/se_a")).json()["summary"]["text"] == "We built two."


async def test_an_erased_summary_is_not_shared_and_one_that_is_read_is_not_taken_back(clinic: Clinic) -> None:
    await planned(clinic)
    therapist, parent = clinic.as_("ps_therapist"), clinic.as_("ps_parent")
    await therapist.post("/sessions/se_a/record", {**WAITING, "release_to_school": True})
    kept = {name: said for name, said in WAITING.items() if name != "summary"}
    await therapist.post("/sessions/se_a/record", kept)
    assert (await therapist.get("/sessions/se_a")).json()["released_to_school"] is True
    await therapist.post("/sessions/se_a/record", {**kept, "release_to_school": False})
    read = (await therapist.get("/sessions/se_a")).json()
    assert read["summary"] == WAITING["summary"] and read["released_to_school"] is False
    assert (await therapist.post("/sessions/se_a/record", {**kept, "summary": None})).status_code == 200
    await therapist.post("/sessions/se_a/sign")
    assert (await parent.get("/sessions/se_a")).status_code == 404
    assert "summary_shared" not in [e["type"] for e in await clinic.told()]
    await therapist.post("/sessions", {**PLANNED, "id": "se_b"})
    shared = {**HELD, "trials": []}
    await therapist.post("/sessions/se_b/record", shared)
    refused = await therapist.post("/sessions/se_b/record", {**shared, "summary": None})
    assert (refused.status_code, refused.json()["field"]) == (409, "summary")


async def test_words_that_wait_are_looked_at_when_school_is_to_read_them(clinic: Clinic) -> None:
    await planned(clinic)
    therapist = clinic.as_("ps_therapist")
    words = {"text": "Mum has started a new job."}
    assert (await therapist.post("/sessions/se_a/record", {**WAITING, "summary": words})).status_code == 200
    refused = await therapist.post("/sessions/se_a/record", {"state": "held", "release_to_school": True})
    assert (refused.status_code, refused.json()["field"]) == (422, "summary.text")


async def test_a_session_from_before_summaries_waited_is_read_as_it_was(clinic: Clinic) -> None:
    await recorded(clinic)
    rows = clinic.rows("sessions")
    await rows.update_one({"_id": rows.key("cl_a", "se_a")}, {"$unset": {"summary_shared": ""}})
    assert (await clinic.as_("ps_parent").get("/sessions/se_a")).json()["summary"] == HELD["summary"]


async def test_a_session_is_signed_without_a_note_once_somebody_said_who_came(clinic: Clinic) -> None:
    await planned(clinic)
    early = await clinic.as_("ps_therapist").post("/sessions/se_a/sign")
    assert early.status_code == 409 and early.json()["field"] == "attendance"
    assert (await clinic.as_("ps_therapist").post("/sessions/se_a/record", WAITING)).status_code == 200
    assert (await clinic.as_("ps_supervisor").post("/sessions/se_a/sign")).status_code == 403
    assert (await clinic.as_("ps_parent").post("/sessions/se_a/sign")).status_code == 404
    assert (await clinic.as_("ps_colleague").post("/sessions/se_a/sign")).json()["state"] == "signed"


async def test_nobody_has_come_to_a_session_of_tomorrow(clinic: Clinic) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    await planned(clinic, scheduled_for=tomorrow)
    therapist = clinic.as_("ps_therapist")
    held = {"state": "held", "attendance": {"status": "attended"}}
    for body in (held, {"state": "no_show"}):
        refused = await therapist.post("/sessions/se_a/record", body)
        assert refused.status_code == 409 and refused.json()["field"] == "state"
    now = {"goal_id": "g_shared", "value": 1, "happened_at": datetime.now(UTC).isoformat()}
    assert (await therapist.post("/sessions/se_a/trials", {"trials": [now]})).status_code == 409
    assert (await therapist.post("/sessions/se_a/record", {"state": "cancelled"})).status_code == 200


async def test_a_result_outside_the_goals_measure_is_refused_with_its_range(clinic: Clinic) -> None:
    days = {"kind": "days_in_week", "min": "0", "max": "5"}
    await clinic.has_goal("g_days", measure=days)
    await clinic.has_goal("g_own_days", measure=days, private=True)
    await planned(clinic)
    for goal_id in ("g_days", "g_own_days"):
        body = {**HELD, "trials": [{"goal_id": goal_id, "value": 9}]}
        refused = await clinic.as_("ps_therapist").post("/sessions/se_a/record", body)
        assert (refused.status_code, refused.json()["field"]) == (422, "trials.0.value")
        assert "from 0 to 5" in refused.json()["fix"]
        body["trials"][0]["value"] = 5
        assert (await clinic.as_("ps_therapist").post("/sessions/se_a/record", body)).status_code == 200


async def test_results_can_be_added_while_it_runs(clinic: Clinic) -> None:
    await planned(clinic)
    body = {"trials": [{"goal_id": "g_shared", "value": 2.5, "unit": "minutes", "label": "Free play"}]}
    first = await clinic.as_("ps_therapist").post("/sessions/se_a/trials", body)
    assert first.status_code == 201 and first.json()["state"] == "in_progress"
    second = await clinic.as_("ps_colleague").post("/sessions/se_a/trials", body)
    assert second.json()["version"] == first.json()["version"], "results never move the session's version"
    read = (await clinic.as_("ps_therapist").get("/sessions/se_a")).json()
    assert [t["value"] for t in read["trials"]] == [2.5, 2.5]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"trials": [{"goal_id": "g_none", "value": 1}]}, "trials.0.goal_id"),
        ({"trials": [{"goal_id": "g_shared", "value": 9, "out_of": 5}]}, "trials.0.value"),
        (
            {"trials": [{"goal_id": "g_shared", "value": 1, "happened_at": "2099-01-01T00:00:00Z"}]},
            "trials.0.happened_at",
        ),
        ({"summary": {"text": "He told me he hates it at his dad's."}}, "summary.text"),
        (
            {"summary": {"text": "Mum has started a new job."}, "release_to_school": True},
            "summary.text",
        ),
    ],
)
async def test_a_value_that_cannot_be_is_named_and_nothing_is_written(
    clinic: Clinic, body: dict[str, Any], field: str
) -> None:
    await planned(clinic)
    before = await clinic.told()
    refused = await clinic.as_("ps_therapist").post("/sessions/se_a/record", {**HELD, **body})
    assert refused.status_code == 422 and refused.json()["field"] == field
    assert await clinic.told() == before


@pytest.mark.parametrize(
    "body",
    [
        {**HELD, "state": {"$ne": None}},
        {**HELD, "unknown": 1},
        {**HELD, "attendance": {"status": "attended", "minutes": "45"}},
        {**HELD, "trials": [{"goal_id": {"$gt": ""}, "value": 1}]},
        {**HELD, "trials": [{"goal_id": "g_shared", "value": 1, "prompt_level": 5}]},
    ],
)
async def test_bad_input_is_a_problem_with_a_field(clinic: Clinic, body: dict[str, Any]) -> None:
    await planned(clinic)
    refused = await clinic.as_("ps_therapist").post("/sessions/se_a/record", body)
    assert refused.status_code == 422
    assert refused.headers["content-type"].startswith("application/problem+json")


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
async def test_a_time_nobody_lives_in_is_named(clinic: Clinic, moment: str) -> None:
    therapist = clinic.as_("ps_therapist")
    for field in ("scheduled_for", "ends"):
        refused = await therapist.post("/sessions", {**PLANNED, field: moment})
        assert (refused.status_code, refused.json()["field"]) == (422, field)
    await planned(clinic)
    trials = [{"goal_id": "g_shared", "value": 1, "happened_at": moment}]
    refused = await therapist.post("/sessions/se_a/record", {**HELD, "trials": trials})
    assert (refused.status_code, refused.json()["field"]) == (422, "trials.0.happened_at")


async def test_a_stale_version_is_refused_with_the_current_one(clinic: Clinic) -> None:
    await recorded(clinic)
    stale = await clinic.as_("ps_therapist").put("/sessions/se_a/summary", {"text": "Again."}, version=1)
    assert stale.status_code == 409 and stale.json()["version"] == 4
