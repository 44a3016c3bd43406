"""Threads for blocking work of the event loop: each piece of work wakes one of them, and nobody else.

The standard library's pool wakes a second thread once several rest, only for it to find nothing, and hands results
back through a second future; on one core that is a fifth of the time of a short query.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")


class _Task:
    """A piece of work, and the future of whoever waits for it."""

    __slots__ = ("_loop", "_work", "done")

    def __init__(self, work: Callable[[], Any]) -> None:
        self._work = work
        self._loop = asyncio.get_running_loop()
        self.done: asyncio.Future[Any] = self._loop.create_future()

    def run(self) -> Callable[[], None]:
        """Do the work; what comes back says how it went, to be called on the event loop."""
        try:
            result = self._work()
        except BaseException as error:
            return self._answer(self.done.set_exception, error)
        return self._answer(self.done.set_result, result)

    def _answer(self, say: Callable[[Any], None], outcome: Any) -> Callable[[], None]:
        def answer() -> None:
            if not self.done.done():  # who waited may be gone
                say(outcome)

        return answer

    def tell(self, answer: Callable[[], None]) -> None:
        """Have the event loop call the answer; where it has ended, nobody waits."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(answer)


class _Thread:
    """The gate of one thread: it rests there until it is given something."""

    __slots__ = ("_gate", "_given")

    def __init__(self) -> None:
        self._gate = threading.Lock()
        self._gate.acquire()
        self._given: _Task | None = None

    def give(self, task: _Task | None) -> None:
        """Open the gate with a task; None ends the thread."""
        self._given = task
        self._gate.release()

    def take(self) -> _Task | None:
        """Wait at the gate for what is given."""
        self._gate.acquire()
        task, self._given = self._given, None
        return task


class Threads:
    """At most so many threads, started as they are needed; the one that rested last works next."""

    def __init__(self, most: int, name: str) -> None:
        self._most = most
        self._name = name
        self._lock = threading.Lock()
        self._resting: list[_Thread] = []
        self._waiting: deque[_Task] = deque()
        self._started = 0
        self._closed = False

    def run(self, work: Callable[[], T]) -> asyncio.Future[T]:
        """Begin work on a thread; the work goes on where its future is cancelled."""
        task = _Task(work)
        with self._lock:
            if self._resting:
                self._resting.pop().give(task)
            elif self._started < self._most:
                self._start().give(task)
            else:
                self._waiting.append(task)
        return task.done

    def _start(self) -> _Thread:
        self._started += 1
        thread = _Thread()
        name = f"{self._name}-{self._started}"
        threading.Thread(target=self._serve, args=(thread,), name=name, daemon=True).start()
        return thread

    def _serve(self, thread: _Thread) -> None:
        while (task := thread.take()) is not None:
            answer = task.run()
            self._rest(thread)  # before the answer is known, so that what it leads to finds this thread
            task.tell(answer)
            del task, answer  # a resting thread holds no row of anybody

    def _rest(self, thread: _Thread) -> None:
        with self._lock:
            if self._waiting:
                thread.give(self._waiting.popleft())
            else:
                self._resting.append(thread)
            if self._closed:
                self._end()

    def _end(self) -> None:
        self._started -= len(self._resting)
        while self._resting:
            self._resting.pop().give(None)

    def close(self) -> None:
        """Let no thread rest any more; work is still done, so that it can say what it finds closed."""
        with self._lock:
            self._closed = True
            self._end()
