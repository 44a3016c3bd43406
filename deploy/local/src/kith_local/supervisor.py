"""Starts everything, keeps it running, and ends every process it started."""

import fcntl
import importlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import TextIO

from kith_local import environment, sink
from kith_local.children import Child, Pauses, settle_memory
from kith_local.home import SERVICES, Home, replace
from kith_local.parts.process import die_with_parent, wait_for
from kith_local.parts.stack import Stack, starting
from kith_local.tending import written

Say = Callable[[str], None]
_HEAVY = (
    "uvloop", "httptools", "uvicorn.protocols.http.httptools_impl", "uvicorn.lifespan.on", "fastapi",
    "motor.motor_asyncio", "faust.app", "faust.transport.drivers.aiokafka", "aiokafka", "cedarpy",
    "cryptography.hazmat.primitives.ciphers.aead", "opentelemetry.sdk.trace", "httpx", "chassis.process",
)  # fmt: skip
_DRAIN = 10.0
_LARGEST_LOG = 20_000_000
_SCRATCH = "scratch"
"""Where processes keep what only they need; emptied at each start, because who is killed cannot tidy up."""


class Supervisor:
    """The one process that all others of a stack hang on."""

    def __init__(self, home: Home, say: Say) -> None:
        self.home, self.say = home, say
        self.stack = Stack(home)
        self._children: list[Child] = []
        self._pauses = {"mongod": Pauses(), "kafka": Pauses()}
        self._found_running = self._running_parts()
        self._stopping = False
        self._begun = time.monotonic()

    def claim(self) -> None:
        """Make sure that this is the only stack of its home, and its port is free. Raises RuntimeError."""
        self._lock: TextIO = (self.home.path / "supervisor.lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RuntimeError(
                f"Kith is already running from {self.home.path}; `kith down` ends it."
            ) from None
        self._web = _listen(environment.web_port())

    def start(self) -> None:
        """Start the parts and every process, and wait until the first page answers. Raises RuntimeError."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        self.say("Starting MongoDB and Kafka")
        ready = self._start_parts()
        self.say("Loading the services")
        preload()
        self._wait_for_parts(ready)
        self.say("Starting five services, two processes each")
        settle_memory()
        self._start_children()
        self._remember()
        self._wait_for_first_page()
        self.say(f"Ready after {time.monotonic() - self._begun:.1f} s")

    def tend(self) -> None:
        """Keep everything running until a signal comes."""
        while not self._stopping:
            self._tend_once()
            self._tend_parts()
            time.sleep(0.2)

    def stop(self) -> None:
        """End every process this supervisor started; workers finish what they have in hand."""
        self._stopping = True
        self._web.close()
        for child in self._children:
            child.ask_to_end()
        end = time.monotonic() + _DRAIN
        for child in self._children:
            child.end(end - time.monotonic())
        if "kafka" not in self._found_running:
            self.stack.kafka.stop()
        if "mongod" not in self._found_running:
            self.stack.mongod.program.stop()
        with suppress(FileNotFoundError):
            (self.home.path / "supervisor.json").unlink()

    def run_beside(self, command: list[str], *, told: str) -> str:
        """Run a program to its end while tending the rest: its messages are said, its output is answered.

        `told`: a few lines that it reads on its stdin.

        Raises RuntimeError when it fails, KeyboardInterrupt when everything is to end meanwhile.
        """
        answer, log = self.home.path / "beside.out", self.home.path / "beside.log"
        with answer.open("w") as out, log.open("w") as err:
            program = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=out, stderr=err, text=True, preexec_fn=die_with_parent
            )
        assert program.stdin is not None
        with suppress(BrokenPipeError), program.stdin as line:
            line.write(told)
        with log.open() as messages:
            while program.poll() is None and not self._stopping:
                self._tend_once()
                self._pass_on(messages)
                time.sleep(0.1)
            self._pass_on(messages)
        if self._stopping:
            program.terminate()
            raise KeyboardInterrupt
        if program.returncode:
            raise RuntimeError(f"{' '.join(command[1:3])} ended with {program.returncode}")
        return answer.read_text()

    def _pass_on(self, messages: TextIO) -> None:
        for line in messages:
            self.say(f"  {line.rstrip()}")

    def _tend_once(self) -> None:
        changed = [child.name for child in self._children if child.tend()]
        if changed:
            self._remember()

    def _start_parts(self) -> subprocess.Popen[str]:
        with starting(self.home):
            self._found_running = self._running_parts()
            self.stack.start(attached=True)
        for pauses in self._pauses.values():
            pauses.started()
        command = [sys.executable, "-m", "kith_local.parts", "ready", str(self.home.path)]
        return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)

    def _running_parts(self) -> list[str]:
        return [p.name for p in (self.stack.mongod.program, self.stack.kafka.program) if p.pid]

    def _tend_parts(self) -> None:
        for part in (self.stack.mongod, self.stack.kafka):
            pauses = self._pauses[part.program.name]
            if part.outside or part.program.pid or not pauses.over():
                continue
            self.say(f"Starting again: {part.program.name}")
            part.start(attached=True)
            pauses.started()
            self._remember()

    def _wait_for_parts(self, ready: subprocess.Popen[str]) -> None:
        wait_for(lambda: ready.poll() is not None or self._stopping, 180)
        if self._stopping:
            ready.kill()
            raise KeyboardInterrupt
        if ready.returncode != 0:
            assert ready.stderr is not None
            raise RuntimeError(ready.stderr.read().strip() or "MongoDB and Kafka did not start.")

    def _start_children(self) -> None:
        if threading.active_count() > 1:
            raise RuntimeError(
                "a service starts a thread when it is imported; no process can be forked from that"
            )
        logs = self.home.folder("logs")
        for log in (*logs.iterdir(), *self.home.folder("traces").iterdir()):
            if log.stat().st_size > _LARGEST_LOG:
                log.unlink()
        shutil.rmtree(self.home.folder(_SCRATCH))
        self._children = [Child("messages", logs / "messages.log", self._run_sink)]
        for kind in ("api", "worker"):
            for service in SERVICES:
                name = f"{service}-{kind}"
                self._children.append(Child(name, logs / f"{name}.log", self._process_of(service, kind)))
        for child in self._children:
            child.start()

    def _run_sink(self) -> None:
        self._let_go()
        page, smtp = self.home.port("mail-page"), self.home.port("smtp")
        sink.run(self.home.folder("messages"), smtp_port=smtp, page_port=page)

    def _process_of(self, service: str, kind: str) -> Callable[[], None]:
        def run() -> None:
            serves_pages = f"{service}-{kind}" == "family-portal-api"
            self._let_go(but_web=serves_pages)
            tempfile.tempdir = str(self.home.folder(_SCRATCH))
            os.environ.update(environment.service_environment(self.stack, service, f"{service}-{kind}"))
            process = importlib.import_module("chassis.process")
            process.run(service.replace("-", "_"), kind, self._web if serves_pages else None)

        return run

    def _let_go(self, *, but_web: bool = False) -> None:
        self._lock.close()
        if not but_web:
            self._web.close()

    def _wait_for_first_page(self) -> None:
        def answers() -> bool:
            self._tend_once()
            return self._stopping or (_answers(environment.web_url() + "/") and self._identity_answers())

        if not wait_for(answers, 180, every=0.1):
            raise RuntimeError(f"No page answered within 180 s; the logs are in {self.home.path / 'logs'}.")
        if self._stopping:
            raise KeyboardInterrupt

    def _identity_answers(self) -> bool:
        return _answers(environment.service_url(self.home, "identity") + "/healthz")

    def _remember(self) -> None:
        parts = [part.program for part in (self.stack.mongod, self.stack.kafka) if not part.outside]
        processes: dict[str, int | None] = {program.name: program.pid for program in parts}
        processes |= {child.name: child.pid for child in self._children}
        doors = {"web": environment.web_url(), "mail": environment.mail_url(self.home)}
        replace(self.home.path / "supervisor.json", written(os.getpid(), processes, **doors))

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._stopping = True


def preload() -> None:
    """Import, once and for all processes, what takes seconds to import."""
    for name in (*_HEAVY, *(f"{service.replace('-', '_')}.app" for service in SERVICES)):
        importlib.import_module(name)


def _listen(port: int) -> socket.socket:
    """The door is held from the first second on, so that nobody takes it and early visitors wait."""
    door = socket.socket()
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind(("127.0.0.1", port))
        door.listen(2048)
    except OSError:
        raise RuntimeError(
            f"Port {port} is in use by another program: end that one, or choose another port, "
            f"for example KITH_PORT={port + 10}."
        ) from None
    return door


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url.replace("localhost", "127.0.0.1"), timeout=2) as response:
            return bool(response.status < 500)
    except urllib.error.HTTPError as error:
        return error.code < 500
    except OSError:
        return False
