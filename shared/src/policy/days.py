"""Days as people here count them: each begins at midnight in London, in winter and in summer."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


def day_of(moment: datetime) -> date:
    """The day on which something happened."""
    return moment.astimezone(LONDON).date()


def today() -> date:
    """The day that it is."""
    return day_of(datetime.now(UTC))


def midnight(day: date) -> datetime:
    """The moment at which a day begins, told in UTC."""
    return datetime.combine(day, time(), LONDON).astimezone(UTC)
