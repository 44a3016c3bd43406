"""Events in: who is owed a message is written down in the batch's transaction; whether it leaves is decided later."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from chassis.bus import BatchTx, Handler
from chassis.errors import Unavailable
from chassis.follower import PEOPLE
from contracts.about_me import AboutMeChanged
from contracts.access import AccessDocument
from contracts.care_plans import (
    EpisodeChanged,
    GoalsEnded,
    LogAnswered,
    PlanActivated,
    PlanAnswered,
    PlanProposed,
    PracticeRested,
    ProposalChanged,
    StrategyNoted,
    TaskChanged,
    TaskState,
)
from contracts.classes import DataClass
from contracts.duty import DutyCall
from contracts.event import Event, Item
from contracts.sessions import EARLY, SessionEnded, SessionScheduled, SummaryShared
from notifications.deliveries import Held, Owed, Template, now, people_of
from notifications.due_dates import ACKNOWLEDGED_WITHIN, ESCALATE, first_to_call, rota_of
from notifications.rests import heard_again, resting
from notifications.store.deliveries import due_row
from notifications.store.duty_items import ITEMS, item_row
from notifications.store.rests import keep_rest, release, rests_on
from policy.days import day_of

_WORDING = {
    "guardians": DataClass.PLAN_PLAIN,
    "school": DataClass.PLAN_SCHOOL,
    "client": DataClass.PLAN_OWN,
    "network": DataClass.PLAN_PLAIN,
}


async def on_plan_proposed(event: PlanProposed, tx: BatchTx) -> None:
    """Family, school and client are each asked to read and answer."""
    await _owe(event, tx, event.asked, None, Template.REPLY_WANTED, event.goal_ids)


async def on_plan_activated(event: PlanActivated, tx: BatchTx) -> None:
    """Everyone the goals are shared with hears that something is new."""
    await _owe(event, tx, event.told, None, Template.UPDATE, event.goal_ids)


async def on_goals_ended(event: GoalsEnded, tx: BatchTx) -> None:
    """Everyone who reads the goals among earlier ones now hears that something is new."""
    await _owe(event, tx, event.told, None, Template.UPDATE, event.goal_ids)


async def on_task_changed(event: TaskChanged, tx: BatchTx) -> None:
    """The home, or the client, hears of a task that is live now; one that rests hears of it afterwards."""
    if event.state is TaskState.LIVE and not event.ended:
        held = await _resting(event, tx)
        await _owe(event, tx, event.parties, _class_of(event), Template.UPDATE, (event.goal_id,), held)


async def on_practice_rested(event: PracticeRested, tx: BatchTx) -> None:
    """Nobody is told that a home rests; it is told nothing of practice until it goes on."""
    keep_rest(event, tx)
    if event.ended:
        await release(event, tx)


async def on_session_scheduled(event: SessionScheduled, tx: BatchTx) -> None:
    """Whoever may know when the sessions are hears of one that is planned, not of one that begins or was held."""
    if event.state == "scheduled" and event.happened_at - EARLY > now():
        await _owe(event, tx, event.parties, DataClass.ATTENDANCE, Template.UPDATE, _goal_of(event))


async def on_session_ended(event: SessionEnded, tx: BatchTx) -> None:
    """They hear as well that one they might still come to is cancelled; of how others went they read when they like."""
    if event.state == "cancelled" and event.happened_at > now():
        await _owe(event, tx, event.parties, DataClass.ATTENDANCE, Template.UPDATE, _goal_of(event))


async def on_summary_shared(event: SummaryShared, tx: BatchTx) -> None:
    """Client and family hear that there is a summary to read."""
    await _owe(event, tx, event.parties, DataClass.SESSION_SUMMARY, Template.UPDATE, _goal_of(event))


async def on_plan_answered(event: PlanAnswered, tx: BatchTx) -> None:
    """The lead hears of an answer; the person who asked hears of the reply."""
    parties = ("team",) if f"person:{event.by}" in event.parties else event.parties
    await _owe(event, tx, parties, _class_of(event), Template.UPDATE, _goal_of(event))


async def on_strategy_noted(event: StrategyNoted, tx: BatchTx) -> None:
    """The lead hears of what waits for them; who noted it hears of the answer, unless a new version tells them."""
    noted = f"person:{event.by}" in event.parties
    if event.waits if noted else not event.changed:
        parties = ("team",) if noted else event.parties
        await _owe(event, tx, parties, _class_of(event), Template.UPDATE, _goal_of(event))


async def on_proposal_changed(event: ProposalChanged, tx: BatchTx) -> None:
    """The lead hears that somebody wishes for a goal; whoever wished for it hears of the answer."""
    parties = ("team",) if f"person:{event.by}" in event.parties else event.parties
    await _owe(event, tx, parties, _class_of(event), Template.UPDATE, _goal_of(event))


async def on_episode_changed(event: EpisodeChanged, tx: BatchTx) -> None:
    """Whoever may read the plain plan, at home or of themselves, hears once that the team has begun."""
    if event.begins:
        await _owe(event, tx, event.parties, DataClass.PLAN_PLAIN, Template.UPDATE, ())


async def on_log_answered(event: LogAnswered, tx: BatchTx) -> None:
    """Those who read a log hear of its answer, unless the changed card tells them already; who rests, afterwards."""
    if not event.told:
        held = await _resting(event, tx)
        await _owe(event, tx, event.parties, _class_of(event), Template.UPDATE, _goal_of(event), held)


async def on_about_me_changed(event: AboutMeChanged, tx: BatchTx) -> None:
    """Whoever can say the person's yes hears that the page waits for one, and not of each line that does."""
    if event.asks:
        await _owe(event, tx, event.parties, DataClass.ABOUT_ME, Template.UPDATE, ())


