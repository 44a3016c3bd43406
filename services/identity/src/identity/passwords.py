"""Passwords: argon2id in a small pool of threads, so that guessing is slow and nothing else is."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from chassis.errors import Invalid, Unavailable

T = TypeVar("T")

SHORTEST, LONGEST = 8, 200
_WAITING_AT_MOST = 64


class Passwords:
    """Hashes and checks passwords, a few at a time; an unknown person costs as much as a known one."""

    def __init__(self, *, workers: int, time_cost: int, memory_kib: int) -> None:
        self._hasher = PasswordHasher(time_cost=time_cost, memory_cost=memory_kib)
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="argon2")
        self._waiting = 0
        self._nobody = self._hasher.hash("a password that nobody has")

    async def hash(self, password: str) -> str:
        """The hash to keep. Raises Invalid for one too short or too long, Unavailable when too many wait."""
        if not SHORTEST <= len(password) <= LONGEST:
            raise Invalid(
                "This password has another length than expected.",
                "password",
                f"Use {SHORTEST} to {LONGEST} characters; a few words are good.",
            )
        return await self._run(lambda: self._hasher.hash(password))

    async def fits(self, kept: str | None, password: str) -> bool:
        """Whether the password is the kept one; as slow where nothing is kept. Raises Unavailable."""
        known = await self._run(lambda: self._verify(kept or self._nobody, password))
        return known and kept is not None

    def outdated(self, kept: str) -> bool:
        """Whether a kept hash was made with other costs than today's."""
        return self._hasher.check_needs_rehash(kept)

    def close(self) -> None:
        """End the threads."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _verify(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, password[: LONGEST + 1])
        except (VerificationError, InvalidHashError):
            return False

    async def _run(self, work: Callable[[], T]) -> T:
        if self._waiting >= _WAITING_AT_MOST:
            raise Unavailable("Many people are coming in at this moment.")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._waiting -= 1
