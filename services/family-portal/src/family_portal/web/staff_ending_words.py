"""How a goal ended, in the words of the therapist's pages: what became of it, how far it came, what was asked."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from family_portal.web.heads import day
from family_portal.web.models import Choice, Line
from family_portal.web.words import joined
from policy.days import midnight

USES = {
    "in_use": "in use",
    "resting": "resting",
    "needs_help_again": "needs help again",
}
HOWS = (
    Choice("in_use", "Completed, and in use", hint="It happens by itself. Nothing needs to be practised."),
    Choice("resting", "Completed, and resting", hint="It is far enough for now. It can come back."),
    Choice("cancelled", "Not carried on", hint="It is stopped, whatever the reason is."),
)
ACHIEVEMENTS = (
    Choice("", "Choose"),
    Choice("achieved", "Achieved"),
    Choice("sustaining", "Achieved, and kept up"),
    Choice("improving", "Improving"),
    Choice("no_change", "No change"),
    Choice("worsening", "Worse than before"),
    Choice("no_progress", "No progress"),
    Choice("not_achieved", "Not achieved"),
    Choice("not_attainable", "Cannot be achieved"),
)
ASKED = (
    Choice("agreed", "Yes, and agrees"),
    Choice("unsure", "Yes, and is unsure"),
    Choice("refused", "Yes, and says no"),
    Choice("not_asked", "Not asked", hint="Only where it is not carried on, with the reason below."),
)
ANSWERED = {"agreed": "agreed", "unsure": "was unsure", "refused": "said no", "not_asked": "was not asked"}
PARTS: Mapping[str, tuple[str, str, str]] = {
    "places": ("place", "places", "The usual rule asks for two places."),
    "people": ("person", "people", "The usual rule asks for two people."),
    "occasions": ("day", "days", "The usual rule asks for three days."),
    "weeks": ("week", "weeks", "The usual rule asks for three weeks."),
}
"""What each part of the rule counts, one and several of it, and what it usually takes."""
BEFORE = {"places": "In", "people": "With", "occasions": "On", "weeks": "Over"}
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def labels(name: str) -> dict[str, str]:
    """The labels of the page that ends a goal."""
    return {
        "how": "How does it end?",
        "achievement": "How far did it come?",
        "asked_state": f"Has {name} been asked?",
        "asked_how": "How you asked, or why you could not",
        "asked_way": "In which way of communicating",
        "asked_came_back": f"What {name} answered",
    }


def ended_state(goal: dict[str, Any]) -> str:
    """Completed on Tuesday 3 March, in use."""
    ending = goal.get("ending") or {}
    text = "Completed" if goal["state"] == "completed" else "Not carried on"
    on = f" since {_day(ending['on'])}" if ending.get("on") else ""
    return f"{text}{on}, {USES[ending['use']]}" if ending.get("use") else f"{text}{on}"


def ended_lines(goal: dict[str, Any]) -> tuple[str, ...]:
    """How far it came, and what the person said to its end."""
    ending = goal.get("ending")
    if not ending:
        return ()
    asked, far = ending["asked"], {choice.value: choice.text for choice in ACHIEVEMENTS}
    details = [asked[name] for name in ("how", "way", "came_back") if asked.get(name)]
    said = f"The person {ANSWERED[asked['state']]}: {'; '.join(details)}."
    return (f"{far.get(ending['achievement'], ending['achievement'])}.", said)


def may_come_back(goal: dict[str, Any]) -> bool:
    """Whether a goal can be said to need help again: one that was completed, unless what came of that is there."""
    return bool(goal.get("comes_back"))


def evidence_lines(found: dict[str, Any], homes: Mapping[str, str]) -> tuple[Line, ...]:
    """What the usual rule looks at, part by part; a part that is there has a tick, another says what is usual."""
    since = found["held_since"]
    if since is None:
        text = "The level agreed last is not the one aimed for."
        return (Line(text, "The usual rule begins to count once it is.", "clock"),)
    places = joined(dict.fromkeys(_place(each, homes) for each in found["places"]))
    first = Line(f"At the level aimed for, or above, since {_day(since)}.", "As you agreed it.", "tick")
    return (first, *(_part(part, places if part["name"] == "places" else "") for part in found["parts"]))


def _part(part: dict[str, Any], named: str) -> Line:
    one, several, usual = PARTS[part["name"]]
    number = part["found"]
    many = NUMBERS[number] if number < len(NUMBERS) else str(number)
    text = f"{BEFORE[part['name']]} {many} {one if number == 1 else several}"
    text = f"{text}: {named}." if named else f"{text}."
    return Line(text, "" if part["holds"] else usual, "tick" if part["holds"] else "clock")


def _place(place: str, homes: Mapping[str, str]) -> str:
    home = place.removeprefix("household:")
    return f"the home “{homes.get(home, home)}”" if home != place else place


def _day(on: str) -> str:
    return day(midnight(date.fromisoformat(on)))
