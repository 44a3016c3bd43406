"""How a process goes to its database: so many commands at once, and threads for what the driver does blocking.

Each single call through motor costs a change of thread there and back, and a cursor costs several; work of
many steps is handed to one thread as a whole.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any, TypeVar

T = TypeVar("T")
_THREADS = 16


class Trips:
    """The ways of one process to its database."""

    def __init__(self, at_once: int) -> None:
        """`at_once`: how many commands may be under way."""
        self.slots = asyncio.Semaphore(at_once)
        self._threads = ThreadPoolExecutor(_THREADS, "mongo")

    async def blocking(self, work: Callable[..., T], *given: Any) -> T:
        """Run blocking work on a driver thread. Cancelled, it waits for it: a thread cannot be called back."""
        async with self.slots:
            running = self._begin(work, *given)
            try:
                return await asyncio.shield(running)
            except asyncio.CancelledError:
                await asyncio.wait([running])
                raise

    async def reading(self, read: Callable[..., T], *given: Any) -> T:
        """Run a blocking read outside any transaction. Cancelled, nobody waits for what nobody will hear."""
        async with self.slots:
            return await self._begin(read, *given)

    def _begin(self, work: Callable[..., T], *given: Any) -> asyncio.Future[T]:
        context = copy_context()  # the running trace goes along
        return asyncio.get_running_loop().run_in_executor(self._threads, context.run, work, *given)

    def close(self) -> None:
        """Start nothing more."""
        self._threads.shutdown(wait=False)
