"""What family-portal tells others: what families and schools write back."""

from typing import ClassVar

from contracts.classes import DataClass
from contracts.duty import DutyCall
from contracts.event import Event, Item, Section
from contracts.ids import Id


class TaskLogBody(Section):
    """One of four equal answers, how it felt (0–4), what got in the way, and a few words."""

    result: str
    felt: int | None = None
    got_in_the_way: str | None = None
    words: str | None = None


class TaskLogged(Item):
    """Sent when somebody at home, or the client, said how a practice went."""

    TYPE: ClassVar[str] = "family_portal.task_logged.v1"
    SECTIONS: ClassVar[dict[DataClass, type[Section]]] = {
        DataClass.TASK_LOG: TaskLogBody,
        DataClass.PLAN_PRIVATE: TaskLogBody,
    }
    task_id: Id
    household_id: Id | None = None


class ObservationBody(Section):
    """Three taps: what I saw, did I get to my part, and a few words if they want to."""

    saw: str
    my_part: str
    words: str | None = None


class ObservationRecorded(Item):
    """Sent when somebody at school noted what they saw of a shared goal."""

    TYPE: ClassVar[str] = "family_portal.observation_recorded.v1"
    SECTIONS: ClassVar[dict[DataClass, type[Section]]] = {DataClass.OBSERVATION: ObservationBody}


class DutyCalled(DutyCall):
    """Sent when home, school or the client wrote something that whoever is on duty should see soon; never what."""

    TYPE: ClassVar[str] = "family_portal.duty_called.v1"


class AccessApplied(Event):
    """Sent when family-portal has applied an access document whose receipts are collected."""

    TYPE: ClassVar[str] = "family_portal.access_applied.v1"
    withdrawal_ids: tuple[Id, ...]
    rev: int
