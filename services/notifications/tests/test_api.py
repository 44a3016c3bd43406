"""Preferences are a person's own; notices are a sentence, seen once."""

import asyncio

import httpx

from contracts.ids import new_id

from .conftest import Post
from .sample_events import activated, proposed, summary


async def _choose(
    post: Post, person: str, channels: list[str], version: int | None, key: str = ""
) -> httpx.Response:
    match = {} if version is None else {"If-Match": f'"{version}"'}
    answer: httpx.Response = await post.http.put(
        f"/tenants/{post.tenant}/people/{person}/preferences",
        json={"channels": channels},
        headers=post.headers("ps_teacher", **match, **{"Idempotency-Key": key or new_id()}),
    )
    return answer


async def _version(post: Post) -> int:
    path = f"/tenants/{post.tenant}/people/ps_teacher/preferences"
    return int((await post.http.get(path, headers=post.headers("ps_teacher"))).json()["version"])


async def test_a_choice_is_kept_and_counted(post: Post) -> None:
    version = await _version(post)
    assert (await _choose(post, "ps_teacher", ["sms", "page"], version)).status_code == 200
    path = f"/tenants/{post.tenant}/people/ps_teacher/preferences"
    found = (await post.http.get(path, headers=post.headers("ps_teacher"))).json()
    assert found == {"channels": ["sms", "page"], "chosen": True, "version": version + 1}


async def test_before_the_first_choice_those_channels_are_answered_that_hold(post: Post) -> None:
    path, me = f"/tenants/{post.tenant}/people/ps_therapist/preferences", post.headers("ps_therapist")

    async def holds() -> list[str]:
        found = (await post.http.get(path, headers=me)).json()
        assert (found["chosen"], found["version"]) == (False, 0)
        return list(found["channels"])

    assert await holds() == ["email", "sms"]
    await post.reaches("ps_therapist", email="t@kith.example", phone="+447700900103", channels=["sms"])
    assert await holds() == ["sms"]
    await post.reaches("ps_therapist", phone="+447700900103", channels=["push", "sms", "page"])
    assert await holds() == ["sms", "page"]


async def test_nobody_reads_or_changes_the_choice_of_another(post: Post) -> None:
    theirs = await post.http.get(
        f"/tenants/{post.tenant}/people/ps_parent/preferences", headers=post.headers("ps_teacher")
    )
    nobodys = await post.http.get(
        f"/tenants/{post.tenant}/people/ps_nobody/preferences", headers=post.headers("ps_teacher")
    )
    assert theirs.status_code == 404
    assert theirs.content == nobodys.content
    assert (await _choose(post, "ps_parent", ["email"], 0)).status_code == 404


async def test_a_choice_made_from_an_old_page_is_refused(post: Post) -> None:
    version = await _version(post)
    assert (await _choose(post, "ps_teacher", ["email"], None)).status_code == 428
    assert (await _choose(post, "ps_teacher", ["email"], version)).status_code == 200
    late = await _choose(post, "ps_teacher", ["sms"], version)
    assert late.status_code == 409
    assert late.json()["version"] == version + 1


async def test_a_choice_that_is_sent_again_is_answered_again_and_made_once(post: Post) -> None:
    version, key = await _version(post), new_id()
    first, again = [await _choose(post, "ps_teacher", ["sms"], version, key) for _ in range(2)]
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == again.json()
    assert await _version(post) == version + 1


async def test_of_two_choices_at_once_one_wins_and_the_other_is_told(post: Post) -> None:
    version = await _version(post)
    answers = await asyncio.gather(
        *(_choose(post, "ps_teacher", [channel], version) for channel in ("email", "sms"))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 409]


async def test_an_unknown_channel_is_named(post: Post) -> None:
    refused = await _choose(post, "ps_teacher", ["pigeon"], 0)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"].startswith("channels")


async def test_notices_are_seen_once_and_are_each_persons_own(post: Post) -> None:
    await post.hears(activated(post.tenant, "guardians"), activated(post.tenant, "guardians"))
    before = await post.http.get(f"/tenants/{post.tenant}/notices", headers=post.headers("ps_parent"))
    assert before.json()["items"] == []
    await post.sender().send_due()
    path = f"/tenants/{post.tenant}/notices"
    mine = (await post.http.get(path, headers=post.headers("ps_parent"))).json()["items"]
    assert [row["text"] for row in mine] == ["You have an update."] * 2, "one message, a notice for each"
    assert (await post.http.get(path, headers=post.headers("ps_teacher"))).json()["items"] == []
    seen = post.headers("ps_parent", **{"Idempotency-Key": new_id()})
    assert (await post.http.post(f"{path}/seen", headers=seen)).status_code == 200
    assert (await post.http.get(path, headers=post.headers("ps_parent"))).json()["items"] == []


