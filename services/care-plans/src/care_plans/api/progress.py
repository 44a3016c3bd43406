"""Progress over HTTP: every point the caller may see, of all goals or of one."""

from typing import Annotated, Any

from fastapi import Query

from care_plans.api.desk import DeskDep
from chassis.cursors import After, Limit
from chassis.routes import Routes
from contracts.ids import ID_PATTERN
from policy.filters import filter as allowed

router = Routes(prefix="/tenants/{tenant_id}/clients/{client_id}", tags=["progress"])

GoalQuery = Annotated[str | None, Query(pattern=ID_PATTERN)]


@router.get("/progress")
async def get_progress(
    desk: DeskDep, goal: GoalQuery = None, limit: Limit = 50, after: After = None
) -> dict[str, Any]:
    """Ratings, trials, practice at home and what school saw, oldest first, where they are the caller's."""
    where: dict[str, Any] = {"$and": [allowed(desk.grants)]}
    if goal:
        where["goal_id"] = goal
    points, cursor = await desk.stores().points.page(desk.client_id, where, limit=limit, after=after)
    await desk.saw(*{point.data_class for point in points}, detail_id=goal)
    return {"items": [point.told for point in points], "next": cursor}
