"""The forms requests take, and the domain values made of them."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from chassis.http import Strict
from chassis.strict import Moment
from contracts.ids import Id, new_id
from sessions.sessions import Attendance, Outcome, Summary
from sessions.trials import Trial

Words = Annotated[str, StringConstraints(min_length=1, max_length=4000)]
NoteText = Annotated[str, StringConstraints(min_length=1, max_length=20_000)]
Label = Annotated[str, StringConstraints(min_length=1, max_length=120)]
Modality = Literal["in_person", "video", "phone", "school_visit"]
_AHEAD = timedelta(minutes=5)
"""How far a device's clock may run before ours."""


class SessionIn(Strict):
    """A session to put into the calendar; one that was held earlier may be written down too."""

    id: Id | None = None
    kind: Literal["individual"] = "individual"
    scheduled_for: Moment
    ends: Moment | None = None
    modality: Modality | None = None


class AttendanceIn(Strict):
    """Who came, and for how long."""

    status: Literal["attended", "part", "absent"]
    minutes: int | None = Field(default=None, ge=0, le=1440)


class TrialIn(Strict):
    """One result: a value, out of how many, in which unit, phase and series."""

    id: Id | None = None
    goal_id: Id
    value: float = Field(ge=-1e9, le=1e9)
    out_of: float | None = Field(default=None, gt=0, le=1e9)
    unit: Label | None = None
    phase: Label | None = None
    label: Label | None = None
    prompt_level: int | None = Field(default=None, ge=0, le=3)
    """0 alone, 1 gesture, 2 spoken, 3 shown; physical prompts are not on the general scale."""
    outcome: Literal["did", "no_answer", "chose_not_to", "not_a_good_moment", "missed_by_us"] | None = None
    happened_at: Moment | None = None

    def trial(self, otherwise: datetime) -> Trial:
        """The domain's result; without a time of its own it happened when the session did."""
        return Trial(
            trial_id=self.id or new_id(),
            goal_id=self.goal_id,
            value=self.value,
            happened_at=(self.happened_at or otherwise).astimezone(UTC),
            out_of=self.out_of,
            unit=self.unit,
            phase=self.phase,
            label=self.label,
            prompt_level=self.prompt_level,
            outcome=self.outcome,
        )


class TrialsIn(Strict):
    """Results to add to a session."""

    trials: list[TrialIn] = Field(min_length=1, max_length=500)


class SummaryIn(Strict):
    """What family and client read; school only where it is released to them."""

    text: Words
    try_at_home: Words | None = None
    release_to_school: bool = False

    def summary(self) -> Summary:
        """The domain's summary."""
        return Summary(self.text, self.try_at_home)


class RecordedSummaryIn(Strict):
    """The summary inside a recorded session."""

    text: Words
    try_at_home: Words | None = None


class RecordIn(Strict):
    """How a session went: what became of it, who came, results, a summary for the family."""

    state: Literal["held", "no_show", "cancelled"]
    attendance: AttendanceIn | None = None
    trials: list[TrialIn] = Field(default_factory=list, max_length=500)
    """Results to keep; one with the id of a result of this session corrects it."""
    removed_trials: list[Id] = Field(default_factory=list, max_length=500)
    """Results to take back; one that is gone already stays gone."""
    summary: RecordedSummaryIn | None = None
    """Written for the family, and read by the team alone until it is shared or the session is signed.

    Without this field the summary stays as it is; null takes back one that is not shared yet.
    """
    share_summary: bool = False
    """Whether family and client, and school where released, read the summary from now on."""
    release_to_school: bool = False
    """Whether school reads the summary, too; of one that waits it may be said without its words."""

    @property
    def erases_summary(self) -> bool:
        """Whether no summary is to stand, where one may have stood before."""
        return self.summary is None and "summary" in self.model_fields_set

    @property
    def says_release(self) -> bool:
        """Whether anything is said about school."""
        return "release_to_school" in self.model_fields_set

    def outcome(self) -> Outcome:
        """The domain's outcome."""
        return Outcome(self.state)

    def came(self) -> Attendance | None:
        """The domain's attendance."""
        return Attendance(self.attendance.status, self.attendance.minutes) if self.attendance else None


class NoteIn(Strict):
    """A clinical note: a draft, or signed at once."""

    id: Id | None = None
    note_class: Literal["progress", "psychotherapy"]
    text: NoteText
    status: Literal["draft", "signed"] = "draft"


class NoteTextIn(Strict):
    """New words for a draft, or an amendment to a signed note."""

    text: NoteText


def is_ahead(moment: datetime, now: datetime) -> bool:
    """Whether something is said to have happened later than now."""
    return moment > now + _AHEAD
