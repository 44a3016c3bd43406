"""Where nobody says that they see to it, the next one is called: in twenty minutes of duty hours, once."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chassis.rows import TIMERS
from chassis.testing import put_on_duty
from chassis.timers import Timers
from contracts.duty import DAYS, DutyFact
from contracts.ids import new_id
from notifications.deliveries import LOCK_SCREEN, Template
from notifications.due_dates import ACKNOWLEDGED_WITHIN, next_to_call, on_unseen

from .conftest import Post
from .test_duty import _items, called

ALWAYS = {"days": list(DAYS), "begins": "00:00", "ends": "00:00", "person_id": "ps_on_duty"}


async def _twenty_minutes_later(post: Post) -> None:
    """What falls due within the time falls due now, and is run."""
    rows, chassis = post.rows(TIMERS), post.chassis
    soon = datetime.now(UTC) + ACKNOWLEDGED_WITHIN + timedelta(seconds=5)
    past = datetime.now(UTC) - timedelta(seconds=5)
    await rows.update_many({"due_at": {"$lte": soon}}, {"$set": {"due_at": past}})
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(Timers(chassis.mongo, chassis.journal, [on_unseen]).run(stop))
        while await rows.find_one({"due_at": {"$lte": past}}):  # noqa: ASYNC110 - timers set no event
            await asyncio.sleep(0.05)
        stop.set()


async def _says(post: Post, item_id: str, verb: str) -> Any:
    headers = post.headers("ps_on_duty", **{"Idempotency-Key": new_id()})
    answer = await post.http.post(f"/tenants/{post.tenant}/duty-items/{item_id}/{verb}", headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()["state"]


async def test_the_deputy_is_called_as_well_and_once(post: Post) -> None:
    to = f"{new_id()}@clinic.example"
    await post.reaches("ps_deputy", email=to)
    await put_on_duty(post.chassis.mongo, post.tenant, rota=[ALWAYS], deputy="ps_deputy")
    event = called(post.tenant)
    await post.hears(event)
    [before] = await _items(post, "ps_on_duty")
    assert before["also_called"] is None and "ps_deputy" not in await post.owed()
    for _ in range(2):
        await _twenty_minutes_later(post)
    await post.sender().send_due()
    [mail] = post.sink.messages(to)
    assert mail["subject"] == LOCK_SCREEN[Template.DUTY]
    [after] = await _items(post, "ps_deputy")
    assert (after["state"], after["also_called"], after["seen_to_by"]) == ("escalated", "ps_deputy", None)
    assert await _says(post, event.event_id, "acknowledge") == "acknowledged"
    [taken] = await _items(post, "ps_deputy")
    assert (taken["state"], taken["seen_to_by"]) == ("acknowledged", "ps_on_duty")


@pytest.mark.parametrize("verb", ["acknowledge", "done"])
async def test_who_sees_to_it_in_time_calls_nobody_else(post: Post, verb: str) -> None:
    await put_on_duty(post.chassis.mongo, post.tenant, rota=[ALWAYS], deputy="ps_deputy")
    event = called(post.tenant)
    await post.hears(event)
    await _says(post, event.event_id, verb)
    await _twenty_minutes_later(post)
    assert "ps_deputy" not in await post.owed()
    assert [each["state"] for each in await _items(post, "ps_on_duty")] == (
        ["acknowledged"] if verb == "acknowledge" else []
    )


async def test_acknowledged_after_done_stays_done(post: Post) -> None:
    await put_on_duty(post.chassis.mongo, post.tenant, rota=[ALWAYS])
    event = called(post.tenant)
    await post.hears(event)
    assert await _says(post, event.event_id, "done") == "done"
    assert await _says(post, event.event_id, "acknowledge") == "done"


async def test_at_night_the_time_begins_with_the_hours(post: Post) -> None:
    begins = datetime.now(UTC) + timedelta(hours=2)
    hours = {
        "days": list(DAYS),
        "begins": begins.strftime("%H:%M"),
        "ends": (begins + timedelta(hours=1)).strftime("%H:%M"),
        "person_id": "ps_on_duty",
    }
    await put_on_duty(post.chassis.mongo, post.tenant, rota=[hours], timezone="UTC", deputy="ps_deputy")
    event = called(post.tenant)
    await post.hears(event)
    row = await post.rows(TIMERS).find_one({"payload.item_id": event.event_id})
    expected = begins.replace(second=0, microsecond=0) + ACKNOWLEDGED_WITHIN
    assert row["due_at"] == expected


async def test_where_nobody_is_named_yet_somebody_is_called_once_there_is_a_rota(post: Post) -> None:
    await post.hears(called(post.tenant))
    assert await post.owed() == {}
    await _twenty_minutes_later(post)
    assert await post.owed() == {}
    await put_on_duty(post.chassis.mongo, post.tenant, "ps_on_duty", rota=[ALWAYS])
    await _twenty_minutes_later(post)
    assert list(await post.owed()) == ["ps_on_duty"]


async def test_whoever_is_on_duty_is_called_first_also_where_they_were_named_only_afterwards(
    post: Post,
) -> None:
    event = called(post.tenant)
    await post.hears(event)
    await put_on_duty(
        post.chassis.mongo,
        post.tenant,
        "ps_on_duty",
        rota=[ALWAYS],
        safeguarding_lead="ps_lead",
        deputy="ps_deputy",
    )
    await _twenty_minutes_later(post)
    assert list(await post.owed()) == ["ps_on_duty"], "the deputy comes after them"
    [item] = await _items(post, "ps_on_duty")
    assert (item["state"], item["also_called"]) == ("open", None)
    await _twenty_minutes_later(post)
    assert sorted(await post.owed()) == ["ps_deputy", "ps_on_duty"]
    [item] = await _items(post, "ps_deputy")
    assert (item["state"], item["also_called"]) == ("escalated", "ps_deputy")


def test_after_the_deputy_comes_the_lead_and_after_both_nobody() -> None:
    rota = DutyFact(timezone="UTC", safeguarding_lead="ps_lead", deputy="ps_deputy")
    assert next_to_call(rota, "ps_on_duty") == next_to_call(rota, "ps_lead") == "ps_deputy"
    assert next_to_call(rota, "ps_deputy") == "ps_lead"
    assert next_to_call(rota.model_copy(update={"deputy": None}), "ps_lead") is None
    assert next_to_call(None, "ps_lead") is None
