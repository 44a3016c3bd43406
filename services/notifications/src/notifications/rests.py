"""A week's rest: who is told nothing of practice meanwhile, and when they hear of it after all."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, time, timedelta

from contracts.access import AccessDocument
from contracts.classes import DataClass
from notifications.deliveries import people_of
from policy.days import LONDON

IN_THE_MORNING = time(9)
"""When the day after a rest begins for messages: nobody is woken by them."""


def heard_again(until: date) -> datetime:
    """The moment at which a home that rests until this day hears of practice again."""
    return datetime.combine(until + timedelta(days=1), IN_THE_MORNING, LONDON)


def resting(
    document: AccessDocument,
    parties: Iterable[str],
    rests: Collection[str],
    data_class: DataClass,
    moment: datetime,
) -> dict[str, tuple[str, ...]]:
    """The people who are reached through parties that rest and through no other, each with those parties.

    The client is reached as the client alone, whatever home they live in: what they read rests as they say. Whom a
    practice is for rests with the home they do it in.
    """
    through: dict[str, set[str]] = {}
    for party in parties:
        for person in people_of(document, party, data_class, moment):
            own = person == document.client_person_id
            through.setdefault(person, set()).add("client" if own else party)
    at = {person: _home_of(person, found) for person, found in through.items()}
    return {person: tuple(sorted(found)) for person, found in at.items() if found <= set(rests)}


def _home_of(person: str, through: set[str]) -> set[str]:
    """These parties without the person's own name, where they are reached at home too."""
    at_home = any(party.startswith("household:") for party in through)
    return through - {f"person:{person}"} if at_home else through
