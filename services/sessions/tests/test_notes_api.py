"""Notes over HTTP: scope, author, signing; a psychotherapy note leaves no trace for anybody else."""

from typing import Any

import pytest

Clinic = Any
"""The fixture's class in conftest.py, which no test can import."""

PLANNED = {"id": "se_a", "scheduled_for": "2026-05-04T14:00:00Z"}
HELD = {"state": "held", "attendance": {"status": "attended"}}
PROGRESS = {"id": "no_p", "note_class": "progress", "text": "Pause plan used once, canary one."}
PRIVATE = {
    "id": "no_y",
    "note_class": "psychotherapy",
    "text": "Hypothesis about canary two.",
    "status": "signed",
}


async def session(clinic: Clinic, *, record: bool = True) -> None:
    assert (await clinic.as_("ps_therapist").post("/sessions", PLANNED)).status_code == 201
    if record:
        assert (await clinic.as_("ps_therapist").post("/sessions/se_a/record", HELD)).status_code == 200


async def write(clinic: Clinic, note: dict[str, Any], person: str = "ps_therapist") -> Any:
    return await clinic.as_(person).post("/sessions/se_a/notes", note)


async def listed(clinic: Clinic, person: str, path: str = "/notes") -> list[str]:
    answer = await clinic.as_(person).get(path)
    assert answer.status_code == 200, answer.text
    return [note["id"] for note in answer.json()["items"]]


async def test_a_draft_is_its_authors_until_it_is_signed(clinic: Clinic) -> None:
    await session(clinic)
    assert (await write(clinic, PROGRESS)).json() == {"id": "no_p", "version": 1, "state": "draft"}
    assert await listed(clinic, "ps_therapist") == ["no_p"]
    assert await listed(clinic, "ps_colleague") == await listed(clinic, "ps_supervisor") == []
    longer = await clinic.as_("ps_therapist").put("/notes/no_p", {"text": "Used twice."}, version=1)
    assert longer.json()["version"] == 2
    signed = await clinic.as_("ps_therapist").post("/notes/no_p/sign")
    assert signed.json() == {"id": "no_p", "version": 3, "state": "signed"}
    assert await listed(clinic, "ps_colleague") == await listed(clinic, "ps_supervisor") == ["no_p"]
    assert await listed(clinic, "ps_colleague", "/sessions/se_a/notes") == ["no_p"]
    read = (await clinic.as_("ps_therapist").get("/sessions/se_a")).json()
    assert read["state"] == "signed"
    assert [e["type"] for e in await clinic.told()][-1] == "note_signed"


@pytest.mark.parametrize("signed", [False, True])
async def test_one_note_is_read_alone_by_those_who_read_it_in_the_list(clinic: Clinic, signed: bool) -> None:
    await session(clinic)
    for note in (PROGRESS, {**PRIVATE, "text": "A hunch."}):
        assert (await write(clinic, note)).status_code == 201
    if signed:
        await clinic.as_("ps_therapist").post("/notes/no_p/sign")

    async def reads(person: str) -> list[int]:
        asked = [await clinic.as_(person).get(f"/notes/{id}") for id in ("no_p", "no_y", "no_none")]
        return [answer.status_code for answer in asked]

    assert await reads("ps_therapist") == [200, 200, 404]
    for person in ("ps_colleague", "ps_supervisor"):
        assert await reads(person) == [200 if signed else 404, 404, 404]
    for person in ("ps_parent", "ps_admin"):
        assert await reads(person) == [404] * 3
    assert (await clinic.as_("ps_therapist", "care").get("/notes/no_p")).status_code == 403
    told = await clinic.rows("audit").find({"detail_id": "no_p", "by": "ps_colleague", "action": "read"})
    assert len(told) == signed, "whoever reads one is written down as reading that one"


async def test_signing_the_note_signs_its_session_and_shares_the_summary(clinic: Clinic) -> None:
    await session(clinic)
    therapist = clinic.as_("ps_therapist")
    await therapist.post("/sessions/se_a/record", {**HELD, "summary": {"text": "We built."}})
    assert (await write(clinic, {**PRIVATE, "text": "A hunch."})).status_code == 201
    await write(clinic, PROGRESS)
    assert (await clinic.as_("ps_parent").get("/sessions/se_a")).status_code == 404
    assert (await therapist.post("/notes/no_p/sign")).status_code == 200
    assert (await clinic.as_("ps_parent").get("/sessions/se_a")).json()["summary"]["text"] == "We built."
    assert [e["type"] for e in await clinic.told()][-2:] == ["summary_shared", "note_signed"]


