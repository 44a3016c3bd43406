"""The goals this service has heard of: ids and whether they are private, nothing else."""

from collections.abc import Iterable

from chassis.mongo import TenantCollection
from sessions.trials import KnownGoal

GOALS = "goals"


def goal_key(tenant_id: str, client_id: str, goal_id: str) -> str:
    """The `_id` of a goal's row."""
    return f"{tenant_id}:{client_id}:{goal_id}"


class GoalStore:
    """The goals of one tenant."""

    def __init__(self, rows: TenantCollection) -> None:
        self._rows = rows

    async def known(self, client_id: str, goal_ids: Iterable[str]) -> dict[str, KnownGoal]:
        """Those of the goals that care-plans has told of, by id."""
        keys = [goal_key(self._rows.tenant_id, client_id, goal_id) for goal_id in goal_ids]
        rows = await self._rows.find({"_id": {"$in": keys}})
        return {row["goal_id"]: KnownGoal(row["goal_id"], row["private"], row["ended"]) for row in rows}
