"""What care-plans tells others: goals in four wordings, tasks, plans proposed and activated."""

from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from contracts.about_me import (
    AboutMeChanged as AboutMeChanged,
)  # told by care-plans too, from a file of its own
from contracts.classes import DataClass
from contracts.duty import DutyCall
from contracts.event import Event, Item, Part, Section
from contracts.ids import Id


class GoalState(StrEnum):
    """FHIR goal lifecycle."""

    DRAFT = "draft"
    PROPOSED = "proposed"
    ACTIVE = "active"
    ON_HOLD = "on_hold"
    COMPLETED = "completed"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


class Achievement(StrEnum):
    """FHIR goal achievement: how far it came, told apart from whether anybody still works on it."""

    IN_PROGRESS = "in_progress"
    IMPROVING = "improving"
    WORSENING = "worsening"
    NO_CHANGE = "no_change"
    ACHIEVED = "achieved"
    SUSTAINING = "sustaining"
    NOT_ACHIEVED = "not_achieved"
    NO_PROGRESS = "no_progress"
    NOT_ATTAINABLE = "not_attainable"


class Use(StrEnum):
    """What became of a completed goal, in the words that everybody reads."""

    IN_USE = "in_use"
    RESTING = "resting"
    NEEDS_HELP_AGAIN = "needs_help_again"


class TaskState(StrEnum):
    """A live task counts towards its household's cap, a queued one waits for a place."""

    LIVE = "live"
    QUEUED = "queued"
    PAUSED = "paused"
    ENDED = "ended"


MOST_OPEN_WISHES = 20
"""So many wishes of one person for one client wait for an answer: the team reads them all, beside everybody's."""


class ProposalState(StrEnum):
    """A wish for a goal is open until the team has answered it, in one of three ways."""

    OPEN = "open"
    REWRITTEN = "rewritten"
    REFUSED = "refused"
    TAKEN = "taken"


class EpisodeState(StrEnum):
    """From a referral to the end of the work with one client; what has ended may begin again."""

    REFERRED = "referred"
    WAITING = "waiting"
    ASSESSING = "assessing"
    ACTIVE = "active"
    STEPPING_DOWN = "stepping_down"
    ENDED = "ended"


class GoalTeam(Section):
    """A goal for the care team: the clinical wording and everything needed to work with it."""

    statement: str
    own: str | None = None
    client_words: str | None = None
    levels: list[str] = Field(min_length=5, max_length=5)
    baseline_level: int | None = None
    level: int | None = None
    level_since: date | None = None
    measure: dict[str, str] = Field(default_factory=dict)
    others_will: list[str] = Field(default_factory=list)
    asked_for_by: list[str] = Field(default_factory=list)
    assent: dict[str, str] = Field(default_factory=dict)
    stop_if: str | None = None
    school_link: str | None = None
    ended_on: date | None = None
    use: str | None = None
    achievement: str | None = None
    ending: dict[str, str] = Field(default_factory=dict)
    """What the person said to its end: whether they agreed, how they were asked, what came back."""


class GoalWording(Section):
    """A goal as one party reads it: plain, school or the client's own words."""

    statement: str
    client_words: str | None = None
    levels: list[str] = Field(default_factory=list)
    baseline_level: int | None = None
    level: int | None = None
    level_since: date | None = None
    others_will: list[str] = Field(default_factory=list)
    strategies: list[str] = Field(default_factory=list)
    school_link: str | None = None
    stop_if: str | None = None
    """Not in the school's wording: it may say how things are at home."""
    ended_on: date | None = None
    use: str | None = None
    """How far it came is the team's to know; its other readers have what became of it."""


class GoalChanged(Part):
    """Sent when a goal that has left its draft changes in any way: each wording that moved, whole."""

    TYPE: ClassVar[str] = "care_plans.goal_changed.v1"
    SECTIONS: ClassVar[dict[DataClass, type[Section]]] = {
        DataClass.PLAN_TEAM: GoalTeam,
        DataClass.PLAN_PLAIN: GoalWording,
        DataClass.PLAN_SCHOOL: GoalWording,
        DataClass.PLAN_OWN: GoalWording,
        DataClass.PLAN_PRIVATE: GoalTeam,
    }
    state: GoalState
    version: int
    """The goal's own number, the same for everyone who may see it."""
    version_at: datetime
    first_at: datetime | None = None
    """When it was first put to those who read it now: the place it keeps among the goals."""
    same: tuple[DataClass, ...] = ()
    """Classes in which nothing changed: their section is left out, and a view keeps what it has. A page whose
    wording did not move hears nothing of what the team wrote."""


