"""What arrives from Kafka, read once: headers against topic, key against body, and the event inside."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from pydantic import ValidationError
from pydantic_core import from_json

from contracts.classes import SERVICES
from contracts.event import REGISTRY, Event

for _service in SERVICES:  # a type counts as unknown only when no contract of this release has it
    import_module(f"contracts.{_service.replace('-', '_')}")

__all__ = [
    "REGISTRY",
    "Headers",
    "Record",
    "Unreadable",
    "header_map",
    "read_body",
    "read_record",
    "stream_of",
]

Headers = Mapping[str, Any] | Iterable[tuple[str, Any]] | None


class Unreadable(Exception):
    """A record that cannot be trusted or understood; `code` says why, never what was in it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Record:
    """One journal row as a consumer sees it, from the topic or refetched from the producer."""

    producer: str
    stream: str
    seq: int
    type: str
    event: Event | None
    """None when this release does not know the type: skipped and counted."""
    access_rev: int
    traceparent: str | None

    @property
    def tenant_id(self) -> str:
        """The tenant of the stream."""
        return self.stream.partition(":")[0]

    @property
    def client_id(self) -> str | None:
        """The client of the stream, None for a tenant's own stream."""
        client = self.stream.partition(":")[2]
        return None if client == "-" else client


def header_map(headers: Headers) -> dict[str, str]:
    """Headers by name, as text; what is not UTF-8 is replaced, a repeated name keeps its last value."""
    pairs = headers.items() if isinstance(headers, Mapping) else (headers or ())
    return {
        name: value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
        for name, value in pairs
    }


def stream_of(key: bytes | str | None) -> str | None:
    """The stream a record's key names, None when it names none."""
    text = key.decode("utf-8", "replace") if isinstance(key, bytes) else key
    if not text:
        return None
    tenant, colon, client = text.partition(":")
    return text if tenant and colon and client and ":" not in client else None


def read_record(producer: str, key: bytes | None, value: bytes | None, headers: Headers) -> Record:
    """A record of `producer`'s topic. Raises Unreadable when parts disagree or break the event's schema."""
    stream = stream_of(key)
    if stream is None:
        raise Unreadable("key_names_no_stream")
    named = header_map(headers)
    if not named.get("ce_type"):
        raise Unreadable("type_missing")
    try:
        body = from_json(value or b"")
    except ValueError:
        raise Unreadable("body_is_not_json") from None
    if not isinstance(body, dict):
        raise Unreadable("body_is_not_an_object")
    _check_tenant(stream, named.get("ce_tenantid"), body)
    return read_body(producer, stream, named["ce_type"], body, named.get("traceparent"))


def read_body(
    producer: str, stream: str, type_: str, body: dict[str, Any], traceparent: str | None
) -> Record:
    """A published body whose envelope has been checked. Raises Unreadable."""
    if type_.split(".", 1)[0].replace("_", "-") != producer:
        raise Unreadable("type_of_another_producer")
    seq, rev = body.get("seq"), body.get("access_rev", 0)
    if not isinstance(seq, int) or seq < 1 or not isinstance(rev, int):
        raise Unreadable("sequence_missing")
    return Record(producer, stream, seq, type_, _event(type_, stream, body), rev, traceparent)


def _check_tenant(stream: str, header_tenant: str | None, body: dict[str, Any]) -> None:
    tenant, _, client = stream.partition(":")
    if header_tenant != tenant or body.get("tenant_id") != tenant:
        raise Unreadable("tenants_disagree")
    if (body.get("client_id") or "-") != client or body.get("stream", stream) != stream:
        raise Unreadable("streams_disagree")


def _event(type_: str, stream: str, body: dict[str, Any]) -> Event | None:
    known = REGISTRY.get(type_)
    if known is None:
        return None
    try:
        event = known.read(body)
    except ValidationError:
        raise Unreadable("breaks_its_schema") from None
    if f"{event.tenant_id}:{event.client_id or '-'}" != stream:
        raise Unreadable("streams_disagree")
    return event
