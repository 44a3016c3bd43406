"""Whoever opens a goal or a task of the content pack and saves it as it stands has changed nothing."""

from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from starlette.requests import Request

from care_plans.api.goals import GoalDraft
from care_plans.api.plans import _whole
from care_plans.api.tasks import TaskDraft, shown_task
from care_plans.goals import Goal
from care_plans.tasks import Planned, Task
from family_portal import assets
from family_portal.web.forms import Typed
from family_portal.web.frame import render
from family_portal.web.staff_plan_edit import editor_page, task_editor_page
from family_portal.web.staff_plan_forms import goal_body, goal_form, task_body, task_form
from kith_local.browsing import Browser
from kith_local.demo.content_pack import read
from kith_local.demo.plans import load_plans

Sent = dict[str, dict[str, Any]]


class Recorder:
    """Everybody of the demo at once: writes down what they send."""

    begun = datetime.now(UTC)

    def __init__(self) -> None:
        self.goals: Sent = {}
        self.tasks: Sent = {}

    def person(self, *_: str) -> "Recorder":
        return self

    def get(self, *_: str) -> dict[str, Any]:
        return {}

    def post(self, service: str, path: str, body: dict[str, Any], **_: Any) -> dict[str, Any]:
        for name, kept in (("/goals", self.goals), ("/tasks", self.tasks)):
            if path.endswith(name):
                kept[body["id"]] = body
        return {}


PACK = Recorder()
load_plans(PACK)  # type: ignore[arg-type]


@pytest.fixture(scope="module", autouse=True)
def built() -> None:
    """The page assets, built where they are not up to date."""
    assets.build()


class Names:
    """Nobody's name matters here."""

    async def client(self, *_: str) -> Any:
        return SimpleNamespace(name="Kofi", mark="kith", pronouns="")

    async def persons(self, ids: list[str]) -> dict[str, Any]:
        return {each: SimpleNamespace(name=each) for each in ids}


PORTAL: Any = SimpleNamespace(names=Names())


def _reach(*, own_sign_in: bool) -> Any:
    people = {home["id"]: home for home in read("people")["households"]}
    homes = [SimpleNamespace(id=each, members=["ps_a"], live_task_cap=2) for each in people]
    document = SimpleNamespace(
        privacy_from=date(2020, 1, 1) if own_sign_in else None,
        client_person_id="ps_client" if own_sign_in else None,
        households=homes,
    )
    return SimpleNamespace(
        client_id="cl_a",
        caller=SimpleNamespace(tenant_id="tn_a", person_id="ps_a"),
        document=document,
        alone=True,
    )


def _stored_goal(body: dict[str, Any]) -> dict[str, Any]:
    """The goal as care-plans answers it; a draft, which only its own rules look at."""
    goal = Goal("tn_a", "cl_a", body["id"], "ps_a", GoalDraft.model_validate(body).written())
    adult = SimpleNamespace(
        client_person_id="ps_client",
        consents_from=date(2020, 1, 1),
        privacy_from=None,
        majority_from=None,
        relationships=[],
    )
    desk: Any = SimpleNamespace(document=adult, now=datetime.now(UTC))
    return _whole(desk, goal, [])


def _stored_task(body: dict[str, Any]) -> dict[str, Any]:
    draft = TaskDraft.model_validate(body)
    task = Task(
        "tn_a", "cl_a", body["id"], draft.goal_id, draft.setting, tuple(draft.households),
        Planned(draft.planned.times, draft.planned.per), draft.body(), draft.assigned_to, draft.private,
        created_at=datetime.now(UTC),
    )  # fmt: skip
    return shown_task(SimpleNamespace(writes=True), task)  # type: ignore[arg-type]


def _sent_back(template: str, page: Any, action: str) -> Typed:
    """What a browser sends when the page's form is sent as it stands: lines end in CR LF."""
    scope = {
        "type": "http", "method": "GET", "path": action, "query_string": b"", "headers": [],
        "scheme": "http", "server": ("localhost", 8080), "state": {},
    }  # fmt: skip
    browser = Browser("http://localhost:8080")
    html = bytes(render(Request(scope), template, page=page).body).decode()
    browser.page = httpx.Response(200, text=html)
    (form,) = browser.forms(action)
    values = {
        name: tuple(value) if isinstance(value, list) else value.replace("\n", "\r\n")
        for name, value in form.fields.items()
    }
    return Typed(values, "k", 1)


async def _saved_goal(stored: dict[str, Any], *, own_sign_in: bool, **typed: str) -> dict[str, Any]:
    form = goal_form("/plan/edit", stored)
    page = await editor_page(PORTAL, _reach(own_sign_in=own_sign_in), form, stored)
    back = _sent_back("staff/goal_edit.html", page, "/plan/edit")
    return goal_body(Typed({**back.values, **typed}, "k", 1), stored)


@pytest.mark.parametrize("own_sign_in", [True, False])
@pytest.mark.parametrize("body", [pytest.param(body, id=goal_id) for goal_id, body in PACK.goals.items()])
async def test_a_goal_saved_as_it_stands_is_the_same_goal(body: dict[str, Any], own_sign_in: bool) -> None:
    stored = _stored_goal(body)
    saved = GoalDraft.model_validate(await _saved_goal(stored, own_sign_in=own_sign_in))
    assert saved.written() == GoalDraft.model_validate(body).written()


@pytest.mark.parametrize("state", ["not_asked", "agreed", "unsure", "refused"])
async def test_what_the_client_said_stays_as_it_was_said(state: str) -> None:
    body = next(iter(PACK.goals.values()))
    stored = _stored_goal({**body, "assent": {**body["assent"], "state": state}})
    assert (await _saved_goal(stored, own_sign_in=False))["assent"]["state"] == state


async def test_one_changed_sentence_changes_that_sentence_alone() -> None:
    for body in PACK.goals.values():
        stored = _stored_goal(body)
        saved = GoalDraft.model_validate(await _saved_goal(stored, own_sign_in=True, team="Anew."))
        assert saved.written() == GoalDraft.model_validate({**body, "team": "Anew."}).written()


@pytest.mark.parametrize("body", [pytest.param(body, id=task_id) for task_id, body in PACK.tasks.items()])
async def test_a_task_saved_as_it_stands_is_the_same_task(body: dict[str, Any]) -> None:
    stored = _stored_task(body)
    form = task_form("/plan/tasks/edit", stored, "")
    plan = {"goals": [_stored_goal(goal) for goal in PACK.goals.values()]}
    page = await task_editor_page(PORTAL, _reach(own_sign_in=True), form, plan, stored)
    back = _sent_back("staff/task_edit.html", page, "/plan/tasks/edit")
    saved = TaskDraft.model_validate({**task_body(back, stored), "id": body["id"]})
    assert saved == TaskDraft.model_validate(body)


def test_the_pack_holds_what_the_editors_do_not_list() -> None:
    kinds = {body["measure"]["kind"] for body in PACK.goals.values()}
    assert {"out_of", "days_in_week", "times_in_week"} <= kinds
    assert any(body["private"] for body in PACK.goals.values())
    assert any(body["masking"].get("rationale") for body in PACK.goals.values())
    assert {"anywhere", "messages"} <= {body["setting"] for body in PACK.tasks.values()}
    assert "four_weeks" in {body["planned"]["per"] for body in PACK.tasks.values()}
    assert any(body.get("assigned_to") for body in PACK.tasks.values())
