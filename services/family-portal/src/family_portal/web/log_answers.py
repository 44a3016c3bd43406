"""What the team answered to logs: found for Today, for the card, and for the first page of those who wrote."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any

from contracts.care_plans import LogAnswered
from contracts.classes import DataClass
from family_portal.portal import Portal
from family_portal.views.opened import Entry
from family_portal.views.reader import Reach

CLASSES = (DataClass.TASK_LOG, DataClass.PLAN_PRIVATE)
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
