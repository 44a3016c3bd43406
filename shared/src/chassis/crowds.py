"""How many connections an API process holds: fewer than it may have files, and none for long that asks nothing."""

import asyncio
import resource
from collections.abc import Callable
from heapq import nsmallest

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from chassis.errors import Crowded
from chassis.problems import problem_response

HEAD_S = 20.0
"""So long a connection may take to say what it asks."""
OWN_FILES = 256
"""Files that the process itself needs: database, bus, other services, logs."""
MOST = 10_000
"""More than this one process cannot serve well, whatever it may open."""


def most_connections() -> int:
    """How many connections may ask at once, by the process's file limit; a tenth more are told that it is full."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    free = MOST if files == resource.RLIM_INFINITY else files - OWN_FILES
    return max(64, min(MOST, free) * 10 // 11)


class Connection(HttpToolsProtocol):
    """A connection that ends when it asks nothing for too long, and gives way when there are too many."""

    most = MOST
    head_s = HEAD_S
    _since = 0.0
    _head: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection in; where there are too many, one that asks nothing yet goes, the oldest first."""
        super().connection_made(transport)
        self._wait_for_head()
        if len(self.connections) > self.most:
            self._make_room()

    def data_received(self, data: bytes) -> None:
        """Read on; the head of each further request has its time too."""
        super().data_received(data)
        if self._head is None and self.is_idle:
            self._wait_for_head()

    def on_headers_complete(self) -> None:
        """It asks."""
        self._stop_waiting()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone."""
        self._stop_waiting()
        super().connection_lost(exc)

    @property
    def is_idle(self) -> bool:
        """Whether nothing that was asked here waits for its answer."""
        return self.cycle is None or self.cycle.response_complete

    def _make_room(self) -> None:
        others = [one for one in self.connections if isinstance(one, Connection) and one is not self]
        idle = [one for one in others if one.is_idle]
        for one in nsmallest(len(idle) // 64 + 1, idle, key=lambda one: one._since):
            one._end()
        if not idle and len(self.connections) > self.most * 11 // 10:
            self._end()

    def _wait_for_head(self) -> None:
        self._since = self.loop.time()
        self._head = self.loop.call_later(self.head_s, self._end)

    def _stop_waiting(self) -> None:
        if self._head is not None:
            self._head.cancel()
            self._head = None

    def _end(self) -> None:
        self.connections.discard(self)  # it counts no longer, though its end is told later
        self.transport.abort()


class Full:
    """Middleware, outermost: with too many connections answers 503, but for what has to open for everybody."""

    def __init__(self, app: ASGIApp, open_now: Callable[[], int], most: int, always: tuple[str, ...]) -> None:
        self.app = app
        self.open_now = open_now
        self.most = most
        self.always = always

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it before anything is done for it."""
        if (
            scope["type"] == "http"
            and self.open_now() > self.most
            and not scope["path"].startswith(self.always)
        ):
            await problem_response(Crowded())(scope, receive, send)
            return
        await self.app(scope, receive, send)


def connections_of(most: int) -> type[asyncio.Protocol]:
    """The connections of one server, with its own limit."""
    return type("Connection", (Connection,), {"most": most})
