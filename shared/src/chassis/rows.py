"""Rows a transaction leaves behind: the journal's, with the Kafka messages they become, and the timers'."""

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from opentelemetry import propagate

from chassis.tenancy import NO_TENANT, Doc
from contracts.access import AccessDocument, Heartbeat, PersonRecord
from contracts.event import Event

JOURNAL = "journal"
TIMERS = "timers"
SHARDS = 16
STATE_TYPES = {
    AccessDocument.TOPIC: AccessDocument.TYPE,
    PersonRecord.TOPIC: PersonRecord.TYPE,
}
"""The message type of each compacted topic."""
HEARTBEAT_TYPE = Heartbeat.TYPE
HEARTBEAT_KEY = "heartbeat"


class Stream(NamedTuple):
    """The order events are told in: one per tenant and client, or per tenant where no client is concerned."""

    tenant_id: str
    client_id: str | None

    @property
    def key(self) -> str:
        """`tenant:client`, or `tenant:-`; also the key of its Kafka messages."""
        return f"{self.tenant_id}:{self.client_id or '-'}"

    @property
    def shard(self) -> int:
        """Which relay shard the stream belongs to."""
        return shard_of(self.key)


def shard_of(key: str) -> int:
    """The relay shard of a message key."""
    return zlib.crc32(key.encode()) % SHARDS


def traceparent() -> str | None:
    """The running trace in its header form, None outside of one."""
    carrier: dict[str, str] = {}
    propagate.inject(carrier)
    return carrier.get("traceparent")


def event_row(event: Event, seq: int, access_rev: int, trace: str | None) -> Doc:
    """The row of a sealed event at its place in its stream; `trace` is the one it was recorded in."""
    stream = Stream(event.tenant_id, event.client_id)
    return {
        "_id": f"{stream.key}:{seq}",
        "tenant_id": event.tenant_id,
        "kind": "event",
        "stream": stream.key,
        "seq": seq,
        "shard": stream.shard,
        "type": event.TYPE,
        "event": event.model_dump(mode="json"),
        "at": datetime.now(UTC),
        "traceparent": trace,
        "access_rev": access_rev,
    }


def state_row(topic: str, key: str, body: Mapping[str, Any], trace: str | None) -> Doc:
    """The row of a whole state for a compacted topic; the same key and rev can be written once only."""
    tenant_id = body.get("tenant_id") or NO_TENANT
    return {
        "_id": f"{tenant_id}:{topic}:{key}:{body['rev']}",
        "tenant_id": tenant_id,
        "kind": "state",
        "topic": topic,
        "stream": f"{topic}|{key}",
        "seq": body["rev"],
        "shard": shard_of(key),
        "type": STATE_TYPES.get(topic, f"{topic}.v1"),
        "key": key,
        "event": {name: value for name, value in body.items() if name != "tenant_id" or value},
        "at": datetime.now(UTC),
        "traceparent": trace,
    }


@dataclass(frozen=True, slots=True)
class Message:
    """What goes to the broker; `topic` without the deployment's prefix."""

    topic: str
    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]
    every_partition: bool = False


def message_of(row: Mapping[str, Any], service: str) -> Message:
    """The message of a journal row, in CloudEvents' binary mode."""
    kind = row["kind"]
    body = dict(row["event"])
    if kind == "event":
        body |= {"stream": row["stream"], "seq": row["seq"], "access_rev": row["access_rev"]}
    key = row["stream"] if kind == "event" else row["key"]
    told = {
        "ce_specversion": "1.0",
        "ce_id": body.get("event_id") or row["_id"],
        "ce_type": row["type"],
        "ce_source": service,
        "ce_time": row["at"].isoformat(),
        "ce_partitionkey": key,
        "ce_tenantid": row["tenant_id"],
        "content-type": "application/json",
        "traceparent": row.get("traceparent"),
    }
    return Message(
        topic=service if kind == "event" else row["topic"],
        key=key.encode(),
        value=json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode(),
        headers=[(name, value.encode()) for name, value in told.items() if value],
        every_partition=kind == "heartbeat",
    )


def due_row(tenant_id: str, name: str, id: str, due_at: datetime, payload: Mapping[str, Any]) -> Doc:
    """The row of a timer; its payload is stored in the clear: ids only. Raises ValueError on a naive time."""
    if due_at.tzinfo is None:
        raise ValueError("a due time has a time zone")
    return {
        "_id": f"{tenant_id}:{name}:{id}",
        "tenant_id": tenant_id,
        "name": name,
        "due_at": due_at.astimezone(UTC),
        "payload": dict(payload),
        "tries": 0,
    }
