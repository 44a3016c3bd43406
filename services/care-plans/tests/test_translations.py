"""A task in another language: nobody outside the team reads it before a second person has checked it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from care_plans.tasks import Planned, Stage, Task
from care_plans.translations import NotTranslated, State
from chassis.errors import Invalid, NotFound
from contracts.care_plans import TaskBody, TaskChanged, TaskWords

from .steps import TASK, Clinic, active, add

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
BODY = TaskBody(
    title="The card", why="It helps.", steps=["Show it.", "Say yes."], thanks="Thank you.", takes_minutes=3
)
WORDS: dict[str, Any] = {"title": "Tq", "why": "Wq", "steps": ["Aq", "Bq"], "thanks": "Cq"}


def a_task(stage: Stage = Stage.LIVE, **changes: Any) -> Task:
    usual = {
        "households": ("hh_a",),
        "planned": Planned(3, "week"),
        "body": BODY,
        "parties": ("household:hh_a",),
    }
    return Task("tn_a", "cl_a", "t1", "g_a", "home", stage=stage, **{**usual, **changes})


def translate(task: Task, *, done: bool = True, by: str = "ps_one", **changes: Any) -> None:
    task.translate("ar", TaskWords(**{**WORDS, **changes}), done=done, by=by, now=NOW)


def read(task: Task) -> list[list[str]]:
    """In which languages its readers had it, event by event."""
    bodies = [next(iter(e.words.values())) for e in task.events if isinstance(e, TaskChanged) and e.words]
    return [sorted(body.translations) for body in bodies]  # type: ignore[attr-defined]


def test_its_readers_hear_of_it_only_once_somebody_else_has_checked_it() -> None:
    task = a_task()
    translate(task, done=False)
    with pytest.raises(NotTranslated):
        task.check("ar", by="ps_two", now=NOW)
    translate(task)
    with pytest.raises(Invalid, match="somebody else"):
        task.check("ar", by="ps_one", now=NOW)
    with pytest.raises(NotFound):
        task.check("pl", by="ps_two", now=NOW)
    assert task.events == []
    task.check("ar", by="ps_two", now=NOW)
    assert read(task) == [["ar"]] and task.translations["ar"].checked_by == "ps_two"


@pytest.mark.parametrize("change", [{"title": "Another card"}, {"steps": ["Show it."]}, {"thanks": None}])
def test_when_the_original_changes_it_is_a_draft_and_read_as_it_was_written(change: dict[str, Any]) -> None:
    task = a_task()
    translate(task)
    task.check("ar", by="ps_two", now=NOW)
    task.revise(a_task(body=BODY.model_copy(update=change)), by="ps_one", now=NOW)
    assert read(task) == [["ar"], []]
    kept = task.translations["ar"]
    assert (kept.state, kept.checked_by, kept.words.title) == (State.DRAFT, None, "Tq")


def test_a_smaller_step_makes_it_a_draft_too_and_the_news_of_it_none() -> None:
    task = a_task()
    translate(task)
    task.check("ar", by="ps_two", now=NOW)
    task.ease(["Show it."], None, by="ps_one", now=NOW)
    assert read(task)[-1] == [] and task.translations["ar"].state is State.DRAFT
    translate(task, steps=["Aq"])
    task.check("ar", by="ps_two", now=NOW)
    task.revise(a_task(body=BODY.model_copy(update={"steps": ["Show it."]})), by="ps_one", now=NOW)
    assert read(task)[-1] == ["ar"], "its words are the same, though nothing on it is news any more"


def test_another_rhythm_or_home_leaves_the_words_as_they_are() -> None:
    task = a_task()
    translate(task)
    task.check("ar", by="ps_two", now=NOW)
    task.revise(a_task(planned=Planned(1, "day"), households=("hh_b",)), by="ps_one", now=NOW)
    assert read(task) == [["ar"], ["ar"]]


def test_one_that_is_written_anew_is_checked_anew() -> None:
    task = a_task()
    translate(task)
    task.check("ar", by="ps_two", now=NOW)
    translate(task, title="Better")
    assert read(task) == [["ar"], []] and task.translations["ar"].state is State.TRANSLATED


@pytest.mark.parametrize("changes", [{}, {"title": " Tq\r\n"}, {"you_need": []}])
def test_who_saves_the_same_words_again_does_not_become_their_author(changes: dict[str, Any]) -> None:
    task = a_task()
    translate(task)
    translate(task, by="ps_two", **changes)
    with pytest.raises(Invalid, match="somebody else"):
        task.check("ar", by="ps_one", now=NOW)
    task.check("ar", by="ps_two", now=NOW)
    translate(task, by="ps_three", **changes)
    kept = task.translations["ar"]
    assert (kept.state, kept.by, kept.checked_by) == (State.CHECKED, "ps_one", "ps_two")
    assert read(task) == [["ar"]], "nobody is told of words that they have"


def test_the_same_words_can_be_said_to_be_done_or_not_and_stay_their_authors() -> None:
    task = a_task()
    translate(task, done=False)
    translate(task, by="ps_two")
    assert (task.translations["ar"].state, task.translations["ar"].by) == (State.TRANSLATED, "ps_one")
    task.check("ar", by="ps_two", now=NOW)
    translate(task, done=False, by="ps_two")
    kept = task.translations["ar"]
    assert (kept.state, kept.by, kept.checked_by) == (State.DRAFT, "ps_one", None)
    assert read(task) == [["ar"], []], "what somebody finds wrong leaves its readers' pages"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": ""}, "title"),
        ({"steps": ["Aq"]}, "steps"),
        ({"steps": ["Aq", " "]}, "steps"),
        ({"thanks": None}, "thanks"),
    ],
)
def test_one_that_is_done_leaves_nothing_out(changes: dict[str, Any], field: str) -> None:
    task = a_task()
    with pytest.raises(Invalid) as caught:
        translate(task, **changes)
    assert caught.value.field == field and caught.value.fix and task.translations == {}
    translate(task, done=False, **changes)


def test_a_draft_task_is_translated_before_anybody_reads_it() -> None:
    task = a_task(Stage.DRAFT)
    translate(task)
    task.check("ar", by="ps_two", now=NOW)
    assert task.events == []
    task.place(True, homes=(), by="ps_one", now=NOW)
    assert read(task) == [["ar"]]


async def speaks(clinic: Clinic, *languages: str) -> None:
    """Let the organisation's languages be known, as the follower would."""
    rows = clinic.chassis.mongo.tenant("people", clinic.tenant)
    key = f"client:{clinic.tenant}:{clinic.tenant}"
    await rows.update_one({"_id": key}, {"$set": {"languages": list(languages)}}, upsert=True)


