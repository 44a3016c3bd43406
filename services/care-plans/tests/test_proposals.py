"""A wish for a goal: who may propose, who reads it, what the rules say, and what the therapist makes of it."""

from asyncio import gather
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from care_plans.lint import wish_findings
from care_plans.proposals import AlreadyAnswered, Outcome, Proposal
from chassis.errors import Invalid
from chassis.mongo import Mongo
from contracts.care_plans import MOST_OPEN_WISHES, DutyCalled, ProposalChanged, ProposalState
from contracts.classes import DataClass

Clinic = Any
NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=100)
LOOK = "Kofi will look at the speaker when the class is talking."
REASON = "Looking can take all of his attention. We will show you what his listening looks like."
WISH = {"id": "pr_look", "party": "school", "words": LOOK}


def wished(words: str = LOOK) -> Proposal:
    proposal = Proposal("tn_a", "cl_a", "pr_a", "ps_teacher", DataClass.PLAN_SCHOOL, words, NOW)
    proposal.wish()
    return proposal


def answer(proposal: Proposal, outcome: Outcome = "refused", **more: Any) -> None:
    parts = {"client_said": None, "became": None, "goal_id": None, **more}
    proposal.answer_with(outcome, REASON, **parts, by="ps_therapist", now=NOW)


def test_a_wish_is_told_to_its_writer_and_the_team_alone_before_and_after_its_answer() -> None:
    proposal = wished()
    answer(proposal, "rewritten", client_said="no. ears okay.", became="Shows that he listens.")
    told = [event for event in proposal.events if isinstance(event, ProposalChanged)]
    assert [event.state for event in told] == [ProposalState.OPEN, ProposalState.REWRITTEN]
    assert {event.parties for event in told} == {("person:ps_teacher",)}
    assert all(list(event.words) == [DataClass.PLAN_SCHOOL] for event in told)
    assert told[-1].words[DataClass.PLAN_SCHOOL].model_dump() == {"words": LOOK, "answer": REASON}


def test_words_of_worry_in_a_wish_call_whoever_is_on_duty() -> None:
    assert not any(isinstance(event, DutyCalled) for event in wished().events)
    [call] = [event for event in wished("He does not feel safe.").events if isinstance(event, DutyCalled)]
    assert (call.record_id, call.data_class) == ("pr_a", DataClass.PLAN_SCHOOL)


def test_a_wish_is_answered_once() -> None:
    proposal = wished()
    answer(proposal)
    with pytest.raises(AlreadyAnswered):
        answer(proposal, "taken", goal_id="g_new")


