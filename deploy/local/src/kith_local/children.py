"""Processes the supervisor forks from itself, so that what it has imported is imported once."""

import gc
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from kith_local.parts.process import die_with_parent, wait_for

_FIRST_PAUSE, _LONGEST_PAUSE, _HEALTHY_AFTER = 0.5, 10.0, 30.0


class Pauses:
    """How long somebody waits before starting again what has ended: longer each time, until it stayed a while."""

    def __init__(self) -> None:
        self._started = float("-inf")
        self._not_before: float | None = None
        self._next = _FIRST_PAUSE

    def started(self) -> None:
        """It has been started."""
        self._started, self._not_before = time.monotonic(), None

    def over(self) -> bool:
        """Whether it may be started again; the pause begins when this is first asked."""
        now = time.monotonic()
        if self._not_before is None:
            pause = _FIRST_PAUSE if now - self._started > _HEALTHY_AFTER else self._next
            self._not_before, self._next = now + pause, min(pause * 2, _LONGEST_PAUSE)
        return now >= self._not_before


class Child:
    """One supervised process: forked, started again after growing pauses, ended with all it started."""

    def __init__(self, name: str, log: Path, run: Callable[[], None]) -> None:
        self.name, self._log, self._run = name, log, run
        self.pid: int | None = None
        self._pauses = Pauses()

    def start(self) -> None:
        """Fork the process. Only for a process without threads."""
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            self._become(parent)
        self.pid = pid
        self._pauses.started()

    def tend(self) -> bool:
        """Notice that the process ended, start it again when its pause is over; True when it changed."""
        if self.pid is not None:
            if not self._ended():
                return False
            self.pid = None
            self._pauses.over()
            return True
        if not self._pauses.over():
            return False
        self.start()
        return True

    def ask_to_end(self) -> None:
        """Send the process SIGTERM; `end` waits for it."""
        self._signal(signal.SIGTERM)

    def end(self, within: float) -> None:
        """Wait until the process is gone, then end by force what is left of its group."""
        if self.pid is None:
            return
        wait_for(lambda: self.pid is None or self._ended(), max(within, 0.0))
        self._signal(signal.SIGKILL)
        with suppress(ChildProcessError):
            os.waitpid(self.pid, 0)
        self.pid = None

    def _signal(self, number: signal.Signals) -> None:
        if self.pid is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, number)

    def _ended(self) -> bool:
        assert self.pid is not None
        try:
            return os.waitpid(self.pid, os.WNOHANG)[0] != 0
        except ChildProcessError:
            return True

    def _become(self, parent: int) -> None:
        code = 1
        try:
            os.setsid()
            die_with_parent()
            if os.getppid() != parent:
                os._exit(0)
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD):
                signal.signal(number, signal.SIG_DFL)
            out = os.open(self._log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            for stream in (1, 2):
                os.dup2(out, stream)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            self._run()
            code = 0
        except SystemExit as left:
            code = left.code if isinstance(left.code, int) else 1
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)


def settle_memory() -> None:
    """Move what is imported out of the collector's sight, so that children keep sharing its pages."""
    gc.collect()
    gc.freeze()
