"""What is due leaves once, decided at the last moment, through a real mail server and a real gateway."""

import asyncio
from datetime import UTC, datetime, timedelta

from chassis.journal import Tx
from contracts.ids import new_id
from notifications.deliveries import LOCK_SCREEN, Template, message_id

from .conftest import Post
from .sample_events import activated, proposed, task


def _address() -> str:
    return f"{new_id()}@home.example"


async def test_two_events_to_one_person_are_one_mail_with_the_fixed_words(post: Post) -> None:
    to = _address()
    await post.reaches("ps_parent", email=to, sender_name="Moor Lane")
    await post.hears(proposed(post.tenant, "guardians"), task(post.tenant, "household:hh_a"))
    await post.sender().send_due()
    [mail] = post.sink.messages(to)
    assert mail["text"].splitlines() == [
        LOCK_SCREEN[Template.REPLY_WANTED],
        post.chassis.settings.public_url,
    ]
    assert mail["subject"] == LOCK_SCREEN[Template.REPLY_WANTED]
    assert mail["from"].startswith("Moor Lane <")
    found = await post.rows("deliveries").find({"person_id": "ps_parent"})
    assert sorted(row["state"] for row in found) == ["merged", "sent"]
    assert ("delivery_sent", "email") in await post.told()


async def test_who_has_only_a_phone_gets_a_text_and_who_has_neither_a_notice(post: Post) -> None:
    phone = f"07700 {new_id()[:6]}"
    await post.reaches("ps_parent", phone=phone)
    await post.reaches("ps_other")
    await post.hears(activated(post.tenant, "guardians"))
    await post.sender().send_due()
    [text] = post.sink.messages(phone)
    assert text["channel"] == "sms"
    owed = await post.owed()
    assert (owed["ps_parent"]["state"], owed["ps_parent"]["channel"]) == ("sent", "sms")
    assert (owed["ps_other"]["state"], owed["ps_other"]["channel"]) == ("sent", "page")
    found = await post.http.get(f"/tenants/{post.tenant}/notices", headers=post.headers("ps_parent"))
    assert [row["text"] for row in found.json()["items"]] == [LOCK_SCREEN[Template.UPDATE]]


async def test_what_the_person_chose_wins_over_what_identity_heard(post: Post) -> None:
    to = _address()
    await post.reaches("ps_parent", email=to, channels=["email"])
    chosen = {"channels": ["page"]}
    path = f"/tenants/{post.tenant}/people/ps_parent/preferences"
    version = (await post.http.get(path, headers=post.headers("ps_parent"))).json()["version"]
    headers = post.headers("ps_parent", **{"If-Match": f'"{version}"', "Idempotency-Key": new_id()})
    assert (await post.http.put(path, json=chosen, headers=headers)).status_code == 200
    await post.hears(activated(post.tenant, "guardians"))
    await post.sender().send_due()
    assert post.sink.messages(to) == []
    assert (await post.owed())["ps_parent"]["channel"] == "page"
    back = post.headers("ps_parent", **{"If-Match": f'"{version + 1}"', "Idempotency-Key": new_id()})
    assert (await post.http.put(path, json={"channels": ["email"]}, headers=back)).status_code == 200


async def test_a_consent_withdrawn_before_the_send_sends_nothing(post: Post) -> None:
    to = _address()
    await post.reaches("ps_teacher", email=to)
    await post.hears(activated(post.tenant, "school"))
    await post.knows(rev=2, consents=())
    await post.sender().send_due()
    assert post.sink.messages(to) == []
    assert (await post.owed())["ps_teacher"]["state"] == "dropped"
    assert await post.told() == []


async def test_a_teacher_hears_nothing_of_a_goal_that_is_not_shared_with_her(post: Post) -> None:
    to = _address()
    await post.reaches("ps_teacher", email=to)
    await post.hears(activated(post.tenant, "guardians", "school", goals=("g_two",)))
    await post.sender().send_due()
    assert post.sink.messages(to) == []


