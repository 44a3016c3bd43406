"""`python -m contracts.snapshot`: the JSON schema of all that services tell each other, kept with the tests."""

import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from contracts import catalogue
from contracts.access import STATES, PersonRecord, State
from contracts.classes import SERVICES
from contracts.event import REGISTRY, Event
from contracts.identity import PERSON_SECTIONS

Schema = dict[str, Any]

ROOT = Path(__file__).parents[3]
SCHEMAS = ROOT / "shared" / "tests" / "schemas"
DOCUMENTS: dict[str, type[State]] = {kind.TYPE: kind for kind in STATES}
"""What travels beside the events: whole states and the heartbeat, by the type of their message."""


def events() -> dict[str, type[Event]]:
    """Every event type of every producer, in alphabetical order."""
    for service in SERVICES:
        import_module(f"contracts.{service.replace('-', '_')}")
    return dict(sorted(REGISTRY.items()))


def schemas() -> dict[str, Schema]:
    """The schema of every event, document and sealed body, by name; a body's name ends in its data class."""
    found: dict[str, Schema] = {}
    for name, kind in events().items():
        found[name] = _clear(kind, [data_class.value for data_class in kind.SECTIONS])
        found |= {f"{name}.{label}": schema_of(body) for label, body in kind.SECTIONS.items()}
    for name, document in DOCUMENTS.items():
        found[name] = schema_of(document)
    person = PersonRecord.TYPE
    found[person] = _clear(PersonRecord, [data_class.value for data_class in PERSON_SECTIONS])
    found |= {f"{person}.{label}": schema_of(body) for label, body in PERSON_SECTIONS.items()}
    return dict(sorted(found.items()))


def schema_of(model: type[BaseModel]) -> Schema:
    """What a writer may write: every object closed, without the texts that bind nobody."""
    closed: Schema = _closed(model.model_json_schema(mode="serialization"))
    return closed


def write(folder: Path = SCHEMAS) -> list[str]:
    """Bring the snapshots to what the code says; what they said before is kept in `earlier/`.

    Returns the names that are new or have changed.
    """
    changed = []
    for name, schema in schemas().items():
        file, text = folder / f"{name}.json", as_text(schema)
        if file.exists() and file.read_text() == text:
            continue
        if file.exists():
            _keep(folder / "earlier", name, file.read_text())
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        changed.append(name)
    return changed


def as_text(schema: Schema) -> str:
    """A schema as it stands in its file."""
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


def _keep(folder: Path, name: str, text: str) -> None:
    folder.mkdir(exist_ok=True)
    number = 1 + sum(1 for _ in folder.glob(f"{name}.[0-9]*.json"))
    (folder / f"{name}.{number}.json").write_text(text)


def _clear(model: type[BaseModel], classes: list[str]) -> Schema:
    """A body whose `sections` are the classes it declares: a class that others use is no change of it."""
    schema = schema_of(model)
    box = schema["properties"]["sections"]["additionalProperties"]
    boxes: Schema = {"type": "object", "properties": dict.fromkeys(sorted(classes), box)}
    schema["properties"]["sections"] = boxes | {"additionalProperties": False}
    _drop_unused(schema)
    return schema


def _drop_unused(schema: Schema) -> None:
    shapes: Schema = schema.pop("$defs", {})
    for name in list(shapes):
        others = {**schema, "$defs": {other: shapes[other] for other in shapes if other != name}}
        if f'"#/$defs/{name}"' not in json.dumps(others):
            del shapes[name]
    if shapes:
        schema["$defs"] = shapes


def _closed(node: Any, *, names: bool = False) -> Any:
    """`names`: the keys of this node are names of fields, not words of the schema language."""
    if isinstance(node, list):
        return [_closed(each) for each in node]
    if not isinstance(node, dict):
        return node
    out = {
        key: _closed(value, names=not names and key in ("properties", "$defs"))
        for key, value in node.items()
        if names or key not in ("title", "description")
    }
    if not names and "properties" in out:
        out["additionalProperties"] = False
    return out


def main() -> int:
    """Write snapshots and catalogue; says what changed."""
    changed = write()
    catalogue.FILE.parent.mkdir(exist_ok=True)
    catalogue.FILE.write_text(catalogue.text(events()))
    for name in changed:
        print(name)
    print(f"{len(changed)} of {len(schemas())} snapshots written, and {catalogue.FILE.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
