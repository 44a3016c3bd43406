"""What school says of the things it does for a goal: it works, or not here; and what the team makes of it."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from care_plans.goals import Goal
from care_plans.unmet import WrongState
from care_plans.wordings import GoalWords
from chassis.errors import Conflict, Invalid
from contracts.care_plans import DutyCalled, GoalState, StrategyNoteBody, StrategyNoted
from contracts.classes import DataClass
from contracts.event import Event
from policy.worries import worrying


class NothingWaits(Conflict):
    """What was noted has its answer, or needs none."""

    title = "Nothing waits for an answer"


class StrategyGone(Conflict):
    """The strategy was changed since, and not because of this."""

    title = "The strategy stands there no more"


class NotSchoolsNow(Conflict):
    """The goal is school's no more: who noted the strategy reads nothing of it, and no answer either."""

    title = "School does not read the goal now"


class WaitsForReader(Conflict):
    """New words of the goal wait until somebody else has read its rationale, and nothing has changed yet."""

    title = "The goal's new words would wait for a second reader"


@dataclass
class StrategyNote:
    """What one person at school said of one strategy; its author and the team alone read it."""

    tenant_id: str
    client_id: str
    id: str
    goal_id: str
    person_id: str
    strategy: str
    works: bool
    words: str | None
    at: datetime
    waits: bool = False
    reply: str | None = None
    changed_to: str | None = None
    told: bool = False
    """Whether the goal's new version tells school of the change."""
    events: list[Event] = field(default_factory=list)

    def settle(
        self,
        *,
        by: str,
        now: datetime,
        reply: str | None = None,
        changed_to: str | None = None,
        told: bool = False,
    ) -> None:
        """Wait no more: it was answered, its strategy was changed, or its author has said something newer."""
        self.waits, self.reply, self.changed_to, self.told = False, reply, changed_to, told
        self.tell(by, now)

    def body(self) -> StrategyNoteBody:
        """Its words, to be sealed."""
        return StrategyNoteBody(
            strategy=self.strategy,
            works=self.works,
            words=self.words,
            reply=self.reply,
            changed_to=self.changed_to,
        )

    def tell(self, by: str, now: datetime) -> None:
        """Append the whole note as an event."""
        self.events.append(
            StrategyNoted(
                tenant_id=self.tenant_id,
                client_id=self.client_id,
                by=by,
                at=now,
                record_id=self.id,
                goal_id=self.goal_id,
                happened_at=self.at,
                parties=(f"person:{self.person_id}",),
                waits=self.waits,
                changed=self.told,
                words={DataClass.PLAN_SCHOOL: self.body()},
            )
        )

    def call(self) -> None:
        """Whoever is on duty is to see it soon."""
        self.events.append(
            DutyCalled(
                tenant_id=self.tenant_id,
                client_id=self.client_id,
                by=self.person_id,
                at=self.at,
                record_id=self.id,
                data_class=DataClass.PLAN_SCHOOL,
                goal_id=self.goal_id,
                parties=(f"person:{self.person_id}",),
            )
        )


def note_strategy(
    goal: Goal, strategy: str, *, note_id: str, works: bool, words: str | None, by: str, now: datetime
) -> StrategyNote:
    """What somebody says of a strategy of a goal that is worked on now.

    Raises WrongState for a goal that is not, Invalid for what is none of its strategies.
    """
    if goal.state is not GoalState.ACTIVE:
        raise WrongState(goal.state, "active")
    if strategy not in goal.words.strategies:
        raise Invalid(
            "This is none of what school does for this goal now.",
            "strategy",
            "Read the goal again and choose one of its strategies.",
        )
    note = StrategyNote(
        goal.tenant_id, goal.client_id, note_id, goal.id, by, strategy, works, words, now, waits=not works
    )
    note.tell(by, now)
    if worrying(words):
        note.call()
    return note


def answer_note(
    note: StrategyNote,
    goal: Goal,
    *,
    reply: str | None,
    strategy: str | None,
    by: str,
    now: datetime,
    client_reads: bool,
) -> None:
    """Answer what did not work, in words, with another strategy in its place, or with both.

    Raises NothingWaits, NotSchoolsNow, Invalid where nothing is said, StrategyGone, WaitsForReader, and what a change
    of the goal raises.
    """
    if not note.waits:
        raise NothingWaits(
            "It has its answer, or needs none.", "note_id", "What is to change now stands in the goal itself."
        )
    if "school" not in goal.parties:
        raise NotSchoolsNow(
            "School does not read this goal now, so nobody there would read an answer.",
            "words" if reply else "strategy",
            "It can be answered once the goal is shared with school again.",
        )
    another = strategy if strategy != note.strategy else None
    if not reply and not another:
        raise Invalid("Nothing is said yet.", "words", "Write a few words, or another strategy.")
    before = goal.version
    if another:
        _replace(goal, note.strategy, another, by=by, now=now, client_reads=client_reads)
    note.settle(by=by, now=now, reply=reply, changed_to=another, told=goal.told_since(before))


def _replace(goal: Goal, old: str, new: str, *, by: str, now: datetime, client_reads: bool) -> None:
    """Put another strategy in the place of one, also in new words that wait for their second reader."""
    strategies, waiting = goal.words.strategies, goal.rewording
    if old not in strategies:
        raise StrategyGone(
            "The strategy was changed meanwhile.", "strategy", "Answer in words, or change the goal itself."
        )
    if new in strategies:
        raise Invalid("School does this already.", "strategy", "Write another idea, or answer in words.")
    goal.revise(_with(goal.words, old, new), by=by, now=now, client_reads=client_reads)
    if new not in goal.words.strategies:
        raise WaitsForReader(
            "What you write anew in this goal waits until somebody else has read its rationale.",
            "strategy",
            "Answer in words now, or write the new idea into the goal and answer once it has been read.",
        )
    if waiting is not None:
        goal.rewording = replace(waiting, words=_with(waiting.words, old, new))


def _with(words: GoalWords, old: str, new: str) -> GoalWords:
    lines = tuple(new if line == old else line for line in words.strategies)
    return words.model_copy(update={"strategies": lines})
