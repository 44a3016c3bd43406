"""What school said of strategies at rest: whose and whether it waits in the clear, what they said sealed."""

from care_plans.store.rows import insert_new
from care_plans.strategies import StrategyNote
from chassis.errors import NotFound
from chassis.journal import Tx
from chassis.mongo import Doc, TenantCollection
from chassis.seal import KeyName, Keyring
from contracts.classes import DataClass

STRATEGY_NOTES = "strategy_notes"
_CLASS = DataClass.PLAN_SCHOOL


class StrategyNoteStore:
    """The notes of one tenant."""

    def __init__(self, rows: TenantCollection, keys: Keyring) -> None:
        self._rows = rows
        self._keys = keys

    async def get(self, client_id: str, goal_id: str, note_id: str) -> StrategyNote:
        """The note of a goal. Raises NotFound."""
        row = await self._rows.find_one({"_id": self._rows.key(client_id, note_id), "goal_id": goal_id})
        found = await self._open([row]) if row else []
        if not found:
            raise NotFound
        return found[0]

    async def waiting(self, client_id: str, goal_id: str, strategy: str) -> list[StrategyNote]:
        """What waits for an answer about one strategy of a goal, oldest first."""
        where = {"client_id": client_id, "goal_id": goal_id, "waits": True}
        found = await self._open(await self._rows.find(where, sort=[("at", 1)]))
        return [note for note in found if note.strategy == strategy]

    async def add(self, tx: Tx, note: StrategyNote) -> None:
        """Keep a new note and tell its events. Raises Conflict for a taken id."""
        await insert_new(self._rows, await self._row(note))
        _told(tx, note, "strategy_noted")

    async def save(self, tx: Tx, note: StrategyNote) -> None:
        """Keep what came of a note, and tell it."""
        row = await self._row(note)
        await self._rows.replace_one({"_id": row["_id"]}, row)
        _told(tx, note, "strategy_answered")

    async def _row(self, note: StrategyNote) -> Doc:
        key = self._rows.key(note.client_id, note.id)
        return {
            "_id": key,
            "client_id": note.client_id,
            "note_id": note.id,
            "goal_id": note.goal_id,
            "person_id": note.person_id,
            "class": _CLASS.value,
            "waits": note.waits,
            "at": note.at,
            "box": await self._keys.seal(note.tenant_id, note.client_id, _CLASS, key, note.body()),
        }

    async def _open(self, rows: list[Doc]) -> list[StrategyNote]:
        boxes = [
            (KeyName(row["tenant_id"], row["client_id"], _CLASS), row["_id"], row["box"]) for row in rows
        ]
        opened = await self._keys.open_many(boxes)
        return [
            StrategyNote(
                tenant_id=row["tenant_id"],
                client_id=row["client_id"],
                id=row["note_id"],
                goal_id=row["goal_id"],
                person_id=row["person_id"],
                strategy=body["strategy"],
                works=body["works"],
                words=body["words"],
                at=row["at"],
                waits=row["waits"],
                reply=body["reply"],
                changed_to=body["changed_to"],
            )
            for row, body in zip(rows, opened, strict=True)
            if body is not None
        ]


def _told(tx: Tx, note: StrategyNote, what: str) -> None:
    for event in note.events:
        tx.record(event)
    tx.audit(what, note.client_id, _CLASS, note.id)
    note.events.clear()
