"""What the team answered to logs: found for Today, for the card, and for the first page of those who wrote."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any

from contracts.care_plans import LogAnswered, TaskChanged
from contracts.classes import DataClass
from family_portal.portal import Portal
from family_portal.views.opened import Entry
from family_portal.views.reader import Reach

CLASSES = (DataClass.TASK_LOG, DataClass.PLAN_PRIVATE)
TASKS = (DataClass.TASK, DataClass.PLAN_PRIVATE)
_SOME = 200


async def answers_since(
    portal: Portal,
    reach: Reach,
    days: timedelta,
    *,
    classes: Collection[DataClass] = CLASSES,
    task_id: str = "",
) -> list[Entry]:
    """The team's answers of the last days that this reader may read, of all practice or of one, the newest first."""
    since = {"type": LogAnswered.TYPE, "at": {"$gt": (datetime.now(UTC) - days).isoformat()}}
    match: dict[str, Any] = {**since, **({"meta.task_id": task_id} if task_id else {})}
    page = await portal.reader.items(reach, classes, limit=_SOME, match=match)
    return sorted(page.entries, key=lambda entry: entry.at, reverse=True)


async def task_of(portal: Portal, reach: Reach, task_id: str) -> Entry | None:
    """The practice, where this reader has it; only looked at to decide what is said of it."""
    parts = await portal.reader.parts(reach, TASKS, shown=False)
    return next((e for e in parts if e.type == TaskChanged.TYPE and e.record_id == task_id), None)


async def has_task(portal: Portal, reach: Reach, task_id: str) -> bool:
    """Whether this reader has the practice now."""
    return await task_of(portal, reach, task_id) is not None


def reaches(task: Entry, log: Entry) -> bool:
    """Whether everybody who reads the log has the card, as care-plans decides it: of others' cards nothing is said."""
    private = DataClass.PLAN_PRIVATE
    alike = (task.data_class is private) == (log.data_class is private)
    return alike and set(log.parties) <= set(task.parties)
