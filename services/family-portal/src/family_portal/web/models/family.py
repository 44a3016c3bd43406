"""Pages of guardians: home, one child, a task, how it went, summaries, notices."""

from dataclasses import replace

from family_portal.web.models.model import model
from family_portal.web.models.pieces import (
    BEING_WRITTEN,
    NO_SUMMARY,
    NOBODY_HERE,
    NOTHING_TODAY,
    Area,
    Box,
    Choice,
    ClientHead,
    EarlierGoal,
    Empty,
    Form,
    Line,
    Link,
    Live,
    Part,
    Quote,
    Seen,
    Steps,
    Undo,
)


@model
class TodayCard:
    """Today's one thing for one child; without `title` the card says that there is nothing to do."""

    name: str
    mark: str
    live: Live
    how: Link | None
    """To the page about the same person; None where this is that page."""
    """How Noor is doing"""
    title: str = ""
    why: str = ""
    minutes: int | None = None
    when: str = ""
    open: Link | None = None
    """Open Noor’s"""
    others: tuple[Link, ...] = ()
    """Other cards of this week, by title."""
    asked: Link | None = None
    """A goal waits to be read: "Read Noor’s new goal"."""
    told: Link | None = None
    """Something new is to be read about a session: "What was said after Noor’s session"."""
    nothing: Empty = NOTHING_TODAY
    resting: str = ""
    begun: str = ""
    """The team has begun, and this reader reads no goal yet: what is true of the plan for them."""


@model
class Reply:
    """A person of the team wrote back."""

    title: str
    """Mateus wrote back"""
    about: str
    words: str
    link: Link | None = None


@model
class RepliesPart:
    """What the team wrote back lately (`fragments/replies.html`)."""

    live: Live
    items: tuple[Reply, ...]


@model
class Appointment:
    """A coming appointment."""

    when: str
    text: str


@model
class AppointmentsPart:
    """The next appointment of each child, or all of one person (`fragments/appointments.html`)."""

    live: Live
    items: tuple[Appointment, ...]


@model
class Pause:
    """Everything can rest, for this home, without a reason (or goes on again)."""

    title: str
    text: str
    button: str
    form: Form


@model
class PausePart:
    """The button for a week's rest (`fragments/pause.html`); without one where there is nothing to rest."""

    live: Live
    pause: Pause | None = None


@model
class NoticeLine:
    """A notice for a person without e-mail and phone; never a clinical word in it."""

    id: str
    text: str
    when: str
    link: Link | None = None
    """Where to read on, and to answer."""
    seen: Form | None = None
    """Says that this one has been read; its `id` are all notices that it stands for."""
    about: str = ""
    """Whom it is about, where somebody reads of several people."""


@model
class NoticesPart:
    """`/messages-for-you` (`family/notices.html` whole, `fragments/notices.html` on a page)."""

    notices: tuple[NoticeLine, ...]
    live: Live | None = None
    nothing: str = "Nothing new. Everything you may read stands on your pages."
    """What stands where there is nothing."""
    available: bool = True
    """False where notifications does not answer, so that nobody knows whether there is anything."""

    @property
    def away(self) -> Part[object]:
        """The box that then stands in their place."""
        return Part("notices-away", "For you to read", "", None)


@model
class HomePage:
    """`/home` (`family/home.html`; fragment `fragments/today_card.html` takes `card`)."""

    eyebrow: str
    """Monday evening"""
    greeting: str
    """Good evening, Samira"""
    lead: str
    cards: tuple[TodayCard, ...]
    scene: str = "evening"
    replies: RepliesPart | None = None
    appointments: AppointmentsPart | None = None
    pause: PausePart | None = None
    notices: NoticesPart | None = None
    empty: Empty = NOBODY_HERE


@model
class FamilyGoal:
    """A goal in plain words: a sentence for now, five steps, its version; never a score."""

    id: str
    title: str
    steps: Steps
    now: str
    """Now she does it on two or three days of a school week."""
    text: str = ""
    words: Quote | None = None
    note: str = ""
    version: int = 0
    changed: str = ""
    resting: str = ""
    seen: Seen | None = None
    """Who sees it, where the goals of the page differ in that."""


