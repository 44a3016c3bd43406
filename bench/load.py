"""Load from a second process, and processes held on one core each, so that a rate is one core's rate."""

import os
import re
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from pymongo import MongoClient

from contracts.classes import SERVICES
from kith_local.home import database
from kith_local.testing import Product

SECONDS = 8
SETTLES_S = 300
_UNIT = {"us": 0.001, "ms": 1.0, "s": 1000.0}


def settle(product: Product) -> None:
    """Wait until nothing is left of what was asked before: no event to apply, no audit entry to seal.

    Raises RuntimeError when it takes longer than five minutes.
    """
    end = time.monotonic() + SETTLES_S
    product.wait_until_well(SETTLES_S)
    client: MongoClient[dict[str, Any]]
    with MongoClient(product.parts()["mongo_admin_uri"]) as client:
        while any(client[database(name)]["audit"].find_one({"open": True}) for name in SERVICES):
            if time.monotonic() > end:
                raise RuntimeError("audit entries are left unsealed")
            time.sleep(1)


@contextmanager
def pinned(product: Product, served: str = "") -> Iterator[None]:
    """The measured process on core 0, everything else, the load too, on core 1; afterwards each on every core again.

    Without `served` it is this process that is measured.
    """
    every = set(range(os.cpu_count() or 1))
    rows = product.status()["processes"]
    try:
        for row in rows:
            _put(row["pid"], {0 if row["name"] == served else 1})
        _put(os.getpid(), {1 if served else 0})
        yield
    finally:
        for pid in (*(row["pid"] for row in rows), os.getpid()):
            _put(pid, every)


def _put(pid: int, cores: set[int]) -> None:
    for thread in Path(f"/proc/{pid}/task").iterdir():
        with suppress(ProcessLookupError):  # it has ended meanwhile
            os.sched_setaffinity(int(thread.name), cores)


@contextmanager
def held(product: Product) -> Iterator[None]:
    """Every worker stands still, and what the journals say waits for them; they go on and catch up afterwards."""
    workers = [row["pid"] for row in product.status()["processes"] if row["name"].endswith("-worker")]
    try:
        for pid in workers:
            os.kill(pid, signal.SIGSTOP)
        yield
    finally:
        for pid in workers:
            os.kill(pid, signal.SIGCONT)
        settle(product)


def rate(
    url: str, headers: dict[str, str], *, connections: int = 16, script: str = ""
) -> tuple[float, float]:
    """Answers per second and the 99th percentile in milliseconds. Raises RuntimeError when any answer failed."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{SECONDS}s", "--latency"]
    command += [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        if script:
            file.write(script)
            file.flush()
            command += ["-s", file.name]
        done = subprocess.run([*command, url], capture_output=True, text=True, check=True)
    if failed := re.search(r"Non-2xx or 3xx responses: (\d+)", done.stdout):
        raise RuntimeError(f"{failed[1]} answers failed: {url}")
    found = re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)
    late = re.search(r"99%\s+([\d.]+)(us|ms|s)", done.stdout)
    if found is None or late is None:
        raise RuntimeError(done.stdout + done.stderr)
    return float(found[1]), float(late[1]) * _UNIT[late[2]]