class RatingBody(Section):
    """A level agreed on a day, −2 … +2, and who rated from what."""

    level: int
    source: str | None = None


class GoalRated(Item):
    """Sent when the level of a goal was agreed for a day."""

    TYPE: ClassVar[str] = "care_plans.goal_rated.v1"
    SECTIONS: ClassVar[dict[DataClass, type[Section]]] = {
        DataClass.MEASURE: RatingBody,
        DataClass.PLAN_PRIVATE: RatingBody,
    }


class EpisodeTeam(Section):
    """An episode for the care team: who referred and when, how they were told, and what was agreed."""

    referred_on: date
    referred_by: str | None = None
    told: str | None = None
    """How those who wait were told; nobody has told them yet where it is empty."""
    rhythm: str | None = None
    planned_weeks: int | None = None
    ends_when: str | None = None


class EpisodeHome(Section):
    """An episode for whoever may read the plain plan: since when the team is at work, and nothing else."""

    begun_on: date


class EpisodeChanged(Part):
    """Sent when somebody was referred, and at every later change of the work with them; home reads that it began."""

    TYPE: ClassVar[str] = "care_plans.episode_changed.v1"
    SECTIONS: ClassVar[dict[DataClass, type[Section]]] = {
        DataClass.PLAN_TEAM: EpisodeTeam,
        DataClass.PLAN_PLAIN: EpisodeHome,
    }
    state: EpisodeState
    begins: bool = False
    """Whether with this the team began: whoever may read the plain plan hears that there is something new."""
    same: tuple[DataClass, ...] = ()
    """Classes in which nothing changed, as with goals: home hears nothing of what the team wrote."""


class PlanProposed(Event):
    """Sent when goals were put to family and school for reading; `asked` says to whom."""

    TYPE: ClassVar[str] = "care_plans.plan_proposed.v1"
    goal_ids: tuple[Id, ...]
    asked: tuple[Id, ...]
    """Parties asked: guardians, school, client, network."""


class PlanActivated(Event):
    """Sent when agreed goals became active."""

    TYPE: ClassVar[str] = "care_plans.plan_activated.v1"
    goal_ids: tuple[Id, ...]
    told: tuple[Id, ...]


class GoalsEnded(Event):
    """Sent when goals that were worked on ended; `told` says who reads that among earlier goals."""

    TYPE: ClassVar[str] = "care_plans.goals_ended.v1"
    goal_ids: tuple[Id, ...]
    told: tuple[Id, ...]


class SaidBefore(BaseModel):
    """Words that somebody wrote with an earlier answer, and what was replied to them."""

    model_config = ConfigDict(frozen=True)

    words: str
    reply: str | None = None


class AnswerBody(Section):
    """What a party said to a proposed goal, and what the therapist answered."""

    answer: str
    words: str | None = None
    reply: str | None = None
    words_before: str | None = None
    """What the person wrote with an earlier answer, kept once it had its reply."""
    reply_before: str | None = None
    worries: tuple[SaidBefore, ...] = ()
    """Words of worry from earlier answers, newest first: nothing that is said after them takes them away."""


class PlanAnswered(Item):
    """Sent when a party approved, asked about or said no to a goal, or the therapist replied."""

    TYPE: ClassVar[str] = "care_plans.plan_answered.v1"
    SECTIONS: ClassVar[dict[DataClass, type[Section]]] = {
        DataClass.PLAN_PLAIN: AnswerBody,
        DataClass.PLAN_SCHOOL: AnswerBody,
        DataClass.PLAN_OWN: AnswerBody,
        DataClass.PLAN_PRIVATE: AnswerBody,
    }
    version: int


class StrategyNoteBody(Section):
    """What somebody at school says of one thing school does for a goal, and what came of it."""

    strategy: str
    """As it stood when they said so."""
    works: bool
    words: str | None = None
    reply: str | None = None
    changed_to: str | None = None
    """What the team wrote in its place because of what was noted."""


