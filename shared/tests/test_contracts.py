"""Contracts change only so that old readers read new writers and new readers read all that was ever written."""

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsoncompat import check_compat

from chassis.records import read_body
from contracts import catalogue
from contracts.snapshot import DOCUMENTS, SCHEMAS, Schema, as_text, events, schemas, write

CORPUS = sorted((Path(__file__).parent / "events").glob("*.json"))
NOW = schemas()
GOAL = "care_plans.goal_changed.v1"
TEAM = f"{GOAL}.plan_team"


def _open(node: Any) -> Any:
    """The schema as a tolerant reader applies it: what it does not know does not disturb it."""
    if isinstance(node, list):
        return [_open(each) for each in node]
    if not isinstance(node, dict):
        return node
    return {k: _open(v) for k, v in node.items() if not (k == "additionalProperties" and v is False)}


def breaks(old: Schema, new: Schema) -> list[str]:
    """Which readers a change from `old` to `new` would fail; names are never taken away, only added."""
    found = []
    if not check_compat(json.dumps(old), json.dumps(new), "deserializer"):
        found.append("a new reader cannot read what was written before")
    if not check_compat(json.dumps(_open(old)), json.dumps(new), "serializer"):
        found.append("a reader of the last release cannot read what is written now")
    return found


def _changed(name: str, change: str) -> Schema:
    schema = copy.deepcopy(NOW[name])
    fields, required = schema["properties"], schema["required"]
    first = "statement" if name == TEAM else "record_id"
    if change in ("required removed", "renamed"):
        required.remove(first)
        kept = fields.pop(first)
        if change == "renamed":
            fields["renamed"] = kept
            required.append("renamed")
    elif change == "required added":
        fields["extra"] = {"type": "string"}
        required.append("extra")
    elif change == "optional removed":
        del fields[next(field for field in fields if field not in required)]
    elif change == "no longer required":
        required.remove(first)
    elif change == "another type":
        fields[first] = {"type": "integer"}
    return schema


@pytest.mark.parametrize("name", [GOAL, TEAM])
@pytest.mark.parametrize(
    "change",
    [
        "required removed",
        "renamed",
        "required added",
        "optional removed",
        "no longer required",
        "another type",
    ],
)
def test_a_breaking_change_is_caught(name: str, change: str) -> None:
    assert breaks(NOW[name], _changed(name, change))


@pytest.mark.parametrize("gone", [True, False], ids=["value removed", "value added"])
def test_a_set_of_values_stays_as_it_is(gone: bool) -> None:
    new = copy.deepcopy(NOW[GOAL])
    values = new["$defs"]["GoalState"]["enum"]
    values[:] = values[:-1] if gone else [*values, "dreamt"]
    assert breaks(NOW[GOAL], new)


@pytest.mark.parametrize("name", [GOAL, TEAM, "identity.access_document.v1"])
def test_an_optional_field_may_be_added(name: str) -> None:
    new = copy.deepcopy(NOW[name])
    new["properties"]["extra"] = {"anyOf": [{"type": "integer"}, {"type": "null"}], "default": None}
    assert breaks(NOW[name], new) == []


def test_a_section_may_be_added() -> None:
    new = copy.deepcopy(NOW["sessions.session_ended.v1"])
    boxes = new["properties"]["sections"]["properties"]
    boxes["session_summary"] = boxes["attendance"]
    assert breaks(NOW["sessions.session_ended.v1"], new) == []


def test_everything_published_has_its_snapshot_and_nothing_published_is_taken_away() -> None:
    assert sorted(file.stem for file in SCHEMAS.glob("*.json")) == sorted(NOW), "run make snapshot"


@pytest.mark.parametrize("name", NOW)
def test_the_code_says_what_the_snapshot_says(name: str) -> None:
    kept = (SCHEMAS / f"{name}.json").read_text()
    assert breaks(json.loads(kept), NOW[name]) == [], "declare a new version beside this one"
    assert kept == as_text(NOW[name]), "run make snapshot"


def test_no_change_since_the_first_release_breaks_a_reader() -> None:
    earlier = {file.stem: file for file in (SCHEMAS / "earlier").glob("*.json")}
    assert [
        name
        for name, file in earlier.items()
        if breaks(json.loads(file.read_text()), NOW[name.rpartition(".")[0]])
    ] == []


def test_every_object_in_a_snapshot_is_closed() -> None:
    def closed(node: Any) -> bool:
        if isinstance(node, list):
            return all(map(closed, node))
        if not isinstance(node, dict):
            return True
        named = isinstance(node.get("properties"), dict) and node.get("type") == "object"
        return (not named or node.get("additionalProperties") is False) and all(map(closed, node.values()))

    assert [name for name, schema in NOW.items() if not closed(schema)] == []


def test_a_changed_snapshot_keeps_what_it_said_before(tmp_path: Path) -> None:
    assert write(tmp_path) == list(NOW)
    assert write(tmp_path) == []
    (tmp_path / f"{GOAL}.json").write_text("{}\n")
    assert write(tmp_path) == [GOAL]
    assert (tmp_path / "earlier" / f"{GOAL}.1.json").read_text() == "{}\n"


def test_the_catalogue_is_what_the_contracts_say() -> None:
    assert catalogue.FILE.read_text() == catalogue.text(events()), "run make snapshot"


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_state_is_catalogued(name: str) -> None:
    assert (DOCUMENTS[name].__doc__ or "").startswith("Sent when")
    told = catalogue.FILE.read_text().partition("\n## identity\n")[2].partition("\n## ")[0]
    entry = told.partition(f"\n### {name}\n")[2].partition("\n### ")[0]
    assert re.search(r"^- Travels on: `identity-(state|people)`, compacted", entry, re.MULTILINE)
    assert "- In the clear: " in entry and "- Consumed by: " in entry
    assert all(f"`{field}`" in entry for field in DOCUMENTS[name].model_fields)


def test_every_event_type_is_in_the_corpus() -> None:
    assert {_type(file) for file in CORPUS} == set(events())


@pytest.mark.parametrize("file", CORPUS, ids=lambda file: file.stem)
def test_what_was_once_published_is_read_by_this_release(file: Path) -> None:
    kept = json.loads(file.read_text())
    body, kind = kept["body"], events()[_type(file)]
    event = read_body(kind.producer(), body["stream"], kind.TYPE, body, None).event
    assert isinstance(event, kind)
    read = event.model_dump(mode="json")
    assert {name: read[name] for name in body if name in read} == {n: body[n] for n in body if n in read}
    for data_class, words in kept["words"].items():
        opened = kind.SECTIONS[data_class].read(words).model_dump(mode="json")
        assert {name: opened[name] for name in words} == words


def test_what_a_newer_release_adds_is_not_in_the_way() -> None:
    for file in CORPUS:
        kept, kind = json.loads(file.read_text()), events()[_type(file)]
        assert kind.read({**kept["body"], "added_later": 1}).event_id
        for data_class, words in kept["words"].items():
            assert kind.SECTIONS[data_class].read({**words, "added_later": 1})


def _type(file: Path) -> str:
    """`sessions.note_signed.v1.json`; a later example of the same type is `sessions.note_signed.v1.2.json`."""
    return ".".join(file.stem.split(".")[:3])
