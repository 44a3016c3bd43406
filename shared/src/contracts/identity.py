"""What identity tells others: tenants, ended sign-ins, receipts. Access facts travel apart (access.py)."""

from typing import ClassVar

from pydantic import Field

from contracts.classes import DataClass
from contracts.event import Event, Section
from contracts.ids import Id


class HelpLine(Section):
    """A crisis line of an organisation, to ring or to text."""

    label: str
    call: str | None = None
    text: str | None = None
    hours: str | None = None
    good_for: str | None = None


class Names(Section):
    """Names by audience: who says which name; `everyone` is always present."""

    names: dict[str, str]
    title: str | None = None
    pronouns: str | None = None
    mark: str | None = None
    crisis_lines: list[HelpLine] = Field(default_factory=list)
    """Of an organisation alone: those it wants under every box for words."""


class Contact(Section):
    """How to reach a person; opens for notifications alone."""

    email: str | None = None
    phone: str | None = None
    channels: list[str] = Field(default_factory=list)
    languages: list[str] = Field(default_factory=list)
    sender_name: str | None = None


PERSON_SECTIONS: dict[DataClass, type[Section]] = {DataClass.CONTACT_NAMES: Names, DataClass.CONTACT: Contact}


class TenantProvisioned(Event):
    """Sent when an organisation has been set up and may invite people."""

    TYPE: ClassVar[str] = "identity.tenant_provisioned.v1"


class SessionEnded(Event):
    """Sent when a sign-in ends, by sign-out or by an administrator; every token of that sign-in is dead."""

    TYPE: ClassVar[str] = "identity.session_ended.v1"
    sid: Id


class ConsentChanged(Event):
    """Sent when a consent was granted, withdrawn, or disputed; its effect travels in the access document."""

    TYPE: ClassVar[str] = "identity.consent_changed.v1"
    consent_id: Id
    state: Id
    access_rev: int


class AccessApplied(Event):
    """Sent when identity itself has applied an access document whose receipts are collected."""

    TYPE: ClassVar[str] = "identity.access_applied.v1"
    withdrawal_ids: tuple[Id, ...]
    rev: int
