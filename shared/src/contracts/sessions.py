"""What sessions tells others: that a session happened, its shareable summary, trial results. Never a note."""

from datetime import timedelta
from typing import ClassVar

from contracts.classes import DataClass
from contracts.event import Event, Item, Section
from contracts.ids import Id

EARLY = timedelta(minutes=15)
"""How long before its time a session may be said to have begun: people come early, clocks differ."""


class AttendanceBody(Section):
    """Whether the client came, and for how long."""

    status: str
    minutes: int | None = None


class SessionScheduled(Item):
    """Sent when a session was put into the calendar."""

    TYPE: ClassVar[str] = "sessions.session_scheduled.v1"
    kind: Id
    state: Id


class SessionEnded(Item):
    """Sent when a session was recorded as held, missed or cancelled."""

    TYPE: ClassVar[str] = "sessions.session_ended.v1"
    SECTIONS: ClassVar[dict[DataClass, type[Section]]] = {DataClass.ATTENDANCE: AttendanceBody}
    kind: Id
    state: Id


class SummaryBody(Section):
    """What client, family and, where released, school read about a session."""

    text: str
    try_at_home: str | None = None


class SummaryShared(Item):
    """Sent when a session's shareable summary was written or corrected."""

    TYPE: ClassVar[str] = "sessions.summary_shared.v1"
    SECTIONS: ClassVar[dict[DataClass, type[Section]]] = {DataClass.SESSION_SUMMARY: SummaryBody}
    session_id: Id


class TrialBody(Section):
    """One result for one target: a value, out of how many, in which unit, in which phase."""

    value: float
    out_of: float | None = None
    unit: str | None = None
    phase: str | None = None
    label: str | None = None
    prompt_level: int | None = None
    outcome: str | None = None


class TrialRecorded(Item):
    """Sent when a result for a goal was recorded in a session."""

    TYPE: ClassVar[str] = "sessions.trial_recorded.v1"
    SECTIONS: ClassVar[dict[DataClass, type[Section]]] = {
        DataClass.MEASURE: TrialBody,
        DataClass.PLAN_PRIVATE: TrialBody,
    }
    session_id: Id


class NoteSigned(Event):
    """Sent when a progress note was signed; the note itself never travels."""

    TYPE: ClassVar[str] = "sessions.note_signed.v1"
    session_id: Id
    note_id: Id


class AccessApplied(Event):
    """Sent when sessions has applied an access document whose receipts are collected."""

    TYPE: ClassVar[str] = "sessions.access_applied.v1"
    withdrawal_ids: tuple[Id, ...]
    rev: int
