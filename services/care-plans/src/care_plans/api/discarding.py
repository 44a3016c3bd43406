"""Throwing away over HTTP: a draft, or a proposal, with the practice that waits for it, by who has read all of it."""

from fastapi.responses import JSONResponse
from pydantic import Field

from care_plans.api.desk import AsRead, DeskDep, SeenDep, unread
from care_plans.api.goals import GoalId, states_of
from care_plans.tasks import Task
from chassis.errors import Conflict
from chassis.http import CommandDep, Strict, require_version
from chassis.journal import Tx
from chassis.routes import Routes
from contracts.care_plans import GoalState

router = Routes(prefix="/tenants/{tenant_id}/clients/{client_id}", tags=["goals"])


class GoalDiscarded(Strict):
    """The practice that goes with the goal. Each is named: what nobody has read is not thrown away."""

    tasks: list[AsRead] = Field(default_factory=list, max_length=200)


class PracticeThere(Conflict):
    """Practice waits for the goal that whoever throws it away has not read as it is."""

    title = "There is practice that waits for it"


@router.post("/goals/{goal_id}/discard")
async def discard_goal(
    desk: DeskDep, command: CommandDep, seen: SeenDep, goal_id: GoalId, body: GoalDiscarded | None = None
) -> JSONResponse:
    """Throw a draft away, or take a proposal back; with it go the tasks that waited for it. Nothing brings a draft
    back, so whoever throws it away has read it as it stands, and names each task that goes with it: 409 lists in
    `tasks` those that a colleague has hung on it, or changed, meanwhile."""
    desk.team(writing=True)

    async def work(tx: Tx) -> None:
        stores = desk.stores(tx)
        goal = await stores.goals.get(desk.client_id, goal_id)
        require_version(goal.doc_version, seen)
        hung = await stores.tasks.list_for_goal(desk.client_id, goal_id)
        _all_read(hung, body or GoalDiscarded())
        for task in [task for task in hung if task.waits_for_goal()]:
            task.end(by=desk.person_id, now=desk.now)
            await stores.tasks.save(tx, task)
        if goal.state is GoalState.DRAFT:
            await stores.goals.forget(tx, goal)
            tx.answer({"id": goal.id, "state": "discarded"})
            return
        goal.cancel(by=desk.person_id, now=desk.now)
        await stores.goals.save(tx, goal)
        tx.answer(states_of(goal))

    return await desk.write(work, command)


def _all_read(hung: list[Task], body: GoalDiscarded) -> None:
    """Raises PracticeThere with every task that waits and was not named as it is now."""
    if new := unread(hung, body.tasks):
        raise PracticeThere(
            "Practice waits for this goal that was not there, or not like this, when you read it.",
            "tasks",
            "Read it, then name it in tasks with the doc_version that you have read, or end it first.",
            tasks=[{"id": task.id, "doc_version": task.doc_version} for task in new],
        )
