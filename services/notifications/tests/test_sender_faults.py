"""One message that cannot leave keeps no other, and two senders never undo each other's work."""

from datetime import UTC, datetime

from contracts.ids import new_id
from notifications.deliveries import State
from notifications.store.deliveries import DeliveryStore

from .conftest import Post
from .sample_events import activated, task


def _address() -> str:
    return f"{new_id()}@home.example"


async def test_a_sender_name_with_a_line_break_is_one_line(post: Post) -> None:
    to = _address()
    await post.reaches("ps_parent", email=to, sender_name="Moor\r\nBcc: all@x.example")
    await post.hears(task(post.tenant, "household:hh_a"))
    await post.sender().send_due()
    [mail] = post.sink.messages(to)
    assert mail["from"].startswith('"Moor Bcc: all@x.example" <')
    assert post.sink.messages("all@x.example") == []
    assert (await post.owed())["ps_parent"]["state"] == "sent"


async def test_a_sender_name_that_tells_what_it_is_about_never_leaves(post: Post) -> None:
    to, phone = _address(), f"07700 {new_id()[:6]}"
    await post.reaches("ps_parent", email=to, sender_name="Lantern Lane Clinic")
    await post.reaches("ps_other", phone=phone, sender_name="Lantern Lane Clinic")
    await post.hears(activated(post.tenant, "guardians"))
    await post.sender().send_due()
    [mail], [text] = post.sink.messages(to), post.sink.messages(phone)
    assert mail["from"].startswith("Kith <") and text["from"] == "Kith"


async def test_a_message_that_cannot_be_written_fails_in_the_end_and_keeps_no_other(post: Post) -> None:
    to = _address()
    await post.reaches("ps_parent", email="par\nent@home.example")
    await post.reaches("ps_other", email=to)
    await post.hears(activated(post.tenant, "guardians"))
    for _ in range(2):
        await post.sender(attempts=2).send_due()
        await post.hurry()
    owed = await post.owed()
    assert (owed["ps_parent"]["state"], owed["ps_parent"]["attempts"]) == ("failed", 2)
    assert owed["ps_other"]["state"] == "sent"
    assert len(post.sink.messages(to)) == 1
    assert ("delivery_failed", "email") in await post.told()


async def test_a_message_whose_senders_all_died_is_not_tried_again(post: Post) -> None:
    to = _address()
    await post.reaches("ps_other", email=to)
    await post.hears(task(post.tenant, "household:hh_b"))
    await post.rows("deliveries").update_many({}, {"$set": {"state": "sending", "attempts": 6}})
    await post.hurry()
    await post.sender().send_due()
    assert post.sink.messages(to) == []
    assert await post.states() == ["failed"]
    assert await post.told() == [("delivery_failed", "email")]


async def test_a_row_that_cannot_be_decided_waits_and_keeps_no_other(post: Post) -> None:
    to = _address()
    await post.reaches("ps_other", email=to)
    await post.hears(activated(post.tenant, "guardians"))
    await post.rows("deliveries").update_many({"person_id": "ps_parent"}, {"$set": {"classes": ["unknown"]}})
    await post.sender().send_due()
    owed = await post.owed()
    assert (owed["ps_parent"]["state"], owed["ps_other"]["state"]) == ("due", "sent")
    assert owed["ps_parent"]["due_at"] > datetime.now(UTC)
    assert len(post.sink.messages(to)) == 1


async def test_what_another_sender_has_sent_is_not_postponed(post: Post) -> None:
    to = _address()
    await post.reaches("ps_other", email=to)
    await post.hears(task(post.tenant, "household:hh_b"))
    store = DeliveryStore(post.chassis.mongo)
    read = await store.due(datetime.now(UTC))
    await post.sender().send_due()
    await store.postpone(read)
    assert await post.states() == ["sent"]
    await post.hurry()
    await post.sender().send_due()
    assert len(post.sink.messages(to)) == 1


async def test_what_another_sender_has_taken_is_neither_settled_nor_told_of(post: Post) -> None:
    await post.hears(task(post.tenant, "household:hh_b"))
    store, slow = DeliveryStore(post.chassis.mongo), post.sender()
    mine = await store.claim(await store.due(datetime.now(UTC)))
    await post.hurry()
    theirs = await store.claim(await store.due(datetime.now(UTC)))
    assert [row["attempts"] for row in (*mine, *theirs)] == [1, 2]
    await slow._settle(mine, State.SENT, "email")
    await slow._settle(mine, State.DROPPED, "none")
    await store.postpone(mine)
    assert (await post.states(), await post.told()) == (["sending"], [])
    await slow._settle(theirs, State.SENT, "email")
    assert (await post.states(), await post.told()) == (["sent"], [("delivery_sent", "email")])


async def test_a_row_that_failed_here_may_be_postponed_by_who_took_it(post: Post) -> None:
    await post.hears(task(post.tenant, "household:hh_b"))
    store = DeliveryStore(post.chassis.mongo)
    await store.postpone(await store.claim(await store.due(datetime.now(UTC))))
    row = (await post.owed())["ps_other"]
    assert (row["state"], row["attempts"]) == ("due", 1)
