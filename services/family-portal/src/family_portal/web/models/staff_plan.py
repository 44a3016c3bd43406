"""The therapist's plan page: goals by state, answers with replies, tasks with the one that waits."""

from collections.abc import Mapping
from dataclasses import field
from types import MappingProxyType
from typing import ClassVar

from family_portal.web.models.model import model
from family_portal.web.models.pieces import Choice, ClientHead, FieldError, Form, Line, Link, Live, Meanwhile


@model
class WroteBefore:
    """What somebody wrote with an earlier answer, and what was replied to it."""

    words: str
    replied: str = ""


@model
class Answer:
    """What one party said to a goal; `reply` (inputs `words`, `said_at`, `instead_of`) is the form to answer it with,
    if any."""

    id: str
    who: str
    state: str
    """approve, ask, no, waiting"""
    text: str
    """said yes to the school wording · asks · says no · has not answered yet"""
    words: str = ""
    replied: str = ""
    before: tuple[WroteBefore, ...] = ()
    """What they wrote with earlier answers and is kept: words of worry, and what had its reply."""
    reply: Form | None = None

    @property
    def replying(self) -> bool:
        """Whether the form stands there: nothing was replied, or a colleague did while this one was being written."""
        return self.reply is not None and (not self.replied or bool(self.reply.errors))


@model
class StrategyAnswer:
    """Answers what does not work at school: inputs `words`, `strategy` (as it is, or another idea in its place)."""

    LABELS: ClassVar[Mapping[str, str]] = MappingProxyType(
        {"words": "Your answer", "strategy": "What school does instead"}
    )

    form: Form


@model
class StrategySaid:
    """What somebody at school said of one thing school does for a goal, and what came of it."""

    id: str
    who: str
    text: str
    """says that “…” does not work at school"""
    works: bool
    words: str = ""
    replied: str = ""
    changed_to: str = ""
    answer: StrategyAnswer | None = None
    apart: bool = False
    """School does not read the goal now: it waits, and nobody there would read an answer."""


@model
class LogAnswerPage:
    """`…/tasks/{t}/logs/{l}/answer` (`staff/log_answer.html`). Inputs words, steps (one a line), easier."""

    LABELS: ClassVar[Mapping[str, str]] = MappingProxyType(
        {"words": "Your answer", "steps": "What to do", "easier": "Easier"}
    )

    client: ClientHead
    form: Form
    title: str
    """The practice's own title."""
    who: str
    """Efua Mensah, Thursday 26 November: tried, couldn’t (too tired)"""
    words: str = ""
    reads: str = ""
    """Who reads the answer."""
    ended: bool = False
    """The practice is there no more: only words can answer."""
    apart: bool = False
    """Not everybody who reads the log has the card now: only words can answer."""
    writes: bool = True
    """False for a supervisor, who reads what was written and leaves the answer to whoever is assigned."""
    meanwhile: tuple[Meanwhile, ...] = ()
    """What is on the card now, where somebody changed it while this was being written."""


@model
class PlanTask:
    """One practice task under its goal."""

    id: str
    title: str
    line: str
    """at breakfast · about 3 minutes · Samira’s home"""
    state: str
    """live, queued, paused, ended"""
    state_text: str
    """waits, the household is full"""
    edit: str = ""
    actions: tuple[tuple[str, Form], ...] = ()
    """Small buttons: (words on it, form): Pause, Resume."""
    end: Form | None = None
    """Ends it for good, after one question."""
    paused: tuple[str, ...] = ()
    """At home with Samira: paused until Sunday."""
    words: str = ""
    """The page of its other languages, where the organisation has any."""


@model
class RateForm:
    """Agree the level of a goal: input `level` (−2 to 2 as text), `on` (a date), `source`."""

    LABELS: ClassVar[Mapping[str, str]] = MappingProxyType(
        {"level": "The level you agreed", "on": "On which day", "source": "Seen where, by whom"}
    )

    form: Form
    levels: tuple[Choice, ...]


@model
class Rationale:
    """Why a goal that may ask somebody to mask is theirs; `read` is the button of the second reader."""

    lines: tuple[tuple[str, str], ...]
    """Question and answer."""
    text: str
    """Nobody else has read these lines yet."""
    read: Form | None = None


