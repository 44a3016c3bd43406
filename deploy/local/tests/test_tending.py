"""What is said of a home is true of it now: who lives there, whatever was written down before, and nothing is made."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from kith_local.cli import main
from kith_local.tending import born, tended, written


@pytest.fixture
def other() -> Iterator[subprocess.Popen[bytes]]:
    """A process that runs until it is ended."""
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as process:
        yield process
        process.kill()


def _write(home: Path, pid: int, processes: dict[str, int | None], **more: Any) -> None:
    doors = {"web": "http://localhost:9", "mail": "http://localhost:9"}
    told = json.loads(written(pid, processes, **doors)) | more
    (home / "supervisor.json").write_text(json.dumps(told))


@pytest.mark.parametrize(
    "command", [["status"], ["status", "--json"], ["parked"], ["unpark", "sessions", "x"], ["rebuild"]]
)
def test_a_home_that_is_not_there_is_said_and_not_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    home = tmp_path / "nowhere"
    monkeypatch.setenv("KITH_HOME", str(home))
    done = CliRunner().invoke(main, command)
    said = f"Kith is not running from {home}, and there is no such folder; `kith up` starts it.\n"
    assert (done.exit_code, done.stdout, done.stderr) == (1, "", said)
    assert list(tmp_path.iterdir()) == []


def test_nothing_to_end_makes_nothing_either(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KITH_HOME", str(tmp_path / "nowhere"))
    done = CliRunner().invoke(main, ["down"])
    assert (done.exit_code, done.stdout) == (0, "Kith is not running.\n")
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_supervisor_wrote_is_not_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, other: subprocess.Popen[bytes]
) -> None:
    _write(tmp_path, other.pid, {"sessions-worker": os.getpid()})
    monkeypatch.setenv("KITH_HOME", str(tmp_path))
    assert CliRunner().invoke(main, ["status"]).exit_code == 0
    other.kill()  # it is not waited for, so that its pid is still there
    os.waitid(os.P_PID, other.pid, os.WEXITED | os.WNOWAIT)
    for command in (["status"], ["status", "--json"]):
        done = CliRunner().invoke(main, command)
        assert (done.exit_code, done.stdout) == (1, "")
        assert done.stderr == f"Kith is not running from {tmp_path}; `kith up` starts it.\n"


def test_a_stranger_with_a_known_pid_is_neither_asked_nor_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, other: subprocess.Popen[bytes]
) -> None:
    _write(tmp_path, other.pid, {}, born=1)
    monkeypatch.setenv("KITH_HOME", str(tmp_path))
    assert tended(tmp_path) is None
    assert CliRunner().invoke(main, ["down"]).stdout == "Kith is not running.\n"
    assert born(other.pid) is not None


def test_a_worker_is_ok_only_while_it_lives_and_is_the_one_that_was_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, other: subprocess.Popen[bytes]
) -> None:
    monkeypatch.setenv("KITH_HOME", str(tmp_path))
    pids: dict[str, int | None] = {"sessions-worker": other.pid, "identity-worker": other.pid}
    births = {"sessions-worker": born(other.pid), "identity-worker": 1}
    _write(tmp_path, os.getpid(), pids, births=births)

    def rows() -> dict[str, tuple[bool, int | None]]:
        told = json.loads(CliRunner().invoke(main, ["status", "--json"]).stdout)["processes"]
        return {row["name"]: (row["ok"], row["pid"]) for row in told}

    assert rows() == {"sessions-worker": (True, other.pid), "identity-worker": (False, None)}
    other.kill()
    other.wait()
    assert rows() == {"sessions-worker": (False, None), "identity-worker": (False, None)}
