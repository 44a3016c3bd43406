"""Everything starts, is kept running, and ends without a trace of itself among the processes."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from kith_local import status
from kith_local.home import SERVICES, Home
from kith_local.parts.process import wait_for
from kith_local.testing import Product, started

pytestmark = pytest.mark.stack

PROCESSES = {"mongod", "kafka", "messages", *(f"{s}-{kind}" for s in SERVICES for kind in ("api", "worker"))}


def _processes_of(home: Path) -> list[int]:
    """Every process that has the home in its command line, its environment or its open log."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            says = (folder / "cmdline").read_bytes() + (folder / "environ").read_bytes()
            log = str((folder / "fd/1").readlink())
        except OSError:
            continue
        if str(home).encode() in says or log.startswith(str(home)):
            found.append(int(folder.name))
    return found


def _wait_until_none(home: Path, seconds: float) -> list[int]:
    end = time.monotonic() + seconds
    while (left := _processes_of(home)) and time.monotonic() < end:
        time.sleep(0.2)
    return left


def _workers_report(product: Product) -> bool:
    rows = [row for row in product.status()["processes"] if row["name"].endswith("-worker")]
    return all(row["lag"] is not None and row["freshness_s"] is not None for row in rows)


def _takes(door: socket.socket, port: int) -> bool:
    with suppress(OSError):
        door.bind(("127.0.0.1", port))
        door.listen()
        return True
    return False


def test_status_names_every_process(empty_product: Product) -> None:
    end = time.monotonic() + 30
    while not _workers_report(empty_product) and time.monotonic() < end:
        time.sleep(0.5)
    state = empty_product.status()
    assert set(state) == {"web", "mail", "processes", "people"}
    assert {row["name"] for row in state["processes"]} == PROCESSES
    shape = {"name", "ok", "pid", "rss_mb", "lag", "parked", "freshness_s"}
    assert all(set(row) == shape and row["ok"] and row["rss_mb"] > 10 for row in state["processes"])
    assert _workers_report(empty_product)


@pytest.mark.parametrize("process", ["sessions-worker", "notifications-api", "messages", "mongod", "kafka"])
def test_what_crashes_is_started_again(empty_product: Product, process: str) -> None:
    empty_product.kill(process)
    empty_product.wait_until_well()


@pytest.mark.parametrize("process", ["sessions-worker", "sessions-api", "messages", "kafka"])
def test_what_is_there_and_does_nothing_is_not_ok(empty_product: Product, process: str) -> None:
    empty_product.wait_until_well()
    with empty_product.held(process):
        assert _not_ok(empty_product) == {process}
    empty_product.wait_until_well()


def test_with_the_database_held_nothing_is_ready(empty_product: Product) -> None:
    """The services' processes all go on meanwhile: what is asked is whether they can do their work."""
    empty_product.wait_until_well()
    with empty_product.held("mongod"):
        assert {"mongod", *(f"{service}-api" for service in SERVICES)} <= _not_ok(empty_product)
    empty_product.wait_until_well()


def test_a_worker_that_goes_on_and_says_nothing_is_not_ok(empty_product: Product) -> None:
    said = {"pid": os.getpid(), "age_s": status.LATELY_S}
    for age, ok in ((0.0, True), (0.1, False)):
        told = {**said, "age_s": said["age_s"] + age}
        assert status.row("sessions-worker", os.getpid(), told, None)["ok"] is ok
    other = {**said, "pid": empty_product.pid("sessions-worker")}
    assert status.row("sessions-worker", os.getpid(), other, None)["ok"] is False


def _not_ok(product: Product) -> set[str]:
    return {row["name"] for row in product.status()["processes"] if not row["ok"]}


def test_nothing_is_parked_and_the_command_says_so(empty_product: Product) -> None:
    assert empty_product.kith("parked").strip() == "0 parked"