async def test_of_what_has_been_closed_since_nothing_is_told(post: Post) -> None:
    await post.hears(activated(post.tenant, "guardians"))
    await post.sender().send_due()
    path, me = f"/tenants/{post.tenant}/notices", post.headers("ps_parent")
    assert len((await post.http.get(path, headers=me)).json()["items"]) == 1
    await post.knows(rev=2, relationships=[])
    closed = await post.http.get(path, headers=me)
    assert closed.json()["items"] == [] and "cl_a" not in closed.text


async def test_what_was_closed_is_not_seen_and_is_there_once_it_is_open_again(post: Post) -> None:
    path, me = f"/tenants/{post.tenant}/notices", post.headers("ps_parent")
    event = activated(post.tenant, "guardians")
    await post.hears(event)
    await post.sender().send_due()
    await post.knows(rev=2, relationships=[])
    assert (await post.http.get(path, headers=me)).json()["items"] == []
    for body in (None, {"ids": [event.event_id]}):
        answer = await post.http.post(f"{path}/seen", json=body, headers=post.headers("ps_parent", **_key()))
        assert answer.json() == {"seen": 0}, body
    await post.knows(rev=3)
    again = (await post.http.get(path, headers=me)).json()["items"]
    assert [row["id"] for row in again] == [event.event_id]


async def test_only_what_a_page_showed_is_seen(post: Post) -> None:
    path, me = f"/tenants/{post.tenant}/notices", post.headers("ps_parent")
    shown, waiting, later = (activated(post.tenant, "guardians") for _ in range(3))
    await post.hears(shown)
    await post.sender().send_due()
    listed = (await post.http.get(path, headers=me)).json()["items"]
    assert [row["id"] for row in listed] == [shown.event_id]
    await post.hears(later)
    await post.sender().send_due()
    await post.hears(waiting)
    answer = await post.http.post(f"{path}/seen", headers=post.headers("ps_parent", **_key()))
    assert answer.json() == {"seen": 1}
    await post.sender().send_due()
    left = (await post.http.get(path, headers=me)).json()["items"]
    assert {row["id"] for row in left} == {later.event_id, waiting.event_id}


async def test_one_notice_is_seen_and_the_others_stay(post: Post) -> None:
    path, me = f"/tenants/{post.tenant}/notices", post.headers("ps_parent")
    one, other = activated(post.tenant, "guardians"), proposed(post.tenant, "guardians")
    await post.hears(one, other)
    await post.sender().send_due()
    listed = (await post.http.get(path, headers=me)).json()["items"]
    assert {(row["id"], row["kind"], row["client_id"]) for row in listed} == {
        (one.event_id, "update", "cl_a"),
        (other.event_id, "reply_wanted", "cl_a"),
    }
    for person, settled in (("ps_teacher", 0), ("ps_parent", 1), ("ps_parent", 0)):
        headers = post.headers(person, **_key())
        answer = await post.http.post(f"{path}/seen", json={"ids": [one.event_id]}, headers=headers)
        assert answer.json() == {"seen": settled}, person
    left = (await post.http.get(path, headers=me)).json()["items"]
    assert [row["id"] for row in left] == [other.event_id]


async def test_a_notice_names_the_classes_it_is_of_and_its_text_none(post: Post) -> None:
    await post.hears(activated(post.tenant, "guardians"), summary(post.tenant))
    await post.sender().send_due()
    path, me = f"/tenants/{post.tenant}/notices", post.headers("ps_parent")
    listed = (await post.http.get(path, headers=me)).json()["items"]
    assert sorted(row["classes"] for row in listed) == [["plan_plain"], ["session_summary"]]
    assert {row["text"] for row in listed} == {"You have an update."}
    await post.rows("deliveries").update_many(
        {}, {"$set": {"data_class": "plan_plain"}, "$unset": {"classes": ""}}
    )
    listed = (await post.http.get(path, headers=me)).json()["items"]
    assert [row["classes"] for row in listed] == [["plan_plain"]] * 2, "rows of before"


async def test_what_is_on_the_next_page_of_notices_is_not_seen_with_the_first(post: Post) -> None:
    path, me = f"/tenants/{post.tenant}/notices", post.headers("ps_parent")
    for _ in range(2):
        await post.hears(activated(post.tenant, "guardians"))
        await post.sender().send_due()
    first = (await post.http.get(path, params={"limit": 1}, headers=me)).json()
    assert (await post.http.post(f"{path}/seen", headers=post.headers("ps_parent", **_key()))).json() == {
        "seen": 1
    }
    left = (await post.http.get(path, headers=me)).json()["items"]
    assert len(left) == 1 and left[0]["id"] != first["items"][0]["id"]


def _key() -> dict[str, str]:
    return {"Idempotency-Key": new_id()}
