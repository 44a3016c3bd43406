"""One transaction a command: state, audit and events together, once, each stream without a gap."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import pytest

from chassis.errors import Conflict, KeyReused, NotFound, TooLarge
from chassis.journal import Command, Stream, Tx
from chassis.rows import SHARDS, message_of
from contracts.care_plans import GoalRated, RatingBody
from contracts.classes import DataClass
from contracts.ids import new_id
from contracts.sessions import NoteSigned

Work = Callable[[Tx], Awaitable[None]]


def rated(tenant_id: str, client_id: str = "c1", source: str = "canary") -> GoalRated:
    """An event with sealed words."""
    return GoalRated(
        tenant_id=tenant_id,
        client_id=client_id,
        record_id=new_id(),
        goal_id="g1",
        happened_at=datetime.now(UTC),
        words={DataClass.MEASURE: RatingBody(level=1, source=source)},
    )


def rating(*clients: str) -> Work:
    """A command that counts in a row of state and tells each client's stream."""

    async def work(tx: Tx) -> None:
        await tx.tenant("goals").update_one({"_id": f"{tx.tenant_id}:g1"}, {"$inc": {"n": 1}}, upsert=True)
        for client in clients:
            tx.record(rated(tx.tenant_id, client))
        tx.audit("rate", clients[0], DataClass.MEASURE, "g1")
        tx.answer({"goal_id": "g1"})

    return work


async def _state(core: Any, tenant_id: str) -> int:
    row = await core.mongo.tenant("goals", tenant_id).find_one({})
    return row["n"] if row else 0


async def _seqs(core: Any, tenant_id: str, client: str = "c1") -> list[int]:
    return [row["seq"] for row in await core.journal.rows(Stream(tenant_id, client), after=0, limit=5_000)]


async def test_a_command_commits_state_audit_and_events_together(core: Any, tenant: str) -> None:
    written = await core.journal.write(rating("c1", "c2", "c1"), tenant_id=tenant, by="p1")
    assert written.answer == {"goal_id": "g1"}
    assert await _state(core, tenant) == 1
    assert (await _seqs(core, tenant), await _seqs(core, tenant, "c2")) == ([1, 2], [1])
    entry = await core.mongo.tenant("audit", tenant).find_one({})
    assert (entry["by"], entry["classes"], entry["detail_id"]) == ("p1", ["measure"], "g1")
    place = core.positions.open(written.position)
    assert place.streams == {f"{tenant}:c1": 2, f"{tenant}:c2": 1}


async def test_a_row_whose_key_is_taken_takes_the_whole_command_back(core: Any, tenant: str) -> None:
    async def work(tx: Tx) -> None:
        tx.add("logs", {"_id": f"{tx.tenant_id}:l1"}, taken=Conflict("This id is taken.", "id"))
        await rating("c1")(tx)

    first = Command("k1", "p1", "f1")
    written = await core.journal.write(work, tenant_id=tenant, by="p1", command=first)
    assert (await core.journal.write(work, tenant_id=tenant, by="p1", command=first)).replayed
    with pytest.raises(Conflict, match="This id is taken"):
        await core.journal.write(work, tenant_id=tenant, by="p1", command=Command("k2", "p1", "f1"))
    assert written.answer == {"goal_id": "g1"}
    assert (await _state(core, tenant), await _seqs(core, tenant)) == (1, [1])
    assert await core.mongo.tenant("logs", tenant).count() == 1


async def test_a_row_carries_no_word_and_opens_with_its_key(core: Any, tenant: str) -> None:
    await core.journal.write(rating("c1"), tenant_id=tenant, by="p1")
    (row,) = await core.journal.rows(Stream(tenant, "c1"), after=0)
    assert "canary" not in str(row)
    assert (row["_id"], row["shard"]) == (f"{tenant}:c1:1", Stream(tenant, "c1").shard)
    assert 0 <= row["shard"] < SHARDS
    event = GoalRated.read(row["event"])
    assert event.by == "p1"
    assert await core.keys.open_event(event, DataClass.MEASURE) == RatingBody(level=1, source="canary")


async def test_a_message_is_a_cloud_event_with_its_place(core: Any, tenant: str) -> None:
    await core.journal.write(rating("c1"), tenant_id=tenant, by="p1")
    (row,) = await core.journal.rows(Stream(tenant, "c1"), after=0)
    message = message_of(row, "care-plans")
    headers = dict(message.headers)
    assert (message.topic, message.key) == ("care-plans", f"{tenant}:c1".encode())
    assert headers["ce_type"] == b"care_plans.goal_rated.v1"
    assert headers["ce_tenantid"] == tenant.encode()
    assert headers["ce_specversion"] == b"1.0"
    assert f'"stream":"{tenant}:c1","seq":1,"access_rev":0'.encode() in message.value


async def test_work_that_raises_leaves_nothing(core: Any, tenant: str) -> None:
    async def work(tx: Tx) -> None:
        await rating("c1")(tx)
        raise NotFound

    with pytest.raises(NotFound):
        await core.journal.write(work, tenant_id=tenant, by="p1", command=Command(new_id(), "p1", "f"))
    assert (await _state(core, tenant), await _seqs(core, tenant)) == (0, [])
    assert await core.mongo.tenant("audit", tenant).count() == 0


