"""Goals that end, over HTTP: the evidence, the decision, and what needs help again."""

from typing import Any, Literal

from fastapi.responses import JSONResponse
from pydantic import Field

from care_plans.api.desk import Desk, DeskDep, SeenDep
from care_plans.api.goals import GoalId, possible, seen_goal, standing_goals, states_of
from care_plans.goals import Goal
from care_plans.mastery import Happened, Rated, evidence, held_since
from care_plans.store.points import Noted
from care_plans.tasks import Stage
from care_plans.wordings import Assent, Ending
from chassis.errors import Invalid
from chassis.http import CommandDep, Strict, require_version
from chassis.journal import Tx
from chassis.routes import Routes
from contracts.care_plans import Achievement, Use
from contracts.ids import Id, new_id
from policy.days import day_of
from policy.filters import filter as allowed

router = Routes(prefix="/tenants/{tenant_id}/clients/{client_id}/goals/{goal_id}", tags=["endings"])

PLACES = {"home": "home", "school": "school", "trial": "session"}
"""Where each kind of point was noted."""


class GoalEnds(Strict):
    """What the person and the team decided, and what the person said when they were asked."""

    decision: Literal["completed", "cancelled"]
    use: Literal["in_use", "resting"] | None = None
    """What became of it; only a completed goal has that."""
    achievement: Achievement
    """How far it came; `in_progress` is none of a goal that has ended."""
    asked: Assent = Field(default_factory=Assent)


class GoalAgain(Strict):
    """The new goal that starts from where the ended one stands."""

    id: Id | None = None


@router.get("/evidence")
async def get_evidence(desk: DeskDep, goal_id: GoalId) -> dict[str, Any]:
    """What the usual rule looks at, for the team: since when the level is held, and in how many places, with how
    many people, on how many days and over how many weeks it was seen since. It decides nothing."""
    desk.team(writing=False)
    goal = await seen_goal(desk, goal_id)
    found = await desk.stores().points.of_goal(desk.client_id, goal.id, allowed(desk.grants))
    await desk.saw(*{noted.data_class for noted in found}, detail_id=goal.id)
    shown = evidence(
        held_since(_ratings(goal, found)), [each for noted in found for each in _happened(noted)]
    )
    return {
        "goal_id": goal.id,
        "held_since": shown.held_since,
        "places": list(shown.places),
        "parts": [
            {"name": part.name, "found": part.found, "needed": part.needed, "holds": part.holds}
            for part in shown.parts
        ],
    }


@router.post("/end")
async def end_goal(
    desk: DeskDep, command: CommandDep, seen: SeenDep, goal_id: GoalId, body: GoalEnds
) -> JSONResponse:
    """End a goal that is worked on or rests. Its tasks end with it, and their places go to tasks that wait; all who
    read it are told, and keep it among earlier goals for as long as they may read it. The person was asked."""
    desk.team(writing=True)
    _whole(body)

    async def work(tx: Tx) -> None:
        stores = desk.stores(tx)
        goal = await stores.goals.get(desk.client_id, goal_id)
        require_version(goal.doc_version, seen)
        goal.end(_ending(desk, body), by=desk.person_id, now=desk.now)
        plan = await stores.plans.get(desk.client_id)
        plan.ended([goal], by=desk.person_id, now=desk.now)
        await stores.goals.save(tx, goal)
        tasks = await stores.tasks.list_for_goal(desk.client_id, goal_id)
        going = [task for task in tasks if task.stage is not Stage.ENDED]
        for task in going:
            task.end(by=desk.person_id, now=desk.now)
        await desk.places(tx).leave(*going, by=desk.person_id)
        await stores.plans.save(tx, plan)
        tx.answer(
            {**states_of(goal), "tasks": [{"id": task.id, "state": task.stage.value} for task in going]}
        )

    return await desk.write(work, command)


@router.post("/again", status_code=201)
async def goal_again(
    desk: DeskDep, command: CommandDep, seen: SeenDep, goal_id: GoalId, body: GoalAgain
) -> JSONResponse:
    """What a completed goal was about needs help again: its readers are told so, and a draft of a new goal begins
    where this one stands. Nobody outside those who write the plan sees the draft; the person is asked anew. Where
    that draft was discarded, or what was proposed of it taken back, another one can begin."""
    desk.team(writing=True)

    async def work(tx: Tx) -> None:
        stores = desk.stores(tx)
        goal = await stores.goals.get(desk.client_id, goal_id)
        require_version(goal.doc_version, seen)
        standing = await standing_goals(desk, tx)
        draft = goal.again(body.id or new_id(), by=desk.person_id, now=desk.now, standing=standing)
        possible(draft.words, desk.document)
        await stores.goals.save(tx, goal)
        await stores.goals.save(tx, draft)
        tx.answer({**states_of(goal), "draft": states_of(draft)})

    return await desk.write(work, command, status=201)


def _whole(body: GoalEnds) -> None:
    """Raises Invalid where the decision and what became of it do not fit."""
    if body.decision == "completed" and body.use is None:
        raise Invalid("It does not say what became of it.", "use", "Say in_use or resting.")
    if body.decision == "cancelled" and body.use is not None:
        raise Invalid("A goal that is not carried on has no use.", "use", "Leave it out.")
    if body.achievement is Achievement.IN_PROGRESS:
        raise Invalid("A goal that ends is not in progress.", "achievement", "Say how far it came.")


def _ending(desk: Desk, body: GoalEnds) -> Ending:
    return Ending(
        decision=body.decision,
        use=Use(body.use) if body.use else None,
        achievement=body.achievement,
        asked=body.asked,
        on=day_of(desk.now),
    )


def _ratings(goal: Goal, found: list[Noted]) -> list[Rated]:
    """The level of each day, the one agreed last, for what was put right counts no more. Which one that is of the
    newest day the goal itself says: an earlier release kept no order."""
    levels = {day_of(noted.at): noted.body["level"] for noted in found if noted.kind == "rating"}
    if goal.standing.since is not None and goal.standing.level is not None:
        levels[goal.standing.since] = goal.standing.level
    return [Rated(on, level) for on, level in levels.items()]


def _happened(noted: Noted) -> list[Happened]:
    """Where a point says that it happened; a level that was agreed is no occasion, and "part of it" is not all."""
    body, place = noted.body, PLACES.get(noted.kind)
    there = (
        body.get("result") == "did"
        or (noted.kind == "school" and body.get("saw") != "did_not")
        or (noted.kind == "trial" and body.get("value", 0) > 0)
    )
    if place is None or not there:
        return []
    home = next((party for party in noted.parties if party.startswith("household:")), place)
    person = noted.by or next(iter(noted.parties), place)
    return [Happened(day_of(noted.at), home, person)]
