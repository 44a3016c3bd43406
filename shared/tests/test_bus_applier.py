"""Batches against a real database: order, repetition, gaps, culprits, and what happens around them."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from chassis.applier import Applier, Broken
from chassis.batch import BatchTx
from chassis.breaker import AT_LEAST, TooManyParked
from chassis.clients import PeerClients
from chassis.errors import NotFound, Reject, Unavailable
from chassis.gaps import PAGE, PeerJournals
from chassis.guards import Guards
from chassis.handlers import Handler, Handlers
from chassis.journal import Stream, Tx
from chassis.mongo import Add, Change
from chassis.parking import list_parked, unpark
from chassis.positions import guard_id
from chassis.records import Record, Unreadable, read_record
from contracts.care_plans import GoalRated, PlanActivated, RatingBody
from contracts.classes import DataClass
from contracts.event import Event
from contracts.ids import new_id


def told(tenant: str, client: str, note: str = "g1") -> PlanActivated:
    """An event without words."""
    return PlanActivated(tenant_id=tenant, client_id=client, goal_ids=(note,), told=())


def record(event: Event, seq: int) -> Record:
    """The event as it arrives at its place."""
    stream = f"{event.tenant_id}:{event.client_id}"
    return Record("care-plans", stream, seq, event.TYPE, event, 1, None)


async def on_told(event: PlanActivated, tx: BatchTx) -> None:
    """Counts each event, and refuses on demand."""
    if "reject" in event.goal_ids:
        raise Reject("never")
    if "bug" in event.goal_ids:
        raise KeyError("words of a record")
    tx.write("effects", Change({"_id": f"{tx.stream}:{tx.seq}"}, {"$inc": {"times": 1}}, upsert=True))
    tx.write("orders", Change({"_id": tx.stream}, {"$push": {"seqs": tx.seq}}, upsert=True))


class Bench:
    """One consumer's applier, and a look at what it did."""

    def __init__(self, core: Any, *handlers: Handler) -> None:
        self.core = core
        self.name = f"consumer-{new_id()[:8]}"
        self.steps = 0
        journals = PeerJournals(PeerClients(core.settings), core.journal)
        found = Handlers(handlers or (on_told,))
        self.applier = Applier(core.mongo, core.keys, core.journal, journals, found, self.name)

    async def order(self, tenant: str, client: str = "c1") -> list[int]:
        """The order in which a stream's events had their effect."""
        row = await self.core.mongo.tenant("orders", tenant).find_one({"_id": f"{tenant}:{client}"})
        return list(row["seqs"]) if row else []

    async def guard(self, tenant: str, client: str = "c1") -> tuple[int, bool]:
        """Where the consumer stands in a stream, and whether it is parked."""
        key = ("care-plans", f"{tenant}:{client}")
        found = (await Guards(self.core.mongo, self.name).read([key]))[key]
        return found.seq, found.parked

    async def parked(self) -> list[tuple[str | None, int | None, str]]:
        """Stream, number and reason of everything that stands."""
        rows = [row for row in await list_parked(self.core.mongo) if row["consumer"] == self.name]
        return [(row["stream"], row["from_seq"], row["reason"]) for row in rows]

    async def resume(self) -> None:
        """Ask for everything to go on, as an operator does, and do it as the worker does."""
        for row in await list_parked(self.core.mongo):
            if row["consumer"] == self.name:
                await unpark(self.core, row["id"])
        for row in await self.applier.parking.asked():
            while not await self.applier.resume(row):
                self.steps += 1


async def publish(core: Any, tenant: str, client: str, *notes: str) -> list[Record]:
    """Write events through the journal and return them as they would arrive."""

    async def work(tx: Tx) -> None:
        for note in notes:
            tx.record(told(tenant, client, note))

    await core.journal.write(work, tenant_id=tenant, by="p1")
    rows = await core.journal.rows(Stream(tenant, client), after=0)
    return [record(PlanActivated.read(row["event"]), row["seq"]) for row in rows]


@pytest.fixture
def bench(core: Any) -> Bench:
    """A consumer no other test has."""
    return Bench(core)


