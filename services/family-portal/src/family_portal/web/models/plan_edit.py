"""The goal editor and the task editor, with what the lint says in the margin."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from family_portal.web.models.model import model
from family_portal.web.models.pieces import Choice, ClientHead, Form, Meanwhile, Quote


@model
class LintMark:
    """A remark beside a field: `kind` is ask (settle first), tip or ok; `field` the input's name."""

    field: str
    kind: str
    title: str
    text: str = ""


MEASURES = (
    Choice("", "Choose"),
    Choice("out_of_n", "How many out of how many"),
    Choice("times_in_period", "Times in a period"),
    Choice("minutes_in_window", "Minutes in a window"),
    Choice("ordered_steps", "Ordered steps"),
    Choice("rubric_0_4", "0 to 4 by a described scale"),
    Choice("days", "Days, or days of a week"),
    Choice("trial_by_trial", "Trial by trial"),
)
ASSENTS = (
    Choice("agreed", "Asked, and said yes"),
    Choice("unsure", "Asked, and not sure yet"),
    Choice("refused", "Asked, and said no"),
    Choice("not_asked", "Not asked yet"),
)
LEVELS = ("Less", "A start", "Aimed for", "More", "A lot more")
"""The five levels by name, lowest first."""
BASELINES = (Choice("", "Choose"), *(Choice(str(n - 2), LEVELS[n]) for n in (4, 3, 2, 1, 0)))
PLACES = (Choice("home", "Home"), Choice("school", "School"), Choice("session", "Sessions"))
WEIGHTS = (Choice("", "Choose"), Choice("1", "A little"), Choice("2", "Quite"), Choice("3", "A lot"))
AUDIENCES = (
    Choice("guardians", "Family"),
    Choice("school", "School"),
    Choice("network", "People of the network"),
)
PRIVATE = (Choice("yes", "Keep this goal between us"),)
RATIONALE: Mapping[str, str] = MappingProxyType(
    {
        "who_asked": "Who asked for this?",
        "client_words": "What did the person say about it, in their way of communicating? "
        "If you could not ask, stop here.",
        "need_behind": "What is the need behind it? What gets easier for the person, not for others?",
        "others_first": "What will the people around change first, and for how long?",
        "way_out": "How does the person say stop, and who checks the cost each review?",
    }
)
"""The five lines behind a goal that may ask somebody to mask; each has an input `rationale_…`."""


def goal_labels(name: str) -> Mapping[str, str]:
    """What the goal editor of this client calls its fields, in the order of the page."""
    return {
        "own_client_words": f"What {name} said about it, in {name}’s own words or way",
        "own_statement": f"The goal as {name} would say it",
        "assent_state": f"Has {name} been asked?",
        "assent_how": "How you asked",
        "assent_way": "In which way of communicating",
        "assent_came_back": f"What {name} answered",
        "asked_for_by": "Who else asked for this",
        "team": "For the team",
        "plain": "For the family, in plain words",
        "school": "For school",
        **{f"level_{n}": LEVELS[n] for n in (4, 3, 2, 1, 0)},
        "baseline": "Where it is today",
        "measure_kind": "How it is measured",
        "measure_min": "Lowest value",
        "measure_max": "Highest value",
        "measure_rater": "Who notes it",
        "measure_from": "From what",
        "others_will": "What the others will do",
        "strategies": "Three things for school this week",
        "stop_if": "We stop and meet if",
        "settings": "Where it is worked on",
        "school_link": "School plan",
        "importance": f"How much it matters to {name}",
        "difficulty": "How hard it is",
        "audience": "Who may read it, besides the team",
        "private": "Private",
    }


TASK_LABELS: Mapping[str, str] = MappingProxyType(
    {
        "goal_id": "For which goal",
        "setting": "Where",
        "households": "In which home",
        "title": "What it is called",
        "why": "Why",
        "you_need": "You need",
        "steps": "What to do",
        "if_nothing_comes": "If nothing comes",
        "easier": "Easier",
        "stop_when": "Stop when",
        "look_for": "The question afterwards",
        "thanks": "The thank-you line",
        "who": "Who does it",
        "when": "When",
        "takes_minutes": "Minutes",
        "times": "How many times",
        "per": "in a",
    }
)
"""What the task editor calls its fields, in the order of the page."""


def with_stored(choices: Iterable[Choice], *stored: str) -> tuple[Choice, ...]:
    """The choices, and what is stored that they do not know, so that saving the page keeps it."""
    listed = tuple(choices)
    known = {choice.value for choice in listed}
    others = [value for value in dict.fromkeys(stored) if value and value not in known]
    return (*listed, *(Choice(value, _in_words(value)) for value in others))


def _in_words(value: str) -> str:
    words = value.replace("_", " ")
    return f"{words[:1].upper()}{words[1:]}"


