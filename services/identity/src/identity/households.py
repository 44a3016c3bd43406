"""Households: the home as the unit that carries home practice, with its cap of live tasks."""

from pydantic import BaseModel, ConfigDict, Field

from contracts.access import HouseholdFact
from contracts.ids import Id, PersonId


class Household(BaseModel):
    """A home: who lives there and how many live tasks it can carry; its label stays sealed."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: Id
    version: int = 1
    members: tuple[PersonId, ...]
    live_task_cap: int = 3
    label: str = Field(default="", exclude=True, repr=False)

    def fact(self) -> HouseholdFact:
        """What the access document says about this home."""
        return HouseholdFact(id=self.id, members=self.members, live_task_cap=self.live_task_cap)
