"""Points of progress at rest: ratings, trials, practice and observations, each value sealed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from care_plans.store.rows import insert_new
from chassis.errors import NotFound
from chassis.mongo import Doc, Put, TenantCollection
from chassis.seal import KeyName, Keyring
from contracts.classes import DataClass
from contracts.event import Item
from contracts.family_portal import TaskLogged

POINTS = "points"
KINDS = {
    "care_plans.goal_rated.v1": "rating",
    "sessions.trial_recorded.v1": "trial",
    "family_portal.task_logged.v1": "home",
    "family_portal.observation_recorded.v1": "school",
}


@dataclass(frozen=True)
class Point:
    """One point as it is told, and the class of record it belongs to."""

    data_class: DataClass
    told: Doc


@dataclass(frozen=True)
class Noted:
    """One point for the team: its kind and day, who noted it, for whom, and what it says."""

    data_class: DataClass
    kind: str
    at: datetime
    by: str | None
    """Not there in what was kept before it was."""
    parties: tuple[str, ...]
    body: Mapping[str, Any]


@dataclass(frozen=True)
class Log:
    """A log of a practice: of which class it is, who reads it, which goal and task it is about; none of its words."""

    data_class: DataClass
    parties: tuple[str, ...]
    goal_id: str
    task_id: str | None
    """Not there in what was kept before it was."""
    happened_at: datetime


class PointStore:
    """The points of one tenant."""

    def __init__(self, rows: TenantCollection, keys: Keyring) -> None:
        self._rows = rows
        self._keys = keys

    async def page(
        self, client_id: str, where: Mapping[str, Any], *, limit: int, after: str | None
    ) -> tuple[list[Point], str | None]:
        """One page of points, oldest first, with their values opened, and the next cursor."""
        rows, cursor = await self._rows.page(
            {"client_id": client_id, **where}, sort=[("happened_at", 1)], limit=limit, after=after
        )
        opened = await self._keys.open_many(_boxes(rows))
        return [_point(row, body) for row, body in zip(rows, opened, strict=True) if body is not None], cursor

    async def of_goal(self, client_id: str, goal_id: str, where: Mapping[str, Any]) -> list[Noted]:
        """All that was noted of one goal and matches, oldest first, with who noted it; of one day in the order in
        which it was noted, as far as that is kept."""
        rows = await self._rows.find(
            {"client_id": client_id, "goal_id": goal_id, **where},
            sort=[("happened_at", 1), ("noted_at", 1)],
        )
        opened = await self._keys.open_many(_boxes(rows))
        return [_noted(row, body) for row, body in zip(rows, opened, strict=True) if body is not None]

    async def log(self, client_id: str, log_id: str) -> Log:
        """The log of a practice that became a point. Raises NotFound."""
        keys = [
            f"{self._rows.key(client_id)}:{data_class.value}:home:{log_id}"
            for data_class in (DataClass.TASK_LOG, DataClass.PLAN_PRIVATE)
        ]
        row = await self._rows.find_one({"_id": {"$in": keys}})
        if row is None:
            raise NotFound
        return Log(
            data_class=DataClass(row["class"]),
            parties=tuple(row["parties"]),
            goal_id=row["goal_id"],
            task_id=row.get("task_id"),
            happened_at=row["happened_at"],
        )

    async def add(self, event: Item) -> None:
        """Keep an item of our own, its words not yet sealed. Raises Conflict for a taken id."""
        for data_class, words in event.words.items():
            box = await self._keys.seal(
                event.tenant_id, event.client_id or "", data_class, event.event_id, words
            )
            await insert_new(self._rows, _row(event, data_class, box))


def point_writes(event: Item) -> list[Put]:
    """The rows that keep an event's sealed values; the boxes stay as they came, bound to the event's id."""
    rows = [_row(event, data_class, box) for data_class, box in event.sections.items()]
    return [Put({"_id": row["_id"]}, row, upsert=True) for row in rows]


def point_key(event: Item, data_class: DataClass) -> str:
    """The `_id` of an item's row."""
    return f"{event.tenant_id}:{event.client_id}:{data_class.value}:{KINDS[event.TYPE]}:{event.record_id}"


def _boxes(rows: list[Doc]) -> list[tuple[KeyName, str, str]]:
    return [
        (KeyName(row["tenant_id"], row["client_id"], DataClass(row["class"])), row["event_id"], row["box"])
        for row in rows
    ]


def _noted(row: Doc, body: Mapping[str, Any]) -> Noted:
    return Noted(
        data_class=DataClass(row["class"]),
        kind=row["kind"],
        at=row["happened_at"],
        by=row.get("by"),
        parties=tuple(row["parties"]),
        body=body,
    )


def _row(event: Item, data_class: DataClass, box: str) -> Doc:
    return {
        "_id": point_key(event, data_class),
        "client_id": event.client_id,
        "record_id": event.record_id,
        "goal_id": event.goal_id,
        **({"task_id": event.task_id} if isinstance(event, TaskLogged) else {}),
        "kind": KINDS[event.TYPE],
        "class": data_class.value,
        "parties": list(event.parties),
        "happened_at": event.happened_at,
        "noted_at": event.at,
        "by": event.by,
        "event_id": event.event_id,
        "box": box,
    }


def _point(row: Doc, body: Mapping[str, Any]) -> Point:
    happened_at: datetime = row["happened_at"]
    told = {
        "id": row["record_id"],
        "goal_id": row["goal_id"],
        "kind": row["kind"],
        "happened_at": happened_at,
        **{name: value for name, value in body.items() if value is not None},
    }
    return Point(DataClass(row["class"]), told)
