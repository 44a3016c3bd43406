"""What stands under every box for words: when it is read next and by whom, and who answers until then."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from contracts.identity import HelpLine as ToldLine
from family_portal.portal import Portal
from family_portal.views.names import UNKNOWN, Named
from family_portal.views.reader import Reach
from family_portal.web.models import Box, HelpLine
from policy.duty import Reading, next_reading

_DIGITS = re.compile(r"\d[\d ]*")
_BY_TEXT = re.compile(r"(?P<word>\S+) to (?P<number>\d+)")


async def box_of(portal: Portal, reach: Reach) -> Box:
    """The box of an organisation's pages as it stands now; closed where nobody is on its rota."""
    tenant_id = reach.caller.tenant_id
    duty, now = await portal.chassis.duty.of(tenant_id), datetime.now(UTC)
    organisation = await portal.names.client(tenant_id, tenant_id)
    lines = tuple(_line(line) for line in organisation.lines if line.call or line.text)
    reading = next_reading(duty, now)
    if duty is None or reading is None:
        return Box(_why_closed(organisation), lines, closed=True)
    reader = await portal.names.person(reading.person_id)
    return Box(_when(reading, _called(reader), now, ZoneInfo(duty.timezone)), lines)


async def who_is_on_duty(portal: Portal, tenant_ids: Iterable[str]) -> str:
    """A line for staff: who is on duty in each of their organisations; nothing of one without a rota."""
    lines = [await _on_duty(portal, tenant_id) for tenant_id in tenant_ids]
    return " ".join(line for line in lines if line)


async def _on_duty(portal: Portal, tenant_id: str) -> str:
    duty, now = await portal.chassis.duty.of(tenant_id), datetime.now(UTC)
    reading = next_reading(duty, now)
    if duty is None or reading is None:
        return ""
    zone, name = ZoneInfo(duty.timezone), _called(await portal.names.person(reading.person_id))
    when = (
        f"until {_moment(reading.ends, now, zone)}"
        if reading.now
        else f"from {_moment(reading.begins, now, zone)}"
    )
    return f"On duty {when}: {name}."


def _why_closed(organisation: Named) -> str:
    named = organisation.name if organisation.name != UNKNOWN else "The organisation"
    return (
        f"There is no box for words here, because {named} has not said yet who reads them: "
        "tell the people you know there, or ring them."
    )


def _called(reader: Named) -> str:
    return reader.name if reader.name != UNKNOWN else "somebody of the staff"


def _when(reading: Reading, name: str, now: datetime, zone: ZoneInfo) -> str:
    """Until when it is read now, or before which moment it is not, in the organisation's own time, and who is on duty.

    Not that this person reads it: whoever may read it is said beside it, and need not be on duty.
    """
    if reading.now:
        return f"What you write is read until {_moment(reading.ends, now, zone)}. On duty is {name}."
    return f"Nobody reads this before {_moment(reading.begins, now, zone)}. On duty then is {name}."


def _moment(moment: datetime, now: datetime, zone: ZoneInfo) -> str:
    """9:00 today, 9:00 tomorrow, 9:00 on Monday, 9:00 on Monday 7 December."""
    there, today = moment.astimezone(zone), now.astimezone(zone).date()
    clock, ahead = f"{there.hour}:{there:%M}", there.date() - today
    if ahead <= timedelta(days=1):
        return f"{clock} {'tomorrow' if ahead else 'today'}"
    day = f"{there:%A}" if ahead < timedelta(days=7) else f"{there:%A} {there.day} {there:%B}"
    return f"{clock} on {day}"


def _line(line: ToldLine) -> HelpLine:
    """A line to tap: a number to ring, or a word to send."""
    by_text = _BY_TEXT.fullmatch(line.text or "")
    if line.call:
        found = _DIGITS.match(line.call)
        return HelpLine(f"Ring {line.call}", f"tel:{found[0].replace(' ', '')}" if found else "", line.label)
    href = f"sms:{by_text['number']}?body={by_text['word']}" if by_text else ""
    return HelpLine(f"Text {line.text}", href, line.label, "message")
