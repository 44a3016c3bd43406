"""What an event says without a key: ids, enums, times and numbers, never a word."""

import typing
from datetime import date, datetime
from enum import Enum
from importlib import import_module
from pkgutil import iter_modules
from types import NoneType, UnionType
from typing import Any

import pytest
from pydantic import BaseModel, StringConstraints
from pydantic.fields import FieldInfo

import contracts
from contracts.event import REGISTRY, Event, Section

for _module in iter_modules(contracts.__path__):
    if not _module.name.startswith("__"):
        import_module(f"contracts.{_module.name}")

PLAIN = (Enum, bool, int, float, datetime, date, NoneType)


def _wordy(kind: Any, metadata: tuple[Any, ...] = ()) -> bool:
    """Whether a type may hold free text."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Annotated:
        return _wordy(arguments[0], tuple(arguments[1:]))
    if origin is typing.Literal:
        return False
    if origin in (typing.Union, UnionType) or origin is not None:
        return any(_wordy(inner) for inner in arguments if inner is not Ellipsis)
    if kind is str:
        return not any(isinstance(m, StringConstraints) and m.pattern for m in _flat(metadata))
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return any(_field_is_wordy(field) for field in kind.model_fields.values())
    return not (isinstance(kind, type) and issubclass(kind, PLAIN))


def _flat(metadata: tuple[Any, ...]) -> list[Any]:
    return [part for item in metadata for part in (item if isinstance(item, list | tuple) else [item])]


def _field_is_wordy(field: FieldInfo) -> bool:
    if field.annotation is str:
        return not any(getattr(m, "pattern", None) for m in field.metadata)
    return _wordy(field.annotation)


@pytest.mark.parametrize("kind", REGISTRY.values(), ids=lambda kind: kind.TYPE)
def test_an_event_holds_no_words_in_the_clear(kind: type[Event]) -> None:
    clear = {name: field for name, field in kind.model_fields.items() if name != "words"}
    assert not [name for name, field in clear.items() if _field_is_wordy(field)]


@pytest.mark.parametrize("kind", REGISTRY.values(), ids=lambda kind: kind.TYPE)
def test_an_event_is_catalogued(kind: type[Event]) -> None:
    assert (kind.__doc__ or "").startswith("Sent when")
    assert all(issubclass(section, Section) for section in kind.SECTIONS.values())
    assert kind.TYPE.rpartition(".")[2].removeprefix("v").isdigit()
