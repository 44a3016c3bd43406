"""Goals that end: decided with the person, with their practice, in words for everybody; and what needs help again."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from care_plans.goals import Goal
from care_plans.store.points import POINTS, point_writes
from care_plans.unmet import GuardsUnmet, WordsStay, WrongState
from care_plans.wordings import Assent, Ending, GoalWords
from chassis.errors import Conflict
from contracts.care_plans import Achievement, GoalState, Use
from contracts.classes import DataClass
from contracts.event import Item
from contracts.family_portal import ObservationBody, ObservationRecorded, TaskLogBody, TaskLogged
from policy.days import day_of

from .steps import GOAL, Clinic, active, add, draft, kinds, propose, states

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
ASKED = {"state": "agreed", "how": "with the cards", "way": "talker", "came_back": "done now"}
ENDS: dict[str, Any] = {"decision": "completed", "use": "in_use", "achievement": "achieved", "asked": ASKED}
STOPS: dict[str, Any] = {"decision": "cancelled", "achievement": "not_attainable", "asked": ASKED}


def a_goal(state: GoalState = GoalState.ACTIVE, **changes: Any) -> Goal:
    words = GoalWords.model_validate({name: said for name, said in GOAL.items() if name != "id"} | changes)
    told = ("guardians", "school")
    return Goal(
        "tn_a", "cl_a", "g_a", "ps_t", words, state, version=1, version_at=NOW, first_at=NOW, parties=told
    )


def ending(**changes: Any) -> Ending:
    whole = {**ENDS, "on": date(2026, 3, 2), **changes}
    return Ending.model_validate(whole)


def end(goal: Goal, **changes: Any) -> None:
    goal.end(ending(**changes), by="ps_t", now=NOW)


def test_the_end_is_told_in_every_wording_and_how_far_it_came_to_the_team_alone() -> None:
    goal = a_goal()
    end(goal)
    (told,) = goal.events
    assert (goal.state, goal.version, told.parties) == (GoalState.COMPLETED, 1, ("guardians", "school"))  # type: ignore[attr-defined]
    assert {c: (w.ended_on, w.use) for c, w in told.words.items()} == dict.fromkeys(  # type: ignore[attr-defined]
        (DataClass.PLAN_TEAM, DataClass.PLAN_PLAIN, DataClass.PLAN_SCHOOL, DataClass.PLAN_OWN),
        (date(2026, 3, 2), Use.IN_USE),
    )
    knows = {
        c for c, w in told.words.items() if "achiev" in w.model_dump_json() or "talker" in w.model_dump_json()
    }
    assert knows == {DataClass.PLAN_TEAM}


def test_of_a_private_goal_too_how_far_it_came_is_the_teams_alone() -> None:
    goal = a_goal(private=True, audience=())
    end(goal, achievement=Achievement.NOT_ATTAINABLE)
    (told,) = goal.events
    assert set(told.words) == {DataClass.PLAN_PRIVATE}  # type: ignore[attr-defined]
    assert "attainable" not in told.words[DataClass.PLAN_PRIVATE].model_dump_json()  # type: ignore[attr-defined]
    assert goal.standing.ending and goal.standing.ending.achievement is Achievement.NOT_ATTAINABLE


@pytest.mark.parametrize(
    "state", [GoalState.DRAFT, GoalState.PROPOSED, GoalState.COMPLETED, GoalState.CANCELLED]
)
def test_only_what_is_worked_on_or_rests_can_end(state: GoalState) -> None:
    with pytest.raises(WrongState):
        end(a_goal(state))
    end(a_goal(GoalState.ON_HOLD))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"asked": {}}, "asked.state"),
        ({"asked": {"state": "refused", "how": "asked twice"}}, "asked.state"),
        ({"asked": {"state": "agreed"}}, "asked.how"),
        ({**STOPS, "use": None, "asked": {}}, "asked.how"),
        ({**STOPS, "use": None, "asked": {"state": "refused", "how": "asked"}}, "asked.state"),
    ],
)
def test_nothing_ends_without_asking_or_against_a_no(changes: dict[str, Any], field: str) -> None:
    goal = a_goal()
    with pytest.raises(GuardsUnmet) as caught:
        end(goal, **changes)
    assert caught.value.field == field and caught.value.fix
    assert goal.state is GoalState.ACTIVE and goal.events == []


def test_what_is_not_carried_on_may_end_where_it_says_why_nobody_could_be_asked() -> None:
    goal = a_goal()
    end(goal, decision="cancelled", use=None, asked={"how": "they moved away before we could"})
    assert goal.state is GoalState.CANCELLED and goal.stays


def test_a_proposal_taken_back_does_not_stay() -> None:
    goal = a_goal(GoalState.PROPOSED)
    goal.cancel(by="ps_t", now=NOW)
    assert not goal.stays


def test_what_needs_help_again_begins_as_a_draft_from_where_it_stands_and_asks_anew() -> None:
    goal = a_goal()
    goal.rate(rating_id="r1", level=1, on=date(2026, 3, 1), source=None, by="ps_t", now=NOW)
    with pytest.raises(WrongState):
        goal.again("g_b", by="ps_t", now=NOW)
    end(goal, use="resting")
    anew = goal.again("g_b", by="ps_other", now=NOW)
    assert (anew.id, anew.state, anew.author, anew.version) == ("g_b", GoalState.DRAFT, "ps_other", 0)
    assert anew.words.baseline_level == 1 and anew.words.assent == Assent() and anew.events == []
    assert anew.words.team == goal.words.team and goal.state is GoalState.COMPLETED
    assert goal.events[-1].words[DataClass.PLAN_PLAIN].use == Use.NEEDS_HELP_AGAIN  # type: ignore[attr-defined]
    with pytest.raises(Conflict, match="already"):
        goal.again("g_c", by="ps_t", now=NOW, standing={"g_a", "g_b"})
    told = len(goal.events)
    once_more = goal.again("g_c", by="ps_t", now=NOW, standing={"g_a"})
    assert (once_more.id, once_more.words) == ("g_c", anew.words)
    assert len(goal.events) == told, "its readers know that it needs help again"


def test_of_what_has_ended_nothing_changes_but_who_reads_it() -> None:
    goal = a_goal()
    end(goal)
    told = len(goal.events)
    for same in (goal.words, goal.words.model_copy(update={"team": "Else", "private": True})):
        with pytest.raises(WordsStay):
            goal.revise(same, by="ps_t", now=NOW, client_reads=True)
    hidden = goal.words.model_copy(update={"private": True, "audience": ()})
    goal.revise(hidden, by="ps_other", now=NOW, client_reads=True)
    gone, own = goal.events[told:]
    assert (gone.ended, gone.words, own.parties) == (True, {}, ("client",))  # type: ignore[attr-defined]
    assert set(own.words) == {DataClass.PLAN_PRIVATE}  # type: ignore[attr-defined]
    assert (goal.state, goal.stays, goal.version, goal.author) == (GoalState.COMPLETED, True, 2, "ps_t")
    taken_back = a_goal(GoalState.PROPOSED)
    taken_back.cancel(by="ps_t", now=NOW)
    with pytest.raises(WrongState):
        taken_back.revise(hidden, by="ps_t", now=NOW, client_reads=True)


def test_what_was_not_carried_on_is_written_anew_and_not_taken_up() -> None:
    goal = a_goal()
    end(goal, decision="cancelled", use=None)
    with pytest.raises(WrongState):
        goal.again("g_b", by="ps_t", now=NOW)


async def version(clinic: Clinic, goal_id: str = "g_a") -> int:
    return int((await clinic.as_("ps_therapist").get(f"/goals/{goal_id}")).json()["doc_version"])


async def ended(clinic: Clinic, goal_id: str = "g_a", **changes: Any) -> Any:
    seen = await version(clinic, goal_id)
    return await clinic.as_("ps_therapist").post(f"/goals/{goal_id}/end", {**ENDS, **changes}, seen=seen)


async def test_its_practice_ends_with_it_and_the_places_go_to_who_waits(clinic: Clinic) -> None:
    await active(clinic)
    await draft(clinic, id="g_b")
    await propose(clinic, "g_b")
    await clinic.as_("ps_parent").post("/goals/g_b/answers", {"party": "guardian", "answer": "approve"})
    await clinic.as_("ps_therapist").post("/plan/activate", {"goals": ["g_b"]})
    for task_id, goal_id in (("t1", "g_a"), ("t2", "g_a"), ("t3", "g_b"), ("t4", "g_b")):
        await add(clinic, task_id, goal_id=goal_id)
    assert await states(clinic) == {"t1": "live", "t2": "live", "t3": "queued", "t4": "queued"}
    before = len(await clinic.stream())
    done = await ended(clinic)
    assert done.status_code == 200 and done.json()["state"] == "completed", done.text
    assert {task["id"]: task["state"] for task in done.json()["tasks"]} == {"t1": "ended", "t2": "ended"}
    assert await states(clinic) == {"t3": "live", "t4": "live"}
    told = (await clinic.stream())[before:]
    assert sorted(kinds(told)) == ["goal_changed", "goals_ended", *["task_changed"] * 4]
    (news,) = (event for event in told if event["type"] == "goals_ended")
    assert (news["told"], news["goal_ids"]) == (["guardians", "school", "client"], ["g_a"])


@pytest.mark.parametrize("ends", [ENDS, STOPS], ids=["completed", "not-carried-on"])
async def test_its_readers_keep_it_as_long_as_they_may_read_it(clinic: Clinic, ends: dict[str, Any]) -> None:
    await active(clinic)
    assert (await ended(clinic, **{"use": None, **ends})).status_code == 200
    for person, data_class in (
        ("ps_parent", "plan_plain"),
        ("ps_teacher", "plan_school"),
        ("ps_teen", "plan_own"),
    ):
        visit = clinic.as_(person)
        (listed,) = (await visit.get("/goals")).json()["items"]
        assert listed == (await visit.get("/goals/g_a")).json()
        assert listed["state"] == ends["decision"] and listed["wordings"][data_class]["ended_on"]
        assert "achievement" not in str(listed) and "talker" not in str(listed)
        said = await visit.post("/goals/g_a/answers", {"party": "client", "answer": "approve"})
        assert said.status_code in (404, 409)
    await clinic.knows(rev=2, consents=[])
    assert (await clinic.as_("ps_teacher").get("/goals/g_a")).status_code == 404
    (goal,) = (await clinic.as_("ps_supervisor").get("/plan")).json()["goals"]
    assert goal["ending"]["asked"]["came_back"] == "done now"
    assert (
        await clinic.as_("ps_therapist").put("/goals/g_a", GOAL, await version(clinic))
    ).status_code == 409


async def test_nobody_but_those_who_write_the_plan_ends_a_goal_and_only_the_one_they_saw(
    clinic: Clinic,
) -> None:
    await active(clinic)
    for person, status in (("ps_parent", 404), ("ps_teacher", 404), ("ps_teen", 404), ("ps_supervisor", 403)):
        for path, body in (("/goals/g_a/end", ENDS), ("/goals/g_a/again", {})):
            answer = await clinic.as_(person).post(path, body, seen=1)
            assert answer.status_code == status, (person, path, answer.text)
        read = await clinic.as_(person).get("/goals/g_a/evidence")
        assert read.status_code == (200 if person == "ps_supervisor" else 404)
    therapist = clinic.as_("ps_therapist")
    assert (await therapist.post("/goals/g_a/end", ENDS)).status_code == 428
    assert (await therapist.post("/goals/g_a/end", ENDS, seen=1)).status_code == 409
    for changes, field in (
        ({"use": None}, "use"), ({"decision": "cancelled"}, "use"), ({"achievement": "in_progress"}, "achievement"),
        ({"use": "needs_help_again"}, "use"),
    ):  # fmt: skip
        wrong = await ended(clinic, **changes)
        assert wrong.status_code == 422 and field in wrong.text, wrong.text
    unasked = await ended(clinic, asked={})
    assert (unasked.status_code, unasked.json()["field"]) == (409, "asked.state")


async def test_a_completed_goal_needs_help_again(clinic: Clinic) -> None:
    await active(clinic)
    await ended(clinic)
    parent = clinic.as_("ps_parent")
    again = await clinic.as_("ps_therapist").post(
        "/goals/g_a/again", {"id": "g_b"}, seen=await version(clinic)
    )
    assert again.status_code == 201 and again.json()["draft"]["state"] == "draft", again.text
    (goal,) = (await parent.get("/goals")).json()["items"]
    assert goal["wordings"]["plan_plain"]["use"] == "needs_help_again"
    unknown = await parent.get("/goals/g_unknown")
    assert (await parent.get("/goals/g_b")).content == unknown.content
    refused = await clinic.as_("ps_therapist").post("/plan/propose", {"goals": ["g_b"]})
    assert refused.status_code == 409 and "assent" in {each["field"] for each in refused.json()["errors"]}


async def test_it_needs_help_again_once_more_after_the_draft_of_it_was_thrown_away(clinic: Clinic) -> None:
    await active(clinic)
    await ended(clinic)
    therapist = clinic.as_("ps_therapist")

    async def again(draft_id: str) -> Any:
        return await therapist.post("/goals/g_a/again", {"id": draft_id}, seen=await version(clinic))

    async def offered() -> list[bool]:
        plan = (await therapist.get("/plan")).json()["goals"]
        return [goal["comes_back"] for goal in plan if goal["id"] == "g_a"]

    assert await offered() == [True]
    assert (await again("g_b")).status_code == 201 and await offered() == [False]
    assert (await again("g_c")).status_code == 409, "the draft is there"
    before = len(await clinic.stream())
    assert (await therapist.post("/goals/g_b/discard", seen=1)).status_code == 200
    assert await offered() == [True]
    assert (await again("g_c")).status_code == 201
    assert len(await clinic.stream()) == before, "nobody hears twice that it needs help again"
    assented = {name: value for name, value in GOAL.items() if name != "id"}
    assert (await therapist.put("/goals/g_c", assented, 1)).status_code == 200
    await propose(clinic, "g_c")
    assert (await again("g_d")).status_code == 409, "what was proposed of it is there"
    assert (await therapist.post("/goals/g_c/discard", seen=3)).json()["state"] == "cancelled"
    assert (await again("g_d")).status_code == 201


async def test_a_goal_that_has_ended_becomes_private_for_everybody_at_once(clinic: Clinic) -> None:
    await active(clinic)
    await add(clinic, "t1")
    await ended(clinic)
    therapist, others = clinic.as_("ps_therapist"), ("ps_parent", "ps_aunt", "ps_teacher")
    unknown = {person: (await clinic.as_(person).get("/goals/g_never")).content for person in others}
    (goal,) = (await therapist.get("/plan")).json()["goals"]
    body = {**goal["words"], "private": True, "audience": []}
    assert (await clinic.as_("ps_teen").put("/goals/g_a", body, goal["doc_version"])).status_code == 404
    assert (await therapist.put("/goals/g_a", body, 1)).status_code == 409
    before = len(await clinic.stream())
    done = await therapist.put("/goals/g_a", body, goal["doc_version"])
    assert (done.status_code, done.json()["state"]) == (200, "completed"), done.text
    for person in others:
        assert (await clinic.as_(person).get("/goals")).json()["items"] == [], person
        assert (await clinic.as_(person).get("/goals/g_a")).content == unknown[person]
    (mine,) = (await clinic.as_("ps_teen").get("/goals")).json()["items"]
    assert (mine["state"], set(mine["wordings"])) == ("completed", {"plan_private"})
    told = (await clinic.stream())[before:]
    assert kinds(told) == ["goals_ended", "goal_changed", "goal_changed"]
    assert (told[0]["told"], told[1]["ended"], told[2]["parties"]) == (["client"], True, ["client"])
    (goal,) = (await therapist.get("/plan")).json()["goals"]
    shared = {**goal["words"], "private": False, "audience": ["guardians"]}
    assert (await therapist.put("/goals/g_a", shared, goal["doc_version"])).status_code == 200
    assert [g["id"] for g in (await clinic.as_("ps_parent").get("/goals")).json()["items"]] == ["g_a"]
    assert (await clinic.as_("ps_teacher").get("/goals")).json()["items"] == []


async def noted(clinic: Clinic, *events: Item) -> None:
    """Keep points as the consumer would."""
    rows = clinic.chassis.mongo.tenant(POINTS, clinic.tenant)
    for event in events:
        for put in point_writes(await clinic.chassis.keys.seal_event(event)):
            await rows.replace_one(put.filter, put.document, upsert=True)


async def test_the_evidence_stands_beside_the_decision_for_the_team(clinic: Clinic) -> None:
    await active(clinic)
    therapist, today = clinic.as_("ps_therapist"), datetime.now(UTC)
    nothing = (await therapist.get("/goals/g_a/evidence")).json()
    assert nothing["held_since"] is None and [part["found"] for part in nothing["parts"]] == [0, 0, 0, 0]
    since = today - timedelta(days=30)
    await therapist.post("/goals/g_a/ratings", {"level": 0, "on": since.date().isoformat()})
    whose: dict[str, Any] = {"tenant_id": clinic.tenant, "client_id": "cl_a", "goal_id": "g_a"}

    def home(day: int, result: str, by: str = "ps_parent") -> TaskLogged:
        said = {DataClass.TASK_LOG: TaskLogBody(result=result)}
        return TaskLogged(
            **whose, record_id=f"lg_{day}", by=by, task_id="t1", parties=("household:hh_a",),
            happened_at=since + timedelta(days=day), words=said,
        )  # fmt: skip

    def school(day: int, saw: str) -> ObservationRecorded:
        said = {DataClass.OBSERVATION: ObservationBody(saw=saw, my_part="got_to_it")}
        return ObservationRecorded(
            **whose, record_id=f"ob_{day}", by="ps_teacher", parties=("person:ps_teacher", "client"),
            happened_at=since + timedelta(days=day), words=said,
        )  # fmt: skip

    await noted(clinic, home(1, "did"), home(2, "couldnt"), school(3, "did_not"), home(8, "part"))
    early = (await therapist.get("/goals/g_a/evidence")).json()
    assert early["places"] == ["household:hh_a"] and not any(part["holds"] for part in early["parts"])
    await noted(clinic, school(9, "card"), home(25, "did"))
    found = (await therapist.get("/goals/g_a/evidence")).json()
    assert found["held_since"] == since.date().isoformat() and all(part["holds"] for part in found["parts"])
    assert (await states(clinic)) == {} and (await therapist.get("/goals/g_a")).json()["state"] == "active"


async def test_a_level_put_right_on_the_same_day_is_the_one_that_counts(clinic: Clinic) -> None:
    await active(clinic)
    therapist, on = clinic.as_("ps_therapist"), day_of(datetime.now(UTC)).isoformat()
    for rating_id, level in (("r_1", -1), ("r_2", 0)):
        await therapist.post("/goals/g_a/ratings", {"id": rating_id, "level": level, "on": on})
    assert (await therapist.get("/goals/g_a/evidence")).json()["held_since"] == on
    await therapist.post("/goals/g_a/ratings", {"id": "r_0", "level": -2, "on": on})
    assert (await therapist.get("/goals/g_a/evidence")).json()["held_since"] is None


@pytest.mark.parametrize("ids", [("r_1", "r_2"), ("r_2", "r_1")])
async def test_a_level_of_an_earlier_day_that_was_put_right_counts_as_it_was_put_right(
    clinic: Clinic, ids: tuple[str, str]
) -> None:
    await active(clinic)
    therapist, today = clinic.as_("ps_therapist"), day_of(datetime.now(UTC))
    before = (today - timedelta(days=7)).isoformat()
    said = [(ids[0], 1, before), ("r_0", 1, today.isoformat()), (ids[1], -1, before)]
    for rating_id, level, on in said:
        rating = {"id": rating_id, "level": level, "on": on}
        assert (await therapist.post("/goals/g_a/ratings", rating)).status_code == 201
    assert (await therapist.get("/goals/g_a/evidence")).json()["held_since"] == today.isoformat()


async def test_a_private_goal_ends_without_a_trace(clinic: Clinic) -> None:
    await draft(clinic, private=True)
    await propose(clinic, "g_a")
    await clinic.as_("ps_teen").post("/goals/g_a/answers", {"party": "client", "answer": "approve"})
    await clinic.as_("ps_therapist").post("/plan/activate", {"goals": ["g_a"]})
    await add(clinic, "t1", households=[])
    others = ("ps_parent", "ps_aunt", "ps_teacher")
    reads = ("/goals", "/tasks", "/progress", "/goals/g_a", "/goals/g_a/evidence")

    async def told() -> list[bytes]:
        return [(await clinic.as_(person).get(path)).content for person in others for path in reads]

    before = await told()
    assert (await ended(clinic)).status_code == 200
    assert await told() == before
    (goal,) = (await clinic.as_("ps_teen").get("/goals")).json()["items"]
    assert goal["state"] == "completed" and set(goal["wordings"]) == {"plan_private"}
    again = await clinic.as_("ps_therapist").post(
        "/goals/g_a/again", {"id": "g_b"}, seen=await version(clinic)
    )
    assert again.status_code == 201 and await told() == before
    events = await clinic.stream()
    assert all(set(event["sections"]) <= {"plan_private"} for event in events)
    assert all(event.get("told", ["client"]) == ["client"] for event in events)
    assert Achievement.ACHIEVED not in str(before)
