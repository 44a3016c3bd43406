"""Who is on duty: when somebody reads what families, schools and clients write. Ids, days and times only."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

from contracts.classes import DataClass
from contracts.event import Event
from contracts.ids import Id, Party, PersonId

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: tuple[Day, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""In the order of `datetime.weekday`."""
Clock = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
ZoneName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_+\-0-9/]{1,60}$")]


class ShiftFact(BaseModel):
    """Weekly hours in which one person reads; an end that is not after the beginning is on the next day."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    days: tuple[Day, ...]
    begins: Clock
    ends: Clock
    person_id: PersonId


class DutyFact(BaseModel):
    """An organisation's rota and its safeguarding lead, in its own time zone."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    timezone: ZoneName
    safeguarding_lead: PersonId
    deputy: PersonId | None = None
    rota: tuple[ShiftFact, ...] = ()


class DutyCall(Event):
    """What the calls to whoever is on duty have in common: of which item, and who may read it."""

    record_id: Id
    data_class: DataClass
    goal_id: Id | None = None
    parties: tuple[Party, ...] = ()
