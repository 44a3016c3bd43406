"""One outside program of a home: started, found again by its pid file, stopped with all it started."""

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True)


def die_with_parent(number: int = signal.SIGTERM) -> None:
    """Ask the kernel to send this process a signal when its parent ends, however it ends."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)


class Program:
    """A program whose pid a file keeps, for another run to find; `mark` is a part of its command line."""

    def __init__(self, name: str, folder: Path, mark: str) -> None:
        self.name, self.folder, self._mark = name, folder, mark
        self.log = folder / f"{name}.log"
        self._pid_file = folder / f"{name}.pid"

    @property
    def pid(self) -> int | None:
        """The pid when the program runs, else None."""
        with suppress(FileNotFoundError, ValueError, ProcessLookupError):
            pid = int(self._pid_file.read_text())
            if self._mark in Path(f"/proc/{pid}/cmdline").read_text() and not _is_dead(pid):
                return pid
        return None

    def start(self, command: list[str], *, attached: bool, env: Mapping[str, str] | None = None) -> int:
        """Start the program in its own session; an attached one ends when its starter ends."""
        with self.log.open("ab") as out:
            child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
                preexec_fn=die_with_parent if attached else None,
                env={**os.environ, **(env or {})},
            )
        self._pid_file.write_text(str(child.pid))
        return child.pid

    def stop(self, *, within: float = 20.0) -> None:
        """End the program in order, by force when it takes too long."""
        pid = self.pid
        if pid is None:
            return
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)
            os.kill(pid, signal.SIGTERM)
        if not wait_for(lambda: self.pid is None, within):
            self.kill()

    def kill(self) -> None:
        """End the program at once, as a power cut would, and wait until it is gone."""
        pid = self.pid
        if pid is not None:
            with suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)
            wait_for(lambda: self.pid is None, 10)

    def pause(self) -> None:
        """Freeze the program where it stands; nothing tells its clients."""
        os.kill(self._running(), signal.SIGSTOP)

    def resume(self) -> None:
        """Let a frozen program go on."""
        os.kill(self._running(), signal.SIGCONT)

    def last_words(self, lines: int = 8) -> str:
        """The end of the program's log, for a message to a person."""
        return (
            "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:]) if self.log.exists() else ""
        )

    def _running(self) -> int:
        if (pid := self.pid) is None:
            raise RuntimeError(f"{self.name} is not running")
        return pid


def wait_for(ready: Callable[[], bool], seconds: float, *, every: float = 0.05) -> bool:
    """Ask until the answer is yes; False when the time is over."""
    end = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > end:
            return False
        time.sleep(every)
    return True


def _is_dead(pid: int) -> bool:
    with suppress(ChildProcessError):
        if os.waitpid(pid, os.WNOHANG)[0] == pid:
            return True
    stat = Path(f"/proc/{pid}/stat").read_text()
    return stat.rpartition(")")[2].split()[0] == "Z"
