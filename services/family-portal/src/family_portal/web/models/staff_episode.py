"""Referrals, and the page of how far the work with one person is."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

from family_portal.web.models.model import model
from family_portal.web.models.pieces import ClientHead, Empty, FieldError, Form, Line, Link, Live, Meanwhile

NOBODY_WAITS = Empty(
    "Nobody waits.",
    "Whoever is referred stands here once an administrator has added and assigned them and the referral is recorded.",
    "people",
)


@model
class Referral:
    """Somebody who waits; `accept` is the button of whoever may take it up, None while that is not known."""

    client: ClientHead
    text: str
    """Referred on Tuesday 3 March by the SENCO."""
    told: str
    """How they were told."""
    change: Link
    accept: Form | None = None


@model
class ReferralsPage:
    """`/staff/referrals` (`staff/referrals.html`): who waits, the oldest first."""

    waiting: tuple[Referral, ...]
    needed: tuple[str, ...]
    """What is needed once somebody is taken up."""
    empty: Empty = NOBODY_WAITS
    errors: tuple[FieldError, ...] = ()


@model
class EpisodePart:
    """How far the work with somebody is, on their page (`fragments/episode.html`)."""

    live: Live
    lines: tuple[Line, ...]
    change: Link | None = None


@model
class EpisodePage:
    """`/staff/clients/{c}/episode` (`staff/episode.html`). Inputs as in LABELS; `moves` are buttons of their own."""

    LABELS: ClassVar[Mapping[str, str]] = MappingProxyType(
        {
            "referred_by": "Who referred them",
            "referred_on": "On which day",
            "told": "How they were told that they wait",
            "rhythm": "How often you meet",
            "planned_weeks": "For how many weeks",
            "ends_when": "It ends when",
        }
    )

    client: ClientHead
    form: Form
    state: str
    """Waiting · Active; empty where nobody was referred."""
    moves: tuple[tuple[str, str, Form], ...] = ()
    """What it is, what happens then, and its form (`move` is its button's value)."""
    errors: tuple[FieldError, ...] = ()
    """What could not be done."""
    meanwhile: tuple[Meanwhile, ...] = ()
    """What is there now, where somebody wrote while this was being written."""
