"""The live consumer against the bare form: the same events from Kafka, the same bulk upsert into MongoDB."""

import asyncio
import json
import os
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

import uvloop
from aiokafka import AIOKafkaProducer

from chassis.bus import BATCH, BatchTx, Consumer, faust_app
from chassis.clients import PeerClients
from chassis.journal import Journal
from chassis.mongo import Change, Mongo
from chassis.positions import Positions
from chassis.seal import KeyName, Keyring, class_key
from chassis.settings import ServiceSettings
from chassis.testing import Space, opened, using
from contracts.classes import DataClass
from contracts.sessions import SummaryBody, SummaryShared

EVENTS, STREAMS, RUNS = 6_000, 1_000, 3
AIM = 0.7
TENANT = "t_bench"


class Portal(ServiceSettings):
    """family-portal's settings."""

    name = "family-portal"


class DerivedKeys:
    """A subject's class keys, derived as identity derives them, without the network between."""

    async def class_keys(self, names: Sequence[KeyName]) -> Mapping[KeyName, bytes]:
        """A key for every subject."""
        return {name: class_key(name.subject_id.encode().ljust(32), name.data_class) for name in names}


@dataclass
class Parts:
    """What the consumer needs of its process."""

    settings: Portal
    mongo: Mongo
    keys: Keyring
    journal: Journal
    peers: PeerClients


def parts_of(space: Space) -> Parts:
    """The parts of one family-portal worker."""
    settings = space.settings(Portal)
    mongo, keys = Mongo(settings), Keyring(DerivedKeys())
    return Parts(
        settings,
        mongo,
        keys,
        Journal(mongo, keys, Positions(mongo, settings), settings),
        PeerClients(settings),
    )


async def publish(space: Space, keys: Keyring) -> int:
    """Publish the events, sealed, about 1 KB each; returns the median size in bytes."""
    sizes = []
    body = SummaryBody(text="x" * 420)
    producer = AIOKafkaProducer(acks="all", linger_ms=5, **space.parts.kafka("sessions").client_settings())
    async with producer:
        for number in range(EVENTS):
            client, seq = f"c{number % STREAMS}", number // STREAMS + 1
            event = await keys.seal_event(
                SummaryShared(
                    tenant_id=TENANT,
                    client_id=client,
                    record_id=f"r{seq}",
                    session_id=f"s{seq}",
                    parties=("guardians",),
                    happened_at=datetime.now(UTC),
                    words={DataClass.SESSION_SUMMARY: body},
                )
            )
            told = event.model_dump(mode="json") | {
                "stream": f"{TENANT}:{client}",
                "seq": seq,
                "access_rev": 1,
            }
            value = json.dumps(told).encode()
            sizes.append(len(value))
            headers = [("ce_type", event.TYPE.encode()), ("ce_tenantid", TENANT.encode())]
            await producer.send(
                f"{space.topic_prefix}sessions", value, f"{TENANT}:{client}".encode(), headers=headers
            )
        await producer.flush()
    return int(median(sizes))


def row_of(client: str, event: Mapping[str, Any]) -> Change:
    """The upsert that both forms do: one part of the client's view."""
    part = {"box": event["box"], "event_id": event["event_id"], "type": event["type"]}
    change = {"$set": {"tenant_id": TENANT, "client_id": client, f"parts.{event['record_id']}": part}}
    return Change({"_id": f"{TENANT}:{client}:session_summary:sessions"}, change, upsert=True)


class Clock:
    """Events per second between the first and the last batch; the start of Faust is not what is measured."""

    def __init__(self) -> None:
        self.applied = 0
        self._first: tuple[float, int] | None = None
        self.done = asyncio.Event()
        self.rate = 0.0

    def tick(self, count: int) -> None:
        """Count applied events."""
        self.applied += count
        now = time.perf_counter()
        if self._first is None:
            self._first = (now, self.applied)
        if self.applied >= EVENTS:
            self.rate = (self.applied - self._first[1]) / (now - self._first[0])
            self.done.set()


async def bare(space: Space, run: int) -> float:
    """Faust, `noack`, a micro-batch, one bulk upsert, acknowledge: no guard, no seal, no transaction."""
    parts, clock = parts_of(space), Clock()
    rows = parts.mongo.crossing_tenants(f"bare{run}", why="the bare form of the bench")

    async def consume(stream: Any) -> None:
        held: list[Any] = []
        async for event in stream.noack().events():
            held.append(event)
            if len(held) < BATCH and not stream.channel.queue.empty():
                continue
            await rows.bulk([_bare_row(event.value) for event in held])
            for done in held:
                done.ack()
            clock.tick(len(held))
            held.clear()

    with tempfile.TemporaryDirectory() as folder:
        app = faust_app(parts.settings, f"{space.topic_prefix}family-portal-bare{run}", folder)
        app.loop = asyncio.get_running_loop()
        topic = app.topic(f"{space.topic_prefix}sessions", key_type=bytes, value_type=bytes)
        app.agent(topic, name="bare")(consume)
        app.finalize()
        await app.start()
        await clock.done.wait()
        await app.stop()
    parts.mongo.close()
    return clock.rate


def _bare_row(value: bytes) -> Change:
    body = json.loads(value)
    body |= {"box": body["sections"]["session_summary"], "type": SummaryShared.TYPE}
    return row_of(body["client_id"], body)


async def live(space: Space, run: int) -> float:
    """Kith's consumer: schema, guard, opened seal, and the upsert, in one transaction a batch."""
    parts, clock = parts_of(space), Clock()
    view = f"live{run}"

    async def on_summary(event: SummaryShared, tx: BatchTx) -> None:
        section = await tx.open(event, DataClass.SESSION_SUMMARY)
        if section is None:
            raise ValueError("the seal does not open")
        told = {"box": event.sections[DataClass.SESSION_SUMMARY], "event_id": event.event_id}
        tx.write(
            view, row_of(str(event.client_id), told | {"type": event.TYPE, "record_id": event.record_id})
        )

    await parts.mongo.crossing_tenants("guards", why="each run of the bench starts anew").delete_many({})
    consumer = Consumer(parts, handlers=[on_summary], group=f"{space.topic_prefix}family-portal-live{run}")
    consumer.on_applied = clock.tick
    async with consumer.running():
        await clock.done.wait()
    parts.mongo.close()
    return clock.rate


async def _measure(space: Space) -> tuple[list[float], list[float], int]:
    size = await publish(space, parts_of(space).keys)
    forms: list[tuple[Callable[[Space, int], Awaitable[float]], list[float]]] = [(bare, []), (live, [])]
    for run in range(RUNS):
        for form, rates in forms:
            rates.append(await form(space, run))
    return forms[0][1], forms[1][1], size


def rows() -> list[dict[str, Any]]:
    """The report's rows: both rates, medians of interleaved runs, and their ratio against the aim."""
    home = Path(os.environ.get("KITH_TEST_HOME") or ".kith-test")
    with using(home) as parts, opened(parts) as space:
        bare_rates, live_rates, size = uvloop.run(_measure(space))
    ratio = round(median(live_rates) / median(bare_rates), 3)
    against = f"bare noack form with the same bulk upsert, {median(bare_rates):.0f}/s, {size} bytes an event"
    return [
        {
            "name": "live consumer",
            "value": round(median(live_rates)),
            "unit": "events/s",
            "against": against,
            "ratio": ratio,
            "aim": f"≥ {AIM}×",
            "met": ratio >= AIM,
        }
    ]


if __name__ == "__main__":
    print(json.dumps(rows(), indent=2))
