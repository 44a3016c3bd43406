"""What somebody adds to what they wrote, or takes back within a minute: by its author alone, and out of every view."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.access import Authority
from contracts.classes import DataClass
from contracts.event import Item
from contracts.family_portal import ObservationRecorded, TaskLogged

from .conftest import House, facts
from .sample_events import goal, private_goal, private_task, task

LOG = {"id": "lg_one", "result": "couldnt", "felt": 1, "words": "Nearly, after tea."}
SEEN = {"id": "ob_one", "goal_id": "g_one", "saw": "pointed", "my_part": "partly", "words": "By the window."}
REASON = {"got_in_the_way": "too_tired"}


@pytest.fixture(autouse=True)
async def written(house: House) -> None:
    """A mother's log, a teen's private one, and a teacher's observation, in every view."""
    await house.hears(
        goal(house.tenant),
        private_goal(house.tenant),
        task(house.tenant, "household:hh_a", "client", task_id="tk_a"),
        private_task(house.tenant),
    )
    for person, path, body in (
        ("ps_mother", "/tasks/tk_a/logs", LOG),
        ("ps_teen", "/tasks/tk_mine/logs", {**LOG, "id": "lg_mine"}),
        ("ps_teacher", "/observations", SEEN),
    ):
        answer = await house.post(person, path, body)
        assert answer.status_code == 201, answer.text
    await _arrive(house)


async def _arrive(house: House, since: int = 0) -> list[dict[str, Any]]:
    """Let what was told arrive in the views, as the bus would bring it; answers what is new."""
    told = (await house.journal())[since:]
    kinds: dict[str, type[Item]] = {
        "lg_one": TaskLogged,
        "lg_mine": TaskLogged,
        "ob_one": ObservationRecorded,
    }
    await house.hears(*[kinds[event["record_id"]].read(event) for event in told])
    return told


async def _words(house: House, person: str, data_class: DataClass) -> str:
    return (await house.get(person, "/items", **{"class": data_class.value})).text


@pytest.mark.parametrize(
    ("person", "log_id", "data_class"),
    [("ps_mother", "lg_one", DataClass.TASK_LOG), ("ps_teen", "lg_mine", DataClass.PLAN_PRIVATE)],
)
async def test_a_reason_is_kept_beside_the_answer_and_everything_else_stays(
    house: House, person: str, log_id: str, data_class: DataClass
) -> None:
    before = next(e for e in await house.journal() if e["record_id"] == log_id)
    answer = await house.post(person, f"/logs/{log_id}/reason", REASON)
    assert (answer.status_code, answer.json()) == (200, {"id": log_id})
    [told] = await _arrive(house, since=3)
    same = ("record_id", "parties", "task_id", "goal_id", "household_id", "happened_at", "ended")
    assert [told[name] for name in same] == [before[name] for name in same]
    assert "tired" not in str(told)
    for reader in (person, "ps_therapist"):
        [log] = (await house.get(reader, "/items", **{"class": data_class.value})).json()["items"]
        assert (log["got_in_the_way"], log["words"], log["felt"]) == ("too_tired", "Nearly, after tea.", 1)


@pytest.mark.parametrize(
    ("person", "path"),
    [
        ("ps_father", "/logs/lg_one/reason"),
        ("ps_teen", "/logs/lg_one/reason"),
        ("ps_therapist", "/logs/lg_one/reason"),
        ("ps_mother", "/logs/lg_mine/reason"),
        ("ps_mother", "/logs/lg_nowhere/reason"),
        ("ps_father", "/logs/lg_one/undo"),
        ("ps_therapist", "/logs/lg_one/undo"),
        ("ps_mother", "/logs/lg_mine/undo"),
        ("ps_mother", "/observations/ob_one/undo"),
        ("ps_therapist", "/observations/ob_one/undo"),
        ("ps_teacher", "/observations/lg_one/undo"),
    ],
)
async def test_what_another_wrote_does_not_exist_for_it(house: House, person: str, path: str) -> None:
    body = REASON if path.endswith("reason") else {}
    refused = await house.post(person, path, body)
    nowhere = await house.post(person, "/logs/lg_never/reason", REASON)
    assert (refused.status_code, refused.content) == (404, nowhere.content)
    assert len(await house.journal()) == 3


async def test_a_reason_that_is_none_of_ours_is_named(house: House) -> None:
    refused = await house.post("ps_mother", "/logs/lg_one/reason", {"got_in_the_way": "a long story"})
    assert refused.status_code == 422 and "got_in_the_way" in refused.text


