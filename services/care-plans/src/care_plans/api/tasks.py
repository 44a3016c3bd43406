"""Home-practice tasks over HTTP."""

from dataclasses import replace
from typing import Annotated, Any, NoReturn

from fastapi import Path
from fastapi.responses import JSONResponse
from pydantic import Field

from care_plans.api.desk import Desk, DeskDep, SeenDep, WrittenDep
from care_plans.goals import LIVE_STATES, Goal
from care_plans.plans import waiting_words
from care_plans.tasks import PLACED, Planned, Stage, Task, TaskNotThere, task_parties
from care_plans.translations import on_its_way, read_in, without
from care_plans.unmet import WrongState
from chassis.cursors import After, Limit
from chassis.errors import Invalid, NotFound
from chassis.http import CommandDep, Strict, require_version
from chassis.journal import Tx
from chassis.routes import Routes
from chassis.versions import Seen
from contracts.care_plans import GoalState, TaskBody
from contracts.ids import ID_PATTERN, Id, new_id
from policy.filters import filter as allowed
from policy.filters import shows

router = Routes(prefix="/tenants/{tenant_id}/clients/{client_id}", tags=["tasks"])

TaskId = Annotated[str, Path(pattern=ID_PATTERN)]
Line = Annotated[str, Field(max_length=1000)]
AT_SCHOOL = ("school", "class")
"""How the places begin whose tasks the school reads."""
SHARED = sorted(stage.value for stage in (Stage.LIVE, Stage.QUEUED, Stage.PAUSED))


class PlannedTimes(Strict):
    """How often and when, for example 5 per week at breakfast."""

    times: int = Field(ge=1, le=100)
    per: Id
    when: str | None = Field(None, max_length=200)


class TaskDraft(Strict):
    """A task as a tired person reads it in two minutes."""

    id: Id | None = None
    goal_id: Id
    setting: Id
    households: list[Id] = Field(default_factory=list, max_length=10)
    assigned_to: Id | None = None
    private: bool = False
    planned: PlannedTimes
    title: str = Field(min_length=1, max_length=200)
    why: str = Field(min_length=1, max_length=1000)
    you_need: list[Line] = Field(default_factory=list, max_length=20)
    steps: list[Line] = Field(default_factory=list, max_length=20)
    if_nothing_comes: Line | None = None
    easier: Line | None = None
    stop_when: Line | None = None
    look_for: Line | None = None
    thanks: Line | None = None
    who: Line | None = None
    takes_minutes: int | None = Field(None, ge=1, le=240)

    def body(self) -> TaskBody:
        """The words of the task."""
        words = self.model_dump(include=set(TaskBody.model_fields))
        return TaskBody(**words, when=self.planned.when)


@router.get("/tasks")
async def list_tasks(desk: DeskDep, limit: Limit = 50, after: After = None) -> dict[str, Any]:
    """The tasks the caller may see. Drafts only for those who write the plan."""
    stages = [*SHARED, Stage.DRAFT.value] if desk.writes else SHARED
    where = {"stage": {"$in": stages}, "$and": [allowed(desk.grants)]}
    tasks, cursor = await desk.stores().tasks.page(
        desk.client_id, where, drafts=desk.writes, limit=limit, after=after
    )
    await desk.saw(*sorted({task.data_class for task in tasks}))
    return {"items": [shown_task(desk, task) for task in tasks], "next": cursor}


@router.post("/tasks", status_code=201)
async def add_task(desk: DeskDep, command: CommandDep, body: TaskDraft) -> JSONResponse:
    """Hang a task on a goal. On an active goal it lives at once, or waits where the household is full; on any
    other it waits, unseen, for its goal."""
    desk.team(writing=True)

    async def work(tx: Tx) -> None:
        goal = await _goal(desk, tx, body.goal_id)
        task = _task(desk, goal, body, body.id or new_id())
        await desk.stores(tx).goals.hold(goal)
        await desk.stores(tx).tasks.save(tx, task)
        if goal.state is GoalState.ACTIVE:
            await desk.places(tx).take(task, by=desk.person_id)
        tx.answer(_states(task))

    return await desk.write(work, command, status=201)


