"""A home remembers its ports and secrets, whoever asks first."""

import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

from kith_local.home import Home

_ASK = """
import sys
from pathlib import Path
from kith_local.home import Home
home = Home(Path(sys.argv[1]))
print(home.port("identity"), home.port("sessions"), home.secret("kafka-admin"))
"""


def test_processes_that_ask_at_once_are_told_the_same(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _ASK, str(tmp_path)]
    asking = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(8)]
    (answer,) = {process.communicate()[0] for process in asking}
    identity, sessions, _ = answer.split()
    assert identity != sessions


def test_only_the_owner_reads_a_secret(tmp_path: Path) -> None:
    file = Home(tmp_path / "home").secret_path("root-key")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(bytes.fromhex(file.read_text())) == 32


def _up(home: Path, port: str) -> tuple[int, str]:
    kith = Path(sys.executable).with_name("kith")
    env = {**os.environ, "KITH_HOME": str(home), "KITH_PORT": port}
    done = subprocess.run([str(kith), "up"], env=env, capture_output=True, text=True, check=False)
    return done.returncode, (done.stdout + done.stderr).strip()


def test_a_port_that_is_no_port_is_one_clear_sentence(tmp_path: Path) -> None:
    assert _up(tmp_path, "eighty") == (1, "KITH_PORT is 'eighty'; it must be a number from 1 to 65535.")


def test_a_busy_port_is_one_clear_sentence_and_nothing_starts(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        code, said = _up(tmp_path, str(port))
    assert code == 1
    assert said.startswith(f"Port {port} is in use by another program")
    assert len(said.splitlines()) == 1
    assert not (tmp_path / "parts.json").exists()
