"""Answers to goals at rest: who answered which version is clear, what they said is sealed."""

from care_plans.answers import Answer, Says
from chassis.journal import Tx
from chassis.mongo import Doc, TenantCollection
from chassis.seal import KeyName, Keyring
from contracts.care_plans import SaidBefore
from contracts.classes import DataClass

ANSWERS = "answers"


class AnswerStore:
    """The answers of one tenant."""

    def __init__(self, rows: TenantCollection, keys: Keyring) -> None:
        self._rows = rows
        self._keys = keys

    async def latest(self, client_id: str, goal_id: str, person_id: str) -> Answer | None:
        """What one person said last to a goal, to whichever version it was."""
        where = {"client_id": client_id, "goal_id": goal_id, "person_id": person_id}
        found = await self._open(await self._rows.find(where, sort=[("version", -1)], limit=1))
        return found[0] if found else None

    async def list_for_client(self, client_id: str) -> list[Answer]:
        """All answers to a client's goals, oldest first."""
        return await self._open(await self._rows.find({"client_id": client_id}, sort=[("at", 1)]))

    async def save(self, tx: Tx, answer: Answer) -> None:
        """Store the answer and tell its events."""
        key = self._rows.key(answer.client_id, answer.goal_id, answer.version, answer.person_id)
        row = {
            "_id": key,
            "client_id": answer.client_id,
            "goal_id": answer.goal_id,
            "version": answer.version,
            "person_id": answer.person_id,
            "class": answer.data_class.value,
            "at": answer.at,
            "box": await self._keys.seal(
                answer.tenant_id, answer.client_id, answer.data_class, key, answer.body()
            ),
        }
        await self._rows.replace_one({"_id": key}, row, upsert=True)
        for event in answer.events:
            tx.record(event)
        tx.audit("goal_answered", answer.client_id, answer.data_class, answer.goal_id)
        answer.events.clear()

    async def _open(self, rows: list[Doc]) -> list[Answer]:
        boxes = [
            (KeyName(row["tenant_id"], row["client_id"], DataClass(row["class"])), row["_id"], row["box"])
            for row in rows
        ]
        opened = await self._keys.open_many(boxes)
        return [
            Answer(
                tenant_id=row["tenant_id"],
                client_id=row["client_id"],
                goal_id=row["goal_id"],
                version=row["version"],
                person_id=row["person_id"],
                data_class=DataClass(row["class"]),
                says=Says(body["answer"]),
                words=body["words"],
                reply=body["reply"],
                words_before=body.get("words_before"),
                reply_before=body.get("reply_before"),
                worries=tuple(SaidBefore.model_validate(said) for said in body.get("worries", ())),
                at=row["at"],
            )
            for row, body in zip(rows, opened, strict=True)
            if body is not None
        ]
