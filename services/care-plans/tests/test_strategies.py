"""What school says of a strategy: it waits for the team, is answered in words or with another one, and stays theirs."""

from datetime import UTC, datetime
from typing import Any

import pytest

from care_plans.api.desk import Stores
from care_plans.goals import Goal
from care_plans.strategies import WaitsForReader, answer_note, note_strategy
from care_plans.wordings import GoalWords
from chassis.testing import put_on_duty
from contracts.care_plans import GoalState, StrategyNoted

from .steps import GOAL, Clinic, active, draft, kinds

EARLY, CARD = "Lunch: in five minutes early.", "Blue card: say yes within a minute."
ANOTHER = "Before assembly: two minutes outside, and in last."
NOTES = "/goals/g_a/strategies/notes"
NOT_HERE = {"strategy": EARLY, "works": False, "words": "The order of assembly is not known."}


async def _shared(clinic: Clinic) -> None:
    await active(clinic)
    goal = (await clinic.as_("ps_therapist").get("/plan")).json()["goals"][0]
    body = {**goal["words"], "strategies": [CARD, EARLY]}
    done = await clinic.as_("ps_therapist").put("/goals/g_a", body, goal["doc_version"])
    assert done.status_code == 200, done.text


async def _goal(clinic: Clinic) -> Any:
    return (await clinic.as_("ps_therapist").get("/plan")).json()["goals"][0]


async def _noted(clinic: Clinic, who: str = "ps_teacher", **changes: Any) -> str:
    made = await clinic.as_(who).post(NOTES, {**NOT_HERE, **changes})
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def test_what_does_not_work_waits_and_another_idea_moves_the_goal(clinic: Clinic) -> None:
    await _shared(clinic)
    before = await _goal(clinic)
    note = await _noted(clinic)
    assert (await _goal(clinic))["version"] == before["version"], "noting it changes nothing"
    therapist = clinic.as_("ps_therapist")
    where, idea = f"{NOTES}/{note}/answer", {"words": "Thank you.", "strategy": ANOTHER}
    assert (await therapist.post(where, idea)).status_code == 428
    done = await therapist.post(where, idea, seen=before["doc_version"])
    assert done.status_code == 200, done.text
    after = await _goal(clinic)
    assert after["words"]["strategies"] == [CARD, ANOTHER]
    assert after["version"] == before["version"] + 1
    told = [event for event in await clinic.stream() if event["type"] == "strategy_noted"]
    assert [(e["waits"], e["changed"], e["parties"]) for e in told] == [
        (True, False, ["person:ps_teacher"]),
        (False, True, ["person:ps_teacher"]),
    ]
    assert kinds(await clinic.stream())[-3:] == ["strategy_noted", "plan_activated", "goal_changed"]
    assert "assembly" not in str(await clinic.stream())
    again = await therapist.post(where, idea, seen=after["doc_version"])
    assert (again.status_code, again.json()["title"]) == (409, "Nothing waits for an answer")


async def test_words_alone_answer_it_and_the_goal_stays_as_it_is(clinic: Clinic) -> None:
    await _shared(clinic)
    before, note = await _goal(clinic), await _noted(clinic)
    therapist = clinic.as_("ps_therapist")
    empty = await therapist.post(f"{NOTES}/{note}/answer", {"strategy": EARLY}, seen=before["doc_version"])
    assert (empty.status_code, empty.json()["field"]) == (422, "words")
    done = await therapist.post(
        f"{NOTES}/{note}/answer", {"words": "Try it on Fridays."}, seen=before["doc_version"]
    )
    assert done.status_code == 200, done.text
    after = await _goal(clinic)
    assert (after["version"], after["doc_version"]) == (before["version"], before["doc_version"])
    [event] = [e for e in await clinic.stream() if e["type"] == "strategy_noted"][-1:]
    assert (event["waits"], event["changed"], event["by"]) == (False, False, "ps_therapist")


