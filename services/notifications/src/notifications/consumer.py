"""Events in: who is owed a message is written down in the batch's transaction; whether it leaves is decided later."""

from chassis.bus import BatchTx, Handler
from contracts.access import AccessDocument
from contracts.care_plans import PlanActivated, PlanAnswered, PlanProposed, TaskChanged, TaskState
from contracts.classes import DataClass
from contracts.event import Event
from contracts.sessions import SummaryShared
from notifications.deliveries import Owed, Template, people_of
from notifications.store.deliveries import due_row

_WORDING = {
    "guardians": DataClass.PLAN_PLAIN,
    "school": DataClass.PLAN_SCHOOL,
    "client": DataClass.PLAN_OWN,
    "network": DataClass.OWN_COMMITMENT,
}


async def on_plan_proposed(event: PlanProposed, tx: BatchTx) -> None:
    """Family, school and client are each asked to read and answer."""
    await _owe(event, tx, list(event.asked), None, Template.REPLY_WANTED)


async def on_plan_activated(event: PlanActivated, tx: BatchTx) -> None:
    """Everyone the goals are shared with hears that something is new."""
    await _owe(event, tx, list(event.told), None, Template.UPDATE)


async def on_task_changed(event: TaskChanged, tx: BatchTx) -> None:
    """The home, or the client, hears of a task that is live now."""
    if event.state is TaskState.LIVE and not event.ended:
        await _owe(event, tx, list(event.parties), _class_of(event), Template.UPDATE)


async def on_summary_shared(event: SummaryShared, tx: BatchTx) -> None:
    """Client and family hear that there is a summary to read."""
    await _owe(event, tx, list(event.parties), DataClass.SESSION_SUMMARY, Template.UPDATE)


async def on_plan_answered(event: PlanAnswered, tx: BatchTx) -> None:
    """The lead hears of an answer; the person who asked hears of the reply."""
    parties = ["team"] if f"person:{event.by}" in event.parties else list(event.parties)
    await _owe(event, tx, parties, _class_of(event), Template.UPDATE)


def _class_of(event: Event) -> DataClass:
    return next(iter(event.sections), DataClass.PLAN_PLAIN)


async def _owe(
    event: Event, tx: BatchTx, parties: list[str], data_class: DataClass | None, template: Template
) -> None:
    row = await tx.tenant("access", event.tenant_id).find_one({"_id": f"{event.tenant_id}:{event.client_id}"})
    if row is None:
        return
    document = AccessDocument.model_validate(row)
    owed = {
        person: Owed(person, data_class or _WORDING.get(party, DataClass.PLAN_PLAIN), template)
        for party in parties
        for person in people_of(document, party)
        if person != event.by
    }
    for item in owed.values():
        key, values = due_row(event, item, access_rev=tx.access_rev)
        tx.upsert("deliveries", event.tenant_id, key, {}, on_insert=values)


HANDLERS: list[Handler] = [
    on_plan_proposed,
    on_plan_activated,
    on_task_changed,
    on_summary_shared,
    on_plan_answered,
]
