"""One question for many who ask at the same moment: whoever arrives while one runs shares the next."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Together(Generic[K, V]):
    """Answers keys in groups. An answer never rests on a question that began before its asker came."""

    def __init__(self, ask: Callable[[list[K]], Awaitable[Mapping[K, V]]], at_once: int = 1_000) -> None:
        """`ask`: answers up to `at_once` keys; one that it leaves out has no value."""
        self._ask = ask
        self._at_once = at_once
        self._waiting: dict[K, asyncio.Future[V | None]] = {}
        self._asking: asyncio.Task[None] | None = None

    async def get(self, key: K) -> V | None:
        """The value of a key, None without one. Raises what the question raised."""
        waiting = self._waiting.get(key)
        if waiting is None:
            waiting = self._waiting[key] = asyncio.get_running_loop().create_future()
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask_all())
        return await asyncio.shield(waiting)

    async def _ask_all(self) -> None:
        while self._waiting:
            group = dict(list(self._waiting.items())[: self._at_once])
            for key in group:
                del self._waiting[key]
            try:
                found = await self._ask(list(group))
            except Exception as error:
                for waiting in group.values():
                    waiting.set_exception(error)
                    waiting.exception()  # an asker may have gone; the others still get it
            else:
                for key, waiting in group.items():
                    waiting.set_result(found.get(key))