async def version(clinic: Clinic) -> int:
    (task,) = (await clinic.as_("ps_therapist").get("/tasks")).json()["items"]
    return int(task["doc_version"])


AR = "/tasks/t1/translations/ar"
SAID = {"title": "Tq", "why": "Wq", "steps": ["Aq", "Bq"], "when": "Mq"}


async def test_written_by_one_checked_by_another_read_by_the_home(clinic: Clinic) -> None:
    await speaks(clinic, "en", "ar")
    await active(clinic)
    await add(clinic, "t1")
    therapist, parent = clinic.as_("ps_therapist"), clinic.as_("ps_parent")
    supervisor = clinic.as_("ps_supervisor")
    before, events = (await parent.get("/tasks")).content, len(await clinic.stream())
    done = await therapist.put(AR, {**SAID, "done": True}, await version(clinic))
    assert done.status_code == 200 and done.json()["state"] == "translated", done.text
    assert (await parent.get("/tasks")).content == before and len(await clinic.stream()) == events
    own = await therapist.post(f"{AR}/check", seen=await version(clinic))
    assert (own.status_code, own.json()["field"]) == (422, "checked_by")
    assert (await supervisor.post(f"{AR}/check", seen=1)).status_code == 409
    checked = await supervisor.post(f"{AR}/check", seen=await version(clinic))
    assert checked.status_code == 200 and checked.json()["state"] == "checked", checked.text
    (task,) = (await parent.get("/tasks")).json()["items"]
    assert task["translations"] == [{"language": "ar", "words": {**SAID, "you_need": []}}]
    assert task["text"]["title"] == TASK["title"] and "by" not in str(task["translations"])
    (seen,) = (await supervisor.get("/plan")).json()["tasks"]
    assert (seen["translations"][0]["by"], seen["translations"][0]["checked_by"]) == (
        "ps_therapist",
        "ps_supervisor",
    )
    changed = {**TASK, "id": "t1", "why": "Another reason."}
    assert (await therapist.put("/tasks/t1", changed, await version(clinic))).status_code == 200
    (task,) = (await parent.get("/tasks")).json()["items"]
    assert task["translations"] == [] and task["text"]["why"] == "Another reason."
    assert (await therapist.get("/plan")).json()["tasks"][0]["translations"][0]["state"] == "draft"


