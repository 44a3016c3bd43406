"""Results at rest: items with ids of their own, values sealed; they never bump the session."""

from collections.abc import Iterable, Sequence

from chassis.errors import Conflict
from chassis.mongo import Doc, Duplicate, Put, TenantCollection
from chassis.seal import KeyName, Keyring
from contracts.classes import DataClass
from sessions.telling import trial_body
from sessions.trials import Placed, Trial

TRIALS = "trials"


class TrialStore:
    """The results of one tenant, inside a transaction or outside."""

    def __init__(self, rows: TenantCollection, keys: Keyring) -> None:
        self._rows = rows
        self._keys = keys

    async def keep(self, client_id: str, session_id: str, results: Sequence[Placed]) -> list[Placed]:
        """Insert results, or correct those of this session that have their ids; answers what is new or changed.

        Raises Conflict when an id belongs to another session.
        """
        keys = [self._rows.key(client_id, placed.trial.trial_id) for placed in results]
        stored = await self._rows.find({"_id": {"$in": keys}})
        if any(row["session_id"] != session_id for row in stored):
            raise _taken()
        same = await self._opened(client_id, stored)
        fresh = [placed for placed in results if placed not in same]
        rows = [await self._row(client_id, session_id, placed) for placed in fresh]
        try:
            await self._rows.bulk(
                [Put({"_id": row["_id"], "session_id": session_id}, row, upsert=True) for row in rows]
            )
        except Duplicate as error:
            raise _taken() from error
        return fresh

    async def remove(self, client_id: str, session_id: str, trial_ids: Iterable[str] | None) -> list[Placed]:
        """Take these results of the session back, None for all of them; answers those that were there."""
        mine: Doc = {"client_id": client_id, "session_id": session_id}
        if trial_ids is not None:
            mine["_id"] = {"$in": [self._rows.key(client_id, trial_id) for trial_id in trial_ids]}
        rows = await self._rows.find(mine)
        await self._rows.delete_many(mine)
        return await self._opened(client_id, rows)

    async def of_session(self, client_id: str, session_id: str) -> list[Placed]:
        """The results of a session, in the order they happened; those whose key is gone are left out."""
        rows = await self._rows.find(
            {"client_id": client_id, "session_id": session_id}, sort=[("happened_at", 1), ("_id", 1)]
        )
        return await self._opened(client_id, rows)

    async def _opened(self, client_id: str, rows: Sequence[Doc]) -> list[Placed]:
        boxes = [
            (KeyName(self._rows.tenant_id, client_id, DataClass(row["class"])), row["_id"], row["box"])
            for row in rows
        ]
        opened = await self._keys.open_many(boxes)
        return [
            Placed(
                Trial(row["trial_id"], row["goal_id"], happened_at=row["happened_at"], **words),
                DataClass(row["class"]),
                tuple(row["parties"]),
            )
            for row, words in zip(rows, opened, strict=True)
            if words is not None
        ]

    async def _row(self, client_id: str, session_id: str, placed: Placed) -> Doc:
        key = self._rows.key(client_id, placed.trial.trial_id)
        return {
            "_id": key,
            "client_id": client_id,
            "session_id": session_id,
            "trial_id": placed.trial.trial_id,
            "goal_id": placed.trial.goal_id,
            "happened_at": placed.trial.happened_at,
            "class": placed.data_class.value,
            "parties": list(placed.parties),
            "box": await self._keys.seal(
                self._rows.tenant_id, client_id, placed.data_class, key, trial_body(placed)
            ),
        }


def _taken() -> Conflict:
    return Conflict("A result with this id exists.", "trials", "Give each result a fresh id.")
