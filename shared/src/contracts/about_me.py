"""What care-plans tells of the page "about me": line by line, and which of them the person has said yes to."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from contracts.classes import DataClass
from contracts.event import Part, Section
from contracts.ids import PersonId


class Heading(StrEnum):
    """Under which heading of the page a line stands; pages have them in this order."""

    ONE_PAGE = "one_page"
    YES = "i_say_yes_by"
    NO = "i_say_no_by"
    STOP = "i_say_stop_by"
    TALK = "i_talk_with"
    LISTEN = "i_show_i_listen_by"
    TOO_MUCH = "too_much_looks_like"
    HELPS = "what_helps"
    HARDER = "what_makes_it_harder"
    SENSES = "senses"
    STRENGTHS = "strengths"
    INTERESTS = "interests"


class LineState(StrEnum):
    """A line waits for the person's yes, has it, or was taken off the page."""

    WAITS = "waits"
    APPROVED = "approved"
    TAKEN_OFF = "taken_off"


class AboutMeLine(Section):
    """One line of the page, as everybody reads it who may."""

    heading: Heading
    words: str


class AboutMeAsked(Section):
    """How the person was asked before a line stood, in which way, and what came back; for the team alone."""

    how: str
    way: str | None = None
    came_back: str


class AboutMeChanged(Part):
    """Sent when a line of the page "about me" was written, changed, said yes to or taken off: the whole line."""

    TYPE: ClassVar[str] = "care_plans.about_me_changed.v1"
    SECTIONS: ClassVar[dict[DataClass, type[Section]]] = {
        DataClass.ABOUT_ME: AboutMeLine,
        DataClass.PLAN_TEAM: AboutMeAsked,
    }
    state: LineState
    version: int
    begun_at: datetime
    """When it was first written: the place it keeps among the lines of its heading."""
    author: PersonId | None = None
    """Whose words they are, for the team alone: whoever says yes to them, or takes them off, has not written them."""
    asks: bool = False
    """Whether with it the page begins to wait for a yes: whoever can say it hears that there is something new."""
