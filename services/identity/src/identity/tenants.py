"""Tenants: an organisation, its jurisdiction pack, and the settings every page of it shows."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from chassis.strict import OneLine
from contracts.classes import DataClass
from contracts.event import Section
from contracts.identity import Contact, Names
from contracts.ids import Id, PersonId, TenantId
from contracts.neutral import Neutral
from identity.jurisdictions import JurisdictionPack, pack_named

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Clock = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Text = Annotated[str, Field(max_length=1000)]
Label = Annotated[str, Field(min_length=1, max_length=200), OneLine]
SenderName = Annotated[Label, Neutral]
"""Whom a message is from, as a locked screen shows it."""


class _Setting(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class DutyHours(_Setting):
    """When one person reads what families and schools write."""

    days: tuple[Day, ...]
    begins: Clock = Field(alias="from")
    ends: Clock = Field(alias="to")
    person: PersonId
    note: Text | None = None


class Duty(_Setting):
    """Who is on duty; free-text boxes stay closed until it exists."""

    safeguarding_lead: PersonId
    deputy: PersonId | None = None
    rota: tuple[DutyHours, ...] = ()
    outside_hours: Text | None = None


class OfficeHours(_Setting):
    """When the organisation works and how soon it answers."""

    days: tuple[Day, ...]
    begins: Clock = Field(alias="from")
    ends: Clock = Field(alias="to")
    reply_within_working_days: int = Field(default=2, ge=0, le=30)
    term_time_only: bool = False


class CrisisLine(_Setting):
    """A helpline of the jurisdiction, to call or to text."""

    id: Id
    label: Label
    call: Label | None = None
    text: Label | None = None
    hours: Label | None = None
    good_for: Label | None = None


class Site(_Setting):
    """A place people come to."""

    id: Id
    name: Label
    step_free: bool = False
    quiet_waiting_room: bool = False


class Team(_Setting):
    """Some of the staff under one name."""

    id: Id
    name: Label


class TenantWords(_Setting):
    """What is sealed at rest: every word and every name of an organisation."""

    name: Label
    neutral_sender: Label | None = None
    """Whom messages are from; None: Kith. The organisation's own name is never taken for it."""
    terminology: dict[Id, Label] = Field(default_factory=dict)
    crisis_lines: tuple[CrisisLine, ...] = ()
    duty: Duty | None = None
    office_hours: OfficeHours | None = None
    sites: tuple[Site, ...] = ()
    teams: tuple[Team, ...] = ()
    features: dict[Id, bool] = Field(default_factory=dict)


class Tenant(BaseModel):
    """An organisation in the clear: ids and enums."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: TenantId
    version: int = 1
    type: Id
    jurisdiction_pack: Id
    languages: tuple[str, ...] = ("en",)
    timezone: str = "Europe/London"
    state: Id = "active"
    words: TenantWords = Field(exclude=True, repr=False)

    @property
    def pack(self) -> JurisdictionPack:
        """The jurisdiction pack; raises Invalid when it is none we know."""
        return pack_named(self.jurisdiction_pack)


def tenant_sections(words: TenantWords) -> dict[DataClass, Section]:
    """The open sections of an organisation's record: its name for the portal, its sender for notifications."""
    return {
        DataClass.CONTACT_NAMES: Names(names={"everyone": words.name}),
        DataClass.CONTACT: Contact(sender_name=words.neutral_sender),
    }