class StrategyNoted(Item):
    """Sent when somebody at school said whether a strategy works there, or the therapist answered."""

    TYPE: ClassVar[str] = "care_plans.strategy_noted.v1"
    SECTIONS: ClassVar[dict[DataClass, type[Section]]] = {DataClass.PLAN_SCHOOL: StrategyNoteBody}
    waits: bool
    """Whether an answer of the team is still to come."""
    changed: bool = False
    """Whether the strategy was changed with the answer, and the goal's new version tells school of it."""


class ProposalBody(Section):
    """What somebody would wish for as a goal, and what the team answered them; no word of the record itself."""

    words: str
    answer: str | None = None


class ProposalChanged(Item):
    """Sent when somebody at home or at school wished for a goal, or the team answered; only they and the team."""

    TYPE: ClassVar[str] = "care_plans.proposal_changed.v1"
    SECTIONS: ClassVar[dict[DataClass, type[Section]]] = {
        DataClass.PLAN_PLAIN: ProposalBody,
        DataClass.PLAN_SCHOOL: ProposalBody,
    }
    state: ProposalState


class TaskWords(Section):
    """A practice task's words in another language, line by line as the original has them."""

    title: str
    why: str
    you_need: list[str] = Field(default_factory=list)
    steps: list[str] = Field(default_factory=list)
    if_nothing_comes: str | None = None
    easier: str | None = None
    stop_when: str | None = None
    look_for: str | None = None
    thanks: str | None = None
    who: str | None = None
    when: str | None = None


class TaskBody(Section):
    """A practice task as a tired person reads it in two minutes."""

    title: str
    why: str
    you_need: list[str] = Field(default_factory=list)
    steps: list[str] = Field(default_factory=list)
    if_nothing_comes: str | None = None
    easier: str | None = None
    stop_when: str | None = None
    look_for: str | None = None
    thanks: str | None = None
    who: str | None = None
    when: str | None = None
    takes_minutes: int | None = None
    translations: dict[str, TaskWords] = Field(default_factory=dict)
    """By language: those alone that somebody else than the translator has checked."""
    changed: list[str] = Field(default_factory=list)
    """What is new on the card since its last change, in its own lines; nothing of why."""
    changed_on: date | None = None


class LogAnswerBody(Section):
    """What the therapist replied to one log; those alone read it who read the log."""

    reply: str | None = None


class TaskChanged(Part):
    """Sent when a task was assigned, changed, began to wait, rested or ended: the whole task."""

    TYPE: ClassVar[str] = "care_plans.task_changed.v1"
    SECTIONS: ClassVar[dict[DataClass, type[Section]]] = {
        DataClass.TASK: TaskBody,
        DataClass.PLAN_PRIVATE: TaskBody,
    }
    goal_id: Id
    state: TaskState
    setting: Id
    times: int
    per: Id


class PracticeRested(Part):
    """Sent when a home, or the client, lets all practice rest until the end of a day, or goes on before it."""

    TYPE: ClassVar[str] = "care_plans.practice_rested.v1"
    household_id: Id | None = None
    """None: the client's own practice, and no home's."""
    until: date
    """The last day of the rest, in London; after it nothing rests, whether somebody says so or not."""


class LogAnswered(Item):
    """Sent when the therapist answered a log of a practice, in words, with a smaller step on its card, or both."""

    TYPE: ClassVar[str] = "care_plans.log_answered.v1"
    SECTIONS: ClassVar[dict[DataClass, type[Section]]] = {
        DataClass.TASK_LOG: LogAnswerBody,
        DataClass.PLAN_PRIVATE: LogAnswerBody,
    }
    task_id: Id
    log_id: Id
    told: bool = False
    """Whether the changed card tells its readers already that there is something new."""


class DutyCalled(DutyCall):
    """Sent when an answer to a goal holds something that whoever is on duty should see soon; never what."""

    TYPE: ClassVar[str] = "care_plans.duty_called.v1"


class AccessApplied(Event):
    """Sent when care-plans has applied an access document whose receipts are collected."""

    TYPE: ClassVar[str] = "care_plans.access_applied.v1"
    withdrawal_ids: tuple[Id, ...]
    rev: int