@pytest.mark.parametrize(
    ("person", "path", "readers", "data_class"),
    [
        ("ps_mother", "/logs/lg_one/undo", ("ps_mother", "ps_therapist"), DataClass.TASK_LOG),
        ("ps_teen", "/logs/lg_mine/undo", ("ps_teen", "ps_therapist"), DataClass.PLAN_PRIVATE),
        ("ps_teacher", "/observations/ob_one/undo", ("ps_teacher", "ps_teen", "ps_therapist"), DataClass.OBSERVATION),
    ],
)  # fmt: skip
async def test_within_a_minute_it_is_taken_back_from_everybody_and_the_audit_says_so(
    house: House, person: str, path: str, readers: tuple[str, ...], data_class: DataClass
) -> None:
    for reader in readers:
        assert "words" in await _words(house, reader, data_class), reader
    first = await house.post(person, path, {}, key="k-undo")
    again = await house.post(person, path, {}, key="k-undo")
    assert first.status_code == 200 and (again.status_code, again.json()) == (200, first.json())
    [told] = await _arrive(house, since=3)
    assert told["ended"] and not told["sections"]
    for reader in readers:
        assert (await house.get(reader, "/items", **{"class": data_class.value})).json()["items"] == [], (
            reader
        )
    audit = await house.rows("audit").find({"action": "taken_back"})
    assert [row["by"] for row in audit] == [person]
    assert (await house.post(person, path, {})).status_code == 404, "twice there is nothing to take back"
    record = path.split("/")[2]
    kept = await house.rows("observations" if "ob" in record else "task_logs").find(
        {"_id": f"{house.tenant}:cl_a:{record}"}
    )
    assert kept[0]["gone"] and "box" not in kept[0]


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize(
    ("person", "path", "body", "kind"),
    [
        ("ps_mother", "/tasks/tk_a/logs", LOG, "logs"),
        ("ps_teen", "/tasks/tk_mine/logs", LOG, "logs"),
        ("ps_teacher", "/observations", SEEN, "observations"),
    ],
)
async def test_what_was_taken_back_is_not_said_to_be_kept_when_it_is_sent_once_more(
    house: House, person: str, path: str, body: dict[str, Any], kind: str, named: bool
) -> None:
    said = {**body, "id": "wr_two"} if named else {name: body[name] for name in body if name != "id"}
    kept = await house.post(person, path, said, key="k-two")
    same = await house.post(person, path, said, key="k-two")
    assert (same.status_code, same.json()) == (201, kept.json()), "while it stands, the first answer holds"
    assert (await house.post(person, f"/{kind}/{kept.json()['id']}/undo", {})).status_code == 200
    told = len(await house.journal())
    back = await house.post(person, path, said, key="k-two")
    problem = back.json()
    assert back.status_code == 409, back.text
    assert (problem["title"], problem["field"]) == ("It was taken back", "id")
    assert "Idempotency-Key" in problem["fix"] and len(await house.journal()) == told
    anew = await house.post(person, path, {**said, "id": "wr_three"}, key="k-three")
    assert anew.status_code == 201 and len(await house.journal()) == told + 1


async def test_a_reason_is_not_said_to_be_kept_once_its_log_was_taken_back(house: House) -> None:
    where = "/logs/lg_one/reason"
    first = await house.post("ps_mother", where, REASON, key="k-why")
    same = await house.post("ps_mother", where, REASON, key="k-why")
    assert (first.status_code, same.status_code, same.json()) == (200, 200, first.json()), "while it stands"
    assert (await house.post("ps_mother", "/logs/lg_one/undo", {})).status_code == 200
    told = len(await house.journal())
    back = await house.post("ps_mother", where, REASON, key="k-why")
    assert (back.status_code, back.json()["title"], back.json()["field"]) == (
        409,
        "It was taken back",
        "log_id",
    )
    assert back.json()["fix"] and len(await house.journal()) == told


async def test_who_may_write_no_more_is_answered_nothing_again(house: House) -> None:
    assert (await house.post("ps_mother", "/logs/lg_one/reason", REASON, key="k-why")).status_code == 200
    assert (await house.post("ps_teacher", "/observations/ob_one/undo", {}, key="k-undo")).status_code == 200
    known, less = facts(house.tenant), {"authority": Authority.LIMITED, "ticked": (DataClass.PLAN_PLAIN,)}
    await house.knows(
        rev=2,
        relationships=[tie.model_copy(update=less) for tie in known.relationships],
        consents=[c.model_copy(update={"classes": (DataClass.PLAN_SCHOOL,)}) for c in known.consents],
    )
    for person, path, body, key in (
        ("ps_mother", "/logs/lg_one/reason", REASON, "k-why"),
        ("ps_teacher", "/observations/ob_one/undo", {}, "k-undo"),
    ):
        assert (await house.post(person, path, body, key=key)).status_code == 404, path


async def test_after_a_minute_it_stands_and_is_told_to_whom_to_turn(house: House) -> None:
    late = {"$set": {"at": datetime.now(UTC) - timedelta(seconds=61)}}
    for collection, record, path, person, field in (
        ("task_logs", "lg_one", "/logs/lg_one/undo", "ps_mother", "log_id"),
        ("observations", "ob_one", "/observations/ob_one/undo", "ps_teacher", "observation_id"),
    ):
        await house.rows(collection).update_one({"_id": f"{house.tenant}:cl_a:{record}"}, late)
        stands = await house.post(person, path, {})
        assert stands.headers["content-type"] == "application/problem+json"
        problem = stands.json()
        assert (stands.status_code, problem["title"], problem["field"]) == (409, "It stands now", field)
        assert "whoever leads the work" in problem["fix"]
    assert len(await house.journal()) == 3


async def test_words_that_called_somebody_on_duty_stay_for_them_to_read(house: House) -> None:
    saw = {**SEEN, "id": "ob_worry", "words": "he said his gran hits him"}
    assert (await house.post("ps_teacher", "/observations", saw)).status_code == 201
    stays = await house.post("ps_teacher", "/observations/ob_worry/undo", {})
    problem = stays.json()
    assert (stays.status_code, problem["field"]) == (409, "observation_id"), problem
    assert "on duty" in problem["title"] and "whoever leads the work" in problem["fix"]
    [kept] = await house.rows("observations").find({"_id": f"{house.tenant}:cl_a:ob_worry"})
    assert "box" in kept and not kept.get("gone")


async def test_who_may_write_no_more_takes_nothing_back(house: House) -> None:
    await house.knows(rev=2, consents=[])
    assert (await house.post("ps_teacher", "/observations/ob_one/undo", {})).status_code == 404
