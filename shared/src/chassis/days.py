"""Days as people here count them: each begins at midnight in London, in winter and in summer."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


def day_of(moment: datetime) -> date:
    """The day on which something happened."""
    return moment.astimezone(LONDON).date()


def today() -> date:
    """The day that it is."""
    return day_of(datetime.now(UTC))
