"""Tasks in other languages, over HTTP: written by one person, checked by another."""

from typing import Annotated

from fastapi import Path
from fastapi.responses import JSONResponse
from pydantic import Field

from care_plans.api.desk import Desk, DeskDep, SeenDep
from care_plans.api.tasks import Line, TaskId
from care_plans.store.languages import other_languages
from care_plans.tasks import Stage, Task
from chassis.errors import Forbidden, Invalid, NotFound
from chassis.http import CommandDep, Strict, require_version
from chassis.journal import Tx
from chassis.routes import Routes
from contracts.care_plans import TaskWords
from contracts.classes import DataClass
from contracts.ids import ID_PATTERN
from policy.filters import shows

router = Routes(
    prefix="/tenants/{tenant_id}/clients/{client_id}/tasks/{task_id}/translations", tags=["translations"]
)

Language = Annotated[str, Path(pattern=ID_PATTERN)]


class TranslationDraft(Strict):
    """A task's words in another language; half of them may be missing while it is not `done`."""

    done: bool = False
    """Whether somebody else may check it now."""
    title: str = Field("", max_length=200)
    why: str = Field("", max_length=1000)
    you_need: list[Line] = Field(default_factory=list, max_length=20)
    steps: list[Line] = Field(default_factory=list, max_length=20)
    if_nothing_comes: Line | None = None
    easier: Line | None = None
    stop_when: Line | None = None
    look_for: Line | None = None
    thanks: Line | None = None
    who: Line | None = None
    when: str | None = Field(None, max_length=200)

    def words(self) -> TaskWords:
        """The words alone."""
        return TaskWords(**self.model_dump(exclude={"done"}))


@router.put("/{language}")
async def translate_task(
    desk: DeskDep,
    command: CommandDep,
    seen: SeenDep,
    task_id: TaskId,
    language: Language,
    body: TranslationDraft,
) -> JSONResponse:
    """Write a task in one of the organisation's languages. Nobody but the team sees it until somebody else than
    its translator has checked it; when the original changes it is a draft again, and is read as it was written.
    Saving the same words makes nobody their translator."""
    desk.team(writing=True)
    if language not in await other_languages(desk.chassis.mongo, desk.tenant_id):
        raise Invalid(
            "This is none of the organisation’s other languages.",
            "language",
            "Choose one of those it has named.",
        )

    async def work(tx: Tx) -> None:
        task = await _task(desk, tx, task_id)
        require_version(task.doc_version, seen)
        task.translate(language, body.words(), done=body.done, by=desk.person_id, now=desk.now)
        await desk.stores(tx).tasks.save(tx, task)
        tx.answer(_states(task, language))

    return await desk.write(work, command)


@router.post("/{language}/check")
async def check_translation(
    desk: DeskDep, command: CommandDep, seen: SeenDep, task_id: TaskId, language: Language
) -> JSONResponse:
    """Somebody of the team other than the translator has read it beside the original: its readers can choose it."""
    desk.team(writing=False)
    if not desk.writes and not desk.grants.may(DataClass.PLAN_TEAM, "sign"):
        raise Forbidden("A translation is checked by who writes the plan or supervises it.")

    async def work(tx: Tx) -> None:
        task = await _task(desk, tx, task_id)
        require_version(task.doc_version, seen)
        task.check(language, by=desk.person_id, now=desk.now)
        await desk.stores(tx).tasks.save(tx, task)
        tx.answer(_states(task, language))

    return await desk.write(work, command)


async def _task(desk: Desk, tx: Tx, task_id: str) -> Task:
    """The task, where this caller sees it. Raises NotFound."""
    task = await desk.stores(tx).tasks.get(desk.client_id, task_id)
    hidden = task.stage is Stage.DRAFT and not desk.writes
    if hidden or not shows(desk.grants, task.data_class, task.parties, task.goal_id):
        raise NotFound
    return task


def _states(task: Task, language: str) -> dict[str, object]:
    return {
        "id": task.id,
        "language": language,
        "state": task.translations[language].state.value,
        "doc_version": task.doc_version,
    }
