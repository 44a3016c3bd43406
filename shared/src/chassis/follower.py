"""Keeps this service's copy of who may see what: all partitions, no group, newer documents over older."""

import asyncio
import json
import logging
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from math import inf
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError
from pydantic import ValidationError

from chassis.errors import Unavailable
from chassis.freshness import raise_to
from chassis.journal import Command, Journal, Tx
from chassis.mongo import NO_TENANT, Change, DatabaseError, Doc, Duplicate, GlobalCollection, Mongo, Put
from chassis.records import header_map
from chassis.rows import HEARTBEAT_TYPE
from chassis.settings import ServiceSettings
from contracts.access import AccessDocument, Heartbeat, PersonRecord

ACCESS, PEOPLE, OFFSETS = "access", "people", "followed"
STATE_TOPIC, PEOPLE_TOPIC = "identity-state", "identity-people"
_LOOK_MS = 200
"""How often it is seen whether to stop."""
_WAIT_MS = 1_000
"""How long the broker may wait until it has something to tell; what there is, it tells at once."""
_AT_ONCE = 500
_PAUSE_S = 0.5
_MOVE_S = 5.0
"""How often the place is noted while there are heartbeats only: to hear one twice changes nothing."""
_alarm = logging.getLogger("chassis.alarm")
_WHY = "identity tells the facts of all tenants"


@dataclass(frozen=True)
class _Found:
    """What a batch of messages holds, the newest of each key."""

    documents: dict[str, AccessDocument]
    people: dict[str, PersonRecord]
    broken: dict[str, float]
    """Clients with a state that cannot be read, and its rev; infinite while nothing bounds it."""
    beats: dict[int, datetime]

    @property
    def told(self) -> bool:
        """Whether there is anything but heartbeats."""
        return bool(self.documents or self.people or self.broken)


class AccessFollower:
    """Follows identity's compacted topics from the place stored in this service's own database."""

    def __init__(
        self,
        mongo: Mongo,
        journal: Journal,
        settings: ServiceSettings,
        *,
        wants_people: bool = False,
        wants_tenants: bool = False,
    ) -> None:
        """`wants_people`: keep names and contact, sealed; `wants_tenants`: keep organisations' duty facts alone."""
        self._mongo = mongo
        self._journal = journal
        self._settings = settings
        self._topics = {settings.topic(STATE_TOPIC): STATE_TOPIC}
        self._wants_people = wants_people
        if wants_people or wants_tenants:
            self._topics[settings.topic(PEOPLE_TOPIC)] = PEOPLE_TOPIC
        self._beats: dict[int, datetime | None] = {}
        self._moved_at = float("-inf")
        module = import_module(f"contracts.{settings.name.replace('-', '_')}")
        self._receipt: type[Any] = module.AccessApplied

    async def prepare(self) -> None:
        """Create the collections and their indexes."""
        await self._mongo.ensure(ACCESS, [[("tenant_id", 1), ("persons", 1)]])
        for name in (PEOPLE, OFFSETS):
            await self._mongo.ensure(name, [])

    async def run(self, stop: asyncio.Event) -> None:
        """Follow until told to stop, through every outage of the broker and the database."""
        while not stop.is_set():
            try:
                await self._follow(stop)
            except (KafkaError, DatabaseError, Unavailable, OSError, TimeoutError) as error:
                _alarm.warning("access facts wait: %s", type(error).__name__)
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), _PAUSE_S)

    async def _follow(self, stop: asyncio.Event) -> None:
        consumer = AIOKafkaConsumer(
            *self._topics,
            **self._settings.kafka_client(),
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_poll_records=_AT_ONCE,
            fetch_max_wait_ms=_WAIT_MS,
            metadata_max_age_ms=30_000,
        )
        try:
            await consumer.start()
            await self._seek(consumer)
            while not stop.is_set():
                fetched = await consumer.getmany(timeout_ms=_LOOK_MS, max_records=_AT_ONCE)
                if fetched:
                    await self._store(fetched)
        finally:
            with suppress(Exception):
                await asyncio.wait_for(consumer.stop(), 2)

    async def _seek(self, consumer: AIOKafkaConsumer) -> None:
        """Go to where this service was in every partition; to the start when the broker has less."""
        places = sorted(consumer.assignment())
        self._beats = {p.partition: None for p in places if self._topics[p.topic] == STATE_TOPIC}
        stored = {row["_id"]: row["next"] for row in await self._rows(OFFSETS).find({})}
        first = await consumer.beginning_offsets(places)
        end = await consumer.end_offsets(places)
        for place in places:
            offset = stored.get(_place(place), 0)
            consumer.seek(place, offset if first[place] <= offset <= end[place] else first[place])

    async def _store(self, fetched: Mapping[TopicPartition, Sequence[Any]]) -> None:
        """Facts, then the place, then the proof of freshness: a crash in between repeats and never skips."""
        found = self._read(fetched)
        await self._close(found.broken)
        newer = await self._newer(ACCESS, found.documents)
        await self._replace(ACCESS, {key: _access_row(_closed_by(found, key)) for key in newer})
        newer_people = await self._newer(PEOPLE, found.people)
        await self._replace(PEOPLE, {key: _person_row(found.people[key]) for key in newer_people})
        for key in found.documents:
            await self._answer(found.documents[key])
        if found.told or time.monotonic() - self._moved_at > _MOVE_S:
            await self._move({_place(place): messages[-1].offset + 1 for place, messages in fetched.items()})
        await self._beat(found.beats)

    async def _move(self, ends: Mapping[str, int]) -> None:
        moves = [Change({"_id": id}, {"$set": {"next": end}}, upsert=True) for id, end in ends.items()]
        await self._rows(OFFSETS).bulk(moves)
        self._moved_at = time.monotonic()

    def _read(self, fetched: Mapping[TopicPartition, Sequence[Any]]) -> _Found:
        found = _Found({}, {}, {}, {})
        for place, messages in fetched.items():
            for message in messages:
                self._read_one(self._topics[place.topic], place.partition, message, found)
        return found

    def _read_one(self, topic: str, partition: int, message: Any, found: _Found) -> None:
        key = message.key.decode("utf-8", "replace") if message.key else ""
        headers = header_map(message.headers)
        body: Any = None
        try:
            body = json.loads(message.value or b"null")
            if headers.get("ce_type") == HEARTBEAT_TYPE:
                found.beats[partition] = Heartbeat.model_validate(body).beat_at
            elif topic == STATE_TOPIC:
                document = _checked(AccessDocument.model_validate(body), key, headers)
                _keep(found.documents, document)
                if found.broken.get(key) == inf:  # what came before this one is older than it
                    found.broken[key] = document.rev - 1
            else:
                self._keep_person(_checked(PersonRecord.model_validate(body), key, headers), found)
        except (ValueError, ValidationError) as error:
            _alarm.error("a state of identity cannot be read: %s", type(error).__name__)
            if topic == STATE_TOPIC and key:
                found.broken[key] = max(found.broken.get(key, 0), _rev_of(body))

    def _keep_person(self, record: PersonRecord, found: _Found) -> None:
        """Keep a record; a service that wants organisations alone keeps nobody's words, not even sealed."""
        if self._wants_people:
            _keep(found.people, record)
        elif record.subject_id == record.tenant_id:
            _keep(found.people, record.model_copy(update={"sections": {}}))

    async def _close(self, broken: Mapping[str, float]) -> None:
        """A client whose newest facts cannot be read is closed to everyone until a newer state can be."""
        for key, rev in broken.items():
            older = {"_id": key, "rev": {"$lt": rev}}
            await self._rows(ACCESS).update_one(older, {"$set": {"closed": True}})

    async def _newer(self, collection: str, states: dict[str, Any]) -> list[str]:
        if not states:
            return []
        rows = await self._rows(collection).find({"_id": {"$in": list(states)}}, projection={"rev": 1})
        stored = {row["_id"]: row["rev"] for row in rows}
        return [key for key, state in states.items() if state.rev > stored.get(key, 0)]

    async def _replace(self, collection: str, rows: dict[str, Doc]) -> None:
        """Replace rows by newer ones; one that another worker has made newer meanwhile stays."""
        ops = [Put({"_id": key, "rev": {"$lt": row["rev"]}}, row, upsert=True) for key, row in rows.items()]
        if ops:
            with suppress(Duplicate):
                await self._rows(collection).bulk(ops, ordered=False)

    async def _answer(self, document: AccessDocument) -> None:
        """Tell identity that this service has applied a withdrawal, once for each."""
        for withdrawal in document.receipts_for:
            receipt = self._receipt(
                tenant_id=document.tenant_id,
                client_id=document.client_id,
                withdrawal_ids=(withdrawal,),
                rev=document.rev,
            )

            async def work(tx: Tx, receipt: Any = receipt) -> None:
                tx.record(receipt)

            command = Command(f"receipt:{withdrawal}", f"service:{self._settings.name}", withdrawal)
            await self._journal.write(work, tenant_id=document.tenant_id, by=None, command=command)

    async def _beat(self, beats: dict[int, datetime]) -> None:
        """Raise freshness to the oldest of the partitions' newest heartbeats, once there is one on each."""
        if not beats:
            return
        self._beats |= beats
        known = [beat for beat in self._beats.values() if beat is not None]
        if len(known) == len(self._beats):
            await raise_to(self._mongo, min(known))

    def _rows(self, name: str) -> GlobalCollection:
        return self._mongo.crossing_tenants(name, why=_WHY)


