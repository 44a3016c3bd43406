"""The work with one client as a whole: referred, waiting, assessing, active, stepping down, ended, begun again."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from chassis.errors import Conflict, Invalid
from contracts.care_plans import EpisodeChanged, EpisodeHome, EpisodeState, EpisodeTeam
from contracts.classes import DataClass
from contracts.event import Event, Section
from policy.days import day_of

Move = Literal["accept", "step_down", "end", "reopen"]
MOVES: dict[Move, tuple[frozenset[EpisodeState], EpisodeState]] = {
    "accept": (frozenset({EpisodeState.REFERRED, EpisodeState.WAITING}), EpisodeState.ASSESSING),
    "step_down": (frozenset({EpisodeState.ACTIVE}), EpisodeState.STEPPING_DOWN),
    "end": (frozenset(EpisodeState) - {EpisodeState.ENDED}, EpisodeState.ENDED),
    "reopen": (frozenset({EpisodeState.ENDED}), EpisodeState.ASSESSING),
}
"""From which states a move leads, and where to. A goal that becomes active makes its episode active itself."""
NOT_BEGUN = frozenset({EpisodeState.REFERRED, EpisodeState.WAITING})
"""Somebody waits, and nobody has begun."""
READERS = ("guardians", "client")
"""Who reads that the team has begun: at home and of themselves, whoever may read the plan in plain words."""
OUTSIDE = NOT_BEGUN | {EpisodeState.ENDED}
"""The team is not at work: home reads nothing of it."""


class WrongMove(Conflict):
    """The episode's state does not allow this move."""

    title = "The work with this person does not stand there"

    def __init__(self, state: EpisodeState, allowed: frozenset[EpisodeState]) -> None:
        wanted = " or ".join(sorted(each.value.replace("_", " ") for each in allowed))
        super().__init__(
            f"It is {state.value.replace('_', ' ')}.",
            "move",
            f"This needs one that is {wanted}.",
            state=state,
        )


class EpisodeWords(BaseModel):
    """What is written about an episode, for the team alone."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    referred_on: date
    referred_by: str | None = Field(None, max_length=500)
    told: str | None = Field(None, max_length=500)
    rhythm: str | None = Field(None, max_length=500)
    planned_weeks: Annotated[int, Field(strict=True)] | None = Field(None, ge=1, le=260)
    ends_when: str | None = Field(None, max_length=1000)


@dataclass
class Episode:
    """The episode of one client. `begun_at` is when the team took it up, last."""

    tenant_id: str
    client_id: str
    words: EpisodeWords
    state: EpisodeState = EpisodeState.REFERRED
    since: datetime | None = None
    begun_at: datetime | None = None
    doc_version: int = 0
    events: list[Event] = field(default_factory=list)

    def refer(self, *, by: str, now: datetime) -> None:
        """Somebody was referred; they wait once they were told so. Raises Invalid for a day to come."""
        self._check_day(now)
        self.since = now
        self._wait_once_told()
        self._tell(by, now, None)

    def write(self, words: EpisodeWords, *, by: str, now: datetime) -> None:
        """Put down anew what is agreed. Raises Invalid for a day to come."""
        self.words = words
        self._check_day(now)
        if self._wait_once_told():
            self.since = now
        self._tell(by, now, self._home())

    def move(self, move: Move, *, by: str, now: datetime) -> None:
        """Take it up, step down, end it, or begin again. Raises WrongMove."""
        allowed, to = MOVES[move]
        if self.state not in allowed:
            raise WrongMove(self.state, allowed)
        self._go(to, by, now)

    def goal_active(self, *, by: str, now: datetime, unread: bool = False) -> None:
        """A goal has become active: with the first one the work is under way. An ended episode stays ended.

        One that is `unread` at home begins nothing: home reads that the team has begun, and would know by that.
        """
        if self.state is EpisodeState.ASSESSING or (self.state in NOT_BEGUN and not unread):
            self._go(EpisodeState.ACTIVE, by, now, quiet=True)

    def _go(self, to: EpisodeState, by: str, now: datetime, *, quiet: bool = False) -> None:
        before, begins = self._home(), self.state in OUTSIDE and to not in OUTSIDE
        self.state, self.since = to, now
        if begins:
            self.begun_at = now
        self._tell(by, now, before, begins=begins and not quiet)

    def _wait_once_told(self) -> bool:
        if self.state is EpisodeState.REFERRED and self.words.told:
            self.state = EpisodeState.WAITING
            return True
        return False

    def _check_day(self, now: datetime) -> None:
        if self.words.referred_on > day_of(now):
            raise Invalid("That day has not come yet.", "referred_on", "Give today or an earlier day.")

    def _home(self) -> EpisodeHome | None:
        """What home reads of it now."""
        if self.state in OUTSIDE or self.begun_at is None:
            return None
        return EpisodeHome(begun_on=day_of(self.begun_at))

    def _tell(self, by: str, now: datetime, before: EpisodeHome | None, *, begins: bool = False) -> None:
        """Append the episode as an event; home's part is left out where home reads the same as `before`."""
        words: dict[DataClass, Section] = {
            DataClass.PLAN_TEAM: EpisodeTeam.model_validate(self.words.model_dump())
        }
        home = self._home()
        same = home is not None and home == before
        if home and not same:
            words[DataClass.PLAN_PLAIN] = home
        self.events.append(
            EpisodeChanged(
                tenant_id=self.tenant_id,
                client_id=self.client_id,
                by=by,
                at=now,
                record_id="episode",
                parties=READERS,
                state=self.state,
                begins=begins,
                same=(DataClass.PLAN_PLAIN,) if same else (),
                words=words,
            )
        )
