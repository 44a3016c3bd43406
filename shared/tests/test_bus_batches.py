"""How a consumer gathers what Faust hands over: what nobody waits for waits for company, nothing else does."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from chassis.bus import Consumer
from chassis.clients import PeerClients
from chassis.guards import COLLECTION, Guards
from chassis.handlers import Handler, unhurried
from chassis.journal import Stream, Tx
from chassis.mongo import Change
from chassis.rows import message_of
from contracts.care_plans import GoalRated, PlanActivated, RatingBody
from contracts.classes import DataClass
from contracts.event import Event
from contracts.ids import new_id


async def on_activated(event: PlanActivated, tx: Any) -> None:
    """Counts each event."""
    tx.write("effects", Change({"_id": f"{tx.stream}:{tx.seq}"}, {"$inc": {"times": 1}}, upsert=True))


@unhurried
async def counted_later(event: PlanActivated, tx: Any) -> None:
    """Counts each event; nobody waits for it."""
    await on_activated(event, tx)


def activated(tenant: str) -> PlanActivated:
    """An event this consumer asked for."""
    return PlanActivated(tenant_id=tenant, client_id="c1", goal_ids=("g1",), told=())


def rated(tenant: str) -> GoalRated:
    """An event this consumer did not ask for."""
    return GoalRated(
        tenant_id=tenant,
        client_id="c1",
        record_id=new_id(),
        goal_id="g1",
        happened_at=datetime.now(UTC),
        words={DataClass.MEASURE: RatingBody(level=1, source="seen")},
    )


class Handed:
    """Journal rows as Faust hands them over."""

    def __init__(self, topic: str, rows: list[dict[str, Any]]) -> None:
        self.channel = SimpleNamespace(queue=asyncio.Queue())
        self._topic, self._rows = topic, rows
        self.acked: list[int] = []

    def noack(self) -> "Handed":
        return self

    async def events(self) -> AsyncIterator[Any]:
        for offset, row in enumerate(self._rows):
            told = message_of(row, "care-plans")
            place = {"topic": self._topic, "partition": 0, "offset": offset}
            message = SimpleNamespace(key=told.key, value=told.value, headers=told.headers, **place)
            yield SimpleNamespace(message=message, ack=lambda at=offset: self.acked.append(at))


async def gathered(core: Any, *events: Event, handler: Handler = on_activated) -> list[int]:
    """The sizes of the batches in which a new consumer applies these events, all told at once."""
    tenant = events[0].tenant_id

    async def work(tx: Tx) -> None:
        for event in events:
            tx.record(event)

    await core.journal.write(work, tenant_id=tenant, by="p1")
    rows = await core.journal.rows(Stream(tenant, "c1"), after=0)
    parts = SimpleNamespace(**vars(core), peers=PeerClients(core.settings))
    name = f"consumer-{new_id()[:8]}"
    consumer = Consumer(parts, handlers=[handler], name=name)
    await core.mongo.ensure(COLLECTION, [])
    sizes: list[int] = []
    consumer.on_applied = sizes.append
    handed = Handed(core.settings.topic("care-plans"), rows)
    await consumer._consume(handed)
    assert consumer._flight is not None
    await asyncio.wait_for(consumer._flight, 20)
    assert handed.acked == list(range(len(rows)))
    stands = await Guards(core.mongo, name).read([("care-plans", f"{tenant}:c1")])
    assert [guard.seq for guard in stands.values()] == [len(rows)]
    return sizes


async def test_events_without_an_effect_move_the_consumers_place_together(core: Any, tenant: str) -> None:
    assert await gathered(core, *[rated(tenant) for _ in range(5)]) == [5]


async def test_an_event_with_an_effect_takes_along_what_waits_and_waits_for_nothing(
    core: Any, tenant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chassis.bus._NO_HURRY_S", 600)
    assert await gathered(core, rated(tenant), rated(tenant), activated(tenant)) == [3]
    assert await core.mongo.tenant("effects", tenant).count() == 1


async def test_events_whose_effect_nobody_waits_for_are_written_together(core: Any, tenant: str) -> None:
    events = [activated(tenant) for _ in range(5)]
    assert await gathered(core, *events, handler=counted_later) == [5]
    assert await core.mongo.tenant("effects", tenant).count() == 5