async def test_a_batch_over_many_streams_keeps_each_in_order(bench: Bench, tenant: str) -> None:
    batch = [record(told(tenant, f"c{n % 3}"), n // 3 + 1) for n in range(60)]
    await bench.applier.apply(batch)
    for client in ("c0", "c1", "c2"):
        assert await bench.order(tenant, client) == list(range(1, 21))
        assert await bench.guard(tenant, client) == (20, False)


async def test_what_arrives_again_has_no_second_effect(bench: Bench, tenant: str) -> None:
    batch = [record(told(tenant, "c1"), n) for n in (1, 2, 3)]
    await bench.applier.apply([*batch, *batch])
    await bench.applier.apply(batch)
    assert await bench.order(tenant) == [1, 2, 3]


async def test_a_gap_is_filled_from_the_journal_in_order(core: Any, bench: Bench, tenant: str) -> None:
    rows = await publish(core, tenant, "c1", *["g"] * 6)
    await bench.applier.apply(rows[:1])
    await bench.applier.apply([rows[5]])
    assert await bench.order(tenant) == [1, 2, 3, 4, 5, 6]


async def test_a_gap_longer_than_one_answer_of_the_journal_is_filled(
    core: Any, bench: Bench, tenant: str
) -> None:
    await publish(core, tenant, "c1", *["g"] * (2 * PAGE + 20))
    last = record(told(tenant, "c1"), 2 * PAGE + 20)
    await bench.applier.apply([record(told(tenant, "c1"), 1), last, record(told(tenant, "c2"), 1)])
    assert await bench.parked() == []
    assert await bench.order(tenant) == list(range(1, last.seq + 1))
    assert await bench.order(tenant, "c2") == [1]


async def test_a_long_gap_ends_where_an_event_cannot_be_applied(core: Any, bench: Bench, tenant: str) -> None:
    notes = ["g"] * (PAGE + 20)
    notes[PAGE + 10 - 1] = "reject"
    await publish(core, tenant, "c1", *notes, *["g"] * PAGE)
    await bench.applier.apply([record(told(tenant, "c1"), 2 * PAGE + 20)])
    assert await bench.parked() == [(f"{tenant}:c1", PAGE + 10, "Reject:never")]
    assert await bench.order(tenant) == list(range(1, PAGE + 10))


async def test_a_stream_parked_for_long_goes_on_step_by_step(core: Any, tenant: str) -> None:
    broken = [True]

    async def on_it(event: PlanActivated, tx: BatchTx) -> None:
        if broken[0]:
            raise ValueError
        await on_told(event, tx)

    bench = Bench(core, on_it)
    await publish(core, tenant, "c1", *["g"] * (PAGE + 20))
    await bench.applier.apply([record(told(tenant, "c1"), 1)])
    broken[0] = False
    await bench.resume()
    assert (await bench.parked(), await bench.guard(tenant)) == ([], (PAGE + 20, False))
    assert await bench.order(tenant) == list(range(1, PAGE + 21))
    assert bench.steps == 1


async def test_a_gap_that_the_journal_cannot_fill_parks_the_stream(bench: Bench, tenant: str) -> None:
    await bench.applier.apply([record(told(tenant, "c1"), 4), record(told(tenant, "c2"), 1)])
    assert await bench.parked() == [(f"{tenant}:c1", 1, "gap_in_journal")]
    assert await bench.order(tenant, "c2") == [1]


@pytest.mark.parametrize(("note", "reason"), [("reject", "Reject:never"), ("bug", "KeyError")])
async def test_one_culprit_parks_its_own_stream_only(
    core: Any, bench: Bench, tenant: str, note: str, reason: str
) -> None:
    bad = await publish(core, tenant, "c1", "g", note, "g")
    good = [record(told(tenant, "c2"), n) for n in range(1, 30)]
    await bench.applier.apply([*good[:10], *bad, *good[10:]])
    assert await bench.order(tenant) == [1]
    assert await bench.order(tenant, "c2") == list(range(1, 30))
    assert await bench.guard(tenant) == (1, True)
    assert await bench.parked() == [(f"{tenant}:c1", 2, reason)]


async def test_an_unparked_stream_goes_on_from_the_journal(core: Any, tenant: str) -> None:
    broken = [True]

    async def on_it(event: PlanActivated, tx: BatchTx) -> None:
        if broken[0] and tx.seq == 2:
            raise ValueError
        await on_told(event, tx)

    bench = Bench(core, on_it)
    rows = await publish(core, tenant, "c1", "a", "b", "c")
    await bench.applier.apply(rows[:2])
    await bench.applier.apply(rows[2:])
    await bench.resume()
    assert await bench.parked() == [(f"{tenant}:c1", 2, "ValueError")]
    broken[0] = False
    await bench.resume()
    assert (await bench.order(tenant), await bench.guard(tenant)) == ([1, 2, 3], (3, False))
    assert await bench.parked() == []
    more = await publish(core, tenant, "c1", "d")
    await bench.applier.apply(more)
    assert await bench.order(tenant) == [1, 2, 3, 4]


async def test_nobody_unparks_what_does_not_stand(core: Any) -> None:
    with pytest.raises(NotFound):
        await unpark(core, new_id())


async def test_a_record_without_a_stream_is_written_down_and_holds_nothing(bench: Bench, tenant: str) -> None:
    broken = Broken("care-plans", None, "care-plans/0/7", "key_names_no_stream")
    await bench.applier.apply([broken, record(told(tenant, "c1"), 1), broken])
    assert await bench.parked() == [(None, None, "key_names_no_stream")]
    assert await bench.order(tenant) == [1]


async def test_a_broken_record_parks_and_is_settled_by_the_journal(
    core: Any, bench: Bench, tenant: str
) -> None:
    rows = await publish(core, tenant, "c1", "a", "b")
    broken = Broken("care-plans", f"{tenant}:c1", "care-plans/0/1", "body_is_not_json")
    await bench.applier.apply([rows[0], broken])
    assert await bench.parked() == [(f"{tenant}:c1", 2, "body_is_not_json")]
    await bench.resume()
    assert await bench.order(tenant) == [1, 2]
    await bench.applier.apply([broken])
    assert (await bench.parked(), await bench.guard(tenant)) == ([], (2, False))


async def test_a_type_unknown_here_is_skipped_and_its_stream_goes_on(bench: Bench, tenant: str) -> None:
    unknown = Record("care-plans", f"{tenant}:c1", 1, "care_plans.of_tomorrow.v9", None, 1, None)
    await bench.applier.apply([unknown, record(told(tenant, "c1"), 2)])
    assert (await bench.order(tenant), await bench.guard(tenant)) == ([2], (2, False))


async def test_a_consumer_that_would_park_everything_stands_instead(bench: Bench, tenant: str) -> None:
    batch = [record(told(tenant, f"c{n}", "reject"), 1) for n in range(AT_LEAST + 5)]
    with pytest.raises(TooManyParked):
        await bench.applier.apply(batch)
    assert len(await bench.parked()) == AT_LEAST


async def test_a_stale_process_applies_nothing(core: Any, bench: Bench, tenant: str) -> None:
    first = record(told(tenant, "c1"), 1)

    async def overtaken(event: PlanActivated, tx: BatchTx) -> None:
        if not moved:
            moved.append(True)
            where = {"_id": guard_id(stale.name, "care-plans", tx.stream), "tenant_id": tenant}
            guards = core.mongo.crossing_tenants("guards", why="the faster process of this test")
            names = {"consumer": stale.name, "producer": "care-plans", "stream": tx.stream}
            await guards.bulk([Add({**where, **names, "seq": 1, "parked": False})])
        await on_told(event, tx)

    moved: list[bool] = []
    stale = Bench(core, overtaken)
    with pytest.raises(Exception) as caught:
        await stale.applier.apply([first])
    assert type(caught.value).__name__ == "GuardMoved"
    assert await stale.order(tenant) == []


async def test_a_handler_sees_what_earlier_events_of_its_batch_queued(core: Any, tenant: str) -> None:
    seen: list[int] = []

    async def on_it(event: PlanActivated, tx: BatchTx) -> None:
        row = await tx.tenant("counts").find_one({"_id": f"{tenant}:n"})
        seen.append(row["n"] if row else 0)
        tx.upsert("counts", tenant, f"{tenant}:n", {"n": tx.seq})

    await Bench(core, on_it).applier.apply([record(told(tenant, "c1"), n) for n in (1, 2, 3)])
    assert seen[-3:] == [0, 1, 2]


async def test_what_a_handler_records_commits_with_the_batch(core: Any, tenant: str) -> None:
    async def on_it(event: PlanActivated, tx: BatchTx) -> None:
        words = {DataClass.MEASURE: RatingBody(level=1)}
        tx.record(
            GoalRated(tenant_id=tenant, client_id="c9", record_id="r1", happened_at=event.at, words=words)
        )
        if "bug" in event.goal_ids:
            raise KeyError

    bench = Bench(core, on_it)
    await bench.applier.apply([record(told(tenant, "c1"), 1), record(told(tenant, "c2", "bug"), 1)])
    rows = await core.journal.rows(Stream(tenant, "c9"), after=0)
    assert [row["seq"] for row in rows] == [1]


async def test_an_outage_parks_nothing(core: Any, tenant: str) -> None:
    async def on_it(event: PlanActivated, tx: BatchTx) -> None:
        raise Unavailable("identity does not answer.")

    bench = Bench(core, on_it)
    with pytest.raises(Unavailable):
        await bench.applier.apply([record(told(tenant, "c1"), 1)])
    assert (await bench.parked(), await bench.guard(tenant)) == ([], (0, False))


def _message(tenant: str, **changes: Any) -> tuple[bytes, bytes, dict[str, bytes]]:
    event = told(tenant, "c1")
    body = event.model_dump(mode="json") | {"stream": f"{tenant}:c1", "seq": 1, "access_rev": 2}
    headers = {"ce_type": event.TYPE, "ce_tenantid": tenant} | changes.pop("headers", {})
    key = changes.pop("key", f"{tenant}:c1")
    raw = changes.pop("raw", None) or json.dumps(body | changes).encode()
    return key.encode(), raw, {name: value.encode() for name, value in headers.items()}


def test_a_sound_record_is_read(tenant: str) -> None:
    found = read_record("care-plans", *_message(tenant, from_a_later_release=1))
    assert (found.tenant_id, found.client_id, found.seq, found.access_rev) == (tenant, "c1", 1, 2)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"tenant_id": "other"}, "tenants_disagree"),
        ({"headers": {"ce_tenantid": "other"}}, "tenants_disagree"),
        ({"client_id": "c2"}, "streams_disagree"),
        ({"key": "nothing"}, "key_names_no_stream"),
        ({"headers": {"ce_type": "sessions.note_signed.v1"}}, "type_of_another_producer"),
        ({"headers": {"ce_type": ""}}, "type_missing"),
        ({"raw": b"{"}, "body_is_not_json"),
        ({"raw": b"[]"}, "body_is_not_an_object"),
        ({"seq": "1"}, "sequence_missing"),
        ({"goal_ids": {"$ne": None}}, "breaks_its_schema"),
    ],
)
def test_a_record_whose_parts_disagree_is_refused(tenant: str, changes: dict[str, Any], code: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read_record("care-plans", *_message(tenant, **changes))
    assert refused.value.code == code


def test_an_unknown_version_is_no_error(tenant: str) -> None:
    found = read_record("care-plans", *_message(tenant, headers={"ce_type": "care_plans.plan_activated.v9"}))
    assert found.event is None


def test_a_base_class_subscribes_to_all_its_subclasses() -> None:
    async def on_all(event: Event, tx: BatchTx) -> None:
        """Nothing."""

    assert set(Handlers([on_all]).producers) >= {"care-plans", "sessions", "family-portal", "identity"}


@pytest.mark.parametrize(
    "wrong", [lambda event, tx: None, test_a_base_class_subscribes_to_all_its_subclasses]
)
def test_what_is_no_handler_is_refused(wrong: Callable[..., Any]) -> None:
    with pytest.raises(TypeError):
        Handlers([wrong])
