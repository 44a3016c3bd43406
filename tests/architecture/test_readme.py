"""The README says what is there: paths exist, captions are the modules' own sentences, commands are real."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "README.md").read_text()
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
_LINE = re.compile(r"^(?P<bars>(?:│   |    )*(?:[├└]── )?)(?P<name>\S+)\s+(?P<caption>.*)$")


def _tree() -> Iterator[tuple[Path, str]]:
    """Every line of the tree as its path and caption; a module stands below its package, wherever that is."""
    block = TEXT.split("## The tree")[1].split("```")[1].strip("\n")
    folders: list[Path] = []
    for line in block.splitlines():
        found = _LINE.match(line) or _LINE.match(f"{line} ")
        assert found, line
        depth = len(found["bars"]) // 4
        folders[depth:] = [_below(folders[depth - 1] if depth else ROOT, found["name"])]
        yield folders[depth], found["caption"]


def _below(folder: Path, name: str) -> Path:
    packages = [init.parent for init in folder.glob("src/*/__init__.py")]
    return next((base / name for base in packages if (base / name).exists()), folder / name)


def _sentence(path: Path) -> str | None:
    packages = [path / "__init__.py", *path.glob("src/*/__init__.py")]
    file = path if path.suffix == ".py" else next((each for each in packages if each.exists()), None)
    said = ast.get_docstring(ast.parse(file.read_text())) if file else None
    return said.splitlines()[0].rstrip(".") if said else None


@pytest.mark.parametrize(("path", "caption"), list(_tree()), ids=lambda value: str(value)[-30:])
def test_the_tree_is_there_and_speaks_in_the_modules_own_words(path: Path, caption: str) -> None:
    assert path.exists()
    said = _sentence(path) if "src" in path.parts or path.parent.name == "services" else None
    assert said in (None, caption), "write the module's first sentence into the README's tree"


def test_every_make_verb_that_is_named_exists() -> None:
    verbs = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z]+)", TEXT)) <= verbs


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_a_document_names_only_files_that_are_there(document: Path) -> None:
    text = document.read_text()
    named = set(re.findall(r"`((?:services|shared|tests|docs|deploy|bench)/[\w./-]+)`", text))
    linked = re.findall(r"\]\(([\w./-]+\.md)\)", text)
    missing = [name for name in named if not (ROOT / name).exists()]
    assert missing + [name for name in linked if not (document.parent / name).exists()] == []


def test_a_decision_names_the_test_that_holds_it() -> None:
    decisions = sorted((ROOT / "docs" / "decisions").glob("0*.md"))
    assert [file.name[:4] for file in decisions] == [f"{n:04}" for n in range(1, len(decisions) + 1)]
    parts = ("**Context.**", "**Decision.**", "**Consequences.**", "**Alternatives.**", "**Enforced by**")
    assert [file.name for file in decisions if not all(part in file.read_text() for part in parts)] == []
    assert [
        file.name for file in decisions if "test_" not in file.read_text().split("**Enforced by**")[1]
    ] == []
