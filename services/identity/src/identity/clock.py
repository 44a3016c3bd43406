"""The present moment, to the millisecond that the database keeps."""

from datetime import UTC, datetime


def now() -> datetime:
    """Now, in UTC."""
    moment = datetime.now(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
