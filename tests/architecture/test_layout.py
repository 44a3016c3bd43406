"""The tree keeps its shape: small files, short functions, guessable names, services known to the tools."""

import ast
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from kith_local.home import SERVICES

ROOT = Path(__file__).parents[2]
SOURCES = sorted(
    file for pattern in ("services/*/src", "shared/src", "deploy/local/src") for root in ROOT.glob(pattern)
    for file in root.rglob("*.py")
)  # fmt: skip
PACKAGES = [init.parent.name for init in sorted(ROOT.glob("services/*/src/*/__init__.py"))]
SHAPELESS = {"utils.py", "helpers.py", "common.py", "service.py", "manager.py", "misc.py"}
EDGES = {"__init__.py", "app.py", "settings.py"}
LONGEST_FILE, LONGEST_FUNCTION = 400, 40


def _name(file: Path) -> str:
    return str(file.relative_to(ROOT))


def _functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


@pytest.mark.parametrize("file", SOURCES, ids=_name)
def test_a_file_stays_small_and_says_what_it_is(file: Path) -> None:
    text = file.read_text()
    tree = ast.parse(text)
    assert len(text.splitlines()) < LONGEST_FILE
    assert not text.strip() or ast.get_docstring(tree), "the module opens with one sentence"
    assert file.name not in SHAPELESS, "name the file after what it holds"
    long = [f.name for f in _functions(tree) if (f.end_lineno or 0) - f.lineno >= LONGEST_FUNCTION]
    assert not long, f"a function reads as one thought: {long}"


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="a copy without its history")
def test_whoever_clones_this_gets_every_source() -> None:
    command = ["git", "ls-files", "--others", "--exclude-standard", "--", "services", "shared", "deploy"]
    unknown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    assert not unknown, "imported here and in nobody's clone: `git add`, or name it in .gitignore"


def test_every_service_is_known_to_the_tools() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    linter = settings["tool"]["importlinter"]
    independence = linter["contracts"][0]["modules"]
    assert sorted(independence) == sorted(PACKAGES)
    assert set(PACKAGES) <= set(linter["root_packages"])
    assert sorted(SERVICES) == sorted(
        folder.name for folder in (ROOT / "services").iterdir() if folder.is_dir()
    )


@pytest.mark.parametrize("service", sorted(SERVICES))
def test_every_service_has_the_same_edges(service: str) -> None:
    package = ROOT / "services" / service / "src" / service.replace("-", "_")
    assert {file.name for file in package.glob("*.py")} >= EDGES
    assert (package / "py.typed").exists()


@pytest.mark.parametrize("file", SOURCES, ids=_name)
def test_no_dependency_of_a_route_waits_for_a_thread(file: Path) -> None:
    """FastAPI runs a plain function in its thread pool: a change of thread for a look into a dictionary."""
    tree = ast.parse(file.read_text())
    plain = {f.name for f in ast.walk(tree) if isinstance(f, ast.FunctionDef)}
    asked = {
        arg.id
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Depends"
        for arg in call.args
        if isinstance(arg, ast.Name)
    }
    assert not plain & asked
