"""Results at rest: items with ids of their own, values sealed; they never bump the session."""

from collections.abc import Sequence

from chassis.errors import Conflict
from chassis.mongo import Doc, Duplicate, TenantCollection
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

    async def add(self, client_id: str, session_id: str, results: Sequence[Placed]) -> None:
        """Insert all of them. Raises Conflict when an id is taken."""
        rows = [await self._row(client_id, session_id, placed) for placed in results]
        try:
            await self._rows.insert_many(rows)
        except Duplicate as error:
            raise Conflict(
                "A result with this id exists.", "trials", "Give each result a fresh id."
            ) from error

    async def of_session(self, client_id: str, session_id: str) -> list[Placed]:
        """The results of a session, in the order they happened; those whose key is gone are left out."""
        rows = await self._rows.find(
            {"client_id": client_id, "session_id": session_id}, sort=[("happened_at", 1), ("_id", 1)]
        )
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
