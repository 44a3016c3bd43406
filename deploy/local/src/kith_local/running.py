"""One run of a stack, from the first progress line to the last process, in front of a person or behind."""

import json
import os
import secrets
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from importlib.util import find_spec

from kith_local import environment
from kith_local.home import Home, replace, write_once
from kith_local.status import people
from kith_local.supervisor import Say, Supervisor


class Listener:
    """The shell that waits for what runs behind it: it is told while it listens, and never waited for."""

    def __init__(self, pipe: int) -> None:
        os.set_blocking(pipe, False)
        self._pipe = pipe

    def tell(self, line: str) -> None:
        """Write a line down the pipe; where nobody reads any more, or does not keep up, it is lost."""
        with suppress(OSError):
            os.write(self._pipe, f"{line}\n".encode())

    def close(self) -> None:
        """Let the shell go on."""
        os.close(self._pipe)


def attached(home: Home, *, demo: bool) -> int:
    """Run until Ctrl-C; answers the exit code."""
    return _run(home, demo=demo, say=_say, on_ready=lambda: _say("Ctrl-C ends it."))


def detached(home: Home, *, demo: bool) -> int:
    """Run in the background; answers the exit code once it is ready, or has failed to be."""
    reader, writer = os.pipe()
    if os.fork() == 0:
        os.close(reader)
        try:
            os._exit(_behind(home, writer, demo=demo))
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(1)
    os.close(writer)
    code = 1
    with os.fdopen(reader) as told:
        for line in told:
            if line.startswith("\0"):
                code = int(line[1:])
                break
            _say(line.removesuffix("\n"))
    return code


def _behind(home: Home, writer: int, *, demo: bool) -> int:
    os.setsid()
    log = os.open(home.folder("logs") / "kith.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for stream in (1, 2):
        os.dup2(log, stream)
    listening = [Listener(writer)]

    def say(line: str) -> None:
        _say(line)
        for shell in listening:
            shell.tell(line)

    def leave(code: int) -> None:
        while listening:
            shell = listening.pop()
            shell.tell(f"\0{code}")
            shell.close()

    code = _run(home, demo=demo, say=say, on_ready=lambda: leave(0))
    leave(code)
    return code


def _run(home: Home, *, demo: bool, say: Say, on_ready: Callable[[], None]) -> int:
    supervisor = Supervisor(home, say)
    try:
        supervisor.claim()
    except RuntimeError as problem:
        say(str(problem))
        return 1
    code = 0
    try:
        supervisor.start()
        if demo:
            _load_demo(home, supervisor, say)
        _introduce(home, say)
        on_ready()
        supervisor.tend()
    except KeyboardInterrupt:
        pass
    except RuntimeError as problem:
        say(str(problem))
        code = 1
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        say("Ending")
        supervisor.stop()
    return code


def _load_demo(home: Home, supervisor: Supervisor, say: Say) -> None:
    known = home.path / "people.json"
    if known.exists() or not find_spec("kith_local.demo") or not find_spec("kith_local.demo.__main__"):
        return
    say("Loading two demo organisations through the public API")
    command = [sys.executable, "-m", "kith_local.demo", environment.web_url(), "-"]
    try:
        loaded = supervisor.run_beside(command, told=_first_load(home))
    except RuntimeError as problem:
        say(f"The demo data is not complete; the next start goes on with it ({problem}).")
        return
    replace(known, json.dumps(json.loads(loaded), indent=1, ensure_ascii=False))


def _first_load(home: Home) -> str:
    """What every load of this home is told: a seed of sign-ins, and when the first one began."""
    file = home.folder("secrets") / "demo"
    with suppress(FileExistsError):
        write_once(file, f"{secrets.token_hex()} {datetime.now(UTC).isoformat()}\n")
    return file.read_text()


def _introduce(home: Home, say: Say) -> None:
    say(f"\nOpen {environment.web_url()} (families, schools) or {environment.web_url()}/staff")
    say(f"Messages that leave are readable at {environment.mail_url(home)}\n")
    for person in people(home):
        who = f"{person['name']}, {person['role']}, {person['organisation']}"
        say(f"  {who:60} {person['sign_in']}  {person['password']}")


def _say(line: str) -> None:
    """Print for whoever reads it; that nobody does, or nothing more can be kept, ends nothing."""
    try:
        print(line, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    except OSError:
        pass
