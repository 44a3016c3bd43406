"""The plan over HTTP: what the team works with, and the two moves that concern several goals at once."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import Query
from fastapi.responses import JSONResponse
from pydantic import Field

from care_plans.answers import Answer, approvers, may_decide_and_read, still_heard
from care_plans.api.desk import AsRead, Desk, DeskDep, Stores, unread
from care_plans.api.episodes import under_way
from care_plans.api.goals import GoalDraft, for_team, states_of, tasks_begin
from care_plans.api.tasks import shown_task
from care_plans.goals import Goal, activation_guards, proposal_guards
from care_plans.lint import goal_findings, needs_rationale, task_findings
from care_plans.plans import gas_summary, state_of
from care_plans.store.languages import other_languages
from care_plans.tasks import Stage, Task
from care_plans.unmet import GuardsUnmet, Unmet
from chassis.cursors import After, Limit, page_of
from chassis.errors import Invalid
from chassis.http import CommandDep, Strict
from chassis.journal import Tx
from chassis.routes import Routes
from contracts.care_plans import GoalState
from contracts.classes import DataClass
from contracts.ids import Id

router = Routes(prefix="/tenants/{tenant_id}/clients/{client_id}", tags=["plans"])


_THINGS = {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}}
_PLAN = {
    "type": "object",
    "additionalProperties": False,
    "required": ["client_id", "version", "state", "gas", "goals", "tasks", "languages", "next"],
    "properties": {
        "client_id": {"type": "string"},
        "version": {"type": "integer"},
        "state": {"type": "string"},
        "gas": {"type": ["object", "null"]},
        "goals": _THINGS,
        "tasks": _THINGS,
        "languages": {"type": "array", "items": {"type": "string"}},
        "next": {"type": ["string", "null"], "description": "Send it as `after`; null on the last page."},
    },
}
A_PAGE_OF_A_PLAN = {"responses": {"200": {"content": {"application/json": {"schema": _PLAN}}}}}
"""What the description says of a plan, which is neither one thing nor a list."""


class GoalsNamed(Strict):
    """The goals that move together. Each is named: what nobody chose does not move."""

    goals: Annotated[list[Id], Field(max_length=50)]
    read: Annotated[list[AsRead], Field(max_length=50)] = Field(default_factory=list)
    """The goals as their `doc_version` was when they were read: one that a colleague has changed since stays."""


class GoalsBegun(GoalsNamed):
    """The goals that begin, and the practice that begins with them."""

    tasks: Annotated[list[AsRead] | None, Field(max_length=200)] = None
    """The practice that waits for them, as it was read: with any that is new or changed since its goal stays."""


@router.get("/plan", openapi_extra=A_PAGE_OF_A_PLAN)
async def get_plan(
    desk: DeskDep,
    lint_of: Annotated[Id | None, Query()] = None,
    limit: Limit = 50,
    after: After = None,
) -> dict[str, Any]:
    """What the team works with: a page of goals with drafts, answers, lint and what is missing, and their tasks.

    `lint_of` names the one goal that the rules look at; without it they look at each, which takes its time. Tasks
    whose goal is no longer in the plan stand on the first page."""
    desk.team(writing=False)
    stores = desk.stores()
    every = await stores.goals.list_for_client(desk.client_id)
    standing = frozenset(goal.id for goal in every if not goal.gone)
    goals = sorted((goal for goal in every if for_team(desk, goal)), key=lambda goal: goal.place)
    page, more = page_of(goals, lambda goal: goal.place, limit=limit, after=after)
    answers = await stores.answers.list_for_client(desk.client_id)
    elsewhere = {goal.id for goal in goals} - {goal.id for goal in page}
    tasks = await _tasks_here(desk, page, elsewhere, first=not after)
    plan = await stores.plans.get(desk.client_id)
    await desk.saw(*_classes(goals, tasks, [a for a in answers if a.goal_id not in elsewhere]))
    return {
        "client_id": desk.client_id,
        "version": plan.version,
        "state": state_of(goals),
        "gas": gas_summary(goals),
        "goals": [
            {
                **_whole(desk, goal, answers, lint_of in (None, goal.id)),
                "comes_back": goal.comes_back(standing),
            }
            for goal in page
        ],
        "tasks": [
            {**shown_task(desk, task), "lint": _lint(task) if lint_of in (None, task.goal_id) else []}
            for task in tasks
        ],
        "languages": await other_languages(desk.chassis.mongo, desk.tenant_id),
        "next": more,
    }


@router.post("/plan/propose")
async def propose_plan(desk: DeskDep, command: CommandDep, body: GoalsNamed) -> JSONResponse:
    """Put goals to their parties. Every field that must be put right first is named, with its fix."""
    desk.team(writing=True)

    async def work(tx: Tx) -> None:
        stores = desk.stores(tx)
        goals = await _named(stores, desk, body, GoalState.DRAFT)
        _all_pass([u for goal in goals for u in (*proposal_guards(goal), *_nobody_decides(desk, goal))])
        for goal in goals:
            goal.propose(by=desk.person_id, now=desk.now, client_reads=desk.client_reads)
            await stores.goals.save(tx, goal)
        plan = await stores.plans.get(desk.client_id)
        plan.proposed(goals, by=desk.person_id, now=desk.now)
        await stores.plans.save(tx, plan)
        tx.answer({"goals": [states_of(goal) for goal in goals], "version": plan.version})

    return await desk.write(work, command)


@router.post("/plan/activate")
async def activate_plan(desk: DeskDep, command: CommandDep, body: GoalsBegun) -> JSONResponse:
    """Make agreed goals active, and let their tasks live as far as the homes have room."""
    desk.team(writing=True)

    async def work(tx: Tx) -> None:
        stores = desk.stores(tx)
        goals = await _named(stores, desk, body, GoalState.PROPOSED)
        await _practice_read(stores, desk, goals, body)
        answers = await stores.answers.list_for_client(desk.client_id)
        _all_pass([unmet for goal in goals for unmet in _missing(desk, goal, answers)])
        for goal in goals:
            goal.activate(
                by=desk.person_id,
                now=desk.now,
                answers=_heard(desk, goal, answers),
                approvers=_approvers(desk, goal),
                client_reads=desk.client_reads,
            )
            await stores.goals.save(tx, goal)
            await tasks_begin(desk, tx, goal)
        plan = await stores.plans.get(desk.client_id)
        plan.activated(goals, by=desk.person_id, now=desk.now)
        await stores.plans.save(tx, plan)
        await under_way(desk, tx, goals)
        tasks = [t for goal in goals for t in await stores.tasks.list_for_goal(desk.client_id, goal.id)]
        tx.answer(
            {
                "goals": [states_of(goal) for goal in goals],
                "tasks": [{"id": t.id, "state": t.stage.value} for t in tasks if t.stage is not Stage.ENDED],
                "version": plan.version,
            }
        )

    return await desk.write(work, command)


@router.post("/lint")
async def lint_goal(desk: DeskDep, body: GoalDraft) -> dict[str, Any]:
    """What the rules say about a goal while it is being written; nothing is kept."""
    desk.team(writing=True)
    words = body.written()
    return {
        "findings": [asdict(finding) for finding in goal_findings(words)],
        "needs_rationale": needs_rationale(words),
    }


async def _named(stores: Stores, desk: Desk, body: GoalsNamed, before: GoalState) -> list[Goal]:
    """The named goals. Raises NotFound, Invalid where none is named, and GuardsUnmet where one that is still in the
    state `before` has changed since it was read."""
    if not body.goals:
        raise Invalid("No goal is chosen.", "goals", "Choose at least one.")
    goals = [await stores.goals.get(desk.client_id, goal_id) for goal_id in dict.fromkeys(body.goals)]
    read = {goal.id: goal.doc_version for goal in body.read}
    waiting = [goal for goal in goals if goal.state is before]
    _all_pass([_changed(g, "read") for g in waiting if read.get(g.id, g.doc_version) != g.doc_version])
    return goals


async def _practice_read(stores: Stores, desk: Desk, goals: list[Goal], body: GoalsBegun) -> None:
    """Raises GuardsUnmet for goals with practice that waits and was not named as it is now; where none is, nothing."""
    if body.tasks is None:
        return
    hung = [(goal, await stores.tasks.list_for_goal(desk.client_id, goal.id)) for goal in goals]
    _all_pass([_changed(goal, "tasks") for goal, tasks in hung if unread(tasks, body.tasks)])


_CHANGED = {
    "read": "Somebody changed this goal after you read it, so it has not moved.",
    "tasks": "Somebody changed the practice of this goal after you read it, so it has not moved.",
}


def _changed(goal: Goal, field: str) -> Unmet:
    return Unmet(goal.id, field, _CHANGED[field], "Read it as it stands now, then choose it again.")


def _all_pass(unmet: list[Unmet]) -> None:
    if unmet:
        raise GuardsUnmet(unmet)


def _nobody_decides(desk: Desk, goal: Goal) -> list[Unmet]:
    """What keeps a shared goal from being put to people none of whom may decide: it could never become active."""
    words = goal.words
    if words.private or may_decide_and_read(desk.document, audience=words.audience, now=desk.now):
        return []
    return [
        Unmet(
            goal.id,
            "audience",
            "Not settled yet: who decides. Nobody who may would read this goal.",
            "Put it to the family, or keep it private where the person may decide for themselves.",
        )
    ]


def _missing(desk: Desk, goal: Goal, answers: list[Answer]) -> list[Unmet]:
    """What keeps a proposed goal from becoming active; goals in other states have their own answer."""
    if goal.state is not GoalState.PROPOSED:
        return []
    return activation_guards(goal, _heard(desk, goal, answers), _approvers(desk, goal))


def _heard(desk: Desk, goal: Goal, answers: list[Answer]) -> list[Answer]:
    own = [answer for answer in answers if answer.goal_id == goal.id]
    return still_heard(own, _approvers(desk, goal), desk.everyone, goal.parties) if own else []


def _approvers(desk: Desk, goal: Goal) -> frozenset[str]:
    return approvers(desk.document, private=goal.private, now=desk.now)


def _whole(desk: Desk, goal: Goal, answers: list[Answer], looked_at: bool = True) -> dict[str, Any]:
    """A goal for the team, with those of the plan's answers that are about it."""
    answers = [answer for answer in answers if answer.goal_id == goal.id]
    findings = goal_findings(goal.written.words) if looked_at else []
    if goal.state is GoalState.DRAFT:
        unmet = [*proposal_guards(goal, findings), *_nobody_decides(desk, goal)]
    else:
        unmet = _missing(desk, goal, answers) if looked_at else []
    return {
        **states_of(goal),
        "version_at": goal.version_at,
        "author": goal.author,
        "read_by": goal.read_by,
        "parties": list(goal.parties),
        "words": goal.words.model_dump(mode="json", by_alias=True),
        "rewording": _rewording(goal),
        "level": goal.standing.level,
        "level_since": goal.standing.since,
        "ending": goal.standing.ending.model_dump(mode="json") if goal.standing.ending else None,
        "lint": [asdict(finding) for finding in findings],
        "unmet": [asdict(item) for item in unmet],
        "answers": [_said(answer) for answer in answers],
    }