@model
class PlanGoal:
    """A goal on the plan page."""

    id: str
    title: str
    text: str
    state: str
    """draft, proposed, active, on_hold, completed, rejected, cancelled"""
    state_text: str
    """Draft, two things to settle · Proposed, two of three have answered · Active, as it stands since 12 October"""
    edit: str = ""
    over: bool = False
    """It has ended: what is edited is who reads it, and nothing else."""
    version: int = 0
    read: str = ""
    """The goal by its id and the version in which the page shows it: what is ticked is moved as it was read."""
    private: bool = False
    can_propose: bool = False
    can_activate: bool = False
    answers: tuple[Answer, ...] = ()
    said: tuple[StrategySaid, ...] = ()
    """What school said lately of the things it does for this goal."""
    tasks: tuple[PlanTask, ...] = ()
    add_task: str = ""
    rate: RateForm | None = None
    actions: tuple[tuple[str, Form], ...] = ()
    """Pause this goal, Resume."""
    discard: Form | None = None
    """Throws a draft away, with the practice that its `tasks` name as it was shown; the page asks once before."""
    rationale: Rationale | None = None
    end: str = ""
    """The page on which it is ended."""
    ended: tuple[str, ...] = ()
    """How it ended: what became of it, how far it came, what the person said."""
    again: Form | None = None
    """Says that it needs help again; the page asks once before it does."""


@model
class EndGoalPage:
    """`/staff/clients/{c}/plan/end` (`staff/goal_end.html`).

    Inputs: how (in_use, resting, cancelled), achievement, asked_state, asked_how, asked_way, asked_came_back.
    """

    client: ClientHead
    form: Form
    title: str
    """The goal, as the team knows it."""
    back: Link
    evidence: tuple[Line, ...] = ()
    """What the usual rule looks at, part by part."""
    evidence_away: bool = False
    hows: tuple[Choice, ...] = ()
    achievements: tuple[Choice, ...] = ()
    asked: tuple[Choice, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    tasks: str = ""
    """What ends with it: "Two practices end with it."."""


OUTCOMES = (
    Choice(
        "rewritten",
        "We put it another way",
        hint="Say how below. It can begin a draft, or become a line about them.",
    ),
    Choice("taken", "We take it up", hint="It begins a draft, in these words."),
    Choice("refused", "No goal comes of it", hint="The answer says why."),
)
"""What may become of a wish."""


@model
class PlanWish:
    """A goal that home or school would wish for; `form` (its LABELS are its inputs, and `draft`) answers it."""

    LABELS: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            "outcome": "What becomes of it",
            "answer": "What they read",
            "became": "How we put it",
            "client_said": "How the person took it",
            "about_words": "Put it on the page “about me”",
            "about_heading": "Under which heading",
        }
    )

    id: str
    who: str
    when: str
    words: str
    text: str
    """would wish for this · put another way · no goal came of it · taken up"""
    marks: tuple[str, ...] = ()
    """What the rules say about these words."""
    form: Form | None = None
    answer: str = ""
    became: str = ""
    client_said: str = ""
    draft: Link | None = None
    line: Link | None = None
    """The line of the page “about me” that it became."""


@model
class PlanPage:
    """`/staff/clients/{c}/plan` (`staff/plan.html`; fragment `fragments/staff_plan.html`)."""

    client: ClientHead
    goals: tuple[PlanGoal, ...]
    live: Live
    new_goal: str
    propose: Form
    """Ticks `goals`; shown when a goal can be proposed."""
    activate: Form
    """Ticks `goals`; shown when a goal can be activated."""
    version: int = 0
    """The plan's own version, the staff's."""
    errors: tuple[FieldError, ...] = ()
    """What could not be done, each with the id of the element it leads to."""
    left: tuple[str, ...] = ()
    """What was written into a form whose place is gone, and was not sent."""
    notes: tuple[Line, ...] = ()
    """What is worth knowing of the plan as a whole."""
    wishes: tuple[PlanWish, ...] = ()
    """What home and school wish for and nobody has answered yet."""
    wished: tuple[PlanWish, ...] = ()
    """What has its answer, the newest first."""
    outcomes: tuple[Choice, ...] = OUTCOMES
    headings: tuple[Choice, ...] = ()
    """Under which a wish may become a line of the page “about me”."""
    available: bool = True
    """False: care-plans did not answer; the page shows its box instead of goals."""
