"""Answers to logs over HTTP: a few words to those who wrote, a smaller step on the card, or both."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated

from fastapi import Path
from fastapi.responses import JSONResponse
from pydantic import Field

from care_plans.api.desk import DeskDep, WrittenDep
from care_plans.api.goals import Said
from care_plans.api.tasks import Line, TaskId
from care_plans.store.points import Log
from care_plans.tasks import Stage, Task
from chassis.errors import Conflict, Invalid, NotFound
from chassis.http import CommandDep, Strict, require_version
from chassis.journal import Tx
from chassis.routes import Routes
from contracts.care_plans import LogAnswerBody, LogAnswered
from contracts.ids import ID_PATTERN, new_id

router = Routes(prefix="/tenants/{tenant_id}/clients/{client_id}", tags=["tasks"])

LogId = Annotated[str, Path(pattern=ID_PATTERN)]


class CardOfOthers(Conflict):
    """Those who read the log do not have the card as it is shown now, and learn nothing of it."""

    title = "The card is not theirs now"


class LogAnswerIn(Strict):
    """Words for those who read the log; steps and an easier way for everybody who has the card."""

    words: Said | None = Field(None, max_length=2000)
    steps: list[Line] | None = Field(None, max_length=20)
    easier: Line | None = None


@router.post("/tasks/{task_id}/logs/{log_id}/answer", status_code=201)
async def answer_log(
    desk: DeskDep, command: CommandDep, task_id: TaskId, log_id: LogId, body: LogAnswerIn, seen: WrittenDep
) -> JSONResponse:
    """Answer a log. The words are read by those alone who read the log; what changes on the card everybody reads
    who has it, without a word about why. The goal's version stays. A log whose readers do not all have the card
    now is answered in words alone. Whoever changes the card says which version of it they have read."""
    desk.team(writing=True)
    answer_id = new_id()

    async def work(tx: Tx) -> None:
        stores = desk.stores(tx)
        task, log = (
            await stores.tasks.get(desk.client_id, task_id),
            await stores.points.log(desk.client_id, log_id),
        )
        if log.goal_id != task.goal_id or log.task_id not in (None, task.id):
            raise NotFound
        require_version(task.doc_version, seen)
        changed = _eased(task, log, body, by=desk.person_id, now=desk.now)
        require_version(task.doc_version, replace(seen, needed=changed))
        if not changed and not body.words:
            raise Invalid("Nothing is said yet.", "words", "Write a few words, or make a step smaller.")
        if changed:
            await stores.tasks.save(tx, task)
        event = LogAnswered(
            tenant_id=desk.tenant_id, client_id=desk.client_id, by=desk.person_id, at=desk.now,
            record_id=answer_id, goal_id=log.goal_id, task_id=task_id, log_id=log_id,
            happened_at=log.happened_at, parties=log.parties, told=changed and task.stage is Stage.LIVE,
            words={log.data_class: LogAnswerBody(reply=body.words or None)},
        )  # fmt: skip
        tx.record(event)
        tx.audit("log_answered", desk.client_id, log.data_class, log_id)
        tx.answer({"id": answer_id, "task_id": task_id, "doc_version": task.doc_version})

    return await desk.write(work, command, status=201)


def _eased(task: Task, log: Log, body: LogAnswerIn, *, by: str, now: datetime) -> bool:
    """Make the card smaller as the answer says; answers whether anything changed.

    Raises CardOfOthers where the log's readers do not have it: they would learn that the practice goes on.
    """
    changed = task.ease(body.steps, body.easier, by=by, now=now)
    if changed and not task.reaches(log.data_class, log.parties):
        raise CardOfOthers(
            "Those who read this answer do not have the card as it is now.",
            "steps" if body.steps else "easier",
            "Answer in words, and change the card itself in the plan.",
        )
    return changed
