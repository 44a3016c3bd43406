"""People: one human, one login, known to every tenant by the same id; names and contacts stay sealed."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from chassis.strict import OneLine
from contracts.classes import DataClass
from contracts.event import Section
from contracts.identity import Contact, Names
from contracts.ids import Id, PersonId, TenantId

Email = Annotated[
    str,
    Field(max_length=254, pattern=r'^[^@\s,;:<>()\[\]"\\]+@[^@\s,;:<>()\[\]"\\]+\.[^@\s,;:<>()\[\]"\\]+$'),
    OneLine,
]
"""One address and nothing else: what a mail server reads as a second one, or as a name, is none."""
Phone = Annotated[str, Field(max_length=30, pattern=r"^\+?(?:[\s().\-/]*[0-9]){5,15}[\s().\-/]*$"), OneLine]
Username = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{2,62}$")]


class PersonWords(BaseModel):
    """What is sealed at rest: names, pronouns and how to reach somebody."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str
    pronouns: str | None = None
    title: str | None = None
    username: str | None = None
    email: str | None = None
    phone: str | None = None
    languages: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    sender_name: str | None = None


class Person(BaseModel):
    """A person in the clear: an id, digests to find a sign-in by, and the tenants that know them."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: PersonId
    rev: int = 1
    handles: tuple[str, ...] = ()
    """Keyed digests of e-mail, phone and username; equal words give equal digests and nothing else."""
    tenant_ids: tuple[TenantId, ...] = ()
    state: Id = "active"
    words: PersonWords = Field(exclude=True, repr=False)

    def known_to(self, tenant_id: TenantId) -> "Person":
        """The person with that tenant among those that know them."""
        if tenant_id in self.tenant_ids:
            return self
        return self.model_copy(update={"tenant_ids": (*self.tenant_ids, tenant_id)})

    def is_same_human(self, handles: frozenset[str]) -> bool:
        """Whether what was typed proves this person: one handle shared, whatever the others are."""
        return bool(handles & set(self.handles))


def typed_logins(words: PersonWords) -> list[str]:
    """What the person may sign in by, as it was typed."""
    return [typed for typed in (words.email, words.phone, words.username) if typed]


def person_sections(words: PersonWords) -> dict[DataClass, Section]:
    """The open sections of a person's record: names for the portal, contact for notifications."""
    return {
        DataClass.CONTACT_NAMES: Names(
            names={"everyone": words.name}, title=words.title, pronouns=words.pronouns
        ),
        DataClass.CONTACT: Contact(
            email=words.email,
            phone=words.phone,
            channels=list(words.channels),
            languages=list(words.languages),
            sender_name=words.sender_name,
        ),
    }