@router.put("/tasks/{task_id}")
async def revise_task(
    desk: DeskDep, command: CommandDep, seen: SeenDep, task_id: TaskId, body: TaskDraft
) -> JSONResponse:
    """Write a task anew; its goal stays. Other homes mean other places."""
    desk.team(writing=True)

    async def work(tx: Tx) -> None:
        stores, places = desk.stores(tx), desk.places(tx)
        task = await stores.tasks.get(desk.client_id, task_id)
        require_version(task.doc_version, seen)
        if body.goal_id != task.goal_id:
            raise Invalid("A task stays with its goal.", "goal_id", "End it and make a new one there.")
        goal = await _goal(desk, tx, task.goal_id)
        await stores.goals.hold(goal)
        left = frozenset(task.homes)
        task.revise(_task(desk, goal, body, task_id), by=desk.person_id, now=desk.now)
        if task.stage in PLACED:
            await places.take(task, by=desk.person_id)
            await places.promote(left - frozenset(task.homes), by=desk.person_id)
        else:
            await stores.tasks.save(tx, task)
        tx.answer(_states(task))

    return await desk.write(work, command)


@router.post("/tasks/{task_id}/end")
async def end_task(desk: DeskDep, command: CommandDep, seen: SeenDep, task_id: TaskId) -> JSONResponse:
    """End a task for good, as it was read; the longest waiting task of its home takes the place."""
    desk.team(writing=True)

    async def work(tx: Tx) -> None:
        task = await desk.stores(tx).tasks.get(desk.client_id, task_id)
        require_version(task.doc_version, seen)
        task.end(by=desk.person_id, now=desk.now)
        await desk.places(tx).leave(task, by=desk.person_id)
        tx.answer(_states(task))

    return await desk.write(work, command)


@router.post("/tasks/{task_id}/pause")
async def pause_task(desk: DeskDep, command: CommandDep, seen: WrittenDep, task_id: TaskId) -> JSONResponse:
    """Let a task rest, by the team or by the client whose task it is; its place goes to who waits. The team says
    which version it has read; the client, who is told of none, need not."""
    await _own(desk, task_id)

    async def work(tx: Tx) -> None:
        task = await desk.stores(tx).tasks.get(desk.client_id, task_id)
        _seen_by(desk, task, seen)
        task.rest(by=desk.person_id, now=desk.now)
        await desk.places(tx).leave(task, by=desk.person_id)
        tx.answer(_states(task))

    return await desk.write(work, command)


@router.post("/tasks/{task_id}/resume")
async def resume_task(desk: DeskDep, command: CommandDep, seen: WrittenDep, task_id: TaskId) -> JSONResponse:
    """Take a resting task up again as far as its homes have room. Its goal must be active. The team says which
    version it has read; the client need not."""
    await _own(desk, task_id)

    async def work(tx: Tx) -> None:
        stores = desk.stores(tx)
        task = await stores.tasks.get(desk.client_id, task_id)
        _seen_by(desk, task, seen)
        if task.stage is not Stage.PAUSED:
            raise TaskNotThere(f"The task is {task.stage}.", "state", "Only a resting task can go on.")
        goal = await stores.goals.get(desk.client_id, task.goal_id)
        if goal.state is not GoalState.ACTIVE:
            raise WrongState(goal.state, "active")
        await desk.places(tx).take(task, by=desk.person_id)
        tx.answer(_states(task))

    return await desk.write(work, command)


async def tasks_follow(desk: Desk, tx: Tx, goal: Goal) -> None:
    """Let the tasks of a goal be read by those it is shared with now.

    A goal that becomes private takes its tasks with it; one that is shared again leaves them private.
    """
    tasks = await desk.stores(tx).tasks.list_for_goal(desk.client_id, goal.id)
    shared = [task for task in tasks if not task.private]
    if goal.private:
        for task in shared:
            task.hide(by=desk.person_id, now=desk.now)
        await desk.places(tx).hidden(*shared, by=desk.person_id)
        return
    for task in shared:
        before = task.parties
        task.read_by(_parties(desk, goal, task), by=desk.person_id, now=desk.now)
        if task.parties != before:
            await desk.stores(tx).tasks.save(tx, task)


def shown_task(desk: Desk, task: Task) -> dict[str, Any]:
    """The task as its readers get it; a full household is said to the team alone."""
    item: dict[str, Any] = {
        "id": task.id,
        "goal_id": task.goal_id,
        "state": task.stage.value,
        "setting": task.setting,
        "planned": {"times": task.planned.times, "per": task.planned.per},
        "text": without(task.body),
    }
    if not desk.writes and "team" not in desk.grants.labels:
        return {**item, "translations": read_in(task.translations)}
    item["translations"] = on_its_way(task.translations)
    if not desk.writes:
        return {**item, "doc_version": task.doc_version}
    return {
        **item,
        "waiting": waiting_words(task.stage),
        "households": list(task.households),
        "assigned_to": task.assigned_to,
        "private": task.private,
        "doc_version": task.doc_version,
    }


