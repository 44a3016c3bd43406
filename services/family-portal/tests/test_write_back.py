"""What families and schools write: who may, about what, and to whom it then shows."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chassis.duty import HELD_S
from chassis.testing import put_on_duty
from contracts.care_plans import GoalState, TaskState
from contracts.classes import DataClass
from contracts.event import Item
from contracts.family_portal import ObservationRecorded, TaskLogged
from contracts.ids import new_id

from .conftest import House
from .sample_events import goal, private_goal, private_task, task

LOG = {"result": "part", "felt": 3, "words": "Nearly, after tea."}
SEEN = {"goal_id": "g_one", "saw": "pointed", "my_part": "partly", "words": "By the window."}


async def _furnished(house: House) -> None:
    tenant = house.tenant
    await house.hears(
        goal(tenant),
        goal(tenant, "g_two"),
        goal(tenant, "g_rests", state=GoalState.ON_HOLD),
        private_goal(tenant),
        task(tenant, "household:hh_a", "client", task_id="tk_a"),
        task(tenant, "household:hh_b", task_id="tk_b"),
        task(tenant, "school", task_id="tk_school"),
        private_task(tenant),
    )


async def _told(house: House) -> dict[str, Any]:
    [event] = await house.journal()
    return event


async def _come_back(house: House, kind: type[Item]) -> None:
    """Let what was told arrive in the views, as the bus would bring it."""
    await house.hears(*[kind.read(event) for event in await house.journal()])


async def test_a_mothers_log_shows_in_her_home_and_to_the_team(house: House) -> None:
    await _furnished(house)
    answer = await house.post("ps_mother", "/tasks/tk_a/logs", {"id": "lg_one", **LOG})
    assert (answer.status_code, answer.json()) == (201, {"id": "lg_one"})
    event = await _told(house)
    assert (event["parties"], event["household_id"]) == (["household:hh_a"], "hh_a")
    assert "Nearly" not in str(event)
    await _come_back(house, TaskLogged)
    logs = DataClass.TASK_LOG
    seen = {
        p: await house.lists(p, logs)
        for p in ("ps_mother", "ps_therapist", "ps_father", "ps_teen", "ps_teacher")
    }
    assert seen == {
        "ps_mother": ["lg_one"],
        "ps_therapist": ["lg_one"],
        "ps_father": [],
        "ps_teen": [],
        "ps_teacher": [],
    }


@pytest.mark.parametrize(
    ("person", "path", "body"),
    [("ps_mother", "/tasks/tk_a/logs", LOG), ("ps_teacher", "/observations", SEEN)],
)
async def test_words_that_nobody_would_read_are_refused_and_the_rest_is_taken(
    house: House, person: str, path: str, body: dict[str, Any]
) -> None:
    await _furnished(house)
    await put_on_duty(house.chassis.mongo, house.tenant, rota=[])
    refused = await house.post(person, path, body)
    assert refused.status_code == 422, refused.text
    assert refused.headers["content-type"] == "application/problem+json"
    assert (refused.json()["field"], "rota" in refused.json()["fix"]) == ("words", True)
    assert await house.journal() == []
    wordless = {name: value for name, value in body.items() if name != "words"}
    assert (await house.post(person, path, wordless)).status_code == 201
    await put_on_duty(house.chassis.mongo, house.tenant)
    await asyncio.sleep(HELD_S)
    assert (await house.post(person, path, body)).status_code == 201


@pytest.mark.parametrize(
    ("person", "task_id", "parties"),
    [
        ("ps_teen", "tk_a", ["client"]),
        ("ps_teacher", "tk_school", ["person:ps_teacher"]),
        ("ps_father", "tk_b", ["household:hh_b"]),
        ("ps_teen", "tk_mine", ["client"]),
    ],
)
async def test_a_log_shows_to_those_who_wrote_it(
    house: House, person: str, task_id: str, parties: list[str]
) -> None:
    await _furnished(house)
    answer = await house.post(person, f"/tasks/{task_id}/logs", LOG)
    assert answer.status_code == 201
    event = await _told(house)
    assert event["parties"] == parties
    await _come_back(house, TaskLogged)
    where = DataClass.PLAN_PRIVATE if task_id == "tk_mine" else DataClass.TASK_LOG
    assert await house.lists(person, where) == [answer.json()["id"]]


@pytest.mark.parametrize(
    ("person", "task_id"),
    [
        ("ps_mother", "tk_b"),
        ("ps_mother", "tk_mine"),
        ("ps_mother", "tk_nowhere"),
        ("ps_teacher", "tk_a"),
        ("ps_therapist", "tk_a"),
        ("ps_therapist", "tk_mine"),
        ("ps_stranger", "tk_a"),
    ],
)
async def test_others_tasks_do_not_exist(house: House, person: str, task_id: str) -> None:
    await _furnished(house)
    refused = await house.post(person, f"/tasks/{task_id}/logs", LOG)
    nowhere = await house.post(person, "/tasks/tk_nowhere/logs", LOG)
    assert refused.status_code == 404
    assert refused.content == nowhere.content
    assert await house.journal() == []


async def test_a_log_sent_twice_is_one_and_an_id_is_used_once(house: House) -> None:
    await _furnished(house)
    key, body = new_id(), {"id": "lg_twice", **LOG}
    first = await house.post("ps_mother", "/tasks/tk_a/logs", body, key)
    again = await house.post("ps_mother", "/tasks/tk_a/logs", body, key)
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    other = await house.post("ps_father", "/tasks/tk_b/logs", body)
    assert (other.status_code, other.json()["field"]) == (409, "id")
    assert len(await house.journal()) == 1


async def test_what_was_written_of_a_task_that_ended_meanwhile_is_taken(house: House) -> None:
    await _furnished(house)
    over = {"ended": True, "words": {}, "state": TaskState.ENDED}
    await house.hears(task(house.tenant, "household:hh_a", task_id="tk_a", **over))
    assert (await house.post("ps_mother", "/tasks/tk_a/logs", LOG)).status_code == 201
    (row,) = await house.journal()
    assert (row["task_id"], row["parties"]) == ("tk_a", ["household:hh_a"])
    for person in ("ps_father", "ps_stranger"):
        assert (await house.post(person, "/tasks/tk_a/logs", LOG)).status_code == 404


async def test_a_task_that_is_no_longer_theirs_takes_no_log(house: House) -> None:
    await _furnished(house)
    await house.hears(task(house.tenant, "household:hh_a", task_id="tk_a", ended=True, words={}))
    refused = await house.post("ps_mother", "/tasks/tk_a/logs", LOG)
    assert refused.status_code == 422 and refused.json()["detail"] == "This practice has ended."
    for person in ("ps_father", "ps_stranger"):
        assert (await house.post(person, "/tasks/tk_a/logs", LOG)).status_code == 404


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"happened_at": (datetime.now(UTC) + timedelta(days=2)).isoformat()}, "happened_at"),
        ({"happened_at": (datetime.now(UTC) - timedelta(days=500)).isoformat()}, "happened_at"),
        ({"result": "splendid"}, "result"),
        ({"felt": 9}, "felt"),
        ({"felt": {"$gt": 0}}, "felt"),
        ({"mood": "fine"}, "mood"),
    ],
)
async def test_what_is_wrong_with_a_log_is_named(house: House, change: dict[str, Any], field: str) -> None:
    await _furnished(house)
    refused = await house.post("ps_mother", "/tasks/tk_a/logs", {**LOG, **change})
    assert refused.status_code == 422
    named = {refused.json().get("field"), *(row["field"] for row in refused.json().get("errors", ()))}
    assert field in named
    assert await house.journal() == []


async def test_a_teachers_observation_shows_to_her_the_client_and_the_team(house: House) -> None:
    await _furnished(house)
    answer = await house.post("ps_teacher", "/observations", {"id": "ob_one", **SEEN})
    assert (answer.status_code, answer.json()) == (201, {"id": "ob_one"})
    await _come_back(house, ObservationRecorded)
    people = ("ps_teacher", "ps_teen", "ps_therapist", "ps_mother")
    seen = [await house.lists(person, DataClass.OBSERVATION) for person in people]
    assert seen == [["ob_one"], ["ob_one"], ["ob_one"], []]


@pytest.mark.parametrize("goal_id", ["g_two", "g_rests", "g_mine", "g_nowhere"])
async def test_only_active_goals_that_are_shared_with_her_can_be_observed(house: House, goal_id: str) -> None:
    await _furnished(house)
    refused = await house.post("ps_teacher", "/observations", {**SEEN, "goal_id": goal_id})
    nowhere = await house.post("ps_teacher", "/observations", {**SEEN, "goal_id": "g_nowhere"})
    assert (refused.status_code, refused.content) == (422, nowhere.content)


@pytest.mark.parametrize("person", ["ps_mother", "ps_teen", "ps_therapist", "ps_stranger"])
async def test_nobody_but_the_school_observes(house: House, person: str) -> None:
    await _furnished(house)
    assert (await house.post(person, "/observations", SEEN)).status_code == 404


async def test_a_withdrawal_closes_to_its_author_too_what_she_wrote(house: House) -> None:
    await _furnished(house)
    assert (await house.post("ps_teacher", "/observations", {"id": "ob_one", **SEEN})).status_code == 201
    await _come_back(house, ObservationRecorded)
    own = {"class": "observation"}
    assert "By the window." in (await house.get("ps_teacher", "/items", **own)).text
    await house.knows(rev=2, consents=[])
    gone = await house.get("ps_teacher", "/items", **own)
    never = await house.get("ps_stranger", "/items", **own)
    assert gone.status_code == never.status_code == 404 and gone.content == never.content
    for reader in ("ps_therapist", "ps_teen"):
        assert "By the window." in (await house.get(reader, "/items", **own)).text, (
            "it is the client's record"
        )
    await house.knows(rev=3)
    assert "By the window." in (await house.get("ps_teacher", "/items", **own)).text


async def test_a_consent_that_opens_observations_for_one_goal_takes_them_for_no_other(house: House) -> None:
    consent = {"state": "granted", "recipients": ["ps_teacher"], "begins": "2026-01-01T00:00:00Z"}
    await house.knows(
        rev=2,
        consents=[
            {"id": "c1", "classes": ["plan_school"], **consent},
            {"id": "c2", "classes": ["observation"], "only_goals": ["g_two"], **consent},
        ],
    )
    await _furnished(house)
    assert (await house.post("ps_teacher", "/observations", SEEN)).status_code == 422
    allowed = await house.post("ps_teacher", "/observations", {**SEEN, "goal_id": "g_two"})
    assert allowed.status_code == 201