async def on_duty_called(event: DutyCall, tx: BatchTx) -> None:
    """Whoever is on duty now, or else next, hears that something waits, and it waits until somebody has seen to it.

    Where nobody says within a time of their hours that they see to it, the next one is called; so is somebody where
    nobody was named yet.
    """
    duty = await rota_of(tx.tenant(PEOPLE, event.tenant_id), event.tenant_id)
    moment = now()
    person, begins = first_to_call(duty, moment) if duty else ("", moment)
    key, values = item_row(event, person, access_rev=tx.access_rev)
    tx.upsert(ITEMS, event.tenant_id, key, {}, on_insert=values)
    if person:
        item = Owed(person, (event.data_class,), Template.DUTY, event.parties)
        key, values = due_row(event, item, access_rev=tx.access_rev)
        tx.upsert("deliveries", event.tenant_id, key, {}, on_insert=values)
    waits = {"item_id": event.event_id, "client_id": event.client_id}
    await tx.schedule(ESCALATE, event.event_id, begins + ACKNOWLEDGED_WITHIN, waits)


def _class_of(event: Event) -> DataClass:
    return next(iter(event.sections), DataClass.PLAN_PLAIN)


def _goal_of(event: Item) -> tuple[str, ...]:
    return (event.goal_id,) if event.goal_id else ()


async def _owe(
    event: Event,
    tx: BatchTx,
    parties: tuple[str, ...],
    data_class: DataClass | None,
    template: Template,
    goal_ids: tuple[str, ...],
    rests: Mapping[str, date] = MappingProxyType({}),
) -> None:
    document = await _facts(event, tx)
    if document is None:
        return
    quiet = resting(document, parties, rests, data_class, now()) if rests and data_class else {}
    for person, classes in _classes_by_person(document, parties, data_class).items():
        if person != event.by:
            item = Owed(person, classes, template, parties, goal_ids)
            held = _held(quiet[person], rests) if person in quiet else None
            key, values = due_row(event, item, access_rev=tx.access_rev, held=held)
            tx.upsert("deliveries", event.tenant_id, key, {}, on_insert=values)


async def _resting(event: Event, tx: BatchTx) -> dict[str, date]:
    """Whose practice with this client rests today, each with the last day of it."""
    return await rests_on(event.tenant_id, event.client_id, day_of(now()), tx)


def _held(parties: tuple[str, ...], rests: Mapping[str, date]) -> Held:
    """Until when the messages wait of somebody who is reached through these parties, which rest."""
    return Held(parties, heard_again(max(rests[party] for party in parties)))


def _classes_by_person(
    document: AccessDocument, parties: tuple[str, ...], data_class: DataClass | None
) -> dict[str, tuple[DataClass, ...]]:
    """Everybody behind the parties, with every class they would read it in: who is two parties has two."""
    moment = now()
    found: dict[str, set[DataClass]] = {}
    for party in parties:
        wording = data_class or _WORDING.get(party, DataClass.PLAN_PLAIN)
        for person in people_of(document, party, wording, moment):
            found.setdefault(person, set()).add(wording)
    return {person: tuple(sorted(classes)) for person, classes in found.items()}


async def _facts(event: Event, tx: BatchTx) -> AccessDocument | None:
    """Who stands in which relation to the client; none are owed anything where identity never said.

    Raises Unavailable until the facts have reached those the event was written under: the batch waits.
    """
    row = await tx.tenant("access", event.tenant_id).find_one({"_id": f"{event.tenant_id}:{event.client_id}"})
    if row and row.get("closed"):
        return None
    if (row["rev"] if row else 0) < tx.access_rev:
        raise Unavailable("The facts of this client are on their way.")
    return AccessDocument.model_validate(row) if row else None


HANDLERS: list[Handler] = [
    on_plan_proposed,
    on_plan_activated,
    on_goals_ended,
    on_task_changed,
    on_practice_rested,
    on_session_scheduled,
    on_session_ended,
    on_summary_shared,
    on_plan_answered,
    on_strategy_noted,
    on_proposal_changed,
    on_episode_changed,
    on_log_answered,
    on_about_me_changed,
    on_duty_called,
]