async def test_whoever_noted_the_same_learns_of_the_change_and_not_of_the_answer(clinic: Clinic) -> None:
    both = {"state": "granted", "recipients": ["ps_teacher", "ps_senco"], "classes": ["plan_school"]}
    await clinic.knows(consents=[{"id": "c1", "begins": datetime(2020, 1, 1, tzinfo=UTC), **both}])
    await _shared(clinic)
    first = await _noted(clinic)
    other = await _noted(clinic, "ps_senco", words="It is too early for us.")
    goal = await _goal(clinic)
    idea = {"words": "Only for Miss Stone.", "strategy": ANOTHER}
    done = await clinic.as_("ps_therapist").post(f"{NOTES}/{first}/answer", idea, seen=goal["doc_version"])
    assert done.status_code == 200, done.text
    store = Stores(clinic.chassis, clinic.tenant).strategy_notes
    kept = await store.get("cl_a", "g_a", other)
    assert (kept.waits, kept.changed_to, kept.reply) == (False, ANOTHER, None)


async def test_what_is_said_anew_takes_the_place_of_what_waited(clinic: Clinic) -> None:
    await _shared(clinic)
    first = await _noted(clinic)
    await _noted(clinic, works=True, words=None)
    store = Stores(clinic.chassis, clinic.tenant).strategy_notes
    assert not (await store.get("cl_a", "g_a", first)).waits
    assert await store.waiting("cl_a", "g_a", EARLY) == []


async def test_only_school_says_it_of_a_strategy_that_stands_and_only_the_team_answers(
    clinic: Clinic,
) -> None:
    await _shared(clinic)
    for who in ("ps_parent", "ps_teen", "ps_therapist", "ps_stranger"):
        assert (await clinic.as_(who).post(NOTES, NOT_HERE)).status_code == 404, who
    gone = await clinic.as_("ps_teacher").post(NOTES, {**NOT_HERE, "strategy": "Something else."})
    assert (gone.status_code, gone.json()["field"]) == (422, "strategy")
    old = await clinic.as_("ps_teacher").post(NOTES, NOT_HERE, seen=1)
    assert old.status_code == 409, "read again what school does now"
    note = await _noted(clinic)
    for who, status in (("ps_teacher", 404), ("ps_parent", 404), ("ps_supervisor", 403)):
        answer = await clinic.as_(who).post(f"{NOTES}/{note}/answer", {"words": "Yes"}, seen=9)
        assert answer.status_code == status, who
    assert (await clinic.turned().as_("ps_teacher").post(NOTES, NOT_HERE)).status_code == 404


async def test_a_resting_goal_and_what_works_ask_nothing_of_anybody(clinic: Clinic) -> None:
    await _shared(clinic)
    works = await clinic.as_("ps_teacher").post(NOTES, {"strategy": CARD, "works": True})
    assert (works.status_code, works.json()["waits"]) == (201, False)
    await clinic.as_("ps_therapist").post("/goals/g_a/pause")
    rests = await clinic.as_("ps_teacher").post(NOTES, NOT_HERE)
    assert rests.status_code == 409 and "on_hold" in rests.text


async def test_a_goal_that_rests_tells_nobody_so_the_answer_tells_of_itself(clinic: Clinic) -> None:
    await _shared(clinic)
    note = await _noted(clinic)
    assert (await clinic.as_("ps_therapist").post("/goals/g_a/pause")).status_code == 200
    goal, before = await _goal(clinic), await clinic.stream()
    idea = {"strategy": ANOTHER}
    done = await clinic.as_("ps_therapist").post(f"{NOTES}/{note}/answer", idea, seen=goal["doc_version"])
    assert done.status_code == 200 and done.json()["version"] == goal["version"] + 1, done.text
    news = (await clinic.stream())[len(before) :]
    assert sorted(kinds(news)) == ["goal_changed", "strategy_noted"]
    assert [event["changed"] for event in news if event["type"] == "strategy_noted"] == [False]


@pytest.mark.parametrize("changes", [{"private": True, "audience": []}, {"audience": ["guardians"]}])
async def test_who_noted_it_hears_nothing_more_of_a_goal_that_is_schools_no_more_until_it_is_again(
    clinic: Clinic, changes: dict[str, Any]
) -> None:
    await _shared(clinic)
    note, goal = await _noted(clinic), await _goal(clinic)
    therapist, where = clinic.as_("ps_therapist"), f"{NOTES}/{note}/answer"
    assert (await therapist.put("/goals/g_a", {**goal["words"], **changes}, goal["doc_version"])).is_success
    goal, before = await _goal(clinic), await clinic.stream()
    refused = await therapist.post(where, {"strategy": ANOTHER}, seen=goal["doc_version"])
    assert (refused.status_code, refused.json().get("field")) == (409, "strategy"), refused.text
    words = {"words": "Thank you.", "strategy": EARLY}
    unread = await therapist.post(where, words, seen=goal["doc_version"])
    assert (unread.status_code, unread.json().get("field")) == (409, "words"), (
        "a message would tell that it goes on"
    )
    assert (await _goal(clinic), await clinic.stream()) == (goal, before)
    shared = {**goal["words"], "private": False, "audience": GOAL["audience"]}
    assert (await therapist.put("/goals/g_a", shared, goal["doc_version"])).is_success
    answered = await therapist.post(where, words, seen=(await _goal(clinic))["doc_version"])
    assert answered.status_code == 200, answered.text