async def test_only_the_organisations_languages_and_only_the_team(clinic: Clinic) -> None:
    await active(clinic)
    await add(clinic, "t1")
    therapist, seen = clinic.as_("ps_therapist"), await version(clinic)
    none = await therapist.put(AR, SAID, seen)
    assert (none.status_code, none.json()["field"]) == (422, "language")
    await speaks(clinic, "en", "ar")
    assert (await therapist.get("/plan")).json()["languages"] == ["ar"]
    assert (await therapist.put("/tasks/t1/translations/en", SAID, seen)).status_code == 422
    assert (await therapist.put(AR, SAID, None)).status_code == 428
    for person, status in (("ps_parent", 404), ("ps_teacher", 404), ("ps_teen", 404), ("ps_supervisor", 403)):
        assert (await clinic.as_(person).put(AR, SAID, seen)).status_code == status, person
        checks = await clinic.as_(person).post(f"{AR}/check", seen=seen)
        assert checks.status_code == 404, person
    short = await therapist.put(AR, {**SAID, "steps": ["Aq"], "done": True}, seen)
    assert (short.status_code, short.json()["field"]) == (422, "steps")


async def test_its_words_lie_sealed_and_a_task_of_an_earlier_release_still_opens(clinic: Clinic) -> None:
    await speaks(clinic, "en", "ar")
    await active(clinic)
    await add(clinic, "t1")
    await clinic.as_("ps_therapist").put(
        AR, {**SAID, "title": "Zqtitle", "done": True}, await version(clinic)
    )
    rows = clinic.chassis.mongo.tenant("tasks", clinic.tenant)
    (row,) = await rows.find()
    assert "Zqtitle" not in str(row) and "Zqtitle" not in str(await clinic.stream())
    box = await clinic.chassis.keys.seal(
        clinic.tenant, "cl_a", "task", row["_id"], BODY.model_dump(mode="json")
    )
    await rows.update_one({"_id": row["_id"]}, {"$set": {"box": box}})
    (task,) = (await clinic.as_("ps_parent").get("/tasks")).json()["items"]
    assert task["text"]["title"] == "The card" and task["translations"] == []


async def test_a_private_tasks_other_language_is_nobodys_at_home(clinic: Clinic) -> None:
    await speaks(clinic, "en", "ar")
    await active(clinic)
    await add(clinic, "t1", private=True, households=[])
    before = (await clinic.as_("ps_parent").get("/tasks")).content
    assert (
        await clinic.as_("ps_therapist").put(AR, {**SAID, "done": True}, await version(clinic))
    ).status_code == 200
    assert (
        await clinic.as_("ps_supervisor").post(f"{AR}/check", seen=await version(clinic))
    ).status_code == 200
    assert (await clinic.as_("ps_parent").get("/tasks")).content == before
    (task,) = (await clinic.as_("ps_teen").get("/tasks")).json()["items"]
    assert [each["language"] for each in task["translations"]] == ["ar"]
