"""The demo organisations come whole, however often the program that loads them was ended before."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from kith_local.parts.process import wait_for
from kith_local.program import Kith
from kith_local.testing import Product

pytestmark = pytest.mark.stack

_LAST_STEP = "what happened in twelve weeks"


def _ended_while_loading(product: Product) -> None:
    env = {**os.environ, "KITH_HOME": str(product.home), "KITH_PORT": str(product.port)}
    command = [str(Path(sys.executable).with_name("kith")), "up"]
    running = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert running.stdout is not None
    assert any(_LAST_STEP in line for line in running.stdout)
    pids = [product.pid(name) for name in ("mongod", "kafka", "identity-api", "family-portal-api")]
    os.kill(running.pid, signal.SIGKILL)
    running.wait()
    assert wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids), 60)


def test_a_load_that_was_ended_is_finished_by_the_next_start(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        product = Product(tmp_path, probe.getsockname()[1])
    _ended_while_loading(product)
    assert not (tmp_path / "people.json").exists()
    said = product.kith("up", "--detach")
    try:
        assert "not complete" not in said, said
        people = product.people()
        assert len(people) > 20
        for person in people:
            assert f"{person['sign_in']}  {person['password']}" in said
            Kith(product.url).sign_in(person["sign_in"], person["password"])
    finally:
        product.kith("down")
