"""Pages of a young person or adult client: mine, and one goal."""

from family_portal.web.models.family import AppointmentsPart, NoticesPart, PausePart, TodayCard
from family_portal.web.models.model import model
from family_portal.web.models.pieces import (
    NO_GOAL,
    Box,
    ClientHead,
    EarlierGoal,
    Empty,
    Form,
    Line,
    Link,
    Live,
    Quote,
    Seen,
    Steps,
)


@model
class MineGoal:
    """One goal in the person's own words."""

    id: str
    sentence: str
    now: str
    href: str
    asked: Link | None = None
    resting: str = ""
    version: int = 0
    changed: str = ""
    """since Monday 12 October, on which it became so"""


@model
class MinePage:
    """`/mine` (`mine/mine.html`; fragments `today_card`, `mine_goals`)."""

    mark: str
    words: Quote | None
    goals: tuple[MineGoal, ...]
    goals_live: Live
    today: TodayCard | None
    people: tuple[Line, ...]
    sees: tuple[Link, ...] = ()
    pause: PausePart | None = None
    notices: NoticesPart | None = None
    next: AppointmentsPart | None = None
    """When sessions are, and which of them are cancelled."""
    earlier: tuple[EarlierGoal, ...] = ()
    """Goals that have ended, the newest end first."""
    empty: Empty = NO_GOAL


@model
class MineGoalPage:
    """`/mine/goals/{g}` (`mine/goal.html`; fragment `fragments/mine_goal.html`)."""

    me: ClientHead
    id: str
    sentence: str
    steps: Steps
    live: Live
    seen: Seen
    box: Box
    words: Quote | None = None
    others_will: tuple[str, ...] = ()
    answer: Form | None = None
    """Inputs `answer` (approve, ask, no) and `words`, when this goal waits for the person's answer."""
    said: str = ""
    reply: Quote | None = None
    practice: tuple[Link, ...] = ()
    resting: str = ""
    ended: str = ""