def _place(place: TopicPartition) -> str:
    return f"{place.topic}/{place.partition}"


def _keep(states: dict[str, Any], state: Any) -> None:
    held = states.get(state.key)
    if held is None or state.rev > held.rev:
        states[state.key] = state


def _rev_of(body: Any) -> float:
    """The rev that a state nobody can read gives itself; infinite where it gives none."""
    rev = body.get("rev") if isinstance(body, dict) else None
    return rev if isinstance(rev, int) else inf


def _closed_by(found: _Found, key: str) -> AccessDocument:
    """The newest readable document of a client, closed where a newer one came with it and cannot be read."""
    document = found.documents[key]
    late = found.broken.get(key, 0) > document.rev
    return document.model_copy(update={"closed": True}) if late else document


def _checked(state: Any, key: str, headers: dict[str, str]) -> Any:
    """The state. Raises ValueError when its key or its header name another tenant than its body."""
    if state.key != key or headers.get("ce_tenantid", "") != (state.tenant_id or NO_TENANT):
        raise ValueError("key, header and body disagree")
    return state


def persons_of(document: AccessDocument) -> list[str]:
    """Everyone the document names, for finding a person's clients."""
    named = {tie.person_id for tie in document.relationships} | {a.person_id for a in document.assignments}
    named |= {supervision.person_id for supervision in document.supervisions}
    named |= {person for consent in document.consents for person in consent.recipients}
    return sorted(named | ({document.client_person_id} if document.client_person_id else set()))


def _access_row(document: AccessDocument) -> Doc:
    return {"_id": document.key, **document.model_dump(mode="json"), "persons": persons_of(document)}


def _person_row(record: PersonRecord) -> Doc:
    return {"_id": record.key, **record.model_dump(mode="json"), "tenant_id": record.tenant_id or NO_TENANT}
