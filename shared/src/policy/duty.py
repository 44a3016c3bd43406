"""When somebody reads what is written, and who: computed from a rota, in the organisation's own time zone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from contracts.duty import DAYS, DutyFact, ShiftFact


@dataclass(frozen=True)
class Reading:
    """Hours in which somebody reads: those of now, or the next ones. Moments are in UTC."""

    person_id: str
    begins: datetime
    ends: datetime
    now: bool


def next_reading(duty: DutyFact | None, now: datetime) -> Reading | None:
    """The hours that run now, else the next; None where nobody is ever on duty.

    Where several run or begin at once, the first of the rota counts.
    """
    if duty is None:
        return None
    ahead = [each for each in _hours(duty, now) if each.ends > now]
    running = [each for each in ahead if each.now]
    return running[0] if running else min(ahead, key=lambda each: each.begins, default=None)


def on_rota(duty: DutyFact | None, person_id: str) -> bool:
    """Whether an organisation's rota names the person: for hours, as safeguarding lead or as deputy."""
    named = {duty.safeguarding_lead, duty.deputy, *(each.person_id for each in duty.rota)} if duty else set()
    return person_id in named


def _hours(duty: DutyFact, now: datetime) -> Iterator[Reading]:
    """Every shift from yesterday, whose night may still run, to this day next week."""
    zone = ZoneInfo(duty.timezone)
    today = now.astimezone(zone).date()
    for shift in duty.rota:
        for ahead in range(-1, 8):
            day = today + timedelta(days=ahead)
            if DAYS[day.weekday()] in shift.days:
                yield _on(day, shift, zone, now)


def _on(day: date, shift: ShiftFact, zone: ZoneInfo, now: datetime) -> Reading:
    last = day if shift.ends > shift.begins else day + timedelta(days=1)
    begins, ends = _moment(day, shift.begins, zone), _moment(last, shift.ends, zone)
    return Reading(shift.person_id, begins, ends, begins <= now < ends)


def _moment(day: date, clock: str, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), zone).astimezone(UTC)
