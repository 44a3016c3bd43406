"""How a person is told that there is something new: the ways to choose from, and the page."""

from family_portal.web.models.model import model
from family_portal.web.models.pieces import Choice, Form

WAYS = (
    Choice("email", "E-mail", "message"),
    Choice("sms", "Text message", "device"),
    Choice("page", "Neither", "notnow"),
)


@model
class ToldPage:
    """`/how-you-are-told` (template `told/told.html`); `form` has told, email, phone and the hidden rev."""

    now: str
    """How messages go now, as a sentence: By e-mail, to s…@home.example."""
    email_hint: str
    phone_hint: str
    form: Form
    kept: bool = False
    ways: tuple[Choice, ...] = WAYS
