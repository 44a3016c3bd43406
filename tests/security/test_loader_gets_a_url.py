"""The demo loader is anybody's program: it is given an address, knows none of our insides, and loads all the same."""

import ast
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kith_local import demo, program
from kith_local.testing import Product

OURS = {
    "contracts",
    "policy",
    "chassis",
    "identity",
    "care_plans",
    "sessions",
    "family_portal",
    "notifications",
}
DRIVERS = {"motor", "pymongo", "bson", "faust", "aiokafka", "cryptography"}
OWN = {"kith_local.demo", "kith_local.program"}
LONGEST_S = 240.0


def _imports(file: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def test_its_source_knows_no_service_and_no_driver() -> None:
    folder = Path(str(demo.__file__)).parent
    files = [*folder.rglob("*.py"), Path(str(program.__file__))]
    assert len(files) > 3
    for file in files:
        for name in _imports(file):
            assert name.split(".")[0] not in OURS | DRIVERS, (file.name, name)
            assert not name.startswith("kith_local") or name.startswith(tuple(OWN)), (file.name, name)


def test_it_reads_no_variable_and_no_file_but_its_own_content() -> None:
    for file in Path(str(demo.__file__)).parent.rglob("*.py"):
        text = file.read_text()
        assert "environ" not in text and "getenv" not in text, file.name
    assert "environ" not in Path(str(program.__file__)).read_text()


@pytest.mark.stack
def test_given_an_address_and_nothing_else_it_loads(empty_product: Product, tmp_path: Path) -> None:
    """Run where there is nothing, told nothing: both organisations and everyone in them come to be."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "HOME") if name in os.environ}
    command = [sys.executable, "-I", "-m", "kith_local.demo", empty_product.url]
    heard = tmp_path / "heard"
    folder = tmp_path / "empty"
    folder.mkdir()
    with heard.open("wb") as err:
        running = subprocess.Popen(command, env=kept, cwd=folder, stdout=subprocess.DEVNULL, stderr=err)
        try:
            end = time.monotonic() + LONGEST_S
            while b"plans and tasks" not in heard.read_bytes() and running.poll() is None:
                assert time.monotonic() < end, heard.read_text()
                time.sleep(0.5)
        finally:
            running.terminate()
            running.wait(30)
    assert "plans and tasks" in heard.read_text(), heard.read_text()
    assert not list(folder.iterdir()), "it leaves nothing behind"
