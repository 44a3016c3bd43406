"""A week's rest: who is told nothing of practice meanwhile, and when they hear of it after all."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, time, timedelta

from chassis.days import LONDON
from contracts.access import AccessDocument
from contracts.classes import DataClass
from notifications.deliveries import people_of

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
) -> set[str]:
    """The people who are reached through parties that rest, and through no other."""
    reached = [(party, people_of(document, party, data_class, moment)) for party in parties]
    awake = {person for party, people in reached if party not in rests for person in people}
    return {person for party, people in reached if party in rests for person in people} - awake
