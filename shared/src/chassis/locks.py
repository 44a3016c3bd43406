"""One lock per key inside a process; keys nobody holds or waits for take no memory."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass
class _Entry:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    users: int = 0


class Locks:
    """Locks by key, always taken in sorted order so that two holders never wait for each other."""

    def __init__(self) -> None:
        self._entries: dict[str, _Entry] = {}

    def __len__(self) -> int:
        return len(self._entries)

    @asynccontextmanager
    async def hold(self, keys: Iterable[str]) -> AsyncIterator["Held"]:
        """Hold these locks until the block ends."""
        held = Held(self)
        try:
            await held.take(keys)
            yield held
        finally:
            held.release()

    async def acquire(self, key: str) -> None:
        """Wait for one lock."""
        entry = self._entries.setdefault(key, _Entry())
        entry.users += 1
        try:
            await entry.lock.acquire()
        except BaseException:
            self._left(key, entry)
            raise

    def release(self, key: str) -> None:
        """Give one lock back."""
        entry = self._entries[key]
        entry.lock.release()
        self._left(key, entry)

    def _left(self, key: str, entry: _Entry) -> None:
        entry.users -= 1
        if not entry.users:
            del self._entries[key]


class Held:
    """The locks one holder has."""

    def __init__(self, locks: Locks) -> None:
        self._locks = locks
        self.keys: list[str] = []

    async def take(self, keys: Iterable[str]) -> None:
        """Take locks in order; allowed once, while none is held. Raises RuntimeError otherwise."""
        if self.keys:
            raise RuntimeError("locks are taken all at once")
        for key in sorted(set(keys)):
            await self._locks.acquire(key)
            self.keys.append(key)

    def release(self) -> None:
        """Give all back."""
        while self.keys:
            self._locks.release(self.keys.pop())
