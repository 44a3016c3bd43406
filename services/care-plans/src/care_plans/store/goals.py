"""Goals at rest: ids, states and versions in the clear, everything written sealed under the client's key."""

from collections.abc import Mapping
from typing import Any

from care_plans.goals import Goal, Rewording
from care_plans.store.rows import insert_new
from care_plans.wordings import GoalWords, Standing
from chassis.errors import NotFound
from chassis.journal import Tx
from chassis.mongo import Doc, TenantCollection
from chassis.seal import KeyName, Keyring
from contracts.care_plans import GoalState
from contracts.classes import DataClass

GOALS = "goals"
SCHEMA = 1


class GoalStore:
    """The goals of one tenant."""

    def __init__(self, rows: TenantCollection, keys: Keyring) -> None:
        self._rows = rows
        self._keys = keys

    async def get(self, client_id: str, goal_id: str) -> Goal:
        """The goal. Raises NotFound."""
        row = await self._rows.find_one({"_id": self._rows.key(client_id, goal_id)})
        if row is None:
            raise NotFound
        return (await self._open([row]))[0]

    async def list_for_client(self, client_id: str, where: Mapping[str, Any] | None = None) -> list[Goal]:
        """All goals of a client that match, oldest first."""
        rows = await self._rows.find({"client_id": client_id, **(where or {})}, sort=[("created_at", 1)])
        return await self._open(rows)

    async def page(
        self, client_id: str, where: Mapping[str, Any], *, drafts: bool, limit: int, after: str | None
    ) -> tuple[list[Goal], str | None]:
        """One page of a client's goals and the next cursor: with `drafts` as they were begun, else as they were
        put to their readers, who learn nothing of the time before that."""
        rows, cursor = await self._rows.page(
            {"client_id": client_id, **where},
            sort=[("created_at" if drafts else "first_at", 1)],
            limit=limit,
            after=after,
        )
        return await self._open(rows), cursor

    async def save(self, tx: Tx, goal: Goal) -> None:
        """Store the goal one document version higher and tell its events. Raises Conflict for a taken id."""
        key = self._rows.key(goal.client_id, goal.id)
        fresh = goal.doc_version == 0
        goal.doc_version += 1
        row = await self._row(key, goal)
        if fresh:
            await insert_new(self._rows, row)
        else:
            done = await self._rows.replace_one({"_id": key, "doc_version": goal.doc_version - 1}, row)
            if not done.matched:
                raise NotFound
        for event in goal.events:
            tx.record(event)
        tx.audit("goal_saved", goal.client_id, goal.kept_as, goal.id)
        goal.events.clear()

    async def hold(self, goal: Goal) -> None:
        """Let nobody throw the goal away, or share it with others, in the transaction beside this one: one of the two
        then looks again."""
        await self._rows.update_one({"_id": self._rows.key(goal.client_id, goal.id)}, {"$inc": {"held": 1}})

    async def forget(self, tx: Tx, goal: Goal) -> None:
        """Delete a draft as if it had never been; its audit entry stays."""
        await self._rows.delete_one({"_id": self._rows.key(goal.client_id, goal.id), "state": "draft"})
        tx.audit("draft_discarded", goal.client_id, goal.home_class, goal.id)

    async def _row(self, key: str, goal: Goal) -> Doc:
        words = {
            "words": goal.words.model_dump(mode="json"),
            "standing": goal.standing.model_dump(mode="json"),
        }
        if waiting := goal.rewording:
            words["rewording"] = {"words": waiting.words.model_dump(mode="json"), "author": waiting.author}
        sealed_as = goal.kept_as
        return {
            "_id": key,
            "schema": SCHEMA,
            "client_id": goal.client_id,
            "goal_id": goal.id,
            "state": goal.state.value,
            "doc_version": goal.doc_version,
            "version": goal.version,
            "version_at": goal.version_at,
            "first_at": goal.first_at,
            "stays": goal.stays,
            "author": goal.author,
            "read_by": goal.read_by,
            "class": [data_class.value for data_class in goal.classes],
            "parties": list(goal.parties),
            "created_at": goal.created_at,
            "again_as": goal.again_as,
            "sealed_as": sealed_as.value,
            "box": await self._keys.seal(goal.tenant_id, goal.client_id, sealed_as, key, words),
        }

    async def _open(self, rows: list[Doc]) -> list[Goal]:
        boxes = [
            (KeyName(row["tenant_id"], row["client_id"], DataClass(row["sealed_as"])), row["_id"], row["box"])
            for row in rows
        ]
        opened = await self._keys.open_many(boxes)
        return [_goal(row, words) for row, words in zip(rows, opened, strict=True) if words is not None]


def _goal(row: Doc, words: Mapping[str, Any]) -> Goal:
    return Goal(
        tenant_id=row["tenant_id"],
        client_id=row["client_id"],
        id=row["goal_id"],
        author=row["author"],
        words=GoalWords.model_validate(words["words"]),
        state=GoalState(row["state"]),
        standing=Standing.model_validate(words["standing"]),
        doc_version=row["doc_version"],
        version=row["version"],
        version_at=row["version_at"],
        first_at=row.get("first_at"),
        parties=tuple(row["parties"]),
        read_by=row["read_by"],
        rewording=_rewording(words.get("rewording")),
        created_at=row["created_at"],
        again_as=row.get("again_as"),
    )


def _rewording(kept: Mapping[str, Any] | None) -> Rewording | None:
    return Rewording(GoalWords.model_validate(kept["words"]), kept["author"]) if kept else None
