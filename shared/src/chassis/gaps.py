"""Rows a consumer missed, fetched again from the journal of the service that wrote them."""

from typing import Any, Protocol

import httpx

from chassis.clients import PeerClients
from chassis.errors import Unavailable
from chassis.journal import Journal, Stream
from chassis.records import Record, read_body

PAGE = 500
"""How many rows a journal answers at once; whoever misses more asks again."""


class Journals(Protocol):
    """Whoever can read a producer's journal."""

    async def rows(self, producer: str, stream: str, after: int) -> list[dict[str, Any]]:
        """The next rows of a stream after a sequence number, `PAGE` at most. Raises Unavailable."""


class PeerJournals:
    """Reads `/internal/journal/{tenant}/{client}?after=n` of others; the own journal directly."""

    def __init__(self, peers: PeerClients, own: Journal) -> None:
        self._peers = peers
        self._own = own

    async def rows(self, producer: str, stream: str, after: int) -> list[dict[str, Any]]:
        """The next rows of a stream after a sequence number, `PAGE` at most. Raises Unavailable."""
        tenant, _, client = stream.partition(":")
        if producer == self._own.service:
            own = Stream(tenant, None if client == "-" else client)
            return await self._own.rows(own, after=after, limit=PAGE)
        path = f"/internal/journal/{tenant}/{client}"
        try:
            answer = await self._peers.call(producer, "GET", path, params={"after": after})
            answer.raise_for_status()
            rows: list[dict[str, Any]] = answer.json()["rows"]
        except (httpx.HTTPError, KeyError, ValueError) as error:
            raise Unavailable(f"The journal of {producer} cannot be read.") from error
        return rows


def record_of(producer: str, stream: str, row: dict[str, Any]) -> Record:
    """A journal row as the record its topic would have carried. Raises Unreadable."""
    body = {**row["event"], "seq": row["seq"], "access_rev": row.get("access_rev", 0), "stream": stream}
    return read_body(producer, stream, row["type"], body, row.get("traceparent"))
