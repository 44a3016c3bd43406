"""The page "about me": lines in the person's own words, each with the person's yes before school reads it."""

from dataclasses import dataclass, field
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from care_plans.lint import tell
from chassis.errors import Conflict, Invalid
from contracts.about_me import AboutMeAsked, AboutMeChanged, AboutMeLine, Heading, LineState
from contracts.care_plans import DutyCalled
from contracts.classes import DataClass
from contracts.event import Event, Section
from policy.worries import worrying

MOST_LINES = 40
"""So many lines stand on one person's page: more is no page that anybody reads before a lesson."""
LONGEST = 300
"""So many characters a line has."""


class PageFull(Conflict):
    """There is no room for another line."""

    title = "The page is full"


class TakenOff(Conflict):
    """The line is on nobody's page any more."""

    title = "This line was taken off the page"


class SaidYes(Conflict):
    """The line has its yes."""

    title = "This line has its yes already"


class CalledSomebody(Conflict):
    """Whoever is on duty has been told of the words, so they stay for them to read and are not written over."""

    title = "Somebody on duty has been told"


class Asked(BaseModel):
    """How the person was asked, in which way of communicating, and what came back."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    how: str = Field(min_length=1, max_length=1000)
    way: str | None = Field(None, max_length=500)
    came_back: str = Field(min_length=1, max_length=2000)


@dataclass(frozen=True)
class Writer:
    """Who writes, and what that makes of a line."""

    person_id: str
    own: bool = False
    """The person the page is about: what they write has their yes."""
    team: bool = False
    """Of the team, who call nobody by what they write."""
    home_decides: bool = False
    """Whether somebody at home decides for the person: they read what waits, and say how the person was asked."""


@dataclass
class Line:
    """One line as we keep it. `version` counts its changes, and everybody who reads it shares the number."""

    tenant_id: str
    client_id: str
    id: str
    begun_at: datetime
    heading: Heading = Heading.ONE_PAGE
    words: str = ""
    author: str = ""
    written_at: datetime | None = None
    state: LineState = LineState.WAITS
    asked: Asked | None = None
    approved_by: str | None = None
    approved_at: datetime | None = None
    called: bool = False
    """Whether these words have called somebody on duty."""
    version: int = 0
    parties: tuple[str, ...] = ()
    """Who reads it beside the team."""
    events: list[Event] = field(default_factory=list)

    def write(
        self,
        heading: Heading,
        words: str,
        asked: Asked | None,
        *,
        writer: Writer,
        now: datetime,
        asks: bool = False,
    ) -> None:
        """Write it, or write it anew: other words wait for their own yes, and nobody at school reads them before.

        What the person writes has it. Raises TakenOff, SaidYes where somebody else has said how they asked about the
        same words, and CalledSomebody where somebody reads these words on duty. `asks`: that no other line waits.
        """
        self._must_stand()
        same = self.version > 0 and (heading, words) == (self.heading, self.words)
        if same and (asked is None or (asked, writer.person_id) == (self.asked, self.approved_by)):
            return
        if same:
            self._must_wait()
        self._must_not_have_called()
        waited = self.version > 0 and self.state is LineState.WAITS
        self.heading, self.words, self.author, self.written_at = heading, words, writer.person_id, now
        self.state, self.asked, self.approved_by, self.approved_at = LineState.WAITS, None, None, None
        self.called = False
        if writer.own or asked:
            self._say_yes(asked, writer, now)
        self._go(writer, now, words, asks=asks and not waited)

    def approve(self, asked: Asked | None, *, writer: Writer, now: datetime) -> None:
        """The person says yes to it; for a child whoever decides says how they were asked, and what came back.

        Raises TakenOff, SaidYes, and Invalid where nobody says that they asked.
        """
        self._must_stand()
        self._must_wait()
        self._say_yes(asked, writer, now)
        self._go(writer, now)

    def take_off(self, *, writer: Writer, now: datetime) -> None:
        """Take it off the page: nobody reads it there any more. Raises TakenOff.

        Words that called somebody on duty leave everybody's page too, and stay for the team alone to read, whoever
        takes them off: of the team that need not be who was called.
        """
        self._must_stand()
        self.state = LineState.TAKEN_OFF
        if self.called:
            self.parties = ()
        self._tell(writer, now, ended=not self.called)
        self.parties = ()

    def body(self) -> AboutMeLine:
        """What its readers read, to be sealed."""
        return AboutMeLine(heading=self.heading, words=self.words)

    def _say_yes(self, asked: Asked | None, writer: Writer, now: datetime) -> None:
        if writer.own and asked:
            raise Invalid("It is your own page: your yes is enough.", "asked", "Leave it out.")
        if not writer.own and asked is None:
            raise Invalid(tell("lm_not_asked"), "asked", "Write how they were asked, and what came back.")
        self.state, self.asked = LineState.APPROVED, asked
        self.approved_by, self.approved_at = writer.person_id, now

    def _go(self, writer: Writer, now: datetime, words: str = "", *, asks: bool = False) -> None:
        """Tell it to whoever may read it now; words of worry call whoever is on duty."""
        waits = self.state is LineState.WAITS
        home = ("guardians",) if writer.home_decides or not waits else ()
        self.parties = (*home, "client") if waits else (*home, "school", "client")
        said = (self.asked.how, self.asked.way, self.asked.came_back) if self.asked else ()
        if not writer.team and worrying(words, *said):
            self.called = True
            self._call(writer, now)
        self._tell(writer, now, asks=asks and waits)

    def _must_stand(self) -> None:
        if self.state is LineState.TAKEN_OFF:
            raise TakenOff("Nobody reads it there any more.", "line_id", "Write it as a new line.")

    def _must_wait(self) -> None:
        if self.state is LineState.APPROVED:
            raise SaidYes("Somebody has said so before.", "line_id", "Nothing is needed.")

    def _must_not_have_called(self) -> None:
        if self.called:
            raise CalledSomebody(
                "Whoever is on duty has been told of these words, and reads them.",
                "line_id",
                "Take it off the page and write another line.",
            )

    def _call(self, writer: Writer, now: datetime) -> None:
        self.events.append(
            DutyCalled(
                tenant_id=self.tenant_id,
                client_id=self.client_id,
                by=writer.person_id,
                at=now,
                record_id=self.id,
                data_class=DataClass.ABOUT_ME,
                parties=self.parties,
            )
        )

    def _tell(self, writer: Writer, now: datetime, *, ended: bool = False, asks: bool = False) -> None:
        """Append the whole line as an event, one version higher; one that left carries no words."""
        self.version += 1
        words: dict[DataClass, Section] = {} if ended else {DataClass.ABOUT_ME: self.body()}
        if self.asked and not ended:
            words[DataClass.PLAN_TEAM] = AboutMeAsked.model_validate(self.asked.model_dump())
        self.events.append(
            AboutMeChanged(
                tenant_id=self.tenant_id,
                client_id=self.client_id,
                by=writer.person_id,
                at=now,
                record_id=self.id,
                parties=self.parties,
                ended=ended,
                state=self.state,
                version=self.version,
                begun_at=self.begun_at,
                author=self.author or None,
                asks=asks,
                words=words,
            )
        )


@dataclass
class Page:
    """How much stands on one person's page; two who write on it at once do so one after the other."""

    client_id: str
    lines: int = 0
    waiting: int = 0
    """How many of them wait for a yes."""

    def make_room(self) -> None:
        """Raises PageFull where no further line stands on it."""
        if self.lines >= MOST_LINES:
            raise PageFull(
                f"{MOST_LINES} lines stand on it, and it holds no more.",
                "words",
                "Take a line off first, or put two into one.",
                most=MOST_LINES,
            )

    def count(self, before: LineState | None, after: LineState) -> None:
        """A line went from one state to another; None: it is new."""
        standing = (LineState.WAITS, LineState.APPROVED)
        self.lines += (after in standing) - (before in standing)
        self.waiting += (after is LineState.WAITS) - (before is LineState.WAITS)
