"""Whoever is on duty is told that something should not wait, in words that say nothing, and it waits until seen to."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chassis.testing import put_on_duty
from contracts.care_plans import DutyCalled as AnswerCalled
from contracts.classes import DataClass
from contracts.duty import DutyCall
from contracts.family_portal import DutyCalled
from contracts.ids import new_id
from notifications.deliveries import LOCK_SCREEN, Template

from .conftest import Post
from .sample_events import proposed


def called(tenant: str, kind: type[DutyCall] = DutyCalled, **changes: Any) -> DutyCall:
    """Something a parent wrote about a practice at home, or as an answer."""
    usual: dict[str, Any] = {"record_id": "lg_one", "data_class": DataClass.TASK_LOG, "goal_id": "g_one"}
    usual |= {"client_id": "cl_a", "by": "ps_parent", "parties": ("household:hh_a",)}
    return kind(tenant_id=tenant, **(usual | changes))


async def _items(post: Post, person: str) -> list[dict[str, Any]]:
    found = await post.http.get(f"/tenants/{post.tenant}/duty-items", headers=post.headers(person))
    assert found.status_code == 200, found.text
    items: list[dict[str, Any]] = found.json()["items"]
    return items


@pytest.mark.parametrize("kind", [DutyCalled, AnswerCalled])
async def test_the_person_on_duty_is_told_at_once_in_words_that_say_nothing(
    post: Post, kind: type[DutyCall]
) -> None:
    to = f"{new_id()}@clinic.example"
    await post.reaches("ps_on_duty", email=to)
    await put_on_duty(post.chassis.mongo, post.tenant, "ps_on_duty")
    await post.hears(called(post.tenant, kind))
    await post.sender().send_due()
    [mail] = post.sink.messages(to)
    assert mail["subject"] == LOCK_SCREEN[Template.DUTY] == "You are on duty. Please look now."
    assert mail["text"].splitlines() == [LOCK_SCREEN[Template.DUTY], post.chassis.settings.public_url]
    notices = await post.http.get(f"/tenants/{post.tenant}/notices", headers=post.headers("ps_on_duty"))
    assert notices.json()["items"] == [], "it waits among the duty items, in one place"


async def test_at_night_it_is_the_next_on_the_rota_and_with_an_update_duty_comes_first(post: Post) -> None:
    to = f"{new_id()}@clinic.example"
    await post.reaches("ps_parent", email=to)
    hours = {"days": ["mon"], "begins": "09:00", "ends": "09:01", "person_id": "ps_parent"}
    await put_on_duty(post.chassis.mongo, post.tenant, "ps_on_duty", rota=[hours])
    await post.hears(proposed(post.tenant, "guardians"), called(post.tenant, by="ps_other"))
    await post.sender().send_due()
    [mail] = post.sink.messages(to)
    assert mail["subject"] == LOCK_SCREEN[Template.DUTY]


async def test_a_call_to_duty_waits_for_no_facts_about_anybody(post: Post) -> None:
    """Identity is away, and with it every heartbeat: what says nothing of anybody leaves all the same."""
    to, home = f"{new_id()}@clinic.example", f"{new_id()}@home.example"
    await post.reaches("ps_on_duty", email=to)
    await post.reaches("ps_parent", email=home)
    await put_on_duty(post.chassis.mongo, post.tenant, "ps_on_duty")
    await post.hears(proposed(post.tenant, "guardians"), called(post.tenant, by="ps_other"))
    await post.facts_from(datetime.now(UTC) - timedelta(minutes=2))
    try:
        await post.sender().send_due()
    finally:
        await post.facts_from(datetime.now(UTC) + timedelta(hours=1))
    assert len(post.sink.messages(to)) == 1
    owed = await post.owed()
    assert (owed["ps_on_duty"]["state"], owed["ps_parent"]["state"]) == ("sent", "due")
    assert post.sink.messages(home) == [], "what is about somebody waits for what is known of them"


async def test_who_has_left_the_rota_before_it_leaves_is_told_nothing(post: Post) -> None:
    to = f"{new_id()}@clinic.example"
    await post.reaches("ps_on_duty", email=to)
    await put_on_duty(post.chassis.mongo, post.tenant, "ps_on_duty")
    await post.hears(called(post.tenant))
    await put_on_duty(post.chassis.mongo, post.tenant, "ps_therapist")
    await post.sender().send_due()
    assert post.sink.messages(to) == []
    assert (await post.owed())["ps_on_duty"]["state"] == "dropped"


async def test_duty_opens_no_record_and_names_whom_to_ask(post: Post) -> None:
    await put_on_duty(post.chassis.mongo, post.tenant, "ps_on_duty", safeguarding_lead="ps_therapist")
    event = called(post.tenant)
    await post.hears(event)
    [to_stranger], [to_lead] = await _items(post, "ps_on_duty"), await _items(post, "ps_therapist")
    assert to_stranger == {
        "id": event.event_id,
        "at": to_lead["at"],
        "state": "open",
        "seen_to_by": None,
        "also_called": None,
        "client_id": None,
        "record_id": None,
        "ask": ["ps_therapist"],
    }
    assert (to_lead["client_id"], to_lead["record_id"], to_lead["ask"]) == ("cl_a", "lg_one", [])
    assert await _items(post, "ps_parent") == await _items(post, "ps_teacher") == []


async def test_it_waits_until_somebody_on_duty_has_seen_to_it(post: Post) -> None:
    await put_on_duty(post.chassis.mongo, post.tenant, "ps_on_duty")
    first, second = called(post.tenant), called(post.tenant)
    await post.hears(first, second)
    path = f"/tenants/{post.tenant}/duty-items"
    for person, status in (
        ("ps_parent", 404),
        ("ps_therapist", 404),
        ("ps_on_duty", 200),
        ("ps_on_duty", 200),
    ):
        headers = post.headers(person, **{"Idempotency-Key": new_id()})
        answer = await post.http.post(f"{path}/{first.event_id}/done", headers=headers)
        assert answer.status_code == status, (person, answer.text)
    headers = post.headers("ps_on_duty", **{"Idempotency-Key": new_id()})
    assert (await post.http.post(f"{path}/{new_id()}/done", headers=headers)).status_code == 404
    assert [item["id"] for item in await _items(post, "ps_on_duty")] == [second.event_id]
    row = await post.rows("duty_items").find_one({"_id": f"{post.tenant}:{first.event_id}"})
    assert (row["state"], row["done_by"], row["told"]) == ("done", "ps_on_duty", "ps_on_duty")


async def test_what_nobody_sees_to_yet_stands_before_what_somebody_does(post: Post) -> None:
    await put_on_duty(post.chassis.mongo, post.tenant, "ps_on_duty")
    now = datetime.now(UTC)
    taken, second, third = (called(post.tenant, at=now - timedelta(seconds=ago)) for ago in (3, 2, 1))
    await post.hears(taken)
    path = f"/tenants/{post.tenant}/duty-items"
    headers = post.headers("ps_on_duty", **{"Idempotency-Key": new_id()})
    assert (await post.http.post(f"{path}/{taken.event_id}/acknowledge", headers=headers)).is_success
    await post.hears(second)
    await post.hears(third)
    pages = [await post.http.get(path, params={"limit": 1}, headers=post.headers("ps_on_duty"))]
    while after := pages[-1].json()["next"]:
        where = {"limit": 1, "after": after}
        pages.append(await post.http.get(path, params=where, headers=post.headers("ps_on_duty")))
    shown = [item["id"] for page in pages for item in page.json()["items"]]
    assert shown == [second.event_id, third.event_id, taken.event_id]


async def test_where_nobody_has_hours_any_more_the_lead_reads_what_waits_and_is_told(post: Post) -> None:
    to = f"{new_id()}@clinic.example"
    await post.reaches("ps_on_duty", email=to)
    await put_on_duty(post.chassis.mongo, post.tenant, "ps_on_duty", rota=[])
    event = called(post.tenant)
    await post.hears(event)
    assert [item["id"] for item in await _items(post, "ps_on_duty")] == [event.event_id]
    await post.sender().send_due()
    assert [mail["subject"] for mail in post.sink.messages(to)] == [LOCK_SCREEN[Template.DUTY]]
    path = f"/tenants/{post.tenant}/duty-items/{event.event_id}/done"
    headers = post.headers("ps_on_duty", **{"Idempotency-Key": new_id()})
    assert (await post.http.post(path, headers=headers)).status_code == 200


async def test_the_same_event_twice_is_one_item_and_one_message(post: Post) -> None:
    await put_on_duty(post.chassis.mongo, post.tenant, "ps_on_duty")
    event = called(post.tenant)
    await post.hears(event)
    await post.hears(event)
    assert len(await _items(post, "ps_on_duty")) == 1
    assert list(await post.owed()) == ["ps_on_duty"]
