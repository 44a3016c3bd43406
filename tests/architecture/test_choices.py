"""Every answer that an editor offers is one that the service behind it takes."""

from collections.abc import Callable, Iterator
from dataclasses import fields
from itertools import permutations, product
from typing import Any

import pytest
from pydantic import BaseModel

from care_plans.api.goals import GoalDraft
from care_plans.api.tasks import TaskDraft
from care_plans.lint import rules
from care_plans.wordings import Rationale
from family_portal.api.written import LogIn, ObservationIn
from family_portal.web.models import Choice, GoalEditorPage, LogPage, ObservePage, TaskEditorPage, ToldPage
from family_portal.web.models.plan_edit import RATIONALE
from family_portal.web.told import way_of
from notifications.api.preferences import PreferencesIn
from notifications.deliveries import channel_for, in_order

Sends = Callable[[str], dict[str, Any]]
TASK: dict[str, Any] = {
    "goal_id": "g_a", "setting": "home", "title": "t", "why": "w", "planned": {"times": 1, "per": "week"},
}  # fmt: skip
LOG, SEEN = {"result": "did"}, {"goal_id": "g_a", "saw": "pointed", "my_part": "got_to_it"}
GOAL_LISTS: dict[str, Sends] = {
    "measures": lambda value: {"measure": {"kind": value}},
    "assents": lambda value: {"assent": {"state": value}},
    "baselines": lambda value: {"baseline_level": int(value)},
    "settings": lambda value: {"settings": [value]},
    "importances": lambda value: {"importance": int(value)},
    "difficulties": lambda value: {"difficulty": int(value)},
    "audiences": lambda value: {"audience": [value]},
    "privates": lambda value: {"private": value == "yes"},
}
TASK_LISTS: dict[str, Sends] = {
    "settings": lambda value: {**TASK, "setting": value},
    "periods": lambda value: {**TASK, "planned": {"times": 1, "per": value}},
}
LOG_LISTS: dict[str, Sends] = {
    "results": lambda value: {"result": value},
    "felt": lambda value: {**LOG, "felt": int(value)},
}
SEEN_LISTS: dict[str, Sends] = {
    "saw": lambda value: {**SEEN, "saw": value},
    "my_part": lambda value: {**SEEN, "my_part": value},
}
PAGES: dict[type[Any], tuple[type[BaseModel], dict[str, Sends]]] = {
    GoalEditorPage: (GoalDraft, GOAL_LISTS),
    TaskEditorPage: (TaskDraft, TASK_LISTS),
    LogPage: (LogIn, LOG_LISTS),
    ObservePage: (ObservationIn, SEEN_LISTS),
    ToldPage: (PreferencesIn, {"ways": lambda value: {"channels": [value]}}),
}
"""What each list of a page becomes in the body that is sent; an empty value is left out of it."""


def _lists(page: type[Any]) -> dict[str, tuple[Choice, ...]]:
    """The choice lists that a page offers whatever it is about."""
    given = {field.name: field.default for field in fields(page)}
    return {
        name: value
        for name, value in given.items()
        if isinstance(value, tuple) and value and all(isinstance(each, Choice) for each in value)
    }


def _offered() -> Iterator[Any]:
    for page in PAGES:
        for name, choices in _lists(page).items():
            for choice in choices:
                if choice.value:
                    yield pytest.param(page, name, choice.value, id=f"{page.__name__}-{name}-{choice.value}")


@pytest.mark.parametrize(("page", "name", "value"), [*_offered()])
def test_what_an_editor_offers_is_taken(page: type[Any], name: str, value: str) -> None:
    model, lists = PAGES[page]
    model.model_validate(lists[name](value))


@pytest.mark.parametrize("page", PAGES)
def test_every_list_of_an_editor_is_looked_at(page: type[Any]) -> None:
    assert set(_lists(page)) == set(PAGES[page][1])


def test_every_way_of_asking_the_client_can_be_chosen() -> None:
    known = GoalDraft.model_json_schema()["$defs"]["Assent"]["properties"]["state"]["enum"]
    assert sorted(choice.value for choice in _lists(GoalEditorPage)["assents"]) == sorted(known)


def test_the_five_lines_are_asked_in_the_words_of_the_rules() -> None:
    asked = {line["field"]: line["ask"] for line in rules()["masking"]["rationale_form"]}
    assert dict(RATIONALE) == asked
    assert set(RATIONALE) == set(Rationale.model_fields)


@pytest.mark.parametrize(("email", "phone"), [*product((None, "a@b.example"), (None, "07700 900123"))])
def test_the_way_a_page_shows_is_the_way_messages_take(email: str | None, phone: str | None) -> None:
    known = ("email", "sms", "push", "page")
    for wanted in (order for length in range(5) for order in permutations(known, length)):
        takes = channel_for(in_order([*wanted], []), has_email=bool(email), has_phone=bool(phone))
        assert way_of(wanted, email, phone) == takes, wanted