@model
class ChildPage:
    """`/home/{child}` (`family/child.html`; fragments `asked` and those that begin with `child_`)."""

    child: ClientHead
    goals: tuple[FamilyGoal, ...]
    live: Live
    practice: tuple[Link, ...]
    """This week's cards, by title; the first one is the page's button."""
    practice_live: Live
    others_live: Live
    changes_live: Live
    asked_live: Live
    earlier_live: Live
    resting: str = ""
    """A sentence where all of this week's practice rests for this reader."""
    others: tuple[Line, ...] = ()
    school_weeks: tuple[Line, ...] = ()
    """One line for each week that is over and each goal that school saw in it; `soft` is the goal."""
    stop_if: tuple[str, ...] = ()
    """When practice stops and everybody meets."""
    changes: tuple[Line, ...] = ()
    """What changed lately, newest first; `soft` is the day."""
    asked: Link | None = None
    more: tuple[Link, ...] = ()
    """What was said after sessions, consents, who can see."""
    earlier: tuple[EarlierGoal, ...] = ()
    """Goals that have ended, the newest end first."""
    empty: Empty = BEING_WRITTEN


TODAY = Link("Today", "/home")


@model
class OtherLanguage:
    """A language that a card can be read in, by the name it gives itself."""

    lang: str
    dir: str
    name: str
    english: str
    href: str


@model
class TaskPage:
    """`/home/{child}/tasks/{t}` (`family/task.html`), one A4 page in print."""

    child: ClientHead
    title: str
    why: str
    log: str
    steps: tuple[str, ...]
    back: Link = TODAY
    minutes: int | None = None
    when: str = ""
    who: str = ""
    you_need: tuple[str, ...] = ()
    nothing: str = ""
    easier: str = ""
    stop_when: str = ""
    question: str = ""
    """What will be asked afterwards: Which way did she choose today?"""
    thanks: str = ""
    seen: Seen | None = None
    changed: tuple[str, ...] = ()
    """What is new on the card, in its own lines."""
    changed_on: str = ""
    replied: str = ""
    """What the team wrote lately to what this reader logged of it."""
    state: str = ""
    """A sentence when the card rests, waits or has ended."""
    lang: str = ""
    """The language of its words where that is not the original."""
    dir: str = ""
    when_words: str = ""
    """When, in that language; `when` then says how often."""
    checked: str = ""
    """That a person has checked what is read here."""
    original: Link | None = None
    others: tuple[OtherLanguage, ...] = ()
    """In which other languages it can be read."""
    live: Live | None = None


RESULTS = (
    Choice("did", "We did it", "did"),
    Choice("part", "Part of it", "part"),
    Choice("couldnt", "Tried, couldn’t", "tried"),
    Choice("not_this_week", "Not this week", "notnow"),
)


def results_of(area: Area) -> tuple[Choice, ...]:
    """The four answers as a home gives them, or one person about what is theirs."""
    return (replace(RESULTS[0], text="I did it"), *RESULTS[1:]) if area == "mine" else RESULTS


WAYS = (
    Choice("too_tired", "too tired"),
    Choice("no_time", "no time"),
    Choice("other_home", "the other home’s days"),
    Choice("wrong_moment", "wrong moment"),
    Choice("felt_forced", "felt forced"),
    Choice("did_not_want_to", "did not want to"),
    Choice("someone_was_ill", "someone was ill"),
    Choice("not_sure_how", "I was not sure how"),
    Choice("something_else", "something else"),
)
"""What may get in the way; everybody is offered all of them."""
FELT = (
    Choice("0", "hard going", "feel0"),
    Choice("1", "a bit hard", "feel1"),
    Choice("2", "okay", "feel2"),
    Choice("3", "good", "feel3"),
    Choice("4", "really good", "feel4"),
)


ANYTHING = "Anything you want to tell?"


@model
class LogPage:
    """`…/log` (`family/log.html`). Inputs: result, felt, words."""

    child: ClientHead
    form: Form
    task: Link
    box: Box
    question: str = ANYTHING
    """The practice's own, where it has one."""
    seen: Seen | None = None
    results: tuple[Choice, ...] = RESULTS
    felt: tuple[Choice, ...] = FELT


@model
class ThanksPage:
    """After any answer (`family/thanks.html`); `form` adds what got in the way: one button `got_in_the_way` each."""

    title: str
    lead: str
    back: Link
    mark: str
    form: Form | None = None
    ways: tuple[Choice, ...] = ()
    note: str = ""
    """Sent. Mateus has it now."""
    words: str = ""
    """The practice's own thank-you line."""
    undo: Undo | None = None


@model
class SummaryCard:
    """What was shared about one session."""

    id: str
    when: str
    title: str
    text: str
    try_at_home: str = ""


@model
class SummariesPage:
    """`/home/{child}/sessions` (`family/sessions.html`; fragment `fragments/summaries.html`)."""

    child: ClientHead
    summaries: tuple[SummaryCard, ...]
    live: Live
    older: Link | None = None
    empty: Empty = NO_SUMMARY
