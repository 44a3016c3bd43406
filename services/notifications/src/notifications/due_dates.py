"""Due dates: twenty minutes after somebody was called to what should not wait, the next one is called as well."""

from datetime import datetime, timedelta
from typing import Any

from chassis.follower import PEOPLE
from chassis.journal import Tx
from chassis.mongo import TenantCollection
from chassis.timers import timer
from contracts.classes import DataClass
from contracts.duty import DutyFact
from notifications.deliveries import Owed, Template, now
from notifications.store.deliveries import due_values
from notifications.store.duty_items import escalate, open_item, told
from policy.duty import next_reading

ESCALATE = "duty_escalation"
ACKNOWLEDGED_WITHIN = timedelta(minutes=20)
"""So long whoever is on duty has, from the beginning of their hours, to say that they see to it (JOURNEYS J9.7)."""


async def rota_of(people: TenantCollection, tenant_id: str) -> DutyFact | None:
    """An organisation's rota in what identity told of it, inside a transaction; None where there is none."""
    row = await people.find_one({"_id": f"client:{tenant_id}:{tenant_id}"})
    told = (row or {}).get("duty")
    return DutyFact.model_validate(told) if told else None


def first_to_call(duty: DutyFact, moment: datetime) -> tuple[str, datetime]:
    """Whom to call first, and when their time to say that they see to it begins: whoever is on duty, or else next,
    or the safeguarding lead where nobody has hours."""
    reading = next_reading(duty, moment)
    return (reading.person_id, max(moment, reading.begins)) if reading else (duty.safeguarding_lead, moment)


def next_to_call(duty: DutyFact | None, told: str) -> str | None:
    """Whom to call after `told`: the deputy, or the safeguarding lead where that is who was told; None for nobody."""
    if duty is None:
        return None
    return next((each for each in (duty.deputy, duty.safeguarding_lead) if each and each != told), None)


@timer(ESCALATE)
async def on_unseen(payload: dict[str, Any], tx: Tx) -> None:
    """Call the next one, once, where the item is still open; whoever was called first stays called.

    While the organisation names nobody at all it is looked at again: what was written waits for somebody. The first
    it can be told to then is whoever is on duty, and not the one who comes after them.
    """
    item = await open_item(tx, payload["item_id"])
    if item is None:
        return
    duty = await rota_of(tx.tenant(PEOPLE), tx.tenant_id)
    if duty is None:
        await tx.schedule(ESCALATE, payload["item_id"], now() + ACKNOWLEDGED_WITHIN, payload)
        return
    if not item["told"]:
        await _call_first(duty, item, payload, tx)
        return
    person = next_to_call(duty, item["told"])
    if person is None:
        return
    await escalate(tx, payload["item_id"], person)
    await _owe(person, item, payload["item_id"], tx)
    tx.audit("duty_item_escalated", item["client_id"], detail_id=payload["item_id"])


async def _call_first(duty: DutyFact, item: dict[str, Any], payload: dict[str, Any], tx: Tx) -> None:
    """Call whoever is on duty, or else next, to what came when nobody was named; their time begins now."""
    person, begins = first_to_call(duty, now())
    await told(tx, payload["item_id"], person)
    await _owe(person, item, payload["item_id"], tx)
    await tx.schedule(ESCALATE, payload["item_id"], begins + ACKNOWLEDGED_WITHIN, payload)
    tx.audit("duty_item_told", item["client_id"], detail_id=payload["item_id"])


async def _owe(person: str, item: dict[str, Any], item_id: str, tx: Tx) -> None:
    owed = Owed(person, tuple(map(DataClass, item["classes"])), Template.DUTY, tuple(item["parties"]))
    row = {"client_id": item["client_id"], **due_values(owed, item["access_rev"])}
    key = f"{tx.tenant_id}:{item_id}:{person}"
    await tx.tenant("deliveries").update_one({"_id": key}, {"$setOnInsert": row}, upsert=True)