async def test_a_command_sent_twice_has_one_effect_and_one_answer(core: Any, tenant: str) -> None:
    command = Command(new_id(), "p1", "f", "c1")
    first = await core.journal.write(rating("c1"), tenant_id=tenant, by="p1", command=command)
    second = await core.journal.write(rating("c1"), tenant_id=tenant, by="p1", command=command)
    assert (first.replayed, second.replayed, second.answer) == (False, True, first.answer)
    assert core.positions.open(second.position) == core.positions.open(first.position)
    assert (await _state(core, tenant), await _seqs(core, tenant)) == (1, [1])


async def test_a_replay_answers_though_its_work_would_now_fail(core: Any, tenant: str) -> None:
    command = Command(new_id(), "p1", "f")
    await core.journal.write(rating("c1"), tenant_id=tenant, by="p1", command=command)

    async def late(tx: Tx) -> None:
        raise Conflict("The version has moved on.")

    assert (await core.journal.write(late, tenant_id=tenant, by="p1", command=command)).replayed


async def test_a_key_used_for_another_request_is_a_conflict(core: Any, tenant: str) -> None:
    key = new_id()
    await core.journal.write(rating("c1"), tenant_id=tenant, by="p1", command=Command(key, "p1", "f"))
    with pytest.raises(KeyReused) as caught:
        await core.journal.write(rating("c1"), tenant_id=tenant, by="p1", command=Command(key, "p1", "g"))
    assert caught.value.field == "Idempotency-Key" and caught.value.title != Conflict.title
    other = await core.journal.write(rating("c1"), tenant_id=tenant, by="p2", command=Command(key, "p2", "g"))
    assert not other.replayed


async def test_a_command_sent_many_times_at_once_by_two_processes_has_one_effect(
    core: Any, other_core: Any, tenant: str
) -> None:
    command = Command(new_id(), "p1", "f", "c1")
    written = await asyncio.gather(
        *(
            process.journal.write(rating("c1"), tenant_id=tenant, by="p1", command=command)
            for process in (core, other_core) * 5
        )
    )
    assert sum(not one.replayed for one in written) == 1
    assert (await _state(core, tenant), await _seqs(core, tenant)) == (1, [1])


@pytest.mark.parametrize("client", ["c1", None])
async def test_a_hot_stream_is_gapless_under_two_processes(
    core: Any, other_core: Any, tenant: str, client: str | None
) -> None:
    async def many(process: Any) -> None:
        await asyncio.gather(
            *(
                process.journal.write(rating("c1"), tenant_id=tenant, by="p1", client_id=client)
                for _ in range(40)
            )
        )

    await asyncio.gather(many(core), many(other_core))
    assert await _seqs(core, tenant) == list(range(1, 81))
    assert await _state(core, tenant) == 80


async def test_group_events_in_crossing_orders_do_not_wait_for_each_other(core: Any, tenant: str) -> None:
    async def group(*clients: str) -> None:
        async def work(tx: Tx) -> None:
            for client in clients:
                tx.record(rated(tenant, client))

        for _ in range(10):
            await core.journal.write(work, tenant_id=tenant, by="p1", client_id=clients[0])

    await asyncio.wait_for(asyncio.gather(group("a", "b", "c"), group("c", "b", "a"), group("b", "a")), 30)
    ends = [len(await _seqs(core, tenant, client)) for client in ("a", "b", "c")]
    assert ends == [30, 30, 20]


async def test_a_private_draft_touches_no_stream_and_its_position_looks_like_any_other(
    core: Any, tenant: str
) -> None:
    async def draft(tx: Tx) -> None:
        await tx.tenant("drafts").insert_one({"_id": f"{tenant}:d"})

    drafted = await core.journal.write(draft, tenant_id=tenant, by="p1", client_id="c1")
    told = await core.journal.write(rating("c1"), tenant_id=tenant, by="p1", client_id="c1")
    assert await _seqs(core, tenant) == [1]
    assert core.positions.open(drafted.position).streams == {}
    assert len(drafted.position) == len(told.position)


async def test_keys_are_fetched_while_no_transaction_is_open(core: Any, tenant: str) -> None:
    core.source.asked.clear()
    await asyncio.gather(
        *(core.journal.write(rating("c1"), tenant_id=tenant, by="p1", client_id="c1") for _ in range(5))
    )
    assert [[name.subject_id for name in batch] for batch in core.source.asked] == [["c1"]]


async def test_a_service_tells_its_own_news_of_its_own_tenant_only(core: Any, tenant: str, twin: str) -> None:
    async def of_another_tenant(tx: Tx) -> None:
        tx.record(rated(twin))

    async def of_another_service(tx: Tx) -> None:
        tx.record(NoteSigned(tenant_id=tenant, session_id="s1", note_id="n1"))

    for work in (of_another_tenant, of_another_service):
        with pytest.raises(ValueError, match=r"tenant|publish"):
            await core.journal.write(work, tenant_id=tenant, by="p1")


