"""Tasks at rest: where they hang and how they stand in the clear, what they say sealed."""

from collections.abc import Mapping
from typing import Any

from care_plans.store.rows import insert_new
from care_plans.tasks import Planned, Stage, Task
from care_plans.translations import Translation
from chassis.errors import NotFound
from chassis.journal import Tx
from chassis.mongo import Doc, TenantCollection
from chassis.seal import KeyName, Keyring
from contracts.care_plans import TaskBody
from contracts.classes import DataClass

TASKS = "tasks"
SCHEMA = 1


class TaskStore:
    """The tasks of one tenant."""

    def __init__(self, rows: TenantCollection, keys: Keyring) -> None:
        self._rows = rows
        self._keys = keys

    async def get(self, client_id: str, task_id: str) -> Task:
        """The task. Raises NotFound."""
        row = await self._rows.find_one({"_id": self._rows.key(client_id, task_id)})
        found = await self._open([row]) if row else []
        if not found:
            raise NotFound
        return found[0]

    async def list_for_goal(self, client_id: str, goal_id: str) -> list[Task]:
        """All tasks of a goal, oldest first."""
        return await self._all({"client_id": client_id, "goal_id": goal_id})

    async def list_for_client(self, client_id: str) -> list[Task]:
        """All tasks of a client that have not ended, oldest first."""
        return await self._all({"client_id": client_id, "stage": {"$ne": Stage.ENDED.value}})

    async def waiting_in(self, homes: frozenset[str]) -> list[Task]:
        """This tenant's tasks that wait for a place in one of these homes, the longest waiting first."""
        where = {"stage": Stage.QUEUED.value, "homes": {"$in": sorted(homes)}}
        return await self._open(await self._rows.find(where, sort=[("queued_at", 1)]))

    async def page(
        self, client_id: str, where: Mapping[str, Any], *, drafts: bool, limit: int, after: str | None
    ) -> tuple[list[Task], str | None]:
        """One page of a client's tasks and the next cursor: with `drafts` oldest first, else by id, for when a
        task was begun is nothing its readers may know."""
        rows, cursor = await self._rows.page(
            {"client_id": client_id, **where},
            sort=[("created_at" if drafts else "task_id", 1)],
            limit=limit,
            after=after,
        )
        return await self._open(rows), cursor

    async def save(self, tx: Tx, task: Task) -> None:
        """Store the task one document version higher and tell its events. Raises Conflict for a taken id."""
        key = self._rows.key(task.client_id, task.id)
        fresh = task.doc_version == 0
        task.doc_version += 1
        row = await self._row(key, task)
        if fresh:
            await insert_new(self._rows, row)
        else:
            done = await self._rows.replace_one({"_id": key, "doc_version": task.doc_version - 1}, row)
            if not done.matched:
                raise NotFound
        for event in task.events:
            tx.record(event)
        tx.audit("task_saved", task.client_id, task.data_class, task.id)
        task.events.clear()

    async def _all(self, where: Mapping[str, Any]) -> list[Task]:
        return await self._open(await self._rows.find(where, sort=[("created_at", 1)]))

    async def _row(self, key: str, task: Task) -> Doc:
        words = {
            "body": task.body.model_dump(mode="json"),
            "translations": {name: each.kept() for name, each in task.translations.items()},
        }
        sealed = await self._keys.seal(task.tenant_id, task.client_id, task.data_class, key, words)
        return {
            "_id": key,
            "schema": SCHEMA,
            "client_id": task.client_id,
            "task_id": task.id,
            "goal_id": task.goal_id,
            "setting": task.setting,
            "households": list(task.households),
            "assigned_to": task.assigned_to,
            "times": task.planned.times,
            "per": task.planned.per,
            "class": task.data_class.value,
            "parties": list(task.parties),
            "stage": task.stage.value,
            "rests_with_goal": task.rests_with_goal,
            "homes": list(task.homes),
            "queued_at": task.queued_at,
            "doc_version": task.doc_version,
            "created_at": task.created_at,
            "box": sealed,
        }

    async def _open(self, rows: list[Doc]) -> list[Task]:
        boxes = [
            (KeyName(row["tenant_id"], row["client_id"], DataClass(row["class"])), row["_id"], row["box"])
            for row in rows
        ]
        opened = await self._keys.open_many(boxes)
        return [_task(row, words) for row, words in zip(rows, opened, strict=True) if words is not None]


def households_of(row: Doc) -> tuple[str, ...]:
    """The households of a stored task; a private one has none, even where an older row names some."""
    return () if row["class"] == DataClass.PLAN_PRIVATE.value else tuple(row["households"])


def _task(row: Doc, words: Mapping[str, Any]) -> Task:
    body = words.get("body", words)  # an earlier release kept the body alone
    translations = words.get("translations", {})
    return Task(
        tenant_id=row["tenant_id"],
        client_id=row["client_id"],
        id=row["task_id"],
        goal_id=row["goal_id"],
        setting=row["setting"],
        households=households_of(row),
        planned=Planned(row["times"], row["per"]),
        body=TaskBody.read(body),
        translations={name: Translation.read(kept) for name, kept in translations.items()},
        assigned_to=row["assigned_to"],
        private=row["class"] == DataClass.PLAN_PRIVATE.value,
        parties=tuple(row["parties"]),
        stage=Stage(row["stage"]),
        rests_with_goal=row["rests_with_goal"],
        homes=tuple(row["homes"]),
        queued_at=row["queued_at"],
        doc_version=row["doc_version"],
        created_at=row["created_at"],
    )
