"""The event catalogue: per producer, what each event says in the clear, what it seals, and who listens."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel

from contracts.access import STATES, PersonRecord, State
from contracts.classes import SERVICES
from contracts.event import Event, Item, Part
from contracts.identity import PERSON_SECTIONS

ROOT = Path(__file__).parents[3]
FILE = ROOT / "docs" / "events.md"
EVERY_WORKER = ROOT / "shared" / "src" / "chassis" / "sign_outs.py"

_HEAD = """# Events

Written by `make snapshot` from `shared/src/contracts`; do not edit. Each service writes its events to one topic,
which has its name; identity writes states to two more.

- Every event says in the clear: {every}.
- A *part* replaces one part of a view and adds {part}.
- An *item* is a part of a long list, which views page, and adds {item}.
- A *state* is whole and says nothing but its own fields; on its compacted topic it replaces the one before of its key.
- Words and scores stand in sealed sections, one for each data class, and open only with the key of that class.
"""


def text(events: Mapping[str, type[Event]], root: Path = ROOT) -> str:
    """The catalogue of these events; who consumes them is read from the handlers below `root`."""
    listeners = consumers(events, root)
    head = _HEAD.format(
        every=_names(_own(Event)), part=_names(_own(Part, Event)), item=_names(_own(Item, Part))
    )
    lines = [head]
    for producer in SERVICES:
        said = (import_module(f"contracts.{producer.replace('-', '_')}").__doc__ or "").strip()
        lines += [f"## {producer}", "", said, ""]
        for name, kind in events.items():
            if kind.producer() == producer:
                lines += _entry(name, kind, listeners[name])
        for state in STATES:
            if state.TYPE.startswith(f"{producer}."):
                lines += _state(state, root)
    return "\n".join(lines).rstrip() + "\n"


def consumers(events: Mapping[str, type[Event]], root: Path = ROOT) -> dict[str, list[str]]:
    """Which services handle each type, from the annotations of their handlers."""
    found: dict[str, list[str]] = {name: [] for name in events}
    sources = [(service, _package(root, service) / "consumer.py") for service in SERVICES]
    for service, file in [*sources, ("every service", root / EVERY_WORKER.relative_to(ROOT))]:
        bases = tuple(_subscriptions(file)) if file.exists() else ()
        for name, kind in events.items():
            if bases and issubclass(kind, bases):
                found[name].append(service)
    return found


def _subscriptions(file: Path) -> Iterator[type[Event]]:
    tree = ast.parse(file.read_text())
    imported = {
        alias.asname or alias.name: (node.module, alias.name)
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("contracts.")
        for alias in node.names
    }
    unions = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in tree.body:
        if isinstance(node, ast.AsyncFunctionDef) and node.name.startswith("on_"):
            yield from _classes(node.args.args[0].annotation, imported, unions)


def _classes(
    hint: ast.AST | None, imported: Mapping[str, tuple[str | None, str]], unions: Mapping[str, ast.expr]
) -> Iterator[type[Event]]:
    for node in ast.walk(hint) if hint else ():
        if not isinstance(node, ast.Name):
            continue
        if node.id in imported:
            module, name = imported[node.id]
            yield getattr(import_module(str(module)), name)
        elif node.id in unions:
            yield from _classes(unions[node.id], imported, unions)


def _entry(name: str, kind: type[Event], listeners: list[str]) -> list[str]:
    base = next(each for each in (Item, Part, Event) if issubclass(kind, each))
    form = {Item: " (an item)", Part: " (a part)"}.get(base, "")
    lines = [f"### {name}", "", _sentence(kind), ""]
    lines.append(f"- In the clear: {_names(_own(kind, base)) or 'nothing more'}{form}")
    for data_class, body in kind.SECTIONS.items():
        lines.append(f"- Sealed as `{data_class.value}`: {_names(body.model_fields)}")
    return [*lines, f"- Consumed by: {', '.join(listeners) or 'nobody yet'}", ""]


def _state(kind: type[State], root: Path) -> list[str]:
    lines = [f"### {kind.TYPE}", "", _sentence(kind), ""]
    lines += [
        f"- Travels on: `{kind.TOPIC}`, compacted, keyed {kind.KEYED}",
        f"- In the clear: {_deep(kind)} (a state)",
    ]
    if kind is not PersonRecord:
        return [*lines, "- Consumed by: every service", ""]
    lines += [f"- Sealed as `{c.value}`: {_names(b.model_fields)}" for c, b in PERSON_SECTIONS.items()]
    people = [s for s in SERVICES if "wants_people=True" in _app(root, s)]
    duty = [s for s in SERVICES if "wants_tenants=True" in _app(root, s)]
    told = f"{', '.join(people)}; of organisations, and without what is sealed: {', '.join(duty)}"
    return [*lines, f"- Consumed by: {told}", ""]


def _deep(kind: type[BaseModel]) -> str:
    """The fields of a state, those that are made of facts with the fields of these."""
    told = []
    for name, field in kind.model_fields.items():
        facts = [each for each in _parts(field.annotation) if each.__name__.endswith("Fact")]
        told.append(f"`{name}`" + "".join(f" ({_deep(each)})" for each in facts))
    return ", ".join(told)


def _parts(hint: Any) -> Iterator[type[BaseModel]]:
    """The models that a field's type is made of."""
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        yield hint
    for inner in get_args(hint):
        yield from _parts(inner)


def _app(root: Path, service: str) -> str:
    return _package(root, service).joinpath("app.py").read_text()


def _package(root: Path, service: str) -> Path:
    return root / "services" / service / "src" / service.replace("-", "_")


def _sentence(kind: type) -> str:
    return " ".join((kind.__doc__ or "").split())


def _own(kind: type[Event], base: type[Event] | None = None) -> list[str]:
    known = {"words", *(base.model_fields if base else ())}
    return [name for name in kind.model_fields if name not in known]


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{each}`" for each in names)
