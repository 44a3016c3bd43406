"""The event catalogue: per producer, what each event says in the clear, what it seals, and who listens."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from pathlib import Path

from contracts.access import AccessDocument, Heartbeat, PersonRecord
from contracts.classes import SERVICES
from contracts.event import Event, Item, Part
from contracts.identity import PERSON_SECTIONS

ROOT = Path(__file__).parents[3]
FILE = ROOT / "docs" / "events.md"
EVERY_WORKER = ROOT / "shared" / "src" / "chassis" / "sign_outs.py"

_HEAD = """# Events

Written by `make snapshot` from `shared/src/contracts`; do not edit. Each service writes one topic, which has its
name.

- Every event says in the clear: {every}.
- A *part* replaces one part of a view and adds {part}.
- An *item* is a part of a long list, which views page, and adds {item}.
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
    return "\n".join([*lines, *_states(root)]).rstrip() + "\n"


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


def _states(root: Path) -> list[str]:
    people = [s for s in SERVICES if "wants_people=True" in _app(root, s)]
    duty = [s for s in SERVICES if "wants_tenants=True" in _app(root, s)]
    lines = ["## States and the heartbeat (identity)", ""]
    lines += ["### identity-state", "", _sentence(AccessDocument), ""]
    lines += [f"- In the clear: {_names(AccessDocument.model_fields)}", "- Consumed by: every service", ""]
    lines += ["### identity-people", "", _sentence(PersonRecord), ""]
    lines.append(f"- In the clear: {_names(PersonRecord.model_fields)}")
    lines += [f"- Sealed as `{c.value}`: {_names(b.model_fields)}" for c, b in PERSON_SECTIONS.items()]
    lines += [f"- Consumed by: {', '.join(people)}; of organisations `duty` alone: {', '.join(duty)}", ""]
    return [*lines, "### Heartbeat", "", _sentence(Heartbeat), "", "- Consumed by: every service", ""]


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
