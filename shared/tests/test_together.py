"""Many who ask at once share one question, and nobody is answered by a question older than theirs."""

import asyncio

import pytest

from chassis.together import Together


class Asked:
    """A question that waits to be answered, and what it was asked."""

    def __init__(self) -> None:
        self.groups: list[list[str]] = []
        self.go_on = asyncio.Event()
        self.error: Exception | None = None

    async def __call__(self, keys: list[str]) -> dict[str, int]:
        self.groups.append(keys)
        number = len(self.groups)
        await self.go_on.wait()
        if self.error:
            raise self.error
        return {key: number for key in keys if key != "unknown"}


async def test_whoever_comes_while_one_runs_shares_the_next() -> None:
    asked = Asked()
    together = Together(asked)
    first = asyncio.create_task(together.get("a"))
    await asyncio.sleep(0.01)
    later = [asyncio.create_task(together.get(key)) for key in ("a", "b", "b", "unknown")]
    await asyncio.sleep(0.01)
    asked.go_on.set()
    assert await first == 1
    assert await asyncio.gather(*later) == [2, 2, 2, None]
    assert asked.groups == [["a"], ["a", "b", "unknown"]]


async def test_no_question_is_longer_than_allowed() -> None:
    asked = Asked()
    asked.go_on.set()
    together = Together(asked, at_once=2)
    assert await asyncio.gather(*(together.get(key) for key in "abc")) == [1, 1, 2]


async def test_an_error_reaches_everybody_who_shared_the_question_and_the_next_is_asked_anew() -> None:
    asked = Asked()
    asked.error = ValueError("away")
    asked.go_on.set()
    together = Together(asked)
    waiting = [asyncio.create_task(together.get(key)) for key in ("a", "b")]
    gone = asyncio.create_task(together.get("a"))
    await asyncio.sleep(0)
    gone.cancel()
    for each in waiting:
        with pytest.raises(ValueError, match="away"):
            await each
    asked.error = None
    assert await together.get("a") == 2
