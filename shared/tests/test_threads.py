"""Blocking work beside the event loop: nothing is lost, nobody waits for ever, no more threads than asked for."""

import asyncio
import threading
import weakref
from contextvars import ContextVar

import pytest

from chassis.threads import Threads
from chassis.trips import Trips


def running(name: str) -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith(f"{name}-")]


async def gone(name: str) -> None:
    for thread in running(name):
        await asyncio.to_thread(thread.join, 10)
    assert running(name) == []


async def test_work_comes_back_with_its_result_or_its_error() -> None:
    threads = Threads(2, "results")

    def fails() -> None:
        raise LookupError("not here")

    assert await threads.run(lambda: 7) == 7
    with pytest.raises(LookupError, match="not here"):
        await threads.run(fails)
    assert await threads.run(threading.get_ident) != threading.get_ident()
    threads.close()


async def test_many_wait_for_few_threads_and_all_are_served() -> None:
    threads = Threads(3, "few")
    counted = await asyncio.gather(*[threads.run(lambda n=n: n * n) for n in range(500)])
    assert counted == [n * n for n in range(500)]
    assert len(running("few")) == 3
    threads.close()
    await gone("few")


async def test_one_after_the_other_needs_one_thread() -> None:
    threads = Threads(8, "one")
    assert len({await threads.run(threading.get_ident) for _ in range(50)}) == 1
    threads.close()


async def test_who_gave_up_hears_nothing_and_the_work_goes_on() -> None:
    threads = Threads(1, "cancelled")
    hold, done = threading.Event(), threading.Event()

    def slow() -> None:
        hold.wait(10)
        done.set()

    waiting = threads.run(slow)
    waiting.cancel()
    hold.set()
    assert await threads.run(done.is_set)
    assert waiting.cancelled()
    threads.close()


async def test_a_resting_thread_holds_nothing() -> None:
    class Row:
        pass

    threads = Threads(1, "empty")
    kept: list[weakref.ref[Row]] = []

    def read() -> Row:
        row = Row()
        kept.append(weakref.ref(row))
        return row

    await threads.run(read)
    await threads.run(lambda: None)
    assert kept[0]() is None
    threads.close()


async def test_closed_threads_end_and_later_work_still_says_what_it_finds() -> None:
    threads = Threads(4, "closed")
    await asyncio.gather(*[threads.run(lambda: None) for _ in range(20)])
    threads.close()
    await gone("closed")
    assert await threads.run(lambda: "closed, says the driver") == "closed, says the driver"
    await gone("closed")


def test_a_loop_that_ended_hurts_no_thread() -> None:
    threads = Threads(1, "ended")
    hold = threading.Event()

    async def leave() -> None:
        threads.run(lambda: hold.wait(10))

    asyncio.run(leave())
    hold.set()

    async def again() -> int:
        return await threads.run(lambda: 3)

    assert asyncio.run(again()) == 3
    threads.close()


async def test_blocking_work_is_waited_for_when_it_is_cancelled_and_takes_its_context_along() -> None:
    trips = Trips(4)
    trace: ContextVar[str] = ContextVar("trace", default="")
    trace.set("t1")
    hold, seen = threading.Event(), []

    def work() -> None:
        hold.wait(10)
        seen.append(trace.get())

    asked = asyncio.ensure_future(trips.blocking(work))
    await asyncio.sleep(0.01)
    asked.cancel()
    await asyncio.sleep(0.01)
    assert not asked.done()
    hold.set()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert seen == ["t1"]
    trips.close()
