"""The content pack as data: its YAML files, and days counted from the first load, snapped to school days."""

from datetime import UTC, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

import yaml

LONDON = ZoneInfo("Europe/London")


@cache
def read(name: str) -> dict[str, Any]:
    """One file of the pack, for example `people`."""
    found: dict[str, Any] = yaml.safe_load(
        (files("kith_local.demo") / "content" / f"{name}.yaml").read_text()
    )
    return found


def day(begun: datetime, offset: int, at: str = "10:00", *, school_day: bool = False) -> datetime:
    """The moment `offset` days from `begun` at a local time; a school day is moved back to the Friday before."""
    hour, minute = (int(part) for part in at.split(":"))
    local = begun.astimezone(LONDON).date() + timedelta(days=offset)
    while school_day and local.weekday() > 4:
        local -= timedelta(days=1)
    moment = datetime.combine(local, time(hour, minute), LONDON).astimezone(UTC)
    return min(moment, begun - timedelta(minutes=1)) if offset <= 0 else moment


def iso(moment: datetime) -> str:
    """The moment as the APIs take it."""
    return moment.isoformat()


def slug(text: str) -> str:
    """A sentence as an id: lower case, words joined by underscores."""
    kept = "".join(letter if letter.isalnum() else "_" for letter in text.lower())
    return "_".join(part for part in kept.split("_") if part)[:60]