async def _goal(desk: Desk, tx: Tx, goal_id: str) -> Goal:
    """The goal a task hangs on. Raises Invalid where there is none, or where it has ended."""
    try:
        goal = await desk.stores(tx).goals.get(desk.client_id, goal_id)
    except NotFound as error:
        raise Invalid("There is no such goal.", "goal_id", "Choose one of this person's goals.") from error
    if goal.state not in LIVE_STATES | {GoalState.DRAFT}:
        raise WrongState(goal.state, "draft, proposed, active or on hold")
    return goal


def _task(desk: Desk, goal: Goal, body: TaskDraft, task_id: str) -> Task:
    """A draft task with its readers. Raises Invalid for a home or an account that the client has not, and
    where nobody would get it."""
    known = {household.id for household in desk.document.households}
    homes = tuple(dict.fromkeys(body.households))
    if unknown := [home for home in homes if home not in known]:
        raise Invalid(f"{unknown[0]} is no home of this person.", "households", "Choose from their homes.")
    private = body.private or goal.private
    if private:
        _may_be_private(desk, homes)
    task = Task(
        tenant_id=desk.tenant_id,
        client_id=desk.client_id,
        id=task_id,
        goal_id=goal.id,
        setting=body.setting,
        households=homes,
        planned=Planned(body.planned.times, body.planned.per),
        body=body.body(),
        assigned_to=body.assigned_to,
        private=private,
        created_at=desk.now,
    )
    task.parties = _parties(desk, goal, task)
    if not task.parties:
        _nobody(body, goal)
    return task


def _parties(desk: Desk, goal: Goal, task: Task) -> tuple[str, ...]:
    """Who reads a task while its goal is shared as it is now."""
    own = {desk.client_id, desk.document.client_person_id}
    return task_parties(
        households=task.households,
        private=task.private,
        client_reads=desk.client_reads,
        at_school=task.setting.startswith(AT_SCHOOL) and "school" in goal.words.audience,
        person=task.assigned_to if task.assigned_to not in own else None,
    )


def _nobody(body: TaskDraft, goal: Goal) -> NoReturn:
    """Raises Invalid: a practice that stands in a plan and on nobody's page is done by nobody."""
    if body.setting.startswith(AT_SCHOOL) and "school" not in goal.words.audience:
        raise Invalid(
            "Nobody would get it: its goal is not shared with school.",
            "setting",
            "Share the goal with school, or choose a home.",
        )
    raise Invalid("Nobody would get it.", "households", "Choose the home it is for.")


def _may_be_private(desk: Desk, homes: tuple[str, ...]) -> None:
    """Raises Invalid where nobody could read a private task, or where a home would notice it.

    A named home is refused and not left out: who names it expects the home to be told, and it never would be.
    """
    if not desk.client_reads:
        raise Invalid(
            "This person has no sign-in of their own.", "private", "Share the task, or invite them."
        )
    if homes:
        raise Invalid(
            "This task is private, or its goal is: no home is told of it, and it takes no home's place.",
            "households",
            "Leave the homes out, or share the task and its goal.",
        )


async def _own(desk: Desk, task_id: str) -> None:
    """Let the client of a task they see pass, and the team that writes it. Raises NotFound, Forbidden."""
    task = await desk.stores().tasks.get(desk.client_id, task_id)
    seen = shows(desk.grants, task.data_class, task.parties, task.goal_id)
    if not seen or (task.stage is Stage.DRAFT and not desk.writes):
        raise NotFound
    if not desk.is_client:
        desk.team(writing=True)


def _seen_by(desk: Desk, task: Task, seen: Seen) -> None:
    """Raises PreconditionRequired to the team without a version, Conflict where the task has moved on since."""
    require_version(task.doc_version, replace(seen, needed=not desk.is_client))


def _states(task: Task) -> dict[str, Any]:
    return {
        "id": task.id,
        "goal_id": task.goal_id,
        "state": task.stage.value,
        "waiting": waiting_words(task.stage),
        "doc_version": task.doc_version,
    }
