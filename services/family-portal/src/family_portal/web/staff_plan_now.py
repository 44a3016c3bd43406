"""The plan as care-plans has it now: what the pages that change it start from."""

from typing import Any

from chassis.errors import NotFound, Unavailable
from family_portal.views.reader import Reach
from family_portal.web.heads import ID
from family_portal.web.rationales import as_written
from family_portal.web.visitor import Visitor


def path_of(reach: Reach) -> str:
    """The client's path at the other services."""
    return f"/tenants/{reach.caller.tenant_id}/clients/{reach.client_id}"


async def plan_or_none(visitor: Visitor, reach: Reach) -> dict[str, Any] | None:
    """The plan, None where care-plans does not answer or has nothing for this reader."""
    try:
        return await _whole_plan(visitor, reach)
    except (Unavailable, NotFound):
        return None


async def plan_now(visitor: Visitor, reach: Reach, goal_id: str = "none") -> dict[str, Any]:
    """The plan that an edit starts from, with what the rules say about one goal.

    Raises Unavailable without it: nothing is guessed, nothing typed is lost.
    """
    return await _whole_plan(visitor, reach, lint_of=goal_id)


async def _whole_plan(visitor: Visitor, reach: Reach, **how: str) -> dict[str, Any]:
    pages = await visitor.upstream.every("care-plans", f"{path_of(reach)}/plan", **how)
    joined = {part: [row for page in pages for row in page[part]] for part in ("goals", "tasks")}
    return {**pages[0], **joined}


async def goal_now(visitor: Visitor, reach: Reach, goal_id: str) -> dict[str, Any] | None:
    """The goal as the team wrote it last, with the practice that hangs on it as `tasks`; None for a new one.

    Raises NotFound, Unavailable.
    """
    if not goal_id:
        return None
    if not ID.fullmatch(goal_id):
        raise NotFound()
    plan = await plan_now(visitor, reach, goal_id)
    goal = as_written(one_of(plan["goals"], goal_id))
    return {**goal, "tasks": [task for task in plan["tasks"] if task["goal_id"] == goal_id]}


async def task_now(visitor: Visitor, reach: Reach, task_id: str) -> dict[str, Any] | None:
    """The task as it stands, None for a new one. Raises NotFound, Unavailable."""
    return one_of((await plan_now(visitor, reach))["tasks"], task_id) if task_id else None


def one_of(rows: list[dict[str, Any]], wanted: str) -> dict[str, Any]:
    """The row of this id. Raises NotFound."""
    found = next((row for row in rows if row["id"] == wanted), None)
    if found is None:
        raise NotFound()
    return found
