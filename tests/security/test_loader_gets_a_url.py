"""The demo loader is anybody's program: it is given an address, knows none of our insides, and loads all the same."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kith_local import demo, program
from kith_local.acting import until
from kith_local.program import Kith
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
STEPS = [
    f"loading {what}"
    for what in (
        "organisations and people",
        "whose days they are",
        "what they want others to know",
        "plans and tasks",
        "what happened in twelve weeks",
    )
]
CLIENT = "/tenants/tn_lantern/clients/cl_kofi"


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
    """Run where there is nothing, told nothing: both organisations, their twelve weeks and everyone in them come to be.

    It waits for nothing longer than it says itself, so nobody has to stop it here.
    """
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL", "HOME") if name in os.environ}
    command = [sys.executable, "-I", "-m", "kith_local.demo", empty_product.url]
    folder = tmp_path / "empty"
    folder.mkdir()
    done = subprocess.run(command, env=kept, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert [line.strip() for line in done.stderr.splitlines()] == STEPS
    assert not list(folder.iterdir()), "it leaves nothing behind"
    people = json.loads(done.stdout)
    assert len({row["organisation"] for row in people}) > 1 and len({row["role"] for row in people}) > 5
    kith = Kith(empty_product.url)
    for row in people:
        assert kith.sign_in(row["sign_in"], row["password"]).get("identity", "/me"), row["name"]
    [mateus] = [row for row in people if row["id"] == "ps_mateus"]
    writer = kith.sign_in(mateus["sign_in"], mateus["password"])
    progress = f"{CLIENT}/progress?limit=200"
    until(lambda: writer.get("care-plans", progress)["items"], "what happened in twelve weeks")
    sessions = writer.get("sessions", f"{CLIENT}/sessions?limit=200")["items"]
    assert {"held", "signed"} & {row["state"] for row in sessions}, sessions
