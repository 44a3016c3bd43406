"""Who may see what: consents, ending one, its receipts, and the page of people in plain words."""

from family_portal.web.models.model import model
from family_portal.web.models.pieces import ClientHead, Empty, Form, Line, Link, Live, Quote


@model
class ConsentCard:
    """One consent: who sees what, why, until when, what the client said."""

    id: str
    who: str
    """Alderbeck Primary School: Claire Fontaine-Osei and Miss Stone"""
    state: str
    """presented, ends_soon, active, on_hold, ended"""
    state_text: str
    what: tuple[str, ...] = ()
    purpose: str = ""
    until: str = ""
    assent: Quote | None = None
    withdraw: Link | None = None
    """To the page that says once what will happen."""
    grant: Form | None = None
    """Say yes, or let them see it again."""
    grant_button: str = "Say yes"
    decline: Form | None = None
    receipt: Link | None = None
    no_longer: str = ""
    """Claire Fontaine-Osei and Miss Stone no longer see"""


@model
class ConsentsPage:
    """`/home/{child}/consents` (`family/consents.html`)."""

    child: ClientHead
    asked: tuple[ConsentCard, ...]
    ends_soon: tuple[ConsentCard, ...]
    in_force: tuple[ConsentCard, ...]
    on_hold: tuple[ConsentCard, ...]
    ended: tuple[ConsentCard, ...]
    lead: str
    """Whose decision it is."""
    empty: Empty
    available: bool = True
    decides: bool = True
    """Whether the reader answers here."""


@model
class WithdrawPage:
    """Asked once what will happen (`family/consent_end.html`)."""

    child: ClientHead
    title: str
    """Close Kofi’s page for Alderbeck Primary School"""
    will_happen: tuple[str, ...]
    button: str
    form: Form
    back: Link


@model
class Receipt:
    """One part of Kith saying that it has closed (or opened) the page, and when; `at` empty: not yet."""

    name: str
    """Sign-in and sharing"""
    at: str = ""
    """17:42:03"""
    iso: str = ""


@model
class ReceiptPage:
    """`…/consents/{id}/receipt` (`family/consent_receipt.html`; fragment `fragments/receipt.html`)."""

    child: ClientHead
    title: str
    """It is closed · It is being closed · It is open"""
    text: str
    receipts: tuple[Receipt, ...]
    effective: bool
    live: Live
    back: Link
    note: str = ""
    again: Form | None = None
    again_button: str = ""
    """Let Claire see it again"""


@model
class PersonSees:
    """One person (or group) and what they see, in plain words."""

    name: str
    sees: str
    icon: str = "people"
    until: str = ""


ALWAYS_SAID = (
    "Some of a young person’s record is private by agreement. "
    "This page says so whether or not there is anything."
)


@model
class WhoCanSeePage:
    """`/home/{child}/who-can-see`, `/mine/who-can-see` (`family/who_can_see.html`; fragment `who_people`)."""

    child: ClientHead
    lead: str
    people: tuple[PersonSees, ...]
    live: Live
    opened: tuple[Line, ...] = ()
    always: str = ALWAYS_SAID
    change: Link | None = None
    mine: bool = False
