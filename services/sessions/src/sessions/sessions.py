"""One session with a client: its states, who came, what may be shared."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from contracts.sessions import EARLY


class State(StrEnum):
    """scheduled → in_progress → ended → documented → signed; or missed, or cancelled."""

    SCHEDULED = "scheduled"
    IN_PROGRESS = "in_progress"
    ENDED = "ended"
    DOCUMENTED = "documented"
    SIGNED = "signed"
    NO_SHOW = "no_show"
    CANCELLED = "cancelled"


class Outcome(StrEnum):
    """What became of a session that was planned."""

    HELD = "held"
    NO_SHOW = "no_show"
    CANCELLED = "cancelled"


_NEXT: dict[State, frozenset[State]] = {
    State.SCHEDULED: frozenset({State.IN_PROGRESS, State.ENDED, State.NO_SHOW, State.CANCELLED}),
    State.IN_PROGRESS: frozenset({State.ENDED, State.NO_SHOW, State.CANCELLED}),
    State.ENDED: frozenset({State.ENDED, State.DOCUMENTED, State.NO_SHOW, State.CANCELLED}),
    State.DOCUMENTED: frozenset({State.ENDED, State.SIGNED, State.NO_SHOW, State.CANCELLED}),
    State.NO_SHOW: frozenset({State.NO_SHOW, State.ENDED, State.CANCELLED, State.SIGNED}),
    State.CANCELLED: frozenset({State.CANCELLED, State.ENDED, State.NO_SHOW}),
    State.SIGNED: frozenset(),
}
_SAYS = {
    State.SIGNED: "A signed session is closed.",
    State.CANCELLED: "A cancelled session has nothing to write down.",
}


class SessionError(Exception):
    """The session's state does not allow it; `field` names what in the request asked for it."""

    def __init__(self, detail: str, field: str, fix: str) -> None:
        super().__init__(detail)
        self.detail, self.field, self.fix = detail, field, fix


