"""The goals this service has heard of: ids, whether they are private, and their words as they came, sealed."""

from collections.abc import Iterable, Mapping
from typing import Any

from chassis.mongo import TenantCollection
from chassis.seal import KeyName, Keyring
from contracts.classes import DataClass
from sessions.trials import KnownGoal, scale_of

GOALS = "goals"


def goal_key(tenant_id: str, client_id: str, goal_id: str) -> str:
    """The `_id` of a goal's row."""
    return f"{tenant_id}:{client_id}:{goal_id}"


class GoalStore:
    """The goals of one tenant."""

    def __init__(self, rows: TenantCollection, keys: Keyring) -> None:
        self._rows = rows
        self._keys = keys

    async def known(self, client_id: str, goal_ids: Iterable[str]) -> dict[str, KnownGoal]:
        """Those of the goals that care-plans has told of, by id; their boxes are opened for how they are measured."""
        keys = [goal_key(self._rows.tenant_id, client_id, goal_id) for goal_id in goal_ids]
        rows = await self._rows.find({"_id": {"$in": keys}})
        boxed = [row for row in rows if row.get("box")]
        boxes = [(self._key_name(client_id, row), str(row["event_id"]), str(row["box"])) for row in boxed]
        opened = await self._keys.open_many(boxes)
        words = {row["goal_id"]: found for row, found in zip(boxed, opened, strict=True)}
        return {row["goal_id"]: _known(row, words.get(row["goal_id"])) for row in rows}

    def _key_name(self, client_id: str, row: Mapping[str, Any]) -> KeyName:
        data_class = DataClass.PLAN_PRIVATE if row["private"] else DataClass.PLAN_TEAM
        return KeyName(self._rows.tenant_id, client_id, data_class)


def _known(row: Mapping[str, Any], words: Mapping[str, Any] | None) -> KnownGoal:
    scale = scale_of((words or {}).get("measure") or {})
    return KnownGoal(row["goal_id"], row["private"], row["ended"], scale)