def _rewording(goal: Goal) -> dict[str, Any] | None:
    """What waits for its second reader, for the team alone."""
    if goal.rewording is None:
        return None
    words = goal.rewording.words.model_dump(mode="json", by_alias=True)
    return {"words": words, "author": goal.rewording.author}


def _said(answer: Answer) -> dict[str, Any]:
    return {
        "person_id": answer.person_id,
        "version": answer.version,
        "class": answer.data_class.value,
        "answer": answer.says.value,
        "words": answer.words,
        "reply": answer.reply,
        "words_before": answer.words_before,
        "reply_before": answer.reply_before,
        "worries": [said.model_dump() for said in answer.worries],
        "at": answer.at,
    }


def _classes(goals: list[Goal], tasks: list[Task], answers: list[Answer]) -> set[DataClass]:
    """The classes of what the team is shown of a plan; its sums are made of all goals."""
    kept = {data_class for goal in goals for data_class in (goal.home_class, goal.kept_as)}
    return kept | {task.data_class for task in tasks} | {answer.data_class for answer in answers}


def _lint(task: Task) -> list[dict[str, Any]]:
    return [asdict(finding) for finding in task_findings(task.body)]


async def _tasks_here(desk: Desk, page: list[Goal], elsewhere: set[str], *, first: bool) -> list[Task]:
    found = await desk.stores().tasks.list_for_client(desk.client_id)
    seen = [task for task in found if desk.writes or not _draft(task)]
    return [task for task in seen if _stands_here(task, page, elsewhere, first=first)]


def _stands_here(task: Task, page: list[Goal], elsewhere: set[str], *, first: bool) -> bool:
    """Whether a task is told with this page of goals."""
    if task.goal_id in elsewhere:
        return False
    return first or any(task.goal_id == goal.id for goal in page)


def _draft(task: Task) -> bool:
    return task.stage is Stage.DRAFT
