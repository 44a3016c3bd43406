"""Turns an event into changes of the stored views; pure, so that a rebuild gives the same bytes."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from contracts.care_plans import (
    LogAnswered,
    PracticeRested,
    ProposalChanged,
    StrategyNoted,
    TaskChanged,
    TaskState,
)
from contracts.classes import DataClass
from contracts.event import Event, Item, Part
from contracts.sessions import SessionScheduled

_BASE = frozenset(Part.model_fields) | frozenset(Item.model_fields) | frozenset(Event.model_fields) | {"same"}
"""What a stored entry does not repeat. Which wordings did not move is nothing a reader of one of them may know."""
SIGNED_NOTES = "signed_notes"
"""The collection that says, for each client, which event last signed a note; no word or id of one is kept."""
_UNSEALED: dict[type[Part], DataClass] = {
    SessionScheduled: DataClass.ATTENDANCE,
    PracticeRested: DataClass.TASK_LOG,
}
"""Events that carry no words at all still belong to a class: who may know that they happened."""
_NAMED: tuple[type[Item], ...] = (ProposalChanged, StrategyNoted, LogAnswered)
"""Items whose kind is part of their key: people choose ids, and an answer to a goal may not be overwritten by a wish
that somebody gave the answer's id. The other kinds of a class have one author, or are one thing told twice."""


@dataclass(frozen=True)
class ViewChange:
    """One change of one stored document: a part of a view, or an item, is stored anew or has left."""

    collection: str
    key: str
    owner: dict[str, Any]
    seq: int
    part: str | None
    """The part's name inside its view; None for an item, which is a document of its own, and for a whole view."""
    entry: dict[str, Any] | None
    """What is stored now. None: it left. What stays of it says only whom that concerns, and holds no word. Of a
    whole view nothing is stored but which event touched its items last."""
    over: bool = False
    """Whether it left because it was over, and not because it is shown to others now."""


COUNTED = DataClass.OBSERVATION
"""Items of this class are counted for readers who may open none. The class's view says which event last touched one,
so that whoever has counted knows without looking whether to count again."""
WORDS = ("box", "meta", "by")
"""What goes when something leaves."""


def changes_for(event: Part, *, producer: str, seq: int) -> list[ViewChange]:
    """The view changes of one event: present in the classes it carries, absent from those it could carry.

    A class that the event calls the same stays as it is."""
    place = _UNSEALED.get(type(event))
    present = set(event.sections) | ({place} if place else set())
    possible = (set(type(event).SECTIONS) | present) - set(getattr(event, "same", ()))
    build = _item if isinstance(event, Item) else _part
    changes = [
        build(event, data_class, producer, seq, gone=event.ended or data_class not in present)
        for data_class in sorted(possible)
    ]
    if isinstance(event, Item) and COUNTED in possible:
        view = view_key(event.tenant_id, str(event.client_id), COUNTED, producer)
        changes.append(ViewChange("views", view, _owner(event, COUNTED, producer), seq, None, None))
    return changes


def view_key(tenant_id: str, client_id: str, data_class: DataClass, producer: str) -> str:
    """The `_id` of the document that holds a class of one client as one service tells it."""
    return f"{tenant_id}:{client_id}:{data_class}:{producer}"


def goal_of(entry: dict[str, Any]) -> str | None:
    """The goal a stored part or item hangs on; a goal hangs on itself."""
    if str(entry["type"]).startswith("care_plans.goal_changed"):
        return str(entry["record_id"])
    return None if entry["goal_id"] is None else str(entry["goal_id"])


def sortable(moment: datetime) -> str:
    """A moment in UTC, written so that text order is time order."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _part(event: Part, data_class: DataClass, producer: str, seq: int, *, gone: bool) -> ViewChange:
    key = view_key(event.tenant_id, str(event.client_id), data_class, producer)
    kind = type(event).TYPE.split(".")[1].removesuffix("_changed")
    entry = None if gone else _entry(event, data_class)
    name = f"{kind}:{event.record_id}"  # ids are made by clients: a goal and a task may have the same
    over = gone and isinstance(event, TaskChanged) and event.state is TaskState.ENDED
    return ViewChange("views", key, _owner(event, data_class, producer), seq, name, entry, over)


def _item(event: Part, data_class: DataClass, producer: str, seq: int, *, gone: bool) -> ViewChange:
    kind = f"{type(event).TYPE.split('.')[1]}:" if isinstance(event, _NAMED) else ""
    key = f"{view_key(event.tenant_id, str(event.client_id), data_class, producer)}:{kind}{event.record_id}"
    entry = None if gone else _entry(event, data_class)
    return ViewChange("items", key, _owner(event, data_class, producer), seq, None, entry)


def _owner(event: Part, data_class: DataClass, producer: str) -> dict[str, Any]:
    return {
        "client_id": event.client_id,
        "class": data_class.value,
        "source": producer,
    }


def _entry(event: Part, data_class: DataClass) -> dict[str, Any]:
    body = event.model_dump(mode="json")
    return {
        "record_id": event.record_id,
        "event_id": event.event_id,
        "type": type(event).TYPE,
        "box": event.sections.get(data_class),
        "parties": list(event.parties),
        "goal_id": body.get("goal_id"),
        "by": event.by,
        "at": sortable(event.at),
        "happened_at": sortable(event.happened_at if isinstance(event, Item) else event.at),
        "meta": {name: value for name, value in body.items() if name not in _BASE},
    }
