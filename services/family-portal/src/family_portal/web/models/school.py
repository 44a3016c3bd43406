"""Pages of school staff: my pupils, one pupil, I saw something."""

from family_portal.web.models.family import NoticesPart, SummariesPage
from family_portal.web.models.model import model
from family_portal.web.models.pieces import (
    NO_PUPIL,
    Box,
    Choice,
    ClientHead,
    EarlierGoal,
    Empty,
    Form,
    Line,
    Link,
    Live,
    Seen,
    Undo,
)


@model
class PupilRow:
    """One pupil who has been shared with this reader."""

    name: str
    mark: str
    href: str
    week: str
    """This week's line."""
    until: str
    """shared by Lantern Lane until 3 March"""
    asked: Link | None = None


@model
class PupilGroup:
    """A class, or the pupils of one year."""

    title: str
    pupils: tuple[PupilRow, ...]


@model
class SchoolPage:
    """`/school` (`school/pupils.html`; fragment `fragments/pupils.html`)."""

    groups: tuple[PupilGroup, ...]
    live: Live
    notices: NoticesPart | None = None
    empty: Empty = NO_PUPIL


@model
class SchoolGoal:
    """A goal in school wording."""

    id: str
    title: str
    now: str = ""
    text: str = ""
    link: str = ""
    """EHCP C4 managing busy places"""
    version: int = 0
    seen: Seen | None = None
    """Who sees it, where the goals of the page differ in that."""
    resting: str = ""
    changed: str = ""
    """since Monday 12 October, on which it became so"""


@model
class PupilPage:
    """`/school/pupils/{p}` (`school/pupil.html`; fragments `pupil_about`, `pupil_goals`, `pupil_week` and more)."""

    pupil: ClientHead
    about: tuple[str, ...]
    """The pupil's own lines for school; without any nothing is said about them."""
    about_by: str
    about_live: Live
    strategies: tuple[str, ...]
    week_live: Live
    goals: tuple[SchoolGoal, ...]
    goals_live: Live
    observe: str
    """Empty where no goal is worked on now."""
    ask: tuple[Line, ...]
    undo: Undo | None = None
    """Takes back what was just noted."""
    told: str = ""
    """What has just happened, in one sentence."""
    say: str = ""
    """Where to say that one of this week's things works here, or does not; empty for who may not."""
    because: tuple[tuple[str, str], ...] = ()
    """What came of what this reader noted: in a few words, and what stands there now."""
    asked: Link | None = None
    """A goal waits to be read; it comes and goes with the goals."""
    plan: Link | None = None
    """To the whole plan, and the box for wishes where this reader may propose."""
    noted: tuple[Line, ...] = ()
    """What this reader noted lately."""
    noted_live: Live | None = None
    """None for a reader who notes nothing here."""
    sessions: SummariesPage | None = None
    """What was released to school after sessions; None where no consent opens it, and nothing is said of it."""
    seen: Seen | None = None
    earlier: tuple[EarlierGoal, ...] = ()
    """Goals that have ended, the newest end first."""


SAW = (
    Choice("pointed", "Pointed", "point"),
    Choice("card", "Card", "card"),
    Choice("nodded", "Nodded", "nod"),
    Choice("whispered", "Whispered", "whisper"),
    Choice("talked", "Talked", "voice"),
    Choice("talker", "Talker", "device"),
    Choice("joined_in", "Joined in", "people"),
    Choice("another_way", "Another way", "ask"),
    Choice("did_not", "Not this time", "notnow"),
)
"""What was seen, on one screen, did_not among equals; another way has its words below."""
MY_PART = (
    Choice("got_to_it", "I got to it"),
    Choice("partly", "Partly"),
    Choice("did_not", "Did not get to it"),
)


@model
class StrategiesPage:
    """`…/strategies` (`school/strategies.html`). Inputs strategy, words; last tap: button `works` (yes, no)."""

    pupil: ClientHead
    form: Form
    strategies: tuple[Choice, ...]
    box: Box
    seen: Seen | None = None
    """Who reads what is said."""


@model
class ObservePage:
    """`…/observe` (`school/observe.html`). Inputs goal_id, saw, words; third tap: button `my_part`."""

    pupil: ClientHead
    form: Form
    goals: tuple[Choice, ...]
    part_hint: str
    """Two things to point at, then count to five. Your tap saves it."""
    box: Box
    saw: tuple[Choice, ...] = SAW
    my_part: tuple[Choice, ...] = MY_PART
    seen: Seen | None = None
    """Who reads what is noted."""
