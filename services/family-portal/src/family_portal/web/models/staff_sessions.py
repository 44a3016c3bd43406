"""Planning a session, writing down what happened, and the notes nobody but staff reads."""

from family_portal.web.models.model import model
from family_portal.web.models.pieces import Choice, ClientHead, Form, Line, Link, Live, Meanwhile, Part

MODALITIES = (
    Choice("in_person", "In person"),
    Choice("video", "By video"),
    Choice("phone", "By phone"),
    Choice("school_visit", "At school"),
)
ATTENDANCES = (
    Choice("attended", "was there"),
    Choice("part", "was there for a part"),
    Choice("no_show", "did not come"),
    Choice("cancelled", "it was cancelled"),
)
NOTE_CLASSES = (
    Choice("progress", "Progress note"),
    Choice("psychotherapy", "Psychotherapy note, yours alone"),
)


@model
class SessionNewPage:
    """`/staff/clients/{c}/sessions/new` (`staff/session_new.html`).

    Inputs: day (a date), time (HH:MM), minutes, modality, now ("yes": it begins now and the next page opens).
    """

    client: ClientHead
    form: Form
    coming: Part[tuple[Line, ...]]
    """What is in the calendar already (`fragments/planned.html`)."""
    modalities: tuple[Choice, ...] = MODALITIES


@model
class TrialLine:
    """A result already recorded."""

    text: str
    soft: str = ""


@model
class TrialGoal:
    """One goal's results: `rows` lines for inputs trial-{goal_id}-{i}-value, -out_of, -label, and -id of one kept."""

    goal_id: str
    title: str
    measure: str
    """How many out of how many, noted by Mateus"""
    out_of: bool = False
    rows: int = 3
    correctable: bool = False
    """Whether results that are kept already stand in the lines."""
    recorded: tuple[TrialLine, ...] = ()
    """Results that are only read here."""


@model
class AfterPage:
    """`/staff/sessions/{s}/after` (`staff/session_after.html`).

    Inputs: attendance (attended, part; no_show and cancelled are what became of the session), minutes,
    the trials, summary, try_at_home, release_to_school ("yes"), note_class (progress, psychotherapy), note,
    do = save or sign (sign also signs the note).
    """

    client: ClientHead
    when: str
    form: Form
    trials: tuple[TrialGoal, ...]
    saved: str = ""
    school_name: str = ""
    """Empty: no school may read it, and the tick is not offered."""
    notes: "Part[NotesPart] | None" = None
    attendances: tuple[Choice, ...] = ATTENDANCES
    note_classes: tuple[Choice, ...] = NOTE_CLASSES
    shared: bool = False
    """Whether the family reads the summary already."""
    begun: bool = True
    """False: its time is still to come, and it can only be cancelled."""
    meanwhile: tuple[Meanwhile, ...] = ()
    """What is there now, where somebody saved while this was being written."""
    writes: bool = True
    """Whether this reader writes it down; who only reads has no button that would be refused."""


@model
class SignedPage:
    """`/staff/sessions/{s}/after` of a signed session (`staff/session_signed.html`): read, and what may still be done.

    Inputs of `summary`: summary, try_at_home, release_to_school; of `note`: note_class, note, do = save or sign.
    """

    client: ClientHead
    when: str
    came: str
    results: tuple[TrialGoal, ...]
    summary: Form
    note: Form
    saved: str = ""
    school_name: str = ""
    notes: "Part[NotesPart] | None" = None
    note_classes: tuple[Choice, ...] = NOTE_CLASSES
    meanwhile: tuple[Meanwhile, ...] = ()
    """What the family reads now, where somebody saved while this was being written."""
    left: tuple[str, ...] = ()
    """Who came and what was counted, as somebody typed it while a colleague signed."""
    writes: bool = True
    """Whether this reader may add to it."""


@model
class NoteLine:
    """A clinical note; its text is opened only on this staff fragment."""

    id: str
    kind: str
    when: str
    by: str
    state: str
    """draft or signed"""
    state_text: str
    text: str
    write: Link | None = None
    """To the page where an own draft is changed, or an own signed note is added to."""
    sign: Form | None = None
    """Only with an own draft."""
    closes: bool = False
    """Whether signing it signs its session, too."""
    added: tuple[TrialLine, ...] = ()
    """What was added after signing: the words, and when."""


@model
class NotePage:
    """`/staff/clients/{c}/notes/{n}` (`staff/note.html`): an own draft to change, or an own signed note to add to.

    Input: text.
    """

    client: ClientHead
    title: str
    kind: str
    when: str
    form: Form
    label: str
    text: str = ""
    """What was signed; empty with a draft, whose words stand in the form."""
    added: tuple[TrialLine, ...] = ()
    meanwhile: tuple[Meanwhile, ...] = ()
    """What stands there now, where it was changed while this was being written."""


@model
class NotesPart:
    """`fragments/notes.html`: what is written down, newest first."""

    notes: tuple[NoteLine, ...]
    write: str = ""
    live: Live | None = None
    """Set where the page has a stream."""
