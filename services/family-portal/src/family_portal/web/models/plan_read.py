"""The plan as a party reads and answers it: family, school and client, each in its own wording."""

from family_portal.web.models.model import model
from family_portal.web.models.pieces import (
    BEING_WRITTEN,
    Box,
    ClientHead,
    Empty,
    FieldError,
    Form,
    Link,
    Live,
    Quote,
    Seen,
    Steps,
)


@model
class GoalToAnswer:
    """One goal in this reader's wording; `form` (inputs `answer`: approve, ask, no; `words`) or None."""

    id: str
    title: str
    steps: Steps
    state_text: str
    """Put to you on Tuesday · Active · Resting"""
    text: str = ""
    words: Quote | None = None
    others_will: tuple[str, ...] = ()
    strategies: tuple[str, ...] = ()
    """What school would do; only in the school's wording."""
    stop_if: str = ""
    version: int = 0
    form: Form | None = None
    said: str = ""
    """What this reader said last: "You said yes."."""
    answered: bool = False
    """Whether that was said to the goal as it stands."""
    own_words: str = ""
    reply: Quote | None = None
    words_before: str = ""
    """What this reader wrote with an earlier answer, with what was replied to it."""
    reply_before: Quote | None = None
    seen: Seen | None = None
    """Who sees the goal, where those of the page differ in that."""
    answer_seen: str = ""
    """Who reads the answer."""
    ended: str = ""
    """What became of a goal that has ended."""

    @property
    def answers_anew(self) -> bool:
        """Whether the form changes an answer that stands and waits for nothing: it need not lie open."""
        untouched = self.form is not None and not self.form.errors and not self.form.values
        return self.answered and self.reply is None and untouched

    changed: str = ""
    """since Monday 12 October, on which it became so"""


@model
class OwnWish:
    """A goal that this reader wished for, and what the team answered."""

    id: str
    when: str
    words: str
    text: str
    """The team has it. The answer will stand here."""
    answer: Quote | None = None


@model
class WishesPart:
    """Something we would wish for: the box (input `words`), and what was wished for (`fragments/wishes.html`)."""

    live: Live
    wishes: tuple[OwnWish, ...]
    form: Form
    box: Box
    seen: str
    """Who reads a wish."""
    more: bool = False
    """Whether older ones are left out."""


@model
class PlanToAnswerPage:
    """`…/plan` of family, school and client (`plan/answer.html`; fragment `fragments/plan_answer.html`)."""

    client: ClientHead
    lead: str
    """Read it in peace. Each answer is a good answer."""
    goals: tuple[GoalToAnswer, ...]
    live: Live
    back: Link
    box: Box
    seen: Seen | None = None
    empty: Empty = BEING_WRITTEN
    errors: tuple[FieldError, ...] = ()
    """What could not be taken, each with the id of the element it leads to."""
    left: str = ""
    """What was written to a goal that is not put to this reader any more, and was not sent."""
    wishes: WishesPart | None = None
    """None for who proposes nothing here."""
