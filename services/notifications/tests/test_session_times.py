"""Of a session that is planned or cancelled those hear who may know when it is, and only while it is to come."""

from datetime import UTC, datetime, timedelta

import pytest

from contracts.event import Event
from contracts.ids import new_id
from notifications.deliveries import LOCK_SCREEN, Template
from policy.days import day_of

from .conftest import LONG_AGO, Post
from .sample_events import ended, scheduled

TOMORROW, NOW, YESTERDAY = timedelta(days=1), timedelta(), timedelta(days=-1)
FAMILY = {"ps_parent", "ps_other"}


async def _told(post: Post) -> set[str]:
    """Who was told, once the sender has decided of each."""
    await post.sender().send_due()
    rows = await post.rows("deliveries").find({})
    assert {row["state"] for row in rows} <= {"sent", "merged", "dropped"}
    return {row["person_id"] for row in rows if row["state"] != "dropped"}


@pytest.mark.parametrize("make", [scheduled, ended])
async def test_a_childs_guardians_hear_of_a_session_planned_or_cancelled(post: Post, make: object) -> None:
    assert callable(make)
    await post.hears(make(post.tenant, TOMORROW))
    assert await _told(post) == FAMILY, "neither a child, nor school, nor who has ticked nothing"


async def test_the_message_is_the_one_of_all_others_and_two_leave_as_one(post: Post) -> None:
    to = f"{new_id()}@home.example"
    await post.reaches("ps_parent", email=to)
    await post.hears(scheduled(post.tenant, TOMORROW), ended(post.tenant, TOMORROW))
    assert await _told(post) == FAMILY
    [mail] = post.sink.messages(to)
    assert mail["subject"] == LOCK_SCREEN[Template.UPDATE]
    assert mail["text"].splitlines() == [LOCK_SCREEN[Template.UPDATE], post.chassis.settings.public_url]


@pytest.mark.parametrize(
    ("state", "ahead"),
    [
        ("scheduled", YESTERDAY),
        ("scheduled", NOW),
        ("scheduled", timedelta(minutes=14)),
        ("in_progress", timedelta(minutes=14)),
        ("in_progress", TOMORROW),
    ],
)
async def test_one_that_begins_or_lies_in_the_past_was_planned_for_nobody(
    post: Post, state: str, ahead: timedelta
) -> None:
    await post.hears(scheduled(post.tenant, ahead, state=state))
    assert await post.owed() == {}


@pytest.mark.parametrize(("state", "ahead"), [("cancelled", YESTERDAY), ("ended", TOMORROW)])
async def test_only_a_session_still_to_come_is_called_off(post: Post, state: str, ahead: timedelta) -> None:
    await post.hears(ended(post.tenant, ahead, state))
    assert await post.owed() == {}


async def test_a_session_called_off_at_the_last_minute_is_told(post: Post) -> None:
    await post.hears(ended(post.tenant, timedelta(minutes=3)))
    assert await _told(post) == FAMILY


async def _of_a_young_person(post: Post, **changes: object) -> None:
    today = day_of(datetime.now(UTC))
    await post.knows(rev=2, privacy_from=today - timedelta(days=300), **changes)


@pytest.mark.parametrize("make", [scheduled, ended])
async def test_a_young_persons_times_are_told_to_them_alone(post: Post, make: object) -> None:
    assert callable(make)
    event: Event = make(post.tenant, TOMORROW)
    await _of_a_young_person(post)
    await post.hears(event)
    assert await _told(post) == {"ps_child"}
    found = await post.http.get(f"/tenants/{post.tenant}/notices", headers=post.headers("ps_parent"))
    assert found.json()["items"] == []


async def test_who_the_young_person_ticked_times_for_is_told_too(post: Post) -> None:
    tie = {"kind": "mother", "authority": "limited", "begins": LONG_AGO}
    ticked = {"id": "r1", "person_id": "ps_parent", **tie, "ticked": ["attendance"]}
    await _of_a_young_person(post, relationships=[ticked, {"id": "r2", "person_id": "ps_other", **tie}])
    await post.hears(scheduled(post.tenant, TOMORROW))
    assert await _told(post) == {"ps_child", "ps_parent"}


async def test_whose_times_become_theirs_before_it_leaves_nobody_else_is_told(post: Post) -> None:
    await post.hears(scheduled(post.tenant, TOMORROW))
    await _of_a_young_person(post)
    assert await _told(post) == {"ps_child"}