@dataclass(frozen=True, slots=True)
class Attendance:
    """Whether the client came (attended, part, absent), and for how long."""

    status: str
    minutes: int | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """What client, family and, where released, school read."""

    text: str
    try_at_home: str | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """One meeting with one client."""

    session_id: str
    client_id: str
    by: str
    kind: str
    scheduled_for: datetime
    ends: datetime | None = None
    modality: str | None = None
    state: State = State.SCHEDULED
    attendance: Attendance | None = None
    summary: Summary | None = None
    summary_shared: bool = False
    """Whether the summary has left: until then only the team reads it."""
    released_to_school: bool = False
    version: int = 1

    def begun(self, now: datetime) -> "Session":
        """The session runs. Raises SessionError unless it was waiting and its time has come."""
        self._check_has_begun(now, "state")
        return self._to(State.IN_PROGRESS, "state")

    def recorded(self, outcome: Outcome, attendance: Attendance | None, now: datetime) -> "Session":
        """What became of it. A held session needs to know who came; only a cancelled one need not have begun.

        One that turns out not to have taken place loses a summary that nobody but the team has read.
        Raises SessionError.
        """
        if outcome is not Outcome.CANCELLED:
            self._check_has_begun(now, "state")
        if outcome is not Outcome.HELD:
            missed = self._to(State(outcome.value), "state")
            came = Attendance("absent") if outcome is Outcome.NO_SHOW else None
            return replace(missed if missed.state is self.state else missed._unwritten(), attendance=came)
        if attendance is not None and attendance.status == "absent":
            raise SessionError(
                "Nobody came to a session that was held.",
                "attendance.status",
                "Record it as no_show instead.",
            )
        ended = self._to(State.ENDED, "state")
        return replace(ended, attendance=attendance or self.attendance)._documented()

    def summarised(self, summary: Summary, released_to_school: bool) -> "Session":
        """With a summary, or a corrected one; of a session that has ended. Raises SessionError.

        It waits until it is shared; what has been shared already is corrected where it is read.
        """
        if self.summary_shared and (summary, released_to_school) == (self.summary, self.released_to_school):
            return self
        if self.state in (State.SCHEDULED, State.IN_PROGRESS):
            raise SessionError("The session has not ended yet.", "summary", "Record first how it ended.")
        if self.state is State.CANCELLED:
            raise SessionError(_SAYS[self.state], "summary", "Record first that it took place.")
        written = replace(
            self, summary=summary, released_to_school=released_to_school, version=self.version + 1
        )
        return written._documented()

    def unsummarised(self) -> "Session":
        """Without its summary and its release to school. Raises SessionError for one that is read already."""
        if self.summary is not None and self.summary_shared:
            raise SessionError(
                "The family reads this summary already.", "summary", "Write what they are to read instead."
            )
        return self._unwritten()

    def released(self, to_school: bool) -> "Session":
        """With the summary that waits released to school, or not. Raises SessionError for one that is read already."""
        if self.summary is None or to_school == self.released_to_school:
            return self
        if self.summary_shared:
            raise SessionError(
                "The family reads this summary already.",
                "release_to_school",
                "Send its words along with who reads them.",
            )
        return replace(self, released_to_school=to_school, version=self.version + 1)

    def shared(self) -> "Session":
        """With its summary open to those it is written for; without one nothing changes."""
        if self.summary is None or self.summary_shared:
            return self
        return replace(self, summary_shared=True, version=self.version + 1)

    def signed(self) -> "Session":
        """Closed, its summary shared. Raises SessionError while nobody has said who came."""
        if self.state is State.CANCELLED:
            raise SessionError(
                "A cancelled session has nothing to sign.", "state", "Record first that it took place."
            )
        if self.attendance is None:
            raise SessionError(
                "Nobody has said yet who came.", "attendance", "Record the attendance, then sign."
            )
        return self if self.state is State.SIGNED else self._to(State.SIGNED, "state").shared()

    @property
    def takes_results(self) -> bool:
        """Whether results may still be added."""
        return self.state in (State.IN_PROGRESS, State.ENDED, State.DOCUMENTED)

    @property
    def outcome(self) -> Outcome | None:
        """What became of it, None while it is still to come."""
        if self.state in (State.SCHEDULED, State.IN_PROGRESS):
            return None
        if self.state is State.CANCELLED:
            return Outcome.CANCELLED
        absent = self.attendance is not None and self.attendance.status == "absent"
        return Outcome.NO_SHOW if absent else Outcome.HELD

    @property
    def summary_parties(self) -> tuple[str, ...]:
        """Who besides the team reads the summary: nobody before it is shared."""
        if self.summary is None or not self.summary_shared:
            return ()
        return ("client", "guardians", "school") if self.released_to_school else ("client", "guardians")

    def _check_has_begun(self, now: datetime, field: str) -> None:
        if now < self.scheduled_for - EARLY:
            raise SessionError(
                "This session has not begun yet.",
                field,
                "Write down who came once it has. Before that it can be cancelled.",
            )

    def _unwritten(self) -> "Session":
        if self.summary_shared or (self.summary is None and not self.released_to_school):
            return self
        return replace(self, summary=None, released_to_school=False, version=self.version + 1)

    def _documented(self) -> "Session":
        if self.state is State.ENDED and self.attendance is not None:
            return replace(self, state=State.DOCUMENTED)
        return self

    def _to(self, state: State, field: str) -> "Session":
        if state not in _NEXT[self.state]:
            raise SessionError(
                _SAYS.get(self.state, f"A session that is {self.state.value} cannot become {state.value}."),
                field,
                "Read the session again.",
            )
        return replace(self, state=state, version=self.version + 1)


def attendance_parties() -> tuple[str, ...]:
    """Who besides the team a session's time and attendance may reach; their class decides whether it does."""
    return ("client", "guardians")
