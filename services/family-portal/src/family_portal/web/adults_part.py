"""The adults' part of a goal: whether those who noted it had got to what they agreed to do, as the team reads it."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from family_portal.views.opened import Entry
from family_portal.web.heads import day
from family_portal.web.words import counted

LATELY = timedelta(weeks=4)
ENOUGH, SHARE = 5, 0.8
"""Below four of five times the goal waits and the adults' part comes first (CARE.md, rule 23); said of no fewer than
five times, for one lesson says nothing."""


def adults_part(entries: Iterable[Entry], now: datetime) -> str:
    """How often of the last four weeks' times school got to its part, and what it said when it last did not.

    `entries`: what was noted of one goal. Nothing where school noted nothing.
    """
    noted = [e for e in entries if "my_part" in e.body and now - LATELY < e.happened_at <= now]
    if not noted:
        return ""
    times = sum(entry.body["my_part"] == "got_to_it" for entry in noted)
    said = [f"School got to it {times} of {counted(len(noted), 'time')} in four weeks."]
    if len(noted) >= ENOUGH and times < SHARE * len(noted):
        said.append("This comes first; the goal waits for it.")
    missed = [e for e in noted if e.body["my_part"] != "got_to_it" and e.body.get("words")]
    if missed:
        last = max(missed, key=lambda entry: entry.happened_at)
        said.append(f"{day(last.happened_at)}: “{last.body['words']}”")
    return " ".join(said)