async def test_a_signed_note_only_grows(clinic: Clinic) -> None:
    await session(clinic)
    await write(clinic, {**PROGRESS, "status": "signed"})
    refused = await clinic.as_("ps_therapist").put("/notes/no_p", {"text": "No."}, version=1)
    assert refused.status_code == 409
    added = await clinic.as_("ps_therapist").post("/notes/no_p/amendments", {"text": "It was twice."})
    assert added.status_code == 201 and added.json()["state"] == "amended"
    notes = (await clinic.as_("ps_colleague").get("/notes")).json()["items"]
    assert notes[0]["text"] == PROGRESS["text"]
    assert [a["text"] for a in notes[0]["amendments"]] == ["It was twice."]
    for person in ("ps_colleague", "ps_supervisor"):
        no = await clinic.as_(person).post("/notes/no_p/amendments", {"text": "No."})
        assert no.status_code == 404


async def test_nothing_is_signed_while_nobody_has_said_who_came(clinic: Clinic) -> None:
    await session(clinic, record=False)
    await clinic.as_("ps_therapist").post("/sessions/se_a/record", {"state": "held"})
    await write(clinic, PROGRESS)
    refused = await clinic.as_("ps_therapist").post("/notes/no_p/sign")
    assert refused.status_code == 409 and refused.json()["field"] == "attendance"
    assert (await clinic.as_("ps_therapist").post("/sessions/se_a/record", HELD)).status_code == 200
    assert (await clinic.as_("ps_therapist").post("/notes/no_p/sign")).status_code == 200


async def test_a_psychotherapy_note_leaves_no_trace_for_anybody_but_its_author(clinic: Clinic) -> None:
    await session(clinic)
    others = ("ps_colleague", "ps_supervisor")
    before = [
        (await clinic.as_(p).get(path)).content for p in others for path in ("/notes", "/sessions/se_a")
    ]
    told = await clinic.told()
    assert (await write(clinic, PRIVATE)).status_code == 201
    after = [(await clinic.as_(p).get(path)).content for p in others for path in ("/notes", "/sessions/se_a")]
    assert before == after and await clinic.told() == told
    assert await listed(clinic, "ps_therapist") == ["no_y"]
    assert (await clinic.as_("ps_colleague").post("/notes/no_y/sign")).status_code == 404


async def test_times_and_diagnosis_may_not_stand_only_in_the_psychotherapy_note(clinic: Clinic) -> None:
    await session(clinic)
    text = "Met 16:00–16:50. Diagnosis unchanged."
    refused = await write(clinic, {**PRIVATE, "text": text})
    assert refused.status_code == 422 and "progress note" in refused.json()["detail"]
    await write(clinic, {**PROGRESS, "text": text})
    assert (await write(clinic, {**PRIVATE, "text": text})).status_code == 201


@pytest.mark.parametrize("person", ["ps_parent", "ps_teen", "ps_teacher", "ps_stranger", "ps_admin"])
async def test_nobody_else_reads_or_writes_notes(clinic: Clinic, person: str) -> None:
    await session(clinic)
    await write(clinic, {**PROGRESS, "status": "signed"})
    assert (await clinic.as_(person).get("/notes")).status_code == 404
    assert (await write(clinic, {**PROGRESS, "id": "no_x"}, person)).status_code == 404


async def test_notes_need_a_sign_in_that_asked_for_them(clinic: Clinic) -> None:
    await session(clinic)
    answer = await clinic.as_("ps_therapist", scope="care").get("/notes")
    assert answer.status_code == 403


async def test_no_note_stands_in_the_clear_and_each_class_has_its_own_rows(clinic: Clinic) -> None:
    await session(clinic)
    await write(clinic, PROGRESS)
    await write(clinic, PRIVATE)
    kept = {
        name: await clinic.rows(name).find({})
        for name in ("note_progress", "note_psychotherapy", "journal", "audit")
    }
    assert len(kept["note_progress"]) == len(kept["note_psychotherapy"]) == 1
    assert "canary" not in str(kept)
    assert "no_y" not in str(kept["audit"])


async def test_another_organisation_with_the_same_ids_has_no_notes(clinic: Clinic) -> None:
    await session(clinic)
    await write(clinic, {**PROGRESS, "status": "signed"})
    other = clinic.as_("ps_therapist", tenant=clinic.twin)
    assert (await other.get("/notes")).json()["items"] == []
    assert (await other.post("/notes/no_p/sign")).status_code == 404


@pytest.mark.parametrize("path", ["/notes", "/sessions/se_a/notes"])
async def test_notes_are_read_in_pages_each_reader_their_own(clinic: Clinic, path: str) -> None:
    await session(clinic)
    for number in range(3):
        await write(clinic, {**PROGRESS, "id": f"no_p{number}", "status": "signed"})
        await write(clinic, {**PRIVATE, "id": f"no_y{number}"})
    for person, count in (("ps_therapist", 6), ("ps_colleague", 3)):
        whole, read, after = await listed(clinic, person, path), [], {}
        while after is not None:
            page = (await clinic.as_(person).get(path, limit=1, **after)).json()
            read += [note["id"] for note in page["items"]]
            after = {"after": page["next"]} if page["next"] else None
        assert read == whole and len(set(read)) == count
    wrong = await clinic.as_("ps_therapist").get(path, after="elsewhere")
    assert (wrong.status_code, wrong.json()["field"]) == (422, "after")
