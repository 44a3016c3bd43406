"""Pages of therapists: today, caseload, one client."""

from family_portal.web.charts import GoalChart
from family_portal.web.models.about import AboutCard
from family_portal.web.models.model import model
from family_portal.web.models.pieces import ClientHead, Empty, Form, Line, Link, Live, Part
from family_portal.web.models.staff_episode import EpisodePart
from family_portal.web.models.staff_sessions import NotesPart


@model
class NextSession:
    """The session that comes next, or runs now."""

    eyebrow: str
    """Next, in 25 minutes"""
    title: str
    """Noor, 14:10"""
    mark: str
    start: Link


@model
class ToAnswer:
    """A question about a goal that waits for the therapist, or words from home or school."""

    id: str
    client: str
    mark: str
    who: str
    """Samira, Sunday, home practice"""
    felt: str = ""
    """really good · tried, couldn’t · asks about a goal"""
    words: str = ""
    links: tuple[Link, ...] = ()


@model
class DutyCall:
    """Something was written that should not wait: about whom, where it can be read, or else whom to ask."""

    id: str
    text: str
    when: str
    form: Form
    """Somebody has seen to it."""
    take: Form | None = None
    """Whoever reads this sees to it now, and nobody else is called; none where somebody has said so."""
    so_far: str = ""
    """Who sees to it, or who has been called as well."""
    link: Link | None = None
    is_new: bool = False


@model
class DutyCalls:
    """What waits for whoever is on duty, first what nobody sees to; `more` says where there are others behind them."""

    calls: tuple[DutyCall, ...]
    more: str = ""


@model
class TodayPage:
    """`/staff/today` (`staff/today.html`; fragments `to_answer`, `next_session`, `to_sign`)."""

    day: str
    answers: tuple[ToAnswer, ...]
    answers_live: Live
    next: Part[tuple[NextSession, ...]]
    """The one session that comes next (`fragments/next_session.html`)."""
    to_sign: Part[tuple[Line, ...]]
    """Sessions that nobody has written down or signed yet (`fragments/to_sign.html`)."""
    duty: str = ""
    """On duty until 17:30 today: Dr Ngozi Abara."""
    calls: Part[DutyCalls] | None = None
    """What waits for whoever is on duty (`fragments/duty.html`); None for who stands on no rota."""
    due: tuple[Line, ...] = ()
    paused: tuple[Line, ...] = ()
    """Whose practice rests this week; there is no why."""
    later: str = ""
    """When nothing waits: "Next: Thursday 16:00."."""
    answers_more: Link | None = None
    """And 3 more: the caseload says with whom. Where not all that waits stands here."""
    heard: tuple[ToAnswer, ...] = ()
    """What home and school wrote in the last two weeks: to read, not to answer."""
    heard_more: tuple[Link, ...] = ()
    """More about Noor, where not all of it stands here."""


@model
class CaseloadRow:
    """One person of the caseload: who, and whether something is open, never how much."""

    name: str
    mark: str
    href: str
    line: str
    plan: str
    """Plan active · Being written · Waiting for answers · Waiting to begin"""
    waiting: str = ""
    """something to answer; empty when nothing is open"""
    lead: str = ""


@model
class CaseloadFilter:
    """A way to see fewer people; `here` where it holds now."""

    text: str
    href: str
    here: bool


@model
class CaseloadPage:
    """`/staff/caseload` (`staff/caseload.html`): people with something open first, then all others."""

    waiting: tuple[CaseloadRow, ...]
    others: tuple[CaseloadRow, ...]
    empty: Empty
    filters: tuple[CaseloadFilter, ...] = ()
    """Everyone, who waits to begin, one school; none where they would all show the same."""


@model
class PracticeLine:
    """One log of the last two weeks: what, who and how, their words."""

    id: str
    icon: str
    """did, part, tried, notnow, school"""
    title: str
    soft: str
    words: str = ""


@model
class WrittenPage:
    """`/staff/clients/…/written` (`staff/written.html`): what was noted, or one of it by itself."""

    client: ClientHead
    title: str
    lines: tuple[PracticeLine, ...]
    live: Live | None = None
    there: Link | None = None
    """Where one is answered, as long as it stands there."""
    older: Link | None = None


@model
class GoalPanel:
    """One goal on the client page: a chart of three settings, the table beside it, the adults' part."""

    id: str
    title: str
    now: str
    """Seven of the last ten, four weeks. Level: more than aimed for."""
    chart: GoalChart
    version: int
    edit: str = ""
    """Its editor, for who writes the plan."""
    adults_part: str = ""
    """School got to it 6 of 7 times in four weeks."""
    resting: str = ""
    private: bool = False


@model
class GoalsPart:
    """The goals that are worked on, refetched together (`fragments/goal_panels.html`)."""

    live: Live
    panels: tuple[GoalPanel, ...]


@model
class PracticePart:
    """What was noted in the last two weeks (`fragments/practice.html`)."""

    live: Live
    logs: tuple[PracticeLine, ...]
    all: str
    """The page of everything that was noted, however long ago."""
    paused: tuple[str, ...] = ()
    """At home with Samira: paused until Sunday."""


@model
class ClientPage:
    """`/staff/clients/{c}` (`staff/client.html`; fragments `goal_panels`, `practice`, `safety`, `notes` and more)."""

    client: ClientHead
    start: Link | None
    """To begin a session; None for who only reads."""
    plan: Link
    about: AboutCard | None
    """How they say yes and no, and what helps (`fragments/about_card.html`)."""
    practice: PracticePart
    goals: GoalsPart
    safety: Part[tuple[Line, ...]]
    people: tuple[Line, ...]
    notes: Part[NotesPart] | None = None
    before_plan: tuple[Line, ...] = ()
    """What is needed before a plan, when there is none."""
    sessions: Part[tuple[str, ...]] | None = None
    """When the last one was, when the next one is (`fragments/last_session.html`); None for whom times are closed."""
    episode: EpisodePart | None = None
    """How far the work is (`fragments/episode.html`)."""
