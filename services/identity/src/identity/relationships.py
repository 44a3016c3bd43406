"""Relationships: who stands in a family tie to a client, with what authority, and when that ends."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from chassis.errors import Conflict
from contracts.access import Authority, RelationshipFact
from contracts.classes import DataClass
from contracts.ids import ClientId, Id, PersonId

OPENS_SOMETHING = frozenset({Authority.FULL, Authority.LIMITED})
"""Authorities that let a guardian see something; the others are kept on record and open nothing."""
WEARS_HAT = OPENS_SOMETHING | {Authority.COURT_RESTRICTED}
"""Authorities that make a guardian of somebody: a door that stayed shut would tell of the court order behind it."""


class Relationship(BaseModel):
    """A tie between a person and a client; the evidence seen for it stays sealed."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: Id
    client_id: ClientId
    version: int = 1
    person_id: PersonId
    kind: Id
    authority: Authority
    household_id: Id | None = None
    ticked: tuple[DataClass, ...] = ()
    private_by_agreement: bool = False
    begins: datetime
    ends: datetime | None = None
    evidence: str = Field(default="", exclude=True, repr=False)

    def over(self, now: datetime) -> bool:
        """Whether the tie has ended."""
        return self.ends is not None and self.ends <= now

    def makes_guardian(self, now: datetime) -> bool:
        """Whether the tie gives its person a guardian's hat, now or from a coming day."""
        return self.authority in WEARS_HAT and not self.over(now)

    def ended(self, now: datetime) -> "Relationship":
        """The tie, ended; raises Conflict when it had ended before."""
        if self.over(now):
            raise Conflict("This relationship has already ended.", field="id", fix="Nothing to do.")
        return self.model_copy(update={"ends": now, "version": self.version + 1})

    def fact(self) -> RelationshipFact:
        """What the access document says about this tie."""
        return RelationshipFact.model_validate(self.model_dump())
