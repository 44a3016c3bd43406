"""A task rests, goes on and ends as whoever says so has read it."""

from typing import Any

import pytest

from .steps import TASK, Clinic, active, add, states


async def _changed_by_a_colleague(clinic: Clinic) -> int:
    """The task as it was read, before a colleague wrote it anew."""
    await active(clinic)
    seen = (await add(clinic, "t1"))["doc_version"]
    anew = await clinic.as_("ps_therapist").put("/tasks/t1", {**TASK, "why": "Anew, by a colleague."}, seen)
    assert anew.status_code == 200, anew.text
    return int(seen)


@pytest.mark.parametrize("move", ["end", "pause"])
async def test_what_a_colleague_has_changed_is_read_before_it_rests_or_ends(
    clinic: Clinic, move: str
) -> None:
    seen = await _changed_by_a_colleague(clinic)
    therapist, told = clinic.as_("ps_therapist"), len(await clinic.stream())
    nothing = await therapist.post(f"/tasks/t1/{move}")
    assert (nothing.status_code, nothing.json()["field"]) == (428, "If-Match"), nothing.text
    late = await therapist.post(f"/tasks/t1/{move}", seen=seen)
    now = late.json()["version"]
    assert (late.status_code, late.json()["field"]) == (409, "If-Match") and now > seen
    assert await states(clinic) == {"t1": "live"} and len(await clinic.stream()) == told
    done = await therapist.post(f"/tasks/t1/{move}", seen=now, key="once")
    assert done.status_code == 200, done.text
    again = await therapist.post(f"/tasks/t1/{move}", seen=now, key="once")
    assert (again.status_code, again.json()) == (200, done.json()), "sent twice it is done once"


async def test_what_rests_goes_on_as_it_was_read(clinic: Clinic) -> None:
    await _changed_by_a_colleague(clinic)
    therapist = clinic.as_("ps_therapist")

    async def task() -> Any:
        return (await therapist.get("/tasks")).json()["items"][0]

    rested = await therapist.post("/tasks/t1/pause", seen=(await task())["doc_version"])
    seen = rested.json()["doc_version"]
    assert (await therapist.post("/tasks/t1/resume", seen=seen - 1)).status_code == 409
    assert (await therapist.post("/tasks/t1/resume")).status_code == 428
    assert (await therapist.post("/tasks/t1/resume", seen=seen)).json()["state"] == "live"


async def test_the_client_is_told_of_no_version_and_needs_none(clinic: Clinic) -> None:
    seen = await _changed_by_a_colleague(clinic)
    teen = clinic.as_("ps_teen")
    assert "doc_version" not in (await teen.get("/tasks")).json()["items"][0]
    assert (await teen.post("/tasks/t1/pause", seen=seen)).status_code == 409, "who says one is held to it"
    assert (await teen.post("/tasks/t1/pause")).status_code == 200
    assert (await teen.post("/tasks/t1/resume")).status_code == 200
    assert (await clinic.as_("ps_parent").post("/tasks/t1/pause")).status_code == 404
