"""The pieces several pages share: who looks, links, live fragments, forms, own words, steps."""

from collections.abc import Mapping
from dataclasses import field
from typing import Generic, Literal, TypeVar
from uuid import uuid4

from family_portal.web.models.model import model

Area = Literal["family", "mine", "school", "staff", "part", "open"]
T = TypeVar("T")


@model
class Link:
    """A link with the words it shows; two links on a page never show the same words."""

    text: str
    href: str


@model
class NavItem:
    """One entry of the area's navigation; `icon` is a name in marks.html or empty."""

    text: str
    href: str
    icon: str = ""
    under: str = ""
    """Pages below this address belong to the entry too."""


@model
class Viewer:
    """Who looks at the page, and in which hat; put it on `request.state.viewer`, absent when signed out."""

    area: Area
    name: str
    hat: str
    """As people say it: parent, therapist, class teacher 5S, this is yours."""
    organisation: str
    csrf: str
    """The token every form of this person carries in the hidden field `csrf`."""
    sign_out: str = "/sign-out"
    """Where the sign-out form posts."""


@model
class Look:
    """How a person wants pages to look, kept in a cookie that says nothing about them."""

    theme: Literal["auto", "light", "dark"] = "auto"
    contrast: bool = False
    calm: bool = False
    text: Literal["usual", "large", "larger"] = "usual"


@model
class Live:
    """A fragment that refetches itself when the page's stream names one of its sections."""

    id: str
    """Element id; also what keeps its place across a swap."""
    url: str
    """GET answers this fragment alone (render the page's `fragments/...` template)."""
    on: tuple[str, ...]
    """Names of server-sent events, for example ("task-cl_kofi",)."""
    every_s: int = 0
    """Seconds between looks where no event can tell of the change, 0 for never."""
    after_ms: int = 0
    """How long a part that takes long to draw lets the others go first; events meanwhile draw it once."""

    @property
    def trigger(self) -> str:
        """The value of hx-trigger; `refresh` is sent after a break in which events may have been missed."""
        wait = f" delay:{self.after_ms}ms" if self.after_ms else ""
        told = [f"{name} from:#live{wait}" for name in (*self.on, "refresh")]
        return ", ".join([*told, f"every {self.every_s}s"] if self.every_s else told)


@model
class Part(Generic[T]):
    """A piece that comes from another service; `body` is None when that service did not answer in time."""

    id: str
    title: str
    url: str
    """The fragment's own address, used to try this part again."""
    body: T | None
    live: Live | None = None
    """Where an event tells that it moved."""


@model
class FieldError:
    """What to do about one field, in what-to-do words; `field` is the input's name, "" for the whole form."""

    field: str
    text: str


@model
class Form:
    """A form: address, what was typed, what is wrong, its idempotency key (hidden field `command_id`)."""

    action: str
    values: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    """By input name; several ticks of one name are a tuple."""
    errors: tuple[FieldError, ...] = ()
    command_id: str = field(default_factory=lambda: uuid4().hex)
    """Keep the one that was posted when the form is shown again with errors."""
    version: int | None = None
    """Hidden field `version` for If-Match, where the form changes something."""
    came_back: bool = False
    """Whether it holds what somebody typed and has not sent: no live part swaps it away, whatever is wrong with it."""

    def value(self, name: str, default: str = "") -> str:
        """What was typed into `name`, the first of several."""
        typed = self.values.get(name, default)
        return typed if isinstance(typed, str) else (typed[0] if typed else default)

    def each(self, name: str) -> tuple[str, ...]:
        """All that was chosen for `name`, or stands under it unasked."""
        typed = self.values.get(name, ())
        return (typed,) if isinstance(typed, str) else typed

    def has(self, name: str, value: str) -> bool:
        """Whether `value` is among what was chosen for `name`."""
        typed = self.values.get(name, ())
        return typed == value if isinstance(typed, str) else value in typed

    def error(self, name: str) -> str:
        """The first thing to do about `name`, or nothing."""
        return next((e.text for e in self.errors if e.field == name), "")


@model
class Meanwhile:
    """A field that holds something else now than what was typed; `now` is empty where it holds nothing."""

    field: str
    label: str
    now: str


