"""Somebody else saved while this was being written: what was typed stays, and beside it what is there now."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TypeVar

from chassis.errors import Problem
from family_portal.web.forms import Typed
from family_portal.web.models import Choice, FieldError, Form, GoalEditorPage, Meanwhile, TaskEditorPage

Page = TypeVar("Page", GoalEditorPage, TaskEditorPage)


def moved(problem: Problem) -> bool:
    """Whether what was to be changed has moved on since it was read."""
    return problem.field == "If-Match"


def told(what: str) -> str:
    """That somebody else was faster, and what to do about it."""
    return (
        f"Somebody changed {what} while you were writing. What you wrote is still here. "
        "Look at what is there now, then save: what stands in this form will count."
    )


def beside_what_is_there(page: Page, typed: Typed, now: Form, what: str) -> Page:
    """The editor as it was typed, with what is there now where that differs. It can be saved from here:
    it has seen the version of `now`."""
    found = differing(typed, now, page.fields, page.choices)
    return replace(page, form=has_seen(page.form, now, found, what), meanwhile=found)


def still_there(page: Page, now: Form, what: str) -> Page:
    """The editor with what is there now alone: it was to be thrown away by somebody who had not read it."""
    told = f"Somebody changed {what} meanwhile, so it is still there. Look at what is there now, and decide again."
    return replace(page, form=replace(now, errors=(FieldError("", told),)))


ENDED = (
    "This goal has ended while you were writing, and its words stay as they are. What you wrote was not sent. "
    "Who reads it can still change."
)
"""What was to be written anew has no place for words any more."""


def ended_meanwhile(page: GoalEditorPage, typed: Typed, now: Form) -> GoalEditorPage:
    """The page of a goal that has ended, with what was written of it beside: no form of it would be heard."""
    written = [name for name in {**page.labels, **dict(page.rationale)} if name not in page.choices]
    left = [text for name in written if _differs(typed, now, name) and (text := typed.text(name))]
    page = beside_what_is_there(page, typed, now, "")
    told = FieldError("meanwhile" if page.meanwhile else "", ENDED)
    return replace(page, form=replace(page.form, errors=(told,)), left=tuple(left))


GOAL_GONE = "Somebody threw this goal away while you were writing. What you wrote is still here: save it as a new one."
TASK_GONE = (
    "The goal of this practice is not here any more. What you wrote is still here: choose another goal, and save it "
    "as a new one."
)
"""What was to be written anew, or added to, was thrown away by a colleague meanwhile."""


def as_new(typed: Typed, action: str, told: str) -> Form:
    """What was typed to something that is not there any more, to be saved as a new one."""
    return replace(typed.anew(action, told), version=None)


def differing(
    typed: Typed,
    now: Form,
    fields: Mapping[str, str],
    choices: Mapping[str, tuple[Choice, ...]] = MappingProxyType({}),
) -> tuple[Meanwhile, ...]:
    """What is there now of these fields, where something else was typed; `fields` are inputs and their labels."""
    return tuple(
        Meanwhile(name, label, _shown(now, name, choices.get(name, ())))
        for name, label in fields.items()
        if _differs(typed, now, name)
    )


def has_seen(form: Form, now: Form, there: tuple[Meanwhile, ...], what: str) -> Form:
    """The form as it was typed, to be saved over `now`: what differs there stands beside it."""
    errors = (FieldError("meanwhile" if there else "", told(what)),)
    return replace(form, errors=errors, version=now.version)


def _differs(typed: Typed, now: Form, name: str) -> bool:
    stored = now.values.get(name, "")
    if isinstance(stored, tuple):
        return set(typed.ticks(name)) != set(stored)
    return name in typed.values and typed.text(name) != Typed(now.values, "", None).text(name)


def _shown(now: Form, name: str, choices: Iterable[Choice]) -> str:
    """What is there, as the page says it; nothing where there is none."""
    stored = now.values.get(name, "")
    if isinstance(stored, str) and not choices:
        return stored
    return ", ".join(choice.text for choice in choices if choice.value and now.has(name, choice.value))