async def test_with_stale_facts_a_message_waits_and_leaves_afterwards(post: Post) -> None:
    to = _address()
    await post.reaches("ps_parent", email=to)
    await post.hears(activated(post.tenant, "guardians"))
    await post.facts_from(datetime.now(UTC) - timedelta(minutes=1))
    await asyncio.sleep(0.3)
    await post.sender().send_due()
    assert set(await post.states()) == {"due"}
    assert (await post.owed())["ps_parent"]["due_at"] > datetime.now(UTC)
    await post.facts_from(datetime.now(UTC) + timedelta(hours=1))
    await post.hurry()
    await asyncio.sleep(0.3)
    await post.sender().send_due()
    assert len(post.sink.messages(to)) == 1


async def test_facts_older_than_the_event_hold_it_back(post: Post) -> None:
    to = _address()
    await post.reaches("ps_parent", email=to)
    await post.hears(activated(post.tenant, "guardians"))
    await post.rows("deliveries").update_many({}, {"$set": {"access_rev": 5}})
    await post.sender().send_due()
    assert post.sink.messages(to) == []
    assert set(await post.states()) == {"due"}


async def test_no_mail_server_means_waiting_longer_each_time_and_saying_so_in_the_end(post: Post) -> None:
    to = _address()
    await post.reaches("ps_parent", email=to)
    await post.hears(task(post.tenant, "household:hh_a"))
    nowhere = post.sender(smtp_port=9, attempts=3)
    waits = []
    for _ in range(3):
        await nowhere.send_due()
        row = (await post.owed())["ps_parent"]
        waits.append((row["due_at"] - datetime.now(UTC)).total_seconds())
        await post.hurry()
    assert 0 < waits[0] <= 2 < waits[1] <= 4
    assert row["state"] == "failed"
    assert await post.told() == [("delivery_failed", "email")]
    found = await post.http.get(f"/tenants/{post.tenant}/notices", headers=post.headers("ps_parent"))
    assert len(found.json()["items"]) == 1


async def test_the_sink_comes_back_and_the_mail_leaves_once(post: Post) -> None:
    to = _address()
    await post.reaches("ps_parent", email=to)
    await post.hears(task(post.tenant, "household:hh_a"))
    post.sink.stop()
    await post.sender().send_due()
    post.sink.start()
    await post.hurry()
    await post.sender().send_due()
    assert len(post.sink.messages(to)) == 1
    assert (await post.owed())["ps_parent"]["state"] == "sent"


async def test_a_reply_lost_after_the_server_took_it_leads_to_the_same_message(post: Post) -> None:
    to = _address()
    await post.reaches("ps_parent", email=to)
    await post.hears(task(post.tenant, "household:hh_a"))
    await post.sender().send_due()
    # The process died between the server's yes and the row: the row still says that it is being sent.
    await post.rows("deliveries").update_many({}, {"$set": {"state": "sending"}})
    await post.hurry()
    await post.hears(activated(post.tenant, "guardians"))
    await post.hurry()
    await post.sender().send_due()
    mails = post.sink.messages(to)
    first = (await post.rows("deliveries").find({"person_id": "ps_parent"}, sort=[("made_at", 1)]))[0]
    assert [mail["id"] for mail in mails].count(f"<{message_id(first['_id'])}@kith.example>") == 1
    assert len(mails) == 2


async def test_two_senders_at_once_send_once(post: Post) -> None:
    to = _address()
    await post.reaches("ps_parent", email=to)
    await post.hears(proposed(post.tenant, "guardians"), task(post.tenant, "household:hh_a"))
    await asyncio.gather(*(post.sender().send_due() for _ in range(4)))
    assert len(post.sink.messages(to)) == 1
    assert not {"due", "sending"} & set(await post.states())


async def test_of_an_erased_person_no_address_is_left(post: Post) -> None:
    await post.reaches("ps_other", email=_address())
    post.keys.erased.add("ps_other")
    post.chassis.keys.evict("ps_other")
    await post.hears(task(post.tenant, "household:hh_b"))
    await post.sender().send_due()
    assert (await post.owed())["ps_other"]["channel"] == "page"
    post.keys.erased.clear()


async def test_a_tenant_of_another_name_owes_nobody_here(post: Post) -> None:
    async def nothing(tx: Tx) -> None:
        assert await tx.tenant("deliveries").count() == 0

    await post.hears(activated(post.tenant, "guardians"))
    await post.chassis.journal.write(nothing, tenant_id=new_id(), by=None)
