"""Tenants: an organisation, its jurisdiction pack, and the settings every page of it shows."""

from typing import Any

from contracts.ids import Id, PersonId, TenantId
from pydantic import BaseModel, ConfigDict, Field

from identity.jurisdictions import JurisdictionPack, pack_named


class DutyHours(BaseModel):
    """When one person reads what families and schools write."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    days: tuple[str, ...]
    begins: str
    ends: str
    person_id: PersonId


class Duty(BaseModel):
    """Who is on duty; free-text boxes stay closed until it exists."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    safeguarding_lead: PersonId
    deputy: PersonId | None = None
    rota: tuple[DutyHours, ...] = ()
    outside_hours: str | None = Field(default=None, max_length=1000)


class CrisisLine(BaseModel):
    """A helpline of the jurisdiction, to call or to text."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Id
    label: str = Field(max_length=200)
    call: str | None = Field(default=None, max_length=60)
    text: str | None = Field(default=None, max_length=60)
    hours: str | None = Field(default=None, max_length=100)
    good_for: str | None = Field(default=None, max_length=200)


class TenantWords(BaseModel):
    """What is sealed at rest: every word and every name of an organisation."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str
    neutral_sender: str
    terminology: dict[str, str] = Field(default_factory=dict)
    crisis_lines: tuple[CrisisLine, ...] = ()
    duty: Duty | None = None
    office_hours: dict[str, Any] = Field(default_factory=dict)


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
