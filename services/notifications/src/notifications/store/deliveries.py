"""Delivery rows: one per (recipient, event), claimed by the sender, never deleted."""

from datetime import datetime, timedelta
from typing import Any

from chassis.journal import Tx
from chassis.mongo import Mongo
from contracts.event import Event
from notifications.deliveries import Held, Owed, State, Template, now, retry_at
from notifications.store.duty_items import ITEMS
from notifications.store.rests import RESTS

SENDING_LIMIT = timedelta(seconds=30)
"""A row claimed longer ago belongs to a sender that died; it is due again, under the same message id."""


def due_row(
    event: Event, owed: Owed, *, access_rev: int, held: Held | None = None
) -> tuple[str, dict[str, Any]]:
    """The `_id` and the values of a new row; the same event owes the same person one message, ever."""
    key = f"{event.tenant_id}:{event.event_id}:{owed.person_id}"
    return key, {"client_id": event.client_id, **due_values(owed, access_rev, held)}


def due_values(owed: Owed, access_rev: int, held: Held | None = None) -> dict[str, Any]:
    """What a new row says beside whom it is about."""
    moment = now()
    return {
        "person_id": owed.person_id,
        "classes": [data_class.value for data_class in owed.classes],
        "template": owed.template.value,
        "parties": list(owed.parties),
        "goal_ids": list(owed.goal_ids),
        "access_rev": access_rev,
        "state": State.DUE.value,
        "attempts": 0,
        "made_at": moment,
        "due_at": held.until if held else moment,
        "seen": False,
    } | ({"held_for": list(held.parties)} if held else {})


async def prepare(mongo: Mongo) -> None:
    """Create our collections and their indexes."""
    await mongo.ensure(RESTS, [[("tenant_id", 1), ("client_id", 1)]])
    await mongo.ensure(ITEMS, [[("tenant_id", 1), ("state", 1), ("at", 1)]])
    await mongo.ensure("deliveries", [[("state", 1), ("due_at", 1)]], across=True)
    await mongo.ensure("deliveries", [[("tenant_id", 1), ("person_id", 1), ("made_at", -1)]])


class DeliveryStore:
    """Claims, settles and lists delivery rows."""

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo
        self._all = mongo.crossing_tenants("deliveries", why="one sender serves every tenant's due messages")

    async def due(self, before: datetime, limit: int = 100) -> list[dict[str, Any]]:
        """Rows that should leave now, oldest first, and rows whose sender died."""
        abandoned = {"state": State.SENDING.value, "claimed_at": {"$lt": now() - SENDING_LIMIT}}
        waiting = {"state": State.DUE.value, "due_at": {"$lte": before}}
        return await self._all.find({"$or": [waiting, abandoned]}, sort=[("due_at", 1)], limit=limit)

    async def claim(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Take rows for one message, named after the first of them; without those another sender was faster for."""
        message = rows[0].get("message") or rows[0]["_id"]
        mine = []
        for row in rows:
            found = await self._all.update_one(
                _as_read(row),
                {
                    "$set": {"state": State.SENDING.value, "claimed_at": now(), "message": message},
                    "$inc": {"attempts": 1},
                },
            )
            if found.modified:
                taken = {"state": State.SENDING.value, "message": message, "attempts": row["attempts"] + 1}
                mine.append({**row, **taken})
        return mine

    async def settle(self, tx: Tx, row: dict[str, Any], state: State, channel: str) -> bool:
        """Write how it ended, in the transaction that tells others; False where another sender has the row now."""
        change = {"state": state.value, "channel": channel, "settled_at": now()}
        found = await tx.tenant("deliveries").update_one(_as_read(row), {"$set": change})
        return found.matched > 0

    async def postpone(self, rows: list[dict[str, Any]]) -> None:
        """Try again later what still stands as it was read; the wait doubles with each attempt."""
        for row in rows:
            later = retry_at(max(1, row["attempts"]), now())
            await self._all.update_one(_as_read(row), {"$set": {"state": State.DUE.value, "due_at": later}})

    async def notices(
        self, tenant_id: str, person_id: str, limit: int, after: str | None
    ) -> tuple[list[dict[str, Any]], str | None]:
        """A page of what the person has not yet seen, newest first, and the cursor of the next.

        Only what was decided: a row that is still due may turn out to be nothing they may know of.
        """
        rows = self._mongo.tenant("deliveries", tenant_id)
        return await rows.page(_unseen(person_id), sort=[("made_at", -1)], limit=limit, after=after)

    async def mark_shown(self, tenant_id: str, page: list[dict[str, Any]]) -> None:
        """Write down that a page showed these notices, because only what was shown can be seen."""
        if fresh := [row["_id"] for row in page if not row.get("shown")]:
            rows = self._mongo.tenant("deliveries", tenant_id)
            await rows.update_many({"_id": {"$in": fresh}}, {"$set": {"shown": True}})


async def mark_seen(tx: Tx, person_id: str, ids: list[str] | None = None) -> int:
    """The person has read what a page showed them, or these of it; answers how many notices that settled."""
    keys = None if ids is None else [f"{tx.tenant_id}:{each}:{person_id}" for each in ids]
    these = {} if keys is None else {"_id": {"$in": keys}}
    shown = {**_unseen(person_id), "shown": True, **these}
    found = await tx.tenant("deliveries").update_many(shown, {"$set": {"seen": True}})
    return found.modified


def _as_read(row: dict[str, Any]) -> dict[str, Any]:
    """Finds the row only while nobody has moved it since it was read."""
    return {"_id": row["_id"], "state": row["state"], "attempts": row["attempts"]}


def _unseen(person_id: str) -> dict[str, Any]:
    """Finds the notices of a person that a page may show and has not been told are read.

    What calls somebody to duty waits among the duty items instead.
    What left in the message of another row is a notice of its own: it may be about somebody else, or want a reply.
    """
    shown = {"$in": [State.SENT.value, State.MERGED.value, State.FAILED.value]}
    told = {"$ne": Template.DUTY.value}
    return {"person_id": person_id, "seen": False, "state": shown, "template": told}
