"""One home-practice task: a draft beside its goal, then live or waiting for a place, resting, ended."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from care_plans.translations import Translation, fallen_back, says_the_same, told
from chassis.errors import Conflict, NotFound
from contracts.care_plans import TaskBody, TaskChanged, TaskState, TaskWords
from contracts.classes import DataClass
from contracts.event import Event
from policy.days import day_of


class Stage(StrEnum):
    """The states of a task; a draft is known to the team alone and has no event."""

    DRAFT = "draft"
    LIVE = "live"
    QUEUED = "queued"
    PAUSED = "paused"
    ENDED = "ended"


PLACED = frozenset({Stage.LIVE, Stage.QUEUED})
"""Stages in which a task holds or waits for a place in its homes."""


FEWER, MOVED = "A step is left out.", "The steps are in another order."
"""What is said to be new where nothing was added: something went, or stands elsewhere."""


class TaskEnded(Conflict):
    """The task has ended; a new one takes its place."""

    title = "The task has ended"


class TaskNotThere(Conflict):
    """The task is not in the state this move starts from."""

    title = "The task is not in the right state"


@dataclass(frozen=True)
class Planned:
    """How often, and when."""

    times: int
    per: str


@dataclass
class Task:
    """A task as care-plans keeps it. `homes` are the digests under which its places are counted.

    A private task is in no household and takes no place: a home would notice it by what had to wait.
    """

    tenant_id: str
    client_id: str
    id: str
    goal_id: str
    setting: str
    households: tuple[str, ...]
    planned: Planned
    body: TaskBody
    """Its words in the language they were written in; they hold no translation."""
    assigned_to: str | None = None
    private: bool = False
    parties: tuple[str, ...] = ()
    stage: Stage = Stage.DRAFT
    rests_with_goal: bool = False
    homes: tuple[str, ...] = ()
    queued_at: datetime | None = None
    doc_version: int = 0
    created_at: datetime | None = None
    events: list[Event] = field(default_factory=list)
    translations: dict[str, Translation] = field(default_factory=dict)

    @property
    def data_class(self) -> DataClass:
        """The class of a task's words: a private one belongs to the client."""
        return DataClass.PLAN_PRIVATE if self.private else DataClass.TASK

    def reaches(self, data_class: DataClass, parties: Sequence[str]) -> bool:
        """Whether the card is of the same kind as what has this class, and everybody who reads that has it too.

        A card that became private, or went to another home, tells those of before nothing any more.
        """
        alike = (data_class is DataClass.PLAN_PRIVATE) == self.private
        return alike and set(parties) <= set(self.parties)

    def place(self, admitted: bool, *, homes: tuple[str, ...], by: str | None, now: datetime) -> None:
        """Become live where there was room, else wait. Tells only what changed."""
        self._must_go_on()
        stage = Stage.LIVE if admitted else Stage.QUEUED
        same = stage is self.stage
        self.stage, self.homes, self.rests_with_goal = stage, homes, False
        self.queued_at = None if admitted else self.queued_at or now
        if not same:
            self._tell(by, now)

    def revise(self, other: "Task", *, by: str | None, now: datetime) -> None:
        """Take over what another draft says. Raises TaskEnded. Places are decided anew by the caller."""
        self._must_go_on()
        hidden = self.private != other.private
        if hidden and self.stage is not Stage.DRAFT:
            self._tell(by, now, ended=True)
        self.setting, self.households, self.planned = other.setting, other.households, other.planned
        if not says_the_same(other.body, self.body):
            self.translations = fallen_back(self.translations)
        self.body, self.assigned_to = other.body, other.assigned_to
        self.private, self.parties = other.private, other.parties
        if self.stage is not Stage.DRAFT:
            self._tell(by, now)

    def ease(self, steps: Sequence[str] | None, easier: str | None, *, by: str | None, now: datetime) -> bool:
        """Make the card smaller: other steps, another easier way. Tells its readers; its goal does not move.

        Answers whether anything changed. Raises TaskEnded.
        """
        before = self.body
        new_steps, new_easier = list(steps or before.steps), easier or before.easier
        lines = [line for line in new_steps if line not in before.steps]
        lines += [new_easier] if new_easier and new_easier != before.easier else []
        if new_steps == before.steps and not lines:
            return False
        self._must_go_on()
        nothing_new = FEWER if len(new_steps) < len(before.steps) else MOVED
        changed = {"changed": lines or [nothing_new], "changed_on": day_of(now)}
        self.body = before.model_copy(update={"steps": new_steps, "easier": new_easier, **changed})
        self.translations = fallen_back(self.translations)
        if self.stage is not Stage.DRAFT:
            self._tell(by, now)
        return True

    def hide(self, *, by: str | None, now: datetime) -> None:
        """Become the client's own, as its goal did: it leaves every other page first, and its households.

        Without one it has nothing to wait for; the caller gives its places back.
        """
        told = self.stage not in (Stage.DRAFT, Stage.ENDED)
        if told:
            self._tell(by, now, ended=True)
        self.private, self.parties, self.households = True, ("client",), ()
        if self.stage is Stage.QUEUED:
            self.stage, self.queued_at = Stage.LIVE, None
        if told:
            self._tell(by, now)

    def read_by(self, parties: tuple[str, ...], *, by: str | None, now: datetime) -> None:
        """Be read by these from now on, as its goal is shared now; whoever is not among them loses it."""
        if parties == self.parties:
            return
        self.parties = parties
        if self.stage not in (Stage.DRAFT, Stage.ENDED):
            self._tell(by, now)

    def rest(self, *, by: str | None, now: datetime, with_goal: bool = False) -> None:
        """Rest: no place, no reminder. Raises TaskNotThere unless it is live or waits."""
        self._must_go_on()
        if self.stage not in PLACED:
            raise TaskNotThere(f"The task is {self.stage}.", "state", "Only a live or waiting task can rest.")
        self.stage, self.rests_with_goal, self.queued_at = Stage.PAUSED, with_goal, None
        self._tell(by, now)

    def end(self, *, by: str | None, now: datetime) -> None:
        """End for good and leave every page. Raises TaskEnded when it had ended."""
        self._must_go_on()
        known = self.stage is not Stage.DRAFT
        self.stage, self.queued_at = Stage.ENDED, None
        if known:
            self._tell(by, now, ended=True)

    def translate(self, language: str, words: TaskWords, *, done: bool, by: str, now: datetime) -> None:
        """Write it in another language: a draft, or `done`, for somebody else to check. Raises TaskEnded, and
        Invalid where a translation that is done leaves something out. One that was checked is so no longer, but for
        one whose words are the same: it stays whose it was."""
        self._must_go_on()
        coming = Translation.of(words, self.body, done=done, by=by)
        before = self._told()
        stands = coming.after(self.translations.get(language))
        self.translations = {**self.translations, language: stands}
        self._tell_words(before, by, now)

    def check(self, language: str, *, by: str, now: datetime) -> None:
        """Somebody else than the translator has read it: from now on its readers can choose it.

        Raises TaskEnded, NotFound without one, Conflict for a draft, Invalid for the translator.
        """
        self._must_go_on()
        translation = self.translations.get(language)
        if translation is None:
            raise NotFound
        before = self._told()
        self.translations = {**self.translations, language: translation.checked(by)}
        self._tell_words(before, by, now)

    def waits_for_goal(self) -> bool:
        """True for a task that becomes live as soon as its goal is active."""
        return self.stage is Stage.DRAFT or (self.stage is Stage.PAUSED and self.rests_with_goal)

    def _told(self) -> TaskBody:
        """What its readers read."""
        return told(self.body, self.translations)

    def _tell_words(self, before: TaskBody, by: str, now: datetime) -> None:
        """Tell the task where its readers read something else now; a translation on its way is the team's alone."""
        if self._told() != before and self.stage is not Stage.DRAFT:
            self._tell(by, now)

    def _must_go_on(self) -> None:
        if self.stage is Stage.ENDED:
            raise TaskEnded("It has ended.", "state", "Make a new task.")

    def _tell(self, by: str | None, now: datetime, *, ended: bool = False) -> None:
        self.events.append(
            TaskChanged(
                tenant_id=self.tenant_id,
                client_id=self.client_id,
                by=by,
                at=now,
                record_id=self.id,
                parties=self.parties,
                ended=ended,
                goal_id=self.goal_id,
                state=TaskState(self.stage.value),
                setting=self.setting,
                times=self.planned.times,
                per=self.planned.per,
                words={} if ended else {self.data_class: self._told()},
            )
        )


def task_parties(
    *,
    households: tuple[str, ...],
    private: bool,
    client_reads: bool,
    at_school: bool,
    person: str | None = None,
) -> tuple[str, ...]:
    """Who besides the team reads a task: its homes, the client, whom it is for, the school."""
    if private:
        return ("client",)
    labels = [f"household:{household}" for household in households]
    labels += ["client"] if client_reads else []
    labels += [f"person:{person}"] if person else []
    return (*labels, "school") if at_school else tuple(labels)
