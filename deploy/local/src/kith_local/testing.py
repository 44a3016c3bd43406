"""A whole running product for tests, as a pytest plugin: five services, the demo organisations, the sink."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from kith_local import status
from kith_local.home import Home


@dataclass(frozen=True)
class Product:
    """One product that `kith up` started, seen from outside: its pages, its processes, its people."""

    home: Path
    port: int

    @property
    def url(self) -> str:
        """Where people sign in."""
        return f"http://localhost:{self.port}"

    def status(self) -> dict[str, Any]:
        """What `kith status --json` prints."""
        answer: dict[str, Any] = json.loads(self.kith("status", "--json"))
        return answer

    def pid(self, process: str) -> int:
        """The pid of a process by its name, for example `sessions-worker`, `mongod` or `kafka`."""
        state = json.loads((self.home / "supervisor.json").read_text())
        return int(state["processes"][process])

    def send(self, process: str, number: signal.Signals) -> None:
        """Send a process a signal; after SIGKILL the supervisor starts it again."""
        os.kill(self.pid(process), number)

    @contextmanager
    def held(self, process: str) -> Iterator[None]:
        """The process stands still meanwhile."""
        pid = self.pid(process)
        os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(pid, signal.SIGCONT)

    def kill(self, process: str) -> None:
        """End a process as a power cut would, and wait until the supervisor has started it again."""
        pid = self.pid(process)
        os.kill(pid, signal.SIGKILL)
        end = time.monotonic() + 30
        while self._pid_or_none(process) in (None, pid):
            if time.monotonic() > end:
                raise RuntimeError(f"{process} was not started again")
            time.sleep(0.1)

    @contextmanager
    def away(self, *processes: str) -> Iterator[None]:
        """These processes are ended, and nobody starts them again meanwhile; afterwards everything runs again."""
        tending = json.loads((self.home / "supervisor.json").read_text())["pid"]
        os.kill(tending, signal.SIGSTOP)
        try:
            for process in processes:
                os.kill(self.pid(process), signal.SIGKILL)
            yield
        finally:
            os.kill(tending, signal.SIGCONT)
            self.wait_until_well()

    def wait_until_well(self, within_s: float = 120.0) -> None:
        """Wait until every process runs and answers, and every worker is level. Raises RuntimeError."""
        end = time.monotonic() + within_s
        while unwell := self._unwell():
            if time.monotonic() > end:
                raise RuntimeError(f"not everything runs again: {', '.join(unwell)}")
            time.sleep(0.5)

    def _unwell(self) -> list[str]:
        with suppress(RuntimeError, KeyError):
            rows = status.status(Home(self.home))["processes"]
            return [row["name"] for row in rows if not self._is_well(row)]
        return ["the supervisor"]

    @staticmethod
    def _is_well(row: dict[str, Any]) -> bool:
        if row["name"].endswith("-worker"):
            return row["ok"] and row["lag"] == 0 and _is_fresh(row["freshness_s"])
        return bool(row["ok"])

    def messages(self) -> list[dict[str, Any]]:
        """The mails and texts that left, newest first."""
        state = json.loads((self.home / "supervisor.json").read_text())
        answer: list[dict[str, Any]] = httpx.get(f"{state['mail']}/messages.json").json()
        return answer

    def people(self) -> list[dict[str, Any]]:
        """Everything the demo loader said about the people who can sign in."""
        answer: list[dict[str, Any]] = json.loads((self.home / "people.json").read_text())
        return answer

    def parts(self) -> dict[str, Any]:
        """How to reach its MongoDB and Kafka."""
        answer: dict[str, Any] = json.loads((self.home / "parts.json").read_text())
        return answer

    def wait_until_quiet(self, within_s: float = 120.0) -> None:
        """Wait until nothing that was done before can still be heard of. Raises RuntimeError."""
        end, told = time.monotonic() + within_s, -1
        while (now := len(self.messages())) != told:
            if time.monotonic() > end:
                raise RuntimeError("messages go on leaving")
            told = now
            self.wait_until_well()
            time.sleep(_GATHERED_S)

    def log(self, process: str) -> str:
        """What a process has said."""
        return (self.home / "logs" / f"{process}.log").read_text(errors="replace")

    def kith(self, *arguments: str) -> str:
        """Run a `kith` command for this product. Raises RuntimeError with what it said when it fails."""
        env = {**os.environ, "KITH_HOME": str(self.home), "KITH_PORT": str(self.port)}
        command = [str(Path(sys.executable).with_name("kith")), *arguments]
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"kith {' '.join(arguments)}: {done.stdout}{done.stderr}")
        return done.stdout

    def _pid_or_none(self, process: str) -> int | None:
        return self._pids().get(process)

    def _pids(self) -> dict[str, int | None]:
        pids: dict[str, int | None] = json.loads((self.home / "supervisor.json").read_text())["processes"]
        return pids


_GATHERED_S = 3.0
"""Longer than messages are gathered, and decided, before they leave."""


def _is_fresh(age_s: float | None) -> bool:
    return age_s is not None and age_s < 5


@contextmanager
def started(home: Path, *, demo: bool) -> Iterator[Product]:
    """A product in a folder of its own, ended afterwards."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    product = Product(home, port)
    product.kith("up", "--detach", *([] if demo else ["--no-demo"]))
    try:
        yield product
    finally:
        product.kith("down")


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """One product with the demo organisations, for all tests of this run that need the whole.

    `KITH_TEST_HOME` and `KITH_TEST_PORT` name one that runs already and goes on running.
    """
    if home := os.environ.get("KITH_TEST_HOME"):
        yield Product(Path(home), int(os.environ["KITH_TEST_PORT"]))
        return
    with started(tmp_path_factory.mktemp("product"), demo=True) as running:
        yield running


@pytest.fixture(scope="module")
def empty_product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A product without any organisation, for the tests of one module."""
    with started(tmp_path_factory.mktemp("empty"), demo=False) as running:
        yield running