@model
class HelpLine:
    """A line of the organisation's: what to do as a link, and who answers."""

    do: str
    href: str
    label: str
    icon: str = "phone"


@model
class Box:
    """What stands under a box for words: when it is read next and by whom, and who answers until then."""

    reads: str
    """Nobody reads this before 9:00 tomorrow. On duty then is Dr Ngozi Abara."""
    lines: tuple[HelpLine, ...] = ()
    closed: bool = False
    """Nobody is named who would read: there is no box, `reads` says why and what to do instead."""


@model
class WorryPage:
    """Before words of worry go (`told/worry.html`): who answers now, what was written, send it or change it."""

    reads: str
    lines: tuple[HelpLine, ...]
    words: str
    form: Form
    """Everything that was typed and chosen; its buttons are `worry`: send, change."""
    school: str = ""
    """Whose way a worry goes at school."""

    @property
    def kept(self) -> tuple[tuple[str, str], ...]:
        """Every field with each of its values."""
        values = self.form.values.items()
        return tuple(
            (name, each) for name, value in values for each in ([value] if isinstance(value, str) else value)
        )


@model
class Undo:
    """Takes back what was just written; without `until` the minute is over, and the form says whom to tell."""

    form: Form
    until: str = ""
    """14:03:20"""


@model
class Choice:
    """One of several equal answers."""

    value: str
    text: str
    icon: str = ""
    hint: str = ""


@model
class Quote:
    """What a person said, and who and when, under it."""

    text: str
    by: str = ""


@model
class Steps:
    """Five levels, lowest first, with the one now and the one where it began (0 to 4, or None)."""

    levels: tuple[str, ...]
    now: int | None
    start: int | None = None
    now_label: str = "Now"
    start_label: str = "Where it began"


@model
class Seen:
    """Who else sees this, in names, with the page that says why, and the version printed on it (0: none)."""

    text: str
    href: str = ""
    version: int = 0
    link: str = "Who can see this"
    live: Live | None = None
    """Where the line is a part of its own (`fragments/seen.html` takes it as `line`)."""
    changed: str = ""
    """since Monday 12 October, on which it became so"""


@model
class Line:
    """One line of a quiet list: a mark, a sentence, a softer second one, an optional link on the sentence."""

    text: str
    soft: str = ""
    icon: str = ""
    href: str = ""
    words: str = ""


@model
class Empty:
    """What stands where nothing is: one sentence and the next known thing."""

    title: str
    text: str = ""
    icon: str = "sun"


NOTHING_TODAY = Empty("Nothing to do today.", "And we mean it.")
NOBODY_HERE = Empty("Nobody is connected to you here yet.", "The person who invited you can tell you when.")
BEING_WRITTEN = Empty("The plan is being written.", "You will be asked.", "message")
BEGUN = Empty("The team has begun.", icon="message")
NOT_SHARED_YET = Empty("No goal is shared with home yet.", "You will be asked before one is.", "message")
NO_SUMMARY = Empty(
    "Nothing has been written yet.", "After a session you can read here what was done.", "session"
)
NO_PUPIL = Empty("No pupil has been shared with you.", "", "school")
NOTHING_NOW = Empty("No goal is worked on now.", "The earlier ones stand below.", "flag")
MINE_BEGUN = Empty(
    "The team has begun.",
    "You are asked before a goal begins. You can say what you would like to be different when you meet, or write it.",
    "message",
)
NO_GOAL = Empty("What would you like to be different?", "You can say it when you meet, or write it.", "flag")


@model
class ClientHead:
    """The top of any page about one person: their mark, name as used with this reader, one line, who sees."""

    name: str
    mark: str
    """The drawing they picked, a name in marks.html."""
    href: str
    """Their page, for the way back."""
    line: str = ""
    """9, he/him · Alderbeck 5S · with Gran, Efua"""
    seen: Seen | None = None


@model
class EarlierGoal:
    """A goal that has ended, for as long as this reader may read it."""

    id: str
    title: str
    text: str
    """This goal has ended. It is in use now, and nothing needs to be practised for it."""
    since: str
    """Since Tuesday 3 March"""
    href: str
    """Where all of it can be read."""
    seen: Seen | None = None
    """Who sees it, where the goals of the page differ in that."""
