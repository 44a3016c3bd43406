"""Choices in the form nhsuk-frontend's macros take them, with what was chosen before."""

from collections.abc import Iterable, Sequence
from typing import Any

from family_portal.web.models import Choice, Form, PlanGoal


def choice_items(choices: Iterable[Choice], form: Form, name: str) -> list[dict[str, Any]]:
    """Items of radios, checkboxes or a select; what the form holds for `name` is chosen."""
    return [
        {
            "value": choice.value,
            "text": choice.text,
            "checked": form.has(name, choice.value),
            "selected": form.has(name, choice.value),
            "hint": {"text": choice.hint} if choice.hint else None,
        }
        for choice in choices
    ]


def goal_ticks(goals: Sequence[PlanGoal], form: Form) -> list[dict[str, Any]]:
    """One tick for each goal. One alone is ticked until somebody has chosen; of several nothing goes unchosen."""
    chosen = "goals" in form.values
    return [
        {
            "value": goal.read,
            "text": goal.title,
            "checked": form.has("goals", goal.read) if chosen else len(goals) == 1,
        }
        for goal in goals
    ]


def error_items(form: Form) -> list[dict[str, str]]:
    """The list of an error summary; each entry leads to its field."""
    return [
        {"text": error.text, "href": f"#{error.field}"} if error.field else {"text": error.text}
        for error in form.errors
    ]