def test_what_is_parked_is_told_by_every_service_that_answers(empty_product: Product) -> None:
    with empty_product.away("sessions-api"):
        with pytest.raises(RuntimeError) as told:
            empty_product.kith("parked")
        with pytest.raises(RuntimeError) as refused:
            empty_product.kith("unpark", "sessions", "0" * 32)
    assert "0 parked\n" in str(told.value)
    assert "sessions does not answer" in str(told.value)
    assert "sessions does not answer" in str(refused.value)
    assert "Traceback" not in f"{told.value}{refused.value}"
    with pytest.raises(RuntimeError, match="nothing stands under that id") as refused:
        empty_product.kith("unpark", "sessions", "0" * 32)
    assert "Traceback" not in str(refused.value)


def test_a_database_that_cannot_start_is_tried_after_growing_pauses(empty_product: Product) -> None:
    port, log = Home(empty_product.home).port("mongod"), empty_product.home / "logs/kith.log"
    supervisor = json.loads((empty_product.home / "supervisor.json").read_text())["pid"]
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        os.kill(supervisor, signal.SIGSTOP)
        try:
            empty_product.send("mongod", signal.SIGKILL)
            assert wait_for(lambda: _takes(taken, port), 20)
        finally:
            os.kill(supervisor, signal.SIGCONT)
        before, tries = log.read_text().count("Starting again: mongod"), [time.monotonic()]
        while len(tries) < 6 and time.monotonic() - tries[0] < 60:
            if log.read_text().count("Starting again: mongod") - before >= len(tries):
                tries.append(time.monotonic())
            time.sleep(0.02)
    assert len(tries) == 6
    assert tries[5] - tries[4] > 7
    empty_product.wait_until_well()


def test_a_second_start_in_the_same_home_is_refused(empty_product: Product) -> None:
    with pytest.raises(RuntimeError, match="Kith is already running from"):
        empty_product.kith("up", "--no-demo")


def test_down_ends_every_process_and_the_next_start_finds_its_ports(tmp_path: Path) -> None:
    with started(tmp_path, demo=False) as first:
        mail = first.status()["mail"]
    assert _wait_until_none(tmp_path, 5) == []
    with started(tmp_path, demo=False) as again:
        assert again.status()["mail"] == mail
    assert not (tmp_path / "supervisor.json").exists()


def test_what_a_killed_process_kept_is_in_the_home_and_gone_at_the_next_start(tmp_path: Path) -> None:
    (tmp_path / "scratch/left-behind").mkdir(parents=True)
    with started(tmp_path, demo=False):
        kept = [path.name for path in (tmp_path / "scratch").iterdir()]
    assert len([name for name in kept if name.startswith("consumer-")]) == len(SERVICES)
    assert "left-behind" not in kept


def _starting(home: Path, *more: str) -> tuple[Product, subprocess.Popen[str]]:
    """A product that is being started without a demo, and the command that does so."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = {**os.environ, "KITH_HOME": str(home), "KITH_PORT": str(port)}
    command = [str(Path(sys.executable).with_name("kith")), "up", "--no-demo", *more]
    process = subprocess.Popen(
        command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    return Product(home, port), process


@pytest.mark.parametrize("lost", ["its reader", "its life"])
def test_what_is_detached_needs_nobody_who_reads_what_it_says(tmp_path: Path, lost: str) -> None:
    """As with `kith up --detach | head -1`, or a shell that is closed meanwhile."""
    product, process = _starting(tmp_path, "--detach")
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdout.readline() == "Starting MongoDB and Kafka\n"
    if lost == "its reader":
        process.stdout.close()
        assert (process.wait(120), process.stderr.read()) == (0, "")
    else:
        process.kill()
    try:
        product.wait_until_well()
    finally:
        product.kith("down")
    assert "Traceback" not in product.log("kith")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_nothing_is_left_when_the_supervisor_ends(tmp_path: Path, number: signal.Signals) -> None:
    product, process = _starting(tmp_path)
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("Ready"):
            break
    assert httpx.get(f"http://127.0.0.1:{product.port}/").status_code == 200
    assert product.kith("status")
    os.kill(process.pid, number)
    process.wait(60)
    with pytest.raises(RuntimeError, match="Kith is not running from"):
        product.kith("status", "--json")
    assert _wait_until_none(tmp_path, 30) == []
