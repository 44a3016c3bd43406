"""Tenants: an organisation, its jurisdiction pack, and the settings every page of it shows."""

from collections.abc import Iterator
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from chassis.strict import OneLine
from contracts.classes import DataClass
from contracts.duty import Clock, Day, DutyFact, ShiftFact
from contracts.event import Section
from contracts.identity import Contact, HelpLine, Names
from contracts.ids import Id, PersonId, TenantId
from contracts.neutral import Neutral
from identity.jurisdictions import JurisdictionPack, pack_named

Text = Annotated[str, Field(max_length=1000)]
Label = Annotated[str, Field(min_length=1, max_length=200), OneLine]
SenderName = Annotated[Label, Neutral]
"""Whom a message is from, as a locked screen shows it."""


class _Setting(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class DutyHours(_Setting):
    """When one person reads what families, schools and clients write, every week.

    `to` is on the next day where it is not after `from`; equal, the two are a day and a night.
    """

    days: tuple[Day, ...] = Field(min_length=1, max_length=7)
    begins: Clock = Field(alias="from")
    ends: Clock = Field(alias="to")
    person: PersonId
    note: Text | None = None


class Duty(_Setting):
    """Who is on duty. Without hours on the rota no box for free text is open to families, schools and clients."""

    safeguarding_lead: PersonId
    deputy: PersonId | None = None
    rota: tuple[DutyHours, ...] = Field(default=(), max_length=100)
    outside_hours: Text | None = None

    def named(self) -> Iterator[tuple[str, PersonId]]:
        """Everybody it names, each with the field that does."""
        yield "duty.safeguarding_lead", self.safeguarding_lead
        if self.deputy:
            yield "duty.deputy", self.deputy
        for place, hours in enumerate(self.rota):
            yield f"duty.rota.{place}.person", hours.person


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


def duty_fact(tenant: Tenant) -> DutyFact | None:
    """What others need to know of the rota: ids, days and times."""
    duty = tenant.words.duty
    if duty is None:
        return None
    return DutyFact(
        timezone=tenant.timezone,
        safeguarding_lead=duty.safeguarding_lead,
        deputy=duty.deputy,
        rota=tuple(
            ShiftFact(days=hours.days, begins=hours.begins, ends=hours.ends, person_id=hours.person)
            for hours in duty.rota
        ),
    )


def tenant_sections(words: TenantWords) -> dict[DataClass, Section]:
    """The open sections of an organisation's record: name and lines for the portal, its sender for notifications."""
    lines = [HelpLine.read(line.model_dump()) for line in words.crisis_lines]
    return {
        DataClass.CONTACT_NAMES: Names(names={"everyone": words.name}, crisis_lines=lines),
        DataClass.CONTACT: Contact(sender_name=words.neutral_sender),
    }