@pytest.mark.parametrize(("by", "waits"), [("ps_lead", True), ("ps_therapist", False)])
def test_an_idea_that_waits_for_a_second_reader_is_told_nobody_as_a_change(by: str, waits: bool) -> None:
    now = datetime(2026, 3, 2, 10, tzinfo=UTC)
    lines = dict.fromkeys(("who_asked", "client_words", "need_behind", "others_first", "way_out"), "said so")
    written = {name: value for name, value in GOAL.items() if name != "id"}
    words = GoalWords.model_validate(
        {**written, "team": "Uses full sentences at register.", "masking": {"rationale": lines}, "strategies": [EARLY]}
    )  # fmt: skip
    goal = Goal("tn_a", "cl_a", "g_a", "ps_therapist", words)
    goal.read_rationale("ps_lead", now=now, client_reads=False)
    goal.propose(by="ps_therapist", now=now, client_reads=False)
    goal.state = GoalState.ACTIVE
    note = note_strategy(goal, EARLY, note_id="sn_a", works=False, words=None, by="ps_teacher", now=now)
    said: dict[str, Any] = {"reply": None, "strategy": ANOTHER, "by": by, "now": now, "client_reads": False}
    if waits:
        with pytest.raises(WaitsForReader) as refused:
            answer_note(note, goal, **said)
        assert refused.value.field == "strategy" and note.waits and len(note.events) == 1
        answer_note(note, goal, **{**said, "strategy": None, "reply": "We are thinking of it."})
    else:
        answer_note(note, goal, **said)
        assert goal.words.strategies == (ANOTHER,)
    answered = note.events[-1]
    assert isinstance(answered, StrategyNoted) and (answered.waits, answered.changed) == (False, not waits)


async def test_words_of_worry_call_whoever_is_on_duty(clinic: Clinic) -> None:
    await _shared(clinic)
    await _noted(clinic, words="He does not feel safe there.")
    called = [e for e in await clinic.stream() if e["type"] == "duty_called"]
    assert [(e["data_class"], e["by"]) for e in called] == [("plan_school", "ps_teacher")]


async def test_where_nobody_is_on_duty_words_are_refused_and_what_works_is_not(clinic: Clinic) -> None:
    await _shared(clinic)
    await put_on_duty(clinic.chassis.mongo, clinic.tenant, rota=[])
    refused = await clinic.as_("ps_teacher").post(NOTES, NOT_HERE)
    assert (refused.status_code, refused.json().get("field")) == (422, "words"), refused.text
    assert await _noted(clinic, words=None)


async def test_a_strategy_changed_since_is_not_changed_twice(clinic: Clinic) -> None:
    await _shared(clinic)
    note, goal = await _noted(clinic), await _goal(clinic)
    therapist = clinic.as_("ps_therapist")
    body = {**goal["words"], "strategies": [CARD, "Lunch: by the wall."]}
    assert (await therapist.put("/goals/g_a", body, goal["doc_version"])).status_code == 200
    version = (await _goal(clinic))["doc_version"]
    gone = await therapist.post(f"{NOTES}/{note}/answer", {"strategy": ANOTHER}, seen=version)
    assert (gone.status_code, gone.json()["field"]) == (409, "strategy")
    same = await therapist.post(f"{NOTES}/{note}/answer", {"words": "It is by the wall now."}, seen=version)
    assert same.status_code == 200, same.text


async def test_a_draft_has_no_strategies_for_anybody(clinic: Clinic) -> None:
    await draft(clinic, strategies=[EARLY])
    assert (await clinic.as_("ps_teacher").post(NOTES, NOT_HERE)).status_code == 404
