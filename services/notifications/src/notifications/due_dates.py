"""Due dates: twenty minutes after somebody was called to what should not wait, the next one is called as well."""

from datetime import timedelta
from typing import Any

from chassis.follower import PEOPLE
from chassis.journal import Tx
from chassis.mongo import TenantCollection
from chassis.timers import timer
from contracts.classes import DataClass
from contracts.duty import DutyFact
from notifications.deliveries import Owed, Template, now
from notifications.store.deliveries import due_values
from notifications.store.duty_items import escalate, open_item

ESCALATE = "duty_escalation"
ACKNOWLEDGED_WITHIN = timedelta(minutes=20)
"""So long whoever is on duty has, from the beginning of their hours, to say that they see to it (JOURNEYS J9.7)."""


async def rota_of(people: TenantCollection, tenant_id: str) -> DutyFact | None:
    """An organisation's rota in what identity told of it, inside a transaction; None where there is none."""
    row = await people.find_one({"_id": f"client:{tenant_id}:{tenant_id}"})
    told = (row or {}).get("duty")
    return DutyFact.model_validate(told) if told else None


def next_to_call(duty: DutyFact | None, told: str) -> str | None:
    """Whom to call after `told`: the deputy, or the safeguarding lead where that is who was told; None for nobody."""
    if duty is None:
        return None
    return next((each for each in (duty.deputy, duty.safeguarding_lead) if each and each != told), None)


@timer(ESCALATE)
async def on_unseen(payload: dict[str, Any], tx: Tx) -> None:
    """Call the next one, once, where the item is still open; whoever was called first stays called.

    While the organisation names nobody at all it is looked at again: what was written waits for somebody.
    """
    item = await open_item(tx, payload["item_id"])
    if item is None:
        return
    duty = await rota_of(tx.tenant(PEOPLE), tx.tenant_id)
    if duty is None:
        await tx.schedule(ESCALATE, payload["item_id"], now() + ACKNOWLEDGED_WITHIN, payload)
        return
    person = next_to_call(duty, item["told"])
    if person is None:
        return
    await escalate(tx, payload["item_id"], person)
    owed = Owed(person, tuple(map(DataClass, item["classes"])), Template.DUTY, tuple(item["parties"]))
    row = {"client_id": item["client_id"], **due_values(owed, item["access_rev"])}
    key = f"{tx.tenant_id}:{payload['item_id']}:{person}"
    await tx.tenant("deliveries").update_one({"_id": key}, {"$setOnInsert": row}, upsert=True)
    tx.audit("duty_item_escalated", item["client_id"], detail_id=payload["item_id"])
