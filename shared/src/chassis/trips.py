"""How a process goes to its database: so many commands at once, on threads, for the driver blocks.

Each single call costs a change of thread there and back, which motor would do for every one; work of many steps is
handed to one thread as a whole.
"""

import asyncio
from collections.abc import Callable
from contextvars import copy_context
from functools import partial
from typing import Any, TypeVar

from chassis.threads import Threads

T = TypeVar("T")
_THREADS = 16


class Trips:
    """The ways of one process to its database."""

    def __init__(self, at_once: int) -> None:
        """`at_once`: how many commands may be under way."""
        self._slots = asyncio.Semaphore(at_once)
        self._threads = Threads(_THREADS, "mongo")

    async def blocking(self, work: Callable[..., T], *given: Any) -> T:
        """Run blocking work on a driver thread. Cancelled, it waits for it: a thread cannot be called back."""
        async with self._slots:
            running = self._begin(work, *given)
            try:
                return await asyncio.shield(running)
            except asyncio.CancelledError:
                await asyncio.wait([running])
                raise

    async def single(self, work: Callable[..., T], *given: Any) -> T:
        """Run one command outside any transaction. Cancelled, nobody waits for what nobody will hear."""
        async with self._slots:
            return await self._begin(work, *given)

    def _begin(self, work: Callable[..., T], *given: Any) -> asyncio.Future[T]:
        return self._threads.run(partial(copy_context().run, work, *given))  # the running trace goes along

    def close(self) -> None:
        """Keep no thread waiting for more."""
        self._threads.close()
