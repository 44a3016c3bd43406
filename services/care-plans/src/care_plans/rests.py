"""A week's rest: a home, or the client, lets all practice rest until Sunday, and nobody is asked why."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from hashlib import sha256

from contracts.care_plans import PracticeRested
from contracts.event import Event
from policy.days import day_of


def last_day(day: date) -> date:
    """The Sunday of the week a day is in."""
    return day + timedelta(days=6 - day.weekday())


@dataclass
class Rest:
    """What one home, or without one the client, has said of this week. Over is what its last day lies behind.

    It moves no task: what rests so keeps its place, for it is this week's load all the same.
    """

    tenant_id: str
    client_id: str
    household_id: str | None = None
    until: date | None = None
    events: list[Event] = field(default_factory=list)

    @property
    def id(self) -> str:
        """Its id: one for each home, and one for the client."""
        return sha256((self.household_id or "").encode()).hexdigest()[:32]

    @property
    def party(self) -> str:
        """Who besides the team reads it: that home alone, or the client alone."""
        return f"household:{self.household_id}" if self.household_id else "client"

    def holds(self, now: datetime) -> bool:
        """Whether it rests at this moment; the last day counts to its end in London."""
        return self.until is not None and day_of(now) <= self.until

    def begin(self, *, by: str, now: datetime) -> None:
        """Rest until the end of this week. Said twice it is told once."""
        until = last_day(day_of(now))
        if until != self.until:
            self.until = until
            self._tell(until, by, now)

    def end(self, *, by: str, now: datetime) -> None:
        """Go on before the week is over; what rests no longer stays as it is."""
        if self.until is not None and self.holds(now):
            until, self.until = self.until, None
            self._tell(until, by, now, ended=True)

    def _tell(self, until: date, by: str, now: datetime, *, ended: bool = False) -> None:
        self.events.append(
            PracticeRested(
                tenant_id=self.tenant_id,
                client_id=self.client_id,
                by=by,
                at=now,
                record_id=self.id,
                parties=(self.party,),
                ended=ended,
                household_id=self.household_id,
                until=until,
            )
        )
