"""Saves what families and schools write: the state and its event in one transaction."""

from dataclasses import dataclass
from typing import Any

from chassis.errors import Conflict
from chassis.journal import Adds, Command, Written
from chassis.runtime import Chassis
from contracts.classes import DataClass
from contracts.event import Item
from contracts.family_portal import DutyCalled, ObservationBody, ObservationRecorded, TaskLogBody, TaskLogged
from family_portal.logs import TaskLog
from family_portal.observations import Observation
from policy.caller import Caller
from policy.worries import worrying

OWN_FIELDS = {"parties", "task_id", "household_id", "happened_at"}
"""What a row keeps of its event, so that the same can be told again: with a reason, or as taken back."""


@dataclass(frozen=True)
class Shown:
    """To whom a written item shows: its class and its parties."""

    data_class: DataClass
    parties: tuple[str, ...]
    by_rev: int | None = None
    """By which revision of the facts that was decided, where something is to be written."""


class WrittenStore:
    """Adds task logs and observations; each is an item with its own client-made id."""

    def __init__(self, chassis: Chassis) -> None:
        self._chassis = chassis

    async def add_log(
        self,
        caller: Caller,
        client_id: str,
        log: TaskLog,
        shown: Shown,
        household_id: str | None,
        command: Command,
    ) -> Written:
        """Keep a task log and tell others. Answers the id; the same command again answers the same."""
        body = TaskLogBody(
            result=log.result, felt=log.felt, got_in_the_way=log.got_in_the_way, words=log.words
        )
        event = TaskLogged(
            tenant_id=caller.tenant_id,
            client_id=client_id,
            by=caller.person_id,
            record_id=log.log_id,
            parties=shown.parties,
            goal_id=log.goal_id,
            happened_at=log.happened_at,
            task_id=log.task_id,
            household_id=household_id,
            words={shown.data_class: body},
        )
        return await self._add("task_logs", caller, event, shown, command)

    async def add_observation(
        self, caller: Caller, client_id: str, observation: Observation, shown: Shown, command: Command
    ) -> Written:
        """Keep an observation and tell others."""
        body = ObservationBody(saw=observation.saw, my_part=observation.my_part, words=observation.words)
        event = ObservationRecorded(
            tenant_id=caller.tenant_id,
            client_id=client_id,
            by=caller.person_id,
            record_id=observation.observation_id,
            parties=shown.parties,
            goal_id=observation.goal_id,
            happened_at=observation.happened_at,
            words={shown.data_class: body},
        )
        return await self._add("observations", caller, event, shown, command)

    async def _add(
        self, collection: str, caller: Caller, event: Item, shown: Shown, command: Command
    ) -> Written:
        client_id, data_class = str(event.client_id), shown.data_class
        key = f"{caller.tenant_id}:{client_id}:{event.record_id}"
        body = event.words[data_class]
        box = await self._chassis.keys.seal(caller.tenant_id, client_id, data_class, key, body)

        def work(adds: Adds) -> None:
            taken = Conflict("This id is taken.", "id", "Make a fresh one.")
            adds.add(collection, self._row(key, event, data_class, box), taken=taken)
            if shown.by_rev is not None:
                adds.decided(client_id, shown.by_rev)
            adds.record(event)
            if worrying(getattr(body, "words", None)):
                adds.record(_call(event, data_class))
            adds.audit("write", client_id, data_class, event.record_id)
            adds.answer({"id": event.record_id})

        return await self._chassis.journal.append(
            work, tenant_id=caller.tenant_id, by=caller.person_id, command=command
        )

    @staticmethod
    def _row(key: str, event: Item, data_class: DataClass, box: str) -> dict[str, Any]:
        return {
            "_id": key,
            "client_id": event.client_id,
            "class": data_class.value,
            "by": event.by,
            "goal_id": event.goal_id,
            "happened_at": event.happened_at,
            "at": event.at,
            "event": event.model_dump(mode="json", include=OWN_FIELDS),
            "box": box,
        }


def _call(event: Item, data_class: DataClass) -> DutyCalled:
    """What calls whoever is on duty to an item."""
    return DutyCalled(
        tenant_id=event.tenant_id,
        client_id=event.client_id,
        by=event.by,
        record_id=event.record_id,
        data_class=data_class,
        goal_id=event.goal_id,
        parties=event.parties,
    )