@pytest.mark.parametrize(
    ("outcome", "more", "field"),
    [
        ("rewritten", {}, "became"),
        ("taken", {}, "goal_id"),
        ("taken", {"goal_id": "g_new", "became": "Else"}, "became"),
        ("refused", {"goal_id": "g_new"}, "goal_id"),
    ],
)
def test_what_becomes_of_a_wish_fits_together(outcome: Outcome, more: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        answer(wished(), outcome, **more)
    assert refused.value.field == field


def test_the_rules_look_at_a_wish_in_its_own_words() -> None:
    assert [(found.rule, found.field) for found in wish_findings(LOOK)] == [("lm_gaze", "words")]
    kiss = "Noor will hug and kiss relatives hello without protest."
    assert "lm_comply" in {found.rule for found in wish_findings(kiss)}
    assert wish_findings("He asks for a break.") == []


async def test_school_wishes_the_therapist_reads_what_the_rules_say_and_the_answer_comes_back(
    clinic: Clinic,
) -> None:
    teacher, therapist = clinic.as_("ps_teacher"), clinic.as_("ps_therapist")
    made = await teacher.post("/proposals", WISH)
    assert (made.status_code, made.json()["state"]) == (201, "open")
    (open_one,) = (await therapist.get("/proposals", state="open")).json()["items"]
    assert open_one["words"] == LOOK
    assert [found["rule"] for found in open_one["lint"]] == ["lm_gaze"]
    said = {
        "outcome": "rewritten",
        "answer": REASON,
        "client_said": "Talker: no. eyes busy. ears okay.",
        "became": "Shows that he is listening in his own way.",
        "goal_id": "g_listens",
        "asked_for_by": "Abigail Stone",
    }
    done = await therapist.post("/proposals/pr_look/answer", said, seen=1)
    assert (done.status_code, done.json()["state"]) == (200, "rewritten")
    (mine,) = (await teacher.get("/proposals")).json()["items"]
    assert set(mine) == {"id", "state", "words", "at", "answer", "answered_at"}
    assert (mine["state"], mine["answer"]) == ("rewritten", REASON)
    assert (await therapist.get("/proposals", state="open")).json() == {"items": [], "next": None}
    goal = next(g for g in (await therapist.get("/plan")).json()["goals"] if g["id"] == "g_listens")
    assert (goal["state"], goal["words"]["team"]) == ("draft", "Shows that he is listening in his own way.")
    assert goal["words"]["asked_for_by"] == ["Abigail Stone"]


async def test_a_wish_taken_as_it_is_begins_a_draft_that_the_rules_hold_back(clinic: Clinic) -> None:
    therapist = clinic.as_("ps_therapist")
    await clinic.as_("ps_teacher").post("/proposals", WISH)
    said = {"outcome": "taken", "answer": "We look at it together.", "goal_id": "g_look"}
    assert (await therapist.post("/proposals/pr_look/answer", said, seen=1)).status_code == 200
    goal = next(g for g in (await therapist.get("/plan")).json()["goals"] if g["id"] == "g_look")
    assert (goal["state"], goal["words"]["team"]) == ("draft", LOOK)
    assert "lm_gaze" in {found["rule"] for found in goal["lint"]}
    assert all(g["id"] != "g_look" for g in (await clinic.as_("ps_teacher").get("/goals")).json()["items"])


async def test_nobody_else_learns_that_there_is_a_wish(clinic: Clinic) -> None:
    people = ("ps_parent", "ps_aunt", "ps_teen")
    before = {person: (await clinic.as_(person).get("/proposals")).content for person in people}
    assert set(before.values()) == {b'{"items":[],"next":null}'}
    await clinic.as_("ps_teacher").post("/proposals", WISH)
    assert {person: (await clinic.as_(person).get("/proposals")).content for person in people} == before
    for person in (*people, "ps_teacher"):
        answered = await clinic.as_(person).post(
            "/proposals/pr_look/answer", {"outcome": "refused", "answer": "No."}, seen=1
        )
        missing = await clinic.as_(person).post(
            "/proposals/pr_none/answer", {"outcome": "refused", "answer": "No."}, seen=1
        )
        assert (answered.status_code, answered.content) == (404, missing.content)
    assert (await clinic.as_("ps_stranger").get("/proposals")).status_code == 404
    assert (await clinic.turned().as_("ps_therapist").get("/proposals")).json()["items"] == []


async def test_another_teacher_of_the_same_pupil_reads_nothing_of_it(clinic: Clinic) -> None:
    """The same consent names both: the wish is its writer's, and not the school's."""
    both = {"id": "c1", "state": "granted", "recipients": ["ps_teacher", "ps_colleague"], "begins": LONG_AGO}
    await clinic.knows(rev=2, consents=[{**both, "classes": ["plan_school", "observation"]}])
    await clinic.as_("ps_teacher").post("/proposals", WISH)
    assert len((await clinic.as_("ps_teacher").get("/proposals")).json()["items"]) == 1
    assert (await clinic.as_("ps_colleague").get("/proposals")).json()["items"] == []


@pytest.mark.parametrize(
    ("person", "party", "status"),
    [
        ("ps_parent", "guardian", 201), ("ps_parent", "school", 404), ("ps_aunt", "guardian", 404),
        ("ps_teacher", "school", 201), ("ps_teacher", "guardian", 404), ("ps_teen", "guardian", 404),
        ("ps_therapist", "school", 404), ("ps_stranger", "school", 404),
    ],
)  # fmt: skip
async def test_who_may_propose_as_whom(clinic: Clinic, person: str, party: str, status: int) -> None:
    made = await clinic.as_(person).post("/proposals", {**WISH, "party": party})
    assert made.status_code == status, made.text


async def test_whoever_may_not_read_the_whole_plan_wishes_for_nothing(clinic: Clinic) -> None:
    """A consent for one goal opens that goal; a wish hangs on none."""
    narrow = {"id": "c1", "state": "granted", "recipients": ["ps_teacher"], "classes": ["plan_school"]}
    await clinic.knows(rev=2, consents=[{**narrow, "only_goals": ["g_a"], "begins": LONG_AGO}])
    assert (await clinic.as_("ps_teacher").post("/proposals", WISH)).status_code == 404


async def test_after_a_consent_has_ended_the_wish_is_the_teams_alone(clinic: Clinic) -> None:
    await clinic.as_("ps_teacher").post("/proposals", WISH)
    await clinic.knows(rev=2, consents=[])
    assert (await clinic.as_("ps_teacher").get("/proposals")).status_code == 404
    assert len((await clinic.as_("ps_therapist").get("/proposals")).json()["items"]) == 1


async def test_a_supervisor_reads_wishes_and_knows_of_no_draft(clinic: Clinic) -> None:
    supervisor = clinic.as_("ps_supervisor")
    await clinic.as_("ps_teacher").post("/proposals", WISH)
    said = {"outcome": "taken", "answer": "We look at it together.", "goal_id": "g_look"}
    assert (await supervisor.post("/proposals/pr_look/answer", said, seen=1)).status_code == 403
    await clinic.as_("ps_therapist").post("/proposals/pr_look/answer", said, seen=1)
    (read,) = (await supervisor.get("/proposals")).json()["items"]
    assert (read["state"], read["goal_id"]) == ("taken", None)


async def test_an_answer_starts_from_what_was_read_and_no_word_stands_in_the_clear(clinic: Clinic) -> None:
    therapist = clinic.as_("ps_therapist")
    await clinic.as_("ps_teacher").post("/proposals", WISH)
    refused = {"outcome": "refused", "answer": REASON}
    unseen = await therapist.post("/proposals/pr_look/answer", refused)
    assert unseen.status_code == 428
    assert (await therapist.post("/proposals/pr_look/answer", refused, seen=7)).status_code == 409
    assert (await therapist.post("/proposals/pr_look/answer", refused, seen=1)).status_code == 200
    again = await therapist.post("/proposals/pr_look/answer", refused, seen=2)
    assert (again.status_code, again.json()["field"]) == (409, "state")
    mongo: Mongo = clinic.chassis.mongo
    kept = await mongo.tenant("proposals", clinic.tenant).find({})
    assert "speaker" not in str(kept)
    assert "speaker" not in str(await clinic.stream())


async def test_without_a_rota_no_words_are_taken(clinic: Clinic) -> None:
    nobody = type(clinic)(clinic.chassis, clinic.http, clinic.signer)
    await nobody.knows()
    refused = await nobody.as_("ps_teacher").post("/proposals", WISH)
    assert (refused.status_code, refused.json()["field"]) == (422, "words")


async def test_who_has_wished_for_much_waits_for_an_answer_before_wishing_for_more(clinic: Clinic) -> None:
    """Several hundred wishes of one person filled the page on which the team reads everybody's."""
    teacher = clinic.as_("ps_teacher")

    async def wish(number: int, key: str | None = None) -> Any:
        return await teacher.post("/proposals", {**WISH, "id": f"pr_{number}", "words": f"{number}"}, key=key)

    for number in range(MOST_OPEN_WISHES - 1):
        assert (await wish(number, f"k-wish-{number}")).status_code == 201
    at_once = await gather(*(wish(number) for number in range(100, 104)))
    assert sorted(made.status_code for made in at_once) == [201, 409, 409, 409]
    refused = (await wish(200)).json()
    assert (refused["title"], refused["field"]) == ("What you wished for waits for its answer", "words")
    assert refused["fix"] and (await wish(0, "k-wish-0")).status_code == 201, "what was sent is sent once"
    assert (
        await clinic.as_("ps_parent").post("/proposals", {**WISH, "party": "guardian"})
    ).status_code == 201
    no = {"outcome": "refused", "answer": REASON}
    await clinic.as_("ps_therapist").post("/proposals/pr_0/answer", no, seen=1)
    assert [(await wish(number)).status_code for number in (300, 301)] == [201, 409]
