"""Lists of sessions over HTTP: in pages, between two moments, and without a time for whom it is not open."""

from datetime import UTC, datetime
from typing import Any

from chassis.cursors import cursor_of, values_of

Clinic = Any
"""The fixture's class in conftest.py, which no test can import."""

PLANNED = {"kind": "individual", "modality": "in_person"}
HELD: dict[str, Any] = {
    "state": "held",
    "attendance": {"status": "attended", "minutes": 45},
    "summary": {"text": "We practised the canary card."},
    "share_summary": True,
}


async def planned(clinic: Clinic, **changes: Any) -> None:
    made = await clinic.as_("ps_therapist").post("/sessions", {**PLANNED, **changes})
    assert made.status_code == 201, made.text


async def test_a_list_pages_newest_first(clinic: Clinic) -> None:
    for day in (4, 6, 5):
        await planned(clinic, id=f"se_{day}", scheduled_for=f"2026-05-0{day}T14:00:00Z")
    first = (await clinic.as_("ps_therapist").get("/sessions", limit=2)).json()
    rest = (await clinic.as_("ps_therapist").get("/sessions", limit=2, after=first["next"])).json()
    assert [s["id"] for s in first["items"] + rest["items"]] == ["se_6", "se_5", "se_4"]
    assert rest["next"] is None


async def test_a_list_is_asked_for_between_two_moments_and_the_soonest_first(clinic: Clinic) -> None:
    for day in range(1, 8):
        await planned(clinic, id=f"se_{day}", scheduled_for=f"2026-05-0{day}T14:00:00Z")
    visit = clinic.as_("ps_therapist")

    async def ids(**asked: Any) -> list[str]:
        found, after = [], {}
        while True:
            page = (await visit.get("/sessions", limit=2, **asked, **after)).json()
            found += [row["id"] for row in page["items"]]
            if not page["next"]:
                return found
            after = {"after": page["next"]}

    window = {"since": "2026-05-03T14:00:00Z", "until": "2026-05-06T15:00:00+01:00"}
    assert await ids(**window) == ["se_5", "se_4", "se_3"]
    assert await ids(**window, order="soonest") == ["se_3", "se_4", "se_5"]
    assert await ids(since="2026-05-06T00:00:00Z", order="soonest") == ["se_6", "se_7"]
    for name, value in (("since", "yesterday"), ("until", "2026-05-06T14:00:00"), ("order", "oldest")):
        refused = await visit.get("/sessions", **{name: value})
        assert refused.status_code == 422 and refused.json()["errors"][0]["field"] == name


async def test_a_page_does_not_tell_how_many_sessions_are_hidden(clinic: Clinic) -> None:
    for day in (1, 2, 3):
        await planned(clinic, id=f"se_{day}", scheduled_for=f"2026-05-0{day}T14:00:00Z")
    held = {
        "state": "held",
        "attendance": {"status": "attended"},
        "summary": {"text": "We built."},
        "share_summary": True,
    }
    for day in (1, 3):
        body = {**held, "release_to_school": day == 1}
        await clinic.as_("ps_therapist").post(f"/sessions/se_{day}/record", body)
    school = (await clinic.as_("ps_teacher").get("/sessions", limit=1)).json()
    assert [s["id"] for s in school["items"]] == ["se_1"] and school["next"] is None
    parent = (await clinic.as_("ps_parent").get("/sessions", limit=2)).json()
    assert [s["id"] for s in parent["items"]] == ["se_3", "se_1"] and parent["next"] is None


async def test_who_may_not_know_when_sessions_are_pages_without_a_time_and_finds_none_out(
    clinic: Clinic,
) -> None:
    for day in (4, 6, 5):
        await planned(clinic, id=f"se_{day}", scheduled_for=f"2026-05-0{day}T14:07:00Z")
        done = await clinic.as_("ps_therapist").post(f"/sessions/se_{day}/record", HELD)
        assert done.status_code == 200, done.text
    parent, read, after = clinic.as_("ps_parent"), [], None
    while True:
        page = (await parent.get("/sessions", limit=1, **({"after": after} if after else {}))).json()
        read += [row["id"] for row in page["items"]]
        assert "14:07" not in str(page) and "2026-05-0" not in str(page)
        if (after := page["next"]) is None:
            break
        assert values_of(after) == [read[-1]], "the place is named by what stands there already"
    assert read == ["se_6", "se_5", "se_4"]
    teacher = (await clinic.as_("ps_teacher").get("/sessions")).json()
    assert teacher["items"] == [], "of a session that is not released nothing is said"
    for forged in (["2026-05-05T14:07:00+00:00"], [datetime(2026, 5, 5, tzinfo=UTC), "z"], ["se_none"], []):
        refused = await parent.get("/sessions", limit=1, after=cursor_of(forged))
        assert (refused.status_code, refused.json()["field"]) == (422, "after"), forged
    hidden = await clinic.as_("ps_teacher").get("/sessions", limit=1, after=cursor_of(["se_5"]))
    assert hidden.status_code == 422, "a place among what is hidden is no place"
    for asked, value in (
        ("since", "2026-05-05T00:00:00Z"),
        ("until", "2026-05-05T00:00:00Z"),
        ("order", "soonest"),
    ):
        refused = await parent.get("/sessions", **{asked: value})
        assert (refused.status_code, refused.json()["field"]) == (422, asked), "no asking around times either"
