"""Strategies over HTTP: what works at school and what does not work there, and the team's answer."""

from typing import Annotated

from fastapi import Path
from fastapi.responses import JSONResponse
from pydantic import Field

from care_plans.api.desk import DeskDep, SeenDep
from care_plans.api.goals import GoalId, ReadDep, Said, keep_goal, may_answer, seen_goal
from care_plans.strategies import answer_note, note_strategy
from chassis.http import CommandDep, Strict, require_version
from chassis.journal import Tx
from chassis.routes import Routes
from contracts.ids import ID_PATTERN, Id, new_id

router = Routes(prefix="/tenants/{tenant_id}/clients/{client_id}/goals/{goal_id}/strategies", tags=["goals"])

NoteId = Annotated[str, Path(pattern=ID_PATTERN)]


class StrategyNoteIn(Strict):
    """Whether one thing that school does for a goal works there, and a few words if they like."""

    id: Id | None = None
    strategy: Annotated[str, Field(min_length=1, max_length=4000)]
    """As it stands in the goal."""
    works: bool
    words: Said | None = Field(None, max_length=2000)


class StrategyAnswerIn(Strict):
    """The team's answer: a few words, another strategy in place of the one that does not work, or both."""

    words: Said | None = Field(None, max_length=2000)
    strategy: Said | None = Field(None, max_length=1000)


@router.post("/notes", status_code=201)
async def note_a_strategy(
    desk: DeskDep, command: CommandDep, goal_id: GoalId, body: StrategyNoteIn, seen: ReadDep
) -> JSONResponse:
    """Say that a strategy works at school, or does not. Only its author and the team read it; what does not work
    waits for the team's answer. What the same person said of it before waits no more.
    While nobody stands on the organisation's duty rota, words are refused and the rest is not."""
    await seen_goal(desk, goal_id)
    note_id = body.id or new_id()

    async def work(tx: Tx) -> None:
        stores = desk.stores(tx)
        goal = await stores.goals.get(desk.client_id, goal_id)
        may_answer(desk, goal, "school")
        await desk.chassis.duty.check(desk.tenant_id, body.words)
        require_version(goal.version, seen)
        note = note_strategy(
            goal, body.strategy, note_id=note_id, works=body.works, words=body.words or None,
            by=desk.person_id, now=desk.now,
        )  # fmt: skip
        for earlier in await stores.strategy_notes.waiting(desk.client_id, goal_id, body.strategy):
            if earlier.person_id == desk.person_id:
                earlier.settle(by=desk.person_id, now=desk.now)
                await stores.strategy_notes.save(tx, earlier)
        await stores.strategy_notes.add(tx, note)
        tx.answer({"id": note_id, "goal_id": goal_id, "version": goal.version, "waits": note.waits})

    return await desk.write(work, command, status=201)


@router.post("/notes/{note_id}/answer")
async def answer_a_note(
    desk: DeskDep,
    command: CommandDep,
    goal_id: GoalId,
    note_id: NoteId,
    body: StrategyAnswerIn,
    seen: SeenDep,
) -> JSONResponse:
    """Answer what does not work at school. Another strategy takes the place of the noted one: the goal's version
    moves, for school reads it, and whoever else noted that one learns of it too. Words alone move nothing."""
    desk.team(writing=True)

    async def work(tx: Tx) -> None:
        stores = desk.stores(tx)
        goal = await stores.goals.get(desk.client_id, goal_id)
        note = await stores.strategy_notes.get(desk.client_id, goal_id, note_id)
        require_version(goal.doc_version, seen)
        before, by, now = goal.version, desk.person_id, desk.now
        answer_note(
            note, goal, reply=body.words or None, strategy=body.strategy or None,
            by=by, now=now, client_reads=desk.client_reads,
        )  # fmt: skip
        await stores.strategy_notes.save(tx, note)
        if note.changed_to:
            for other in await stores.strategy_notes.waiting(desk.client_id, goal_id, note.strategy):
                other.settle(by=by, now=now, changed_to=note.changed_to, told=note.told)
                await stores.strategy_notes.save(tx, other)
            await keep_goal(desk, tx, goal, before)
        tx.answer(
            {"id": note_id, "goal_id": goal_id, "version": goal.version, "doc_version": goal.doc_version}
        )

    return await desk.write(work, command)
