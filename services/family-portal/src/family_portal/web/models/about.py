"""The page "about me": its lines, one line to change, the card of staff."""

from collections.abc import Mapping
from dataclasses import field
from types import MappingProxyType

from family_portal.web.models.model import model
from family_portal.web.models.pieces import Box, Choice, ClientHead, FieldError, Form, Link, Live, Seen

FIELDS: Mapping[str, str] = MappingProxyType(
    {"asked": "how", "asked.how": "how", "asked.way": "way", "asked.came_back": "came_back", "line_id": ""}
)
"""Where the pages ask for what care-plans names; what is said of the line itself leads to no field."""


@model
class AboutLine:
    """One line of the page."""

    id: str
    words: str
    state: str
    """Kofi said yes. · Waits for Kofi’s yes. · Waits for your yes."""
    change: str = ""
    """The line's own page, for who may change it or say how somebody was asked."""
    change_text: str = "Change it"
    """What can be done there."""
    yes: Form | None = None
    """One's own yes, in one tap."""


@model
class AboutGroup:
    """The lines of one heading."""

    id: str
    title: str
    lines: tuple[AboutLine, ...]


@model
class AboutPage:
    """`…/about` (`about/about.html`; fragment `fragments/about_lines.html`).

    Inputs of a new line: heading, words; where `asks` also how, way, came_back.
    """

    client: ClientHead
    title: str
    lead: str
    back: Link
    groups: tuple[AboutGroup, ...]
    live: Live
    seen: Seen
    """Who reads a line that has its yes."""
    form: Form | None = None
    """None for who only reads."""
    hint: str = ""
    """What becomes of a new line."""
    headings: tuple[Choice, ...] = ()
    box: Box | None = None
    """None on the pages of staff, who read what they write themselves."""
    asks: bool = False
    """Whether this reader says how a child was asked."""
    labels: Mapping[str, str] = field(default_factory=dict)
    told: str = ""
    """What has just happened, in one sentence."""
    errors: tuple[FieldError, ...] = ()
    """What could not be done, also for who has no form of a new line: a child says yes, and writes none."""
    left: tuple[str, ...] = ()
    """What was written of how somebody was asked before a line that has gone, and was not sent."""
    empty: str = "Nothing is written here yet."


@model
class AboutLinePage:
    """`…/about/{line}` (`about/line.html`). Inputs heading, words; of the yes: how, way, came_back."""

    client: ClientHead
    title: str
    back: Link
    line: AboutLine
    under: str
    """The heading it stands under."""
    form: Form | None
    """Writes it anew; None for who may not."""
    hint: str
    headings: tuple[Choice, ...]
    labels: Mapping[str, str]
    box: Box | None = None
    yes: Form | None = None
    """Says how a child was asked; None where nothing waits, or it is not this reader's to say."""
    off: Form | None = None
    """Takes it off the page."""
    asked: tuple[tuple[str, str], ...] = ()
    """How the person was asked, for the team: label and words."""


@model
class AboutCard:
    """About me on the client's page of staff (`fragments/about_card.html`)."""

    live: Live
    rows: tuple[tuple[str, tuple[str, ...]], ...]
    """Yes, No, Too much, Helps, each with its lines."""
    link: Link
    waits: str = ""
    """Some of it waits for Kofi’s yes."""
