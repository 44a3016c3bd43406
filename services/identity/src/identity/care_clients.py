"""Clients: the person the work is for; names by audience and birth month stay sealed, thresholds do not."""

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict, Field

from contracts.classes import DataClass
from contracts.event import Section
from contracts.identity import Names
from contracts.ids import ClientId, Id, PersonId
from policy.days import day_of


class ClientWords(BaseModel):
    """What is sealed at rest: names by audience, pronouns, a mark for pages, and the birth month."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    names: dict[str, str]
    pronouns: str | None = None
    mark: str | None = None
    birth_month: int | None = None
    birth_year: int | None = None


class CareClient(BaseModel):
    """A client in the clear: ids, and the dates on which the jurisdiction changes what holds."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: ClientId
    version: int = 1
    rev: int = 0
    """The revision of the access document published last."""
    person_id: PersonId | None = None
    school_id: Id | None = None
    class_id: Id | None = None
    privacy_from: date | None = None
    consents_from: date | None = None
    majority_from: date | None = None
    words: ClientWords = Field(exclude=True, repr=False)

    def consents_alone(self, now: datetime) -> bool:
        """Whether the client alone gives their consents at that moment."""
        return self.consents_from is not None and self.consents_from <= day_of(now)

    def keeps_private(self, now: datetime) -> bool:
        """Whether the client has reached the age from which they answer for themselves too."""
        return self.privacy_from is not None and self.privacy_from <= day_of(now)


def client_sections(words: ClientWords) -> dict[DataClass, Section]:
    """The open section of a client's record: names by audience, for the portal."""
    names = Names(names=words.names, pronouns=words.pronouns, mark=words.mark)
    return {DataClass.CONTACT_NAMES: names}
