"""Pages that open without signing in: the door, help now, how pages look, and every kind of error."""

from family_portal.web.models.model import model
from family_portal.web.models.pieces import FieldError, Form, Link, Look


@model
class SignInPage:
    """The door (template `open/sign_in.html`): where signing in begins, and the other door."""

    area: str
    """"family" or "staff"."""
    sign_in: str
    """Address that starts the authorization code flow."""
    said: str = ""
    """One sentence on top, for example "You are signed out, everywhere."."""


@model
class CrisisLine:
    """One line of help: what to do, who answers."""

    do: str
    label: str
    href: str
    icon: str = "phone"
    soft: str = ""


@model
class HelpPage:
    """`/help-now` (template `open/help_now.html`), filled from the package itself, never from a store."""

    lines: tuple[CrisisLine, ...]
    checked: str = ""


@model
class LooksPage:
    """`/looks` (template `open/looks.html`): theme, contrast, calm, text size."""

    look: Look
    form: Form
    back: str = "/"
    saved: bool = False


@model
class Kept:
    """One field of a form that could not be sent; `shown` where its reader has to see it before it goes."""

    name: str
    value: str
    shown: bool = False


@model
class ErrorPage:
    """Something did not work (`open/error.html`; `fragments/error.html` for a part that fetched itself)."""

    status: int
    title: str
    text: str
    try_again: str = ""
    """Address to try again, when that can help."""
    contact: str = ""
    errors: tuple[FieldError, ...] = ()
    part: bool = False
    part_id: str = ""
    """The element a fragment takes the place of, so that it can come back."""
    kept: tuple[Kept, ...] = ()
    """What was typed into a form that could not be taken, so that it can be sent again from here."""
    send_again: str = ""
    """Where `kept` goes."""
    sign_in: str = ""
    """Where to come in again, in a new window, before `kept` is sent."""
    links: tuple[Link, ...] = ()
    """Where to go on from here."""
