"""Saves what somebody adds to what they wrote, or that they take it back: the row and its event in one transaction."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chassis.errors import Conflict, NotFound
from chassis.journal import Command, Tx, Written
from chassis.mongo import Doc
from chassis.runtime import Chassis
from chassis.seal import KeyName
from contracts.classes import DataClass
from contracts.event import Item
from contracts.family_portal import ObservationRecorded, TaskLogBody, TaskLogged
from policy.caller import Caller
from policy.worries import worrying

KINDS: dict[str, type[Item]] = {"task_logs": TaskLogged, "observations": ObservationRecorded}
"""Where what was written is kept, and by which event it is told."""
FIELDS = {"task_logs": "log_id", "observations": "observation_id"}
"""What a request calls what it takes back."""
TELL = "Tell whoever leads the work with them what to put right."
_SEALED_AS = (DataClass.TASK_LOG, DataClass.OBSERVATION, DataClass.PLAN_PRIVATE)


@dataclass(frozen=True)
class Kept:
    """A log or an observation as it is kept, still sealed."""

    collection: str
    record_id: str
    row: Doc

    @property
    def data_class(self) -> DataClass:
        """The class of its words."""
        return DataClass(self.row["class"])

    @property
    def parties(self) -> tuple[str, ...]:
        """To whom it shows."""
        return tuple(self.row["event"]["parties"])

    @property
    def written_at(self) -> datetime:
        """When it was written, by the server's clock."""
        at: datetime = self.row["at"]
        return at

    def event(self, caller: Caller, **more: Any) -> Item:
        """What tells of it again, with this beside what stays."""
        known = {
            "tenant_id": caller.tenant_id,
            "client_id": self.row["client_id"],
            "by": self.row["by"],
            "record_id": self.record_id,
            "goal_id": self.row["goal_id"],
        }
        return KINDS[self.collection](**{**known, **self.row["event"], **more})


Check = Callable[[Kept], None]
"""Raises what keeps an afterthought from being taken."""


class Called(Conflict):
    """Whoever is on duty has been told of it, so it stays for them to read."""

    title = "Somebody on duty has been told"


class AfterthoughtStore:
    """Adds a reason to what somebody wrote, or takes it back."""

    def __init__(self, chassis: Chassis) -> None:
        self._chassis = chassis

    async def add_reason(
        self, caller: Caller, client_id: str, log_id: str, check: Check, reason: str, command: Command
    ) -> Written:
        """Keep a reason in a log of the caller's and tell the whole log again. Raises NotFound."""

        async def work(tx: Tx) -> None:
            kept = await self._own(tx, caller, client_id, "task_logs", log_id)
            check(kept)
            name, key = self._sealed(kept)
            body = TaskLogBody.read(await self._words(kept)).model_copy(update={"got_in_the_way": reason})
            change = {"$set": {"box": await self._chassis.keys.seal(*name, key, body)}}
            told = kept.event(caller, words={kept.data_class: body})
            await self._change(tx, kept, change, told, "reason_added")

        return await self._write(caller, client_id, work, command)

    async def take_back(
        self, caller: Caller, client_id: str, collection: str, record_id: str, check: Check, command: Command
    ) -> Written:
        """Take what the caller wrote out of every view; its words go, that it was taken back stays.

        Raises NotFound, Called for words of worry.
        """

        async def work(tx: Tx) -> None:
            kept = await self._own(tx, caller, client_id, collection, record_id)
            check(kept)
            if worrying((await self._words(kept)).get("words")):
                raise Called(
                    "Whoever is on duty has been told of what was written, and reads it.",
                    FIELDS[collection],
                    TELL,
                )
            change = {"$set": {"gone": True}, "$unset": {"box": ""}}
            await self._change(tx, kept, change, kept.event(caller, ended=True), "taken_back")

        return await self._write(caller, client_id, work, command)

    async def written_at(
        self, caller: Caller, client_id: str, collection: str, record_id: str
    ) -> datetime | None:
        """When the caller wrote this; None for what cannot be taken back: another's, gone, of an earlier release."""
        rows = self._chassis.mongo.tenant(collection, caller.tenant_id)
        mine = {"_id": rows.key(client_id, record_id), "by": caller.person_id, "gone": None}
        row = await rows.find_one({**mine, "event": {"$exists": True}})
        return row["at"] if row else None

    async def is_gone(self, caller: Caller, client_id: str, collection: str, record_id: str) -> bool:
        """Whether the caller wrote this and has taken it back."""
        rows = self._chassis.mongo.tenant(collection, caller.tenant_id)
        mine = {"_id": rows.key(client_id, record_id), "by": caller.person_id, "gone": True}
        return await rows.find_one(mine) is not None

    async def kept(self, caller: Caller, client_id: str, collection: str, record_id: str) -> Kept | None:
        """What the caller wrote, whether they have taken it back or not."""
        rows = self._chassis.mongo.tenant(collection, caller.tenant_id)
        row = await rows.find_one({"_id": rows.key(client_id, record_id), "by": caller.person_id})
        return Kept(collection, record_id, row) if row and "event" in row else None

    @staticmethod
    def _sealed(kept: Kept) -> tuple[KeyName, str]:
        return KeyName(kept.row["tenant_id"], kept.row["client_id"], kept.data_class), kept.row["_id"]

    async def _words(self, kept: Kept) -> Doc:
        [words] = await self._chassis.keys.open_many([(*self._sealed(kept), kept.row["box"])])
        return words or {}

    async def _own(self, tx: Tx, caller: Caller, client_id: str, collection: str, record_id: str) -> Kept:
        """What this caller wrote and has not taken back. Raises NotFound, for what an earlier release kept too."""
        rows = tx.tenant(collection)
        mine = {"_id": rows.key(client_id, record_id), "by": caller.person_id, "gone": None}
        row = await rows.find_one(mine)
        if row is None or "event" not in row:
            raise NotFound()
        return Kept(collection, record_id, row)

    async def _change(self, tx: Tx, kept: Kept, change: Doc, event: Item, what: str) -> None:
        await tx.tenant(kept.collection).update_one({"_id": kept.row["_id"]}, change)
        tx.record(event)
        tx.audit(what, kept.row["client_id"], kept.data_class, kept.record_id)
        tx.answer({"id": kept.record_id})

    async def _write(
        self, caller: Caller, client_id: str, work: Callable[[Tx], Awaitable[None]], command: Command
    ) -> Written:
        names = [KeyName(caller.tenant_id, client_id, data_class) for data_class in _SEALED_AS]
        await self._chassis.keys.fetch(names)
        return await self._chassis.journal.write(
            work, tenant_id=caller.tenant_id, by=caller.person_id, command=command
        )