async def test_an_event_the_broker_would_refuse_is_not_committed(core: Any, tenant: str) -> None:
    async def work(tx: Tx) -> None:
        tx.record(rated(tenant, source="x" * 700_000))

    with pytest.raises(TooLarge):
        await core.journal.write(work, tenant_id=tenant, by="p1")
    assert await _seqs(core, tenant) == []


async def test_a_state_the_broker_would_refuse_is_not_committed(core: Any, tenant: str) -> None:
    async def work(tx: Tx) -> None:
        await tx.tenant("goals").insert_one({"_id": f"{tenant}:kept"})
        body = {"tenant_id": tenant, "rev": 1, "consents": ["é" * 1_000] * 500}
        tx.publish_state("identity-state", f"{tenant}:c1", body)

    with pytest.raises(TooLarge):
        await core.journal.write(work, tenant_id=tenant, by="p1")
    assert await core.mongo.tenant("journal", tenant).count() == 0
    assert await core.mongo.tenant("goals", tenant).count() == 0


async def test_a_row_does_not_give_away_what_was_asked_or_answered(core: Any, tenant: str) -> None:
    said = sha256(b"four plain words here").hexdigest()
    await core.journal.write(rating("c1"), tenant_id=tenant, by="p1", command=Command("k1", "p1", said))
    (entry,) = await core.mongo.tenant("audit", tenant).find()
    row = entry["command"]
    guesses = {said, sha256(said.encode()).hexdigest(), sha256(b"fingerprint:" + said.encode()).hexdigest()}
    assert row["fingerprint"] not in guesses
    assert said not in str(row) and "goal_id" not in str(row)


async def test_two_processes_that_look_before_they_write_do_not_both_find_the_place_free(
    core: Any, other_core: Any, tenant: str
) -> None:
    """Their events stand in one stream, so only one of two that read the same can commit."""

    async def first_come(tx: Tx) -> None:
        places = tx.tenant("places")
        if not await places.count():
            await places.insert_one({"_id": places.key(new_id())})
        tx.record(rated(tx.tenant_id))

    for number in range(10):
        writes = (
            process.journal.write(first_come, tenant_id=tenant, by="p1", client_id="c1")
            for process in (core, other_core)
        )
        await asyncio.gather(*writes)
        assert await core.mongo.tenant("places", tenant).count() == 1, number
        await core.mongo.tenant("places", tenant).delete_many({})


async def test_a_stream_remembers_the_access_facts_it_was_written_under(core: Any, tenant: str) -> None:
    access = core.mongo.tenant("access", tenant)
    await access.insert_one({"_id": f"{tenant}:c1", "rev": 7})
    written = await core.journal.write(rating("c1"), tenant_id=tenant, by="p1")
    (row,) = await core.journal.rows(Stream(tenant, "c1"), after=0)
    assert row["access_rev"] == 7
    assert core.positions.open(written.position).access == {f"{tenant}:c1": 7}


async def test_a_stream_remembers_by_which_facts_its_writer_decided(core: Any, tenant: str) -> None:
    access = core.mongo.tenant("access", tenant)
    for client, rev in (("c1", 7), ("c2", 5)):
        await access.insert_one({"_id": f"{tenant}:{client}", "rev": rev})

    async def work(tx: Tx) -> None:
        tx.decided("c1", 6)
        await rating("c1")(tx)
        await rating("c2")(tx)

    written = await core.journal.write(work, tenant_id=tenant, by="p1")
    revs = {}
    for client in ("c1", "c2"):
        (row,) = await core.journal.rows(Stream(tenant, client), after=0)
        revs[f"{tenant}:{client}"] = row["access_rev"]
    assert revs == {f"{tenant}:c1": 6, f"{tenant}:c2": 5}
    assert core.positions.open(written.position).access == revs


async def test_a_published_state_is_a_row_of_its_own(core: Any, tenant: str) -> None:
    body = {"tenant_id": tenant, "client_id": "c1", "rev": 3}

    async def work(tx: Tx) -> None:
        tx.publish_state("identity-state", f"{tenant}:c1", body)

    written = await core.journal.write(work, tenant_id=tenant, by="p1")
    assert core.positions.open(written.position).access == {f"{tenant}:c1": 3}
    row = await core.mongo.tenant("journal", tenant).find_one({"kind": "state"})
    message = message_of(row, "identity")
    assert (message.topic, message.key) == ("identity-state", f"{tenant}:c1".encode())
    with pytest.raises(ValueError, match="rev"):
        Tx(core.mongo, None, tenant, "p1", "identity").publish_state("identity-state", "k", {})  # type: ignore[arg-type]


async def test_what_a_service_does_for_itself_can_be_read_by_everybody(core: Any, tenant: str) -> None:
    await core.journal.write(rating("c1"), tenant_id=tenant, by="service:care-plans")
    (row,) = await core.journal.rows(Stream(tenant, "c1"), after=0, limit=10)
    assert GoalRated.read(row["event"]).by is None