@model
class GoalEditorPage:
    """`/staff/clients/{c}/plan/edit?goal=` (`staff/goal_edit.html`); posts `do` = draft, propose or discard.

    Inputs: own_statement, own_client_words, team, plain, school, level_0 … level_4 (lowest first), baseline
    (-2 … 2), measure_kind, measure_min, measure_max, measure_rater, measure_from, others_will (one a line),
    asked_for_by (one a line), assent_state, assent_how, assent_way, assent_came_back, settings (ticks home,
    school, session), importance, difficulty, audience (ticks guardians, school, network), private
    (tick "yes"; asks_private says that it was offered), stop_if, school_link, strategies (one a line),
    rationale_who_asked and the other four of RATIONALE. What is stored and not in a list is a choice too.
    """

    client: ClientHead
    form: Form
    state_text: str
    """Draft. Nobody outside the team sees it until you propose it. Saved 14:02."""
    tag: str
    """Draft of version 5"""
    lint: tuple[LintMark, ...]
    settle: str
    """Two things to settle before it can be proposed."""
    quote: Quote | None = None
    can_propose: bool = True
    is_draft: bool = True
    saved: str = ""
    """What has just become of it."""
    can_discard: bool = False
    """Whether there is a kept draft to throw away; the page asks once before it does."""
    over: bool = False
    """It has ended: the page asks for who reads it, audience and private, and for nothing else."""
    left: tuple[str, ...] = ()
    """What was written of it while it ended, and was not sent."""
    title: str = ""
    """Of one that has ended: which goal it is."""
    practice: tuple[str, ...] = ()
    """What goes with a draft that is thrown away, by its title."""
    may_be_private: bool = False
    """Whether this client's age allows a private goal, or this one is private already, or was while it was written."""
    needs_rationale: bool = False
    """A rule or the author asks for the five lines."""
    rationale_text: str = ""
    """Nobody else has read it yet."""
    measures: tuple[Choice, ...] = MEASURES
    assents: tuple[Choice, ...] = ASSENTS
    baselines: tuple[Choice, ...] = BASELINES
    settings: tuple[Choice, ...] = PLACES
    importances: tuple[Choice, ...] = WEIGHTS
    difficulties: tuple[Choice, ...] = WEIGHTS
    audiences: tuple[Choice, ...] = AUDIENCES
    privates: tuple[Choice, ...] = PRIVATE
    meanwhile: tuple[Meanwhile, ...] = ()
    """What is there now, where somebody saved while this was being written."""

    @property
    def choices(self) -> Mapping[str, tuple[Choice, ...]]:
        """What can be chosen, by input."""
        return {
            "assent_state": self.assents,
            "baseline": self.baselines,
            "measure_kind": self.measures,
            "settings": self.settings,
            "importance": self.importances,
            "difficulty": self.difficulties,
            "audience": self.audiences,
            "private": self.privates,
        }

    @property
    def fields(self) -> Mapping[str, str]:
        """Every input and what the page calls it."""
        every = {**self.labels, **dict(self.rationale)}
        return {name: every[name] for name in ("audience", "private")} if self.over else every

    @property
    def labels(self) -> Mapping[str, str]:
        """What this page calls its fields."""
        return goal_labels(self.client.name)

    @property
    def levels(self) -> tuple[tuple[str, str], ...]:
        """Input and value of each level, highest first."""
        return tuple((f"level_{n}", str(n - 2)) for n in (4, 3, 2, 1, 0))

    @property
    def rationale(self) -> tuple[tuple[str, str], ...]:
        """Input and question of each line of the rationale."""
        return tuple((f"rationale_{name}", question) for name, question in RATIONALE.items())

    @property
    def shows_rationale(self) -> bool:
        """Whether the five lines stand open: asked for, begun, or wrong."""
        begun = any(self.form.value(name) for name, _ in self.rationale)
        wrong = any(error.field.startswith("rationale") for error in self.form.errors)
        return self.needs_rationale or begun or wrong

    def marks(self, *fields: str) -> tuple[LintMark, ...]:
        """The remarks for these fields, in order."""
        return tuple(mark for mark in self.lint if mark.field in fields)

    def asks(self, name: str) -> bool:
        """Whether something must be settled at this field."""
        return any(mark.field == name and mark.kind == "ask" for mark in self.lint)


PERIODS = (Choice("week", "week"), Choice("day", "day"), Choice("school_week", "school week"))
TASK_PLACES = (
    Choice("home", "At home", "home"),
    Choice("school", "At school", "school"),
    Choice("community", "Out and about", "people"),
)


@model
class TaskEditorPage:
    """`/staff/clients/{c}/plan/tasks/edit?task=&goal=` (`staff/task_edit.html`).

    Inputs: goal_id, setting, households (ticks), title, why, you_need (one a line), steps (one a line),
    if_nothing_comes, easier, stop_when, look_for, thanks, who, when, takes_minutes, times, per.
    """

    client: ClientHead
    form: Form
    goals: tuple[Choice, ...]
    households: tuple[Choice, ...]
    """With the hint "three live tasks already; a fourth waits" where the home is full."""
    settings: tuple[Choice, ...] = TASK_PLACES
    is_new: bool = True
    periods: tuple[Choice, ...] = PERIODS
    meanwhile: tuple[Meanwhile, ...] = ()
    """What is there now, where somebody saved while this was being written."""

    @property
    def choices(self) -> Mapping[str, tuple[Choice, ...]]:
        """What can be chosen, by input."""
        return {
            "goal_id": self.goals,
            "setting": self.settings,
            "households": self.households,
            "per": self.periods,
        }

    @property
    def labels(self) -> Mapping[str, str]:
        """What this page calls its fields."""
        return TASK_LABELS

    @property
    def fields(self) -> Mapping[str, str]:
        """Every input and what the page calls it."""
        return self.labels
