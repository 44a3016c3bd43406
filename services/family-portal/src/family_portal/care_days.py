"""Whose day it is: which of a client's homes has them at a moment, computed from the care days of the facts."""

from datetime import date, datetime, time, timedelta

from contracts.access import AccessDocument, CareDaysFact
from contracts.duty import DAYS
from policy.days import LONDON


def home_at(document: AccessDocument, moment: datetime) -> str | None:
    """The home that has the client; None where no calendar says so, and then every home has them.

    A day begins at the handover time: before it, it is still the day before. A home that is the client's no
    longer has no day, so that none falls to nobody.
    """
    day = _day(moment, document.handover_at)
    fact = next((each for each in document.care_days if DAYS[day.weekday()] in each.days), None)
    home = _home(fact, day) if fact else None
    return home if home in {each.id for each in document.households} else None


def _day(moment: datetime, handover: str) -> date:
    here = moment.astimezone(LONDON)
    begun = here.time() >= time.fromisoformat(handover)
    return here.date() if begun else here.date() - timedelta(days=1)


def _home(fact: CareDaysFact, day: date) -> str | None:
    if fact.week_of is None or _weeks_between(fact.week_of, day) % fact.every_weeks == 0:
        return fact.household_id
    return fact.otherwise


def _weeks_between(one: date, other: date) -> int:
    mondays = [each - timedelta(days=each.weekday()) for each in (one, other)]
    return (mondays[1] - mondays[0]).days // 7
