"""A goal's moves: drafts without a trace, versions that move only when outsiders see it, guards."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from care_plans.answers import MOST_KEPT, Answer, Says, answer_to, approvers
from care_plans.goals import Goal
from care_plans.unmet import GuardsUnmet, WrongState
from care_plans.wordings import GoalWords
from chassis.errors import Invalid
from contracts.access import AccessDocument, Authority, RelationshipFact
from contracts.care_plans import GoalChanged, GoalState, GoalWording, PlanAnswered
from contracts.classes import DataClass

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
WHOLE: dict[str, Any] = {
    "team": "Asks for a break by any means in 4 to 6 of ten noisy moments.",
    "plain": "He asks for a break when it gets too loud.",
    "school": "He shows the blue card. Say yes within one minute.",
    "own": {"statement": "It is too loud. I show my card.", "client_words": "loud. out."},
    "levels": ("0 or 1 of 10", "2 or 3 of 10", "4 to 6 of 10", "7 or 8 of 10", "9 or 10 of 10"),
    "baseline_level": -1,
    "measure": {"kind": "out_of", "rater": "ps_a", "from": "the last ten moments noted"},
    "others_will": ("Every adult answers within one minute.",),
    "assent": {"state": "agreed", "how": "chose the card"},
    "audience": ("guardians", "school"),
}


def a_goal(**changes: Any) -> Goal:
    words = GoalWords.model_validate({**WHOLE, **changes})
    return Goal("tn_a", "cl_a", "g_a", "ps_therapist", words)


def proposed(**changes: Any) -> Goal:
    goal = a_goal(**changes)
    goal.propose(by="ps_therapist", now=NOW, client_reads=False)
    return goal


def yes(goal: Goal, person: str = "ps_parent", says: Says = Says.APPROVE, words: str | None = None) -> Answer:
    answer = Answer("tn_a", "cl_a", goal.id, goal.version, person, DataClass.PLAN_PLAIN, says, words)
    answer.record(says, words, now=NOW)
    return answer


def changed(goal: Goal) -> list[GoalChanged]:
    return [event for event in goal.events if isinstance(event, GoalChanged)]


def revise(goal: Goal, **changes: Any) -> None:
    words = GoalWords.model_validate({**WHOLE, **changes})
    goal.revise(words, by="ps_therapist", now=NOW + timedelta(days=1), client_reads=False)


def read(goal: Goal, reader: str) -> None:
    goal.read_rationale(reader, now=NOW + timedelta(days=1), client_reads=False)


def test_a_draft_may_be_half_written_and_tells_nobody() -> None:
    goal = Goal("tn_a", "cl_a", "g_a", "ps_t", GoalWords(team="Perhaps something with breaks"))
    goal.revise(GoalWords(team="Breaks"), by="ps_t", now=NOW, client_reads=False)
    assert goal.events == [] and goal.version == 0 and goal.parties == ()


def test_a_proposal_reaches_each_party_in_its_wording_as_version_one() -> None:
    event = changed(proposed())[0]
    assert (event.version, event.state, event.parties) == (1, GoalState.PROPOSED, ("guardians", "school"))
    plain, school = event.words[DataClass.PLAN_PLAIN], event.words[DataClass.PLAN_SCHOOL]
    assert isinstance(plain, GoalWording) and plain.statement == WHOLE["plain"]
    assert isinstance(school, GoalWording) and school.statement == WHOLE["school"]
    assert set(event.words) == {
        DataClass.PLAN_TEAM, DataClass.PLAN_PLAIN, DataClass.PLAN_SCHOOL, DataClass.PLAN_OWN,
    }  # fmt: skip


def test_a_school_left_out_gets_no_section() -> None:
    event = changed(proposed(audience=("guardians",)))[0]
    assert DataClass.PLAN_SCHOOL not in event.words and event.parties == ("guardians",)


def test_a_private_goal_has_one_section_and_one_reader() -> None:
    event = changed(proposed(private=True, audience=("guardians",)))[0]
    assert set(event.words) == {DataClass.PLAN_PRIVATE} and event.parties == ("client",)


def test_a_rule_that_blocks_is_answered_with_field_and_fix() -> None:
    with pytest.raises(GuardsUnmet) as caught:
        proposed(others_will=(), plain=None)
    listed = {(e["field"], e["rule"]) for e in caught.value.extra["errors"]}
    assert listed == {("plain", "lw_plain"), ("others_will", "lm_one_sided")}
    assert all(e["fix"] for e in caught.value.extra["errors"])


def test_a_rationale_counts_only_when_somebody_else_has_read_it() -> None:
    lines = dict.fromkeys(("who_asked", "client_words", "need_behind", "others_first", "way_out"), "said so")
    goal = a_goal(team="Uses full sentences at register.", masking={"rationale": lines})
    with pytest.raises(GuardsUnmet):
        goal.propose(by="ps_therapist", now=NOW, client_reads=False)
    with pytest.raises(Invalid):
        read(goal, "ps_therapist")
    read(goal, "ps_supervisor")
    goal.propose(by="ps_therapist", now=NOW, client_reads=False)


def test_other_words_wait_until_somebody_else_has_read_them() -> None:
    lines = dict.fromkeys(("who_asked", "client_words", "need_behind", "others_first", "way_out"), "said so")
    masking: dict[str, Any] = {"team": "Uses full sentences at register.", "masking": {"rationale": lines}}
    goal = a_goal(**masking)
    read(goal, "ps_supervisor")
    goal.propose(by="ps_therapist", now=NOW, client_reads=False)
    told, before = list(goal.events), goal.words
    revise(goal, **masking, plain="He asks in full sentences.")
    assert (goal.events, goal.words, goal.version, goal.read_by) == (told, before, 1, "ps_supervisor")
    for move in (goal.propose, lambda **who: activate(goal, yes(goal))):
        with pytest.raises(GuardsUnmet, match="New words wait"):
            move(by="ps_therapist", now=NOW, client_reads=False)
    with pytest.raises(Invalid):
        read(goal, "ps_therapist")
    read(goal, "ps_supervisor")
    assert (goal.words.plain, goal.version, goal.rewording) == ("He asks in full sentences.", 2, None)
    assert [event.version for event in changed(goal)] == [1, 2]
    revise(goal, **masking, plain="He asks at once.")
    assert goal.rewording and goal.version == 2
    revise(goal, **masking, plain="He asks in full sentences.")
    assert goal.rewording is None and goal.read_by == "ps_supervisor", "what was read need not be read again"
    with pytest.raises(GuardsUnmet) as caught:
        revise(goal, **{**masking, "masking": {}}, plain="He asks at once.")
    assert caught.value.field == "masking.rationale"


def test_the_version_moves_only_when_somebody_outside_sees_it() -> None:
    goal = proposed()
    revise(goal, team="Asks for a break, any means.", difficulty=2, importance=3)
    assert goal.version == 1 and goal.version_at == NOW
    revise(goal, plain="He asks for a break.")
    assert goal.version == 2 and goal.version_at == NOW + timedelta(days=1)
    revise(goal, plain="He asks for a break.", audience=("guardians",))
    assert goal.version == 3 and changed(goal)[-2].ended


def test_what_the_team_writes_for_itself_is_no_news_to_anybody_else() -> None:
    goal = proposed()
    revise(goal, team="Asks for a break, any means.", difficulty=2, importance=3)
    quiet = changed(goal)[-1]
    assert set(quiet.words) == {DataClass.PLAN_TEAM}
    assert set(quiet.same) == {DataClass.PLAN_PLAIN, DataClass.PLAN_SCHOOL, DataClass.PLAN_OWN}
    revise(goal, plain="He asks for a break.")
    assert changed(goal)[-1].same == () and len(changed(goal)[-1].words) == 4


def test_home_and_the_person_read_when_everybody_stops_and_meets_and_school_does_not() -> None:
    goal = proposed()
    revise(goal, stop_if="He sleeps badly for three days.")
    words = changed(goal)[-1].words
    told = {data_class for data_class, said in words.items() if getattr(said, "stop_if", None)}
    assert told == {DataClass.PLAN_TEAM, DataClass.PLAN_PLAIN, DataClass.PLAN_OWN}
    assert DataClass.PLAN_SCHOOL in words and goal.version == 2


def test_an_edit_after_the_proposal_needs_new_answers() -> None:
    goal = proposed()
    old = yes(goal)
    revise(goal, plain="He asks for a break.")
    with pytest.raises(GuardsUnmet, match="approved this version"):
        activate(goal, old)
    activate(goal, old, yes(goal))
    assert goal.state is GoalState.ACTIVE and goal.version == 2


def activate(goal: Goal, *answers: Answer) -> None:
    goal.activate(
        by="ps_therapist", now=NOW, answers=answers, approvers=frozenset({"ps_parent"}), client_reads=False
    )


@pytest.mark.parametrize(
    ("says", "person", "reply", "told"),
    [
        (Says.NO, "ps_school", None, "Somebody said no"),
        (Says.ASK, "ps_school", None, "A question has no answer"),
    ],
)
def test_an_open_question_or_a_no_keeps_it_from_becoming_active(
    says: Says, person: str, reply: str | None, told: str
) -> None:
    goal = proposed()
    with pytest.raises(GuardsUnmet, match=told):
        activate(goal, yes(goal), yes(goal, person, says, "why?"))


def test_an_answered_question_is_no_longer_open() -> None:
    goal = proposed()
    question = yes(goal, "ps_school", Says.ASK, "why?")
    question.answer_with("Because he chose it.", by="ps_therapist", now=NOW)
    activate(goal, yes(goal), question)
    assert goal.state is GoalState.ACTIVE


def test_the_approval_of_somebody_without_authority_is_not_enough() -> None:
    goal = proposed()
    with pytest.raises(GuardsUnmet, match="may decide"):
        activate(goal, yes(goal, "ps_school"))


def test_a_no_from_the_person_is_a_no() -> None:
    goal = proposed(assent={"state": "refused", "how": "asked on two days"})
    with pytest.raises(GuardsUnmet, match="said no to this goal"):
        activate(goal, yes(goal))


def test_a_rating_changes_the_sentence_and_not_the_version() -> None:
    goal = proposed()
    activate(goal, yes(goal))
    goal.rate(rating_id="r1", level=0, on=date(2026, 3, 1), source="ten moments", by="ps_t", now=NOW)
    goal.rate(rating_id="r2", level=-2, on=date(2026, 2, 1), source=None, by="ps_t", now=NOW)
    assert goal.version == 1 and goal.standing.level == 0
    assert [event.TYPE.split(".")[1] for event in goal.events[2:]] == [
        "goal_rated",
        "goal_changed",
        "goal_rated",
    ]


@pytest.mark.parametrize(
    ("on", "told"),
    [(date(2026, 3, 3), "not come yet"), (date(2025, 1, 25), "400 days"), (date(1800, 1, 1), "400")],
)
def test_a_level_is_of_a_day_that_has_come_and_is_not_long_gone(on: date, told: str) -> None:
    goal = proposed()
    activate(goal, yes(goal))
    goal.events.clear()
    with pytest.raises(Invalid, match=told) as caught:
        goal.rate(rating_id="r3", level=0, on=on, source=None, by="ps_t", now=NOW)
    assert caught.value.field == "on" and caught.value.fix and goal.events == []
    goal.rate(rating_id="r4", level=0, on=date(2025, 1, 26), source=None, by="ps_t", now=NOW)


@pytest.mark.parametrize(
    ("now", "today"),
    [
        (datetime(2026, 7, 1, 22, 59, tzinfo=UTC), date(2026, 7, 1)),
        (datetime(2026, 7, 1, 23, 0, tzinfo=UTC), date(2026, 7, 2)),
        (datetime(2026, 12, 1, 23, 59, tzinfo=UTC), date(2026, 12, 1)),
    ],
)
def test_a_level_is_agreed_for_the_day_that_it_is_where_people_are(now: datetime, today: date) -> None:
    goal = proposed()
    activate(goal, yes(goal))
    goal.rate(rating_id="r1", level=0, on=today, source=None, by="ps_t", now=now)
    with pytest.raises(Invalid):
        goal.rate(rating_id="r2", level=0, on=today + timedelta(days=1), source=None, by="ps_t", now=now)


def test_a_goal_keeps_its_place_whatever_happens_to_it() -> None:
    goal = proposed()
    activate(goal, yes(goal))
    revise(goal, plain="He asks for a break.")
    goal.rate(
        rating_id="r1", level=0, on=date(2026, 3, 1), source=None, by="ps_t", now=NOW + timedelta(days=2)
    )
    goal.pause(by="ps_t", now=NOW + timedelta(days=3))
    goal.resume(by="ps_t", now=NOW + timedelta(days=4))
    assert {event.first_at for event in changed(goal)} == {NOW} and goal.place == (False, NOW, "g_a")
    draft = a_goal()
    draft.created_at = NOW - timedelta(days=9)
    assert sorted([draft, goal], key=lambda each: each.place) == [goal, draft]


def test_a_goal_that_was_private_tells_no_day_from_before_it_was_shared() -> None:
    goal = proposed(private=True)
    revise(goal)
    assert changed(goal)[-1].first_at == NOW + timedelta(days=1)


def test_rest_and_return() -> None:
    goal = proposed()
    with pytest.raises(WrongState):
        goal.pause(by="ps_child", now=NOW)
    activate(goal, yes(goal))
    goal.pause(by="ps_child", now=NOW)
    assert goal.state is GoalState.ON_HOLD and goal.version == 1
    goal.resume(by="ps_t", now=NOW)
    assert goal.state is GoalState.ACTIVE


def test_becoming_private_takes_it_from_every_other_page_first() -> None:
    goal = proposed()
    revise(goal, private=True)
    gone, back = changed(goal)[-2:]
    assert gone.ended and gone.parties == ("guardians", "school") and gone.words == {}
    assert back.parties == ("client",) and set(back.words) == {DataClass.PLAN_PRIVATE}


def test_a_question_and_its_reply_stay_beside_the_approval_and_are_not_its_words() -> None:
    goal = proposed()
    answer = yes(goal, says=Says.ASK, words="Any lesson?")
    answer.answer_with("Any.", by="ps_t", now=NOW)
    answer.record(Says.APPROVE, None, now=NOW)
    assert (answer.says, answer.words, answer.reply) == (Says.APPROVE, None, None)
    assert (answer.words_before, answer.reply_before) == ("Any lesson?", "Any.")
    assert all(event.parties == ("person:ps_parent",) for event in answer.events if hasattr(event, "parties"))


def kept(answer: Answer) -> list[tuple[str, str | None]]:
    """What stands beside the answer, as everybody who reads the answer is told it."""
    [*_, told] = [event for event in answer.events if isinstance(event, PlanAnswered)]
    return [(said.words, said.reply) for said in told.words[DataClass.PLAN_PLAIN].worries]


def test_words_of_worry_stay_beside_whatever_is_said_after_them() -> None:
    answer = yes(proposed())
    answer.record(Says.NO, "no, i want to die", now=NOW)
    assert kept(answer) == []
    answer.record(Says.APPROVE, None, now=NOW)
    assert (answer.words, kept(answer)) == (None, [("no, i want to die", None)])
    answer.record(Says.ASK, "Any lesson?", now=NOW)
    answer.answer_with("Any.", by="ps_t", now=NOW)
    answer.record(Says.NO, "He hits me.", now=NOW)
    answer.answer_with("I call you now.", by="ps_t", now=NOW)
    answer.record(Says.APPROVE, "Good.", now=NOW)
    both = [("He hits me.", "I call you now."), ("no, i want to die", None)]
    assert kept(answer) == both
    answer.record(Says.APPROVE, None, now=NOW)
    assert kept(answer) == both, "what worries nobody is not kept for good"


def test_words_of_worry_said_again_and_again_push_no_others_out() -> None:
    answer = yes(proposed())
    answer.record(Says.NO, "i want to die", now=NOW)
    for _ in range(2 * MOST_KEPT):
        answer.record(Says.NO, "He hits me.", now=NOW)
    answer.record(Says.APPROVE, None, now=NOW)
    assert [words for words, _ in kept(answer)] == ["He hits me.", "i want to die"]
    for number in range(2 * MOST_KEPT):
        answer.record(Says.NO, f"He hits me, {number}.", now=NOW)
    answer.record(Says.APPROVE, None, now=NOW)
    assert len(kept(answer)) == MOST_KEPT and kept(answer)[0][0] == f"He hits me, {2 * MOST_KEPT - 1}."


def test_words_of_worry_that_were_kept_before_there_was_a_place_for_them_stay() -> None:
    answer = yes(proposed())
    answer.words_before, answer.reply_before = "i want to die", "I call you now."
    answer.record(Says.ASK, "Any lesson?", now=NOW)
    answer.answer_with("Any.", by="ps_t", now=NOW)
    answer.record(Says.APPROVE, None, now=NOW)
    assert answer.words_before == "Any lesson?" and kept(answer) == [("i want to die", "I call you now.")]


def test_words_of_worry_about_what_was_private_are_not_told_with_what_is_shared() -> None:
    before = Answer("tn_a", "cl_a", "g_a", 1, "ps_c", DataClass.PLAN_PRIVATE, Says.NO, "i want to die")
    same, shared = (
        answer_to(before, "tn_a", "cl_a", "g_a", 2, "ps_c", data_class)
        for data_class in (DataClass.PLAN_PRIVATE, DataClass.PLAN_OWN)
    )
    assert [said.words for said in same.worries] == ["i want to die"]
    assert (shared.worries, shared.words_before) == ((), None)


def test_a_no_after_a_reply_waits_for_a_reply_of_its_own() -> None:
    answer = yes(proposed(), says=Says.ASK, words="Any lesson?")
    answer.answer_with("Any.", by="ps_t", now=NOW)
    answer.record(Says.NO, None, now=NOW)
    assert (answer.says, answer.words, answer.reply) == (Says.NO, None, None)


def test_a_question_needs_words_and_a_no_does_not() -> None:
    answer = yes(proposed(), says=Says.NO)
    with pytest.raises(Invalid, match="needs words"):
        answer.record(Says.ASK, None, now=NOW)
    assert answer.says is Says.NO and len(answer.events) == 1


def document(**changes: Any) -> AccessDocument:
    parent = RelationshipFact(id="r", person_id="ps_p", kind="mother", authority=Authority.FULL, begins=NOW)
    aunt = RelationshipFact(id="q", person_id="ps_q", kind="aunt", authority=Authority.LIMITED, begins=NOW)
    days = {"privacy_from": date(2026, 1, 1), "consents_from": date(2029, 1, 1)}
    facts = {"tenant_id": "tn_a", "client_id": "cl_a", "rev": 1, "client_person_id": "ps_c", **days}
    facts["relationships"] = (parent, aunt)
    return AccessDocument.model_validate({**facts, **changes})


def test_who_may_approve() -> None:
    assert approvers(document(), private=False, now=NOW) == {"ps_p"}
    assert approvers(document(), private=True, now=NOW) == {"ps_c"}
    assert approvers(document(consents_from=date(2026, 3, 2)), private=False, now=NOW) == {"ps_p", "ps_c"}
    assert approvers(document(relationships=(), consents_from=None), private=False, now=NOW) == {"ps_c"}


def test_who_may_approve_turns_at_midnight_in_london() -> None:
    turns = datetime(2026, 6, 30, 23, tzinfo=UTC)
    grown = document(consents_from=date(2026, 7, 1))
    assert approvers(grown, private=False, now=turns - timedelta(seconds=1)) == {"ps_p"}
    assert approvers(grown, private=False, now=turns) == {"ps_p", "ps_c"}
