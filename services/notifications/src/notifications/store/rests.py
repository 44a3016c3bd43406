"""Whose practice rests, as care-plans told it: a party and a last day, and no word."""

from datetime import date
from typing import Any

from chassis.bus import BatchTx
from contracts.care_plans import PracticeRested
from notifications.deliveries import State, now
from policy.days import day_of

RESTS = "rests"


def keep_rest(event: PracticeRested, tx: BatchTx) -> None:
    """Keep how long this home, or the client, rests; gone on early, it rests no more."""
    key = f"{event.tenant_id}:{event.client_id}:{event.record_id}"
    until = None if event.ended else event.until.isoformat()
    values = {"client_id": event.client_id, "parties": list(event.parties), "until": until}
    tx.upsert(RESTS, event.tenant_id, key, values)


async def rests_on(tenant_id: str, client_id: str | None, day: date, tx: BatchTx) -> dict[str, date]:
    """The parties of a client whose practice rests on a day, each with its last one."""
    still = {"client_id": client_id, "until": {"$gte": day.isoformat()}}
    rows = await tx.tenant(RESTS, tenant_id).find(still)
    return {party: date.fromisoformat(row["until"]) for row in rows for party in row["parties"]}


async def release(event: PracticeRested, tx: BatchTx) -> None:
    """Let what was held back for this rest alone leave now, as the home goes on; another's rest is not over by it."""
    held: dict[str, Any] = {
        "client_id": event.client_id,
        "state": State.DUE.value,
        "held_for": {"$in": list(event.parties)},
    }
    still = await rests_on(event.tenant_id, event.client_id, day_of(now()), tx)
    for row in await tx.tenant("deliveries", event.tenant_id).find(held):
        if still.keys().isdisjoint(row["held_for"]):
            tx.upsert("deliveries", event.tenant_id, row["_id"], {"due_at": now()}, ("held_for",))
