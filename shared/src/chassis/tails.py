"""Change streams, read an answer of the database at a time."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from chassis.tenancy import Doc


class Change(NamedTuple):
    """One committed change, and the place from which the ones after it are told."""

    told: Doc
    token: Any


class Tail:
    """An open change stream."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    @property
    def token(self) -> Any:
        """The place reached; it moves on without changes too."""
        return self._stream.resume_token

    async def batch(self) -> list[Change]:
        """All changes of the database's next answer, in their order; none when nothing came within its wait.

        Only the answer itself is waited for on another thread: to go there for each change it holds costs
        more than the change.
        """
        told = await self._stream.try_next()
        found: list[Change] = []
        while told is not None:
            found.append(Change(told, self._stream.resume_token))
            told = self._stream.delegate.try_next() if self._holds_more() else None
        return found

    def _holds_more(self) -> bool:
        """Whether the answer that is here holds another change; the driver tells nobody but itself."""
        return bool(self._stream.delegate._cursor._has_next())


@asynccontextmanager
async def tail(stream: Any) -> AsyncIterator[Tail]:
    """Hold a driver's change stream open."""
    async with stream as opened:
        yield Tail(opened)
