"""Care days: which of a client's homes has them on which day, and at what time of that day they change over."""

from collections.abc import Collection, Iterator
from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from chassis.errors import Invalid
from contracts.access import CareDaysFact
from contracts.duty import Clock, Day
from contracts.ids import ClientId, Id


class CareDays(BaseModel):
    """Days of the week in one home; with `every_weeks` above one, of so many weeks one, and else `otherwise`."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    household_id: Id
    days: tuple[Day, ...]
    every_weeks: int = Field(1, ge=1, le=4)
    week_of: date | None = None
    otherwise: Id | None = None

    def fact(self) -> CareDaysFact:
        """What the access document says about these days."""
        return CareDaysFact.model_validate(self.model_dump())


class CareCalendar(BaseModel):
    """All care days of one client, in the clear: ids, days and a time. Without days, every home has every day."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: ClientId
    version: int = 0
    handover_at: Clock = "00:00"
    days: tuple[CareDays, ...] = ()

    def facts(self) -> tuple[CareDaysFact, ...]:
        """What the access document says about them."""
        return tuple(each.fact() for each in self.days)


def check_calendar(calendar: CareCalendar, homes: Collection[str]) -> None:
    """Raises Invalid, naming the field: for a home that is not the client's, and for a day nobody can be sure of."""
    taken: set[str] = set()
    for place, each in enumerate(calendar.days):
        for name, home in _named(each):
            if home not in homes:
                raise Invalid(
                    "This is no home of theirs.", f"days.{place}.{name}", "Name one of the client's homes."
                )
        if twice := sorted(taken.intersection(each.days)):
            raise Invalid(
                f"{twice[0]} is named twice.", f"days.{place}.days", "Give each day of the week once."
            )
        _check_weeks(each, place)
        taken.update(each.days)


def _named(each: CareDays) -> Iterator[tuple[str, str]]:
    yield "household_id", each.household_id
    if each.otherwise is not None:
        yield "otherwise", each.otherwise


def _check_weeks(each: CareDays, place: int) -> None:
    if each.every_weeks > 1 and each.week_of is None:
        raise Invalid(
            "Nobody can tell which weeks these are.",
            f"days.{place}.week_of",
            "Name a day of a week in which they hold.",
        )
