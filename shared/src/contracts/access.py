"""The access document: who stands in which relation to a client. Whole state, ids and dates only."""

from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from contracts.classes import DataClass
from contracts.duty import Clock, Day, DutyFact
from contracts.ids import Box, ClientId, GoalId, Id, PersonId, TenantId


class Role(StrEnum):
    """What a membership makes of a person in one tenant."""

    ORG_ADMIN = "org_admin"
    SUPERVISOR = "supervisor"
    THERAPIST = "therapist"
    SCHOOL_STAFF = "school_staff"
    GUARDIAN = "guardian"
    CLIENT = "client"
    NETWORK_MEMBER = "network_member"
    AUDITOR = "auditor"
    PLATFORM_OPERATOR = "platform_operator"


class Authority(StrEnum):
    """What a relationship lets a guardian decide and see."""

    FULL = "full"
    LIMITED = "limited"
    COURT_RESTRICTED = "court_restricted"
    NONE = "none"


class ConsentState(StrEnum):
    """A consent counts only when granted, begun and not expired; disputed keeps the last agreed scope."""

    DRAFT = "draft"
    PRESENTED = "presented"
    GRANTED = "granted"
    REFUSED = "refused"
    DISPUTED = "disputed"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"


class _Fact(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class HouseholdFact(_Fact):
    """A home of the client: who lives there and how many live tasks it can carry."""

    id: Id
    members: tuple[PersonId, ...]
    live_task_cap: int = Field(ge=0, le=20)


class CareDaysFact(_Fact):
    """Days of the week on which one home has the client; each begins at the client's handover time."""

    household_id: Id
    days: tuple[Day, ...]
    every_weeks: int = Field(1, ge=1, le=4)
    week_of: date | None = None
    """A day of a week in which they hold; every so many weeks they hold again."""
    otherwise: Id | None = None
    """The home that has the client on these days of the other weeks."""


class RelationshipFact(_Fact):
    """A person who stands in a family relation to the client."""

    id: Id
    person_id: PersonId
    kind: Id
    authority: Authority
    household_id: Id | None = None
    ticked: tuple[DataClass, ...] = ()
    """Classes the client agreed to show to a guardian of limited authority."""
    private_by_agreement: bool = False
    """A full guardian of a young person who keeps part of the plan private by a signed agreement."""
    begins: datetime
    ends: datetime | None = None


class AssignmentFact(_Fact):
    """A staff member who works with the client."""

    id: Id
    person_id: PersonId
    purpose: Id
    lead: bool = False
    begins: datetime
    ends: datetime | None = None


class SupervisionFact(_Fact):
    """A supervisor who reaches the client through an assigned supervisee."""

    person_id: PersonId
    supervisee_id: PersonId
    begins: datetime
    ends: datetime | None = None


class ConsentFact(_Fact):
    """What named recipients may see, until when; `only_goals` narrows plan classes to these goals."""

    id: Id
    state: ConsentState
    recipients: tuple[PersonId, ...]
    classes: tuple[DataClass, ...]
    only_goals: tuple[GoalId, ...] | None = None
    begins: datetime
    expires: datetime | None = None
    needs_acceptance: bool = False
    accepted_by: tuple[PersonId, ...] = ()


class State(BaseModel):
    """What travels beside the events, whole: the newest message of a key is all there is to know."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    TYPE: ClassVar[str]
    TOPIC: ClassVar[str]
    """A compacted topic: of each key it keeps the newest message."""
    KEYED: ClassVar[str]
    """The compaction key, as the catalogue says it."""


class AccessDocument(State):
    """Sent when anything about who may see a client's record changes: the whole state, `rev` one higher."""

    TYPE: ClassVar[str] = "identity.access_document.v1"
    TOPIC: ClassVar[str] = "identity-state"
    KEYED: ClassVar[str] = "`tenant:client`"

    tenant_id: TenantId
    client_id: ClientId
    rev: int = Field(ge=1)
    client_person_id: PersonId | None = None
    school_id: Id | None = None
    class_id: Id | None = None
    privacy_from: date | None = None
    """The day from which the young person's private part is theirs (jurisdiction pack)."""
    consents_from: date | None = None
    """The day from which the young person is presumed to give their own health consent."""
    majority_from: date | None = None
    households: tuple[HouseholdFact, ...] = ()
    relationships: tuple[RelationshipFact, ...] = ()
    assignments: tuple[AssignmentFact, ...] = ()
    supervisions: tuple[SupervisionFact, ...] = ()
    consents: tuple[ConsentFact, ...] = ()
    care_days: tuple[CareDaysFact, ...] = ()
    """Known to team and client alone: to one home they would tell the days of the other."""
    handover_at: Clock = "00:00"
    """When a care day begins, in London; the night before belongs to the day before."""
    next_change_at: datetime | None = None
    """The earliest moment at which a begin, an end, an expiry or a birthday changes what this grants."""
    receipts_for: tuple[Id, ...] = ()
    """Withdrawals whose receipts identity is collecting; a follower answers once it has applied this rev."""
    closed: bool = False

    @property
    def key(self) -> str:
        """`tenant:client`, the compaction key and the stored `_id`."""
        return f"{self.tenant_id}:{self.client_id}"


class PersonRecord(State):
    """Sent when names or contact details of a person or client change, or an organisation's settings: whole state.

    Words are sealed: `contact` (e-mail, phone, channels, languages) opens for notifications alone,
    `contact_names` (names; an organisation's crisis lines) for the portal.
    """

    TYPE: ClassVar[str] = "identity.person_record.v1"
    TOPIC: ClassVar[str] = "identity-people"
    KEYED: ClassVar[str] = "`person:{id}` or `client:{tenant}:{id}`"

    subject_id: Id
    tenant_id: TenantId | None = None
    """None for a person, who is global; the tenant for a client and for the organisation itself."""
    rev: int = Field(ge=1)
    sections: dict[DataClass, Box] = Field(default_factory=dict)
    duty: DutyFact | None = None
    """Of an organisation alone: while there is none, its boxes for free text are closed."""
    languages: tuple[Id, ...] = ()
    """Of an organisation alone: those its words may be read in."""
    closed: bool = False

    @property
    def key(self) -> str:
        """The compaction key: `person:{id}` or `client:{tenant}:{id}`."""
        return f"client:{self.tenant_id}:{self.subject_id}" if self.tenant_id else f"person:{self.subject_id}"


class Heartbeat(State):
    """Sent when a second has passed: proof that facts up to `beat_at` have reached every partition."""

    TYPE: ClassVar[str] = "identity.heartbeat.v1"
    TOPIC: ClassVar[str] = "identity-state"
    KEYED: ClassVar[str] = "`heartbeat`, to each of its partitions"

    beat: int
    beat_at: datetime


STATES: tuple[type[State], ...] = (AccessDocument, PersonRecord, Heartbeat)
"""All that identity publishes beside its events."""
