"""Assignments and supervisions: which staff work with a client, and who oversees them, for how long."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from chassis.errors import Conflict, Invalid
from contracts.access import AssignmentFact, SupervisionFact
from contracts.ids import ClientId, Id, PersonId


class Assignment(BaseModel):
    """A staff member who works with a client."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: Id
    client_id: ClientId
    version: int = 1
    person_id: PersonId
    purpose: Id
    lead: bool = False
    begins: datetime
    ends: datetime | None = None

    def over(self, now: datetime) -> bool:
        """Whether the assignment has ended."""
        return self.ends is not None and self.ends <= now

    def ended(self, now: datetime) -> "Assignment":
        """The assignment, ended; raises Conflict when it had ended before."""
        if self.over(now):
            raise Conflict("This assignment has already ended.", field="id", fix="Nothing to do.")
        return self.model_copy(update={"ends": now, "version": self.version + 1})

    def fact(self) -> AssignmentFact:
        """What the access document says about this assignment."""
        return AssignmentFact.model_validate(self.model_dump())


class Supervision(BaseModel):
    """A time-boxed oversight of one staff member by another; several may run at once."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: Id
    version: int = 1
    supervisee_id: PersonId
    supervisor_id: PersonId
    begins: datetime
    ends: datetime

    def over(self, now: datetime) -> bool:
        """Whether the supervision has ended."""
        return self.ends <= now

    def ended(self, now: datetime) -> "Supervision":
        """The supervision, ended before its time; one that has not begun never does."""
        return self.model_copy(update={"ends": now, "version": self.version + 1})

    def fact(self) -> SupervisionFact:
        """What the access document says about this supervision."""
        return SupervisionFact(
            person_id=self.supervisor_id,
            supervisee_id=self.supervisee_id,
            begins=self.begins,
            ends=self.ends,
        )


def check_supervision(supervision: Supervision) -> None:
    """Whether the pair and the times make sense; raises Invalid."""
    if supervision.supervisee_id == supervision.supervisor_id:
        raise Invalid("Nobody supervises oneself.", field="supervisor_id", fix="Name another person.")
    if supervision.ends <= supervision.begins:
        raise Invalid("The supervision ends before it begins.", field="ends", fix="Choose a later end.")
