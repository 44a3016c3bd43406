"""The editor's rules: what blocks, what asks for a rationale, what is only suggested."""

from typing import Any

import pytest

from care_plans.lint import goal_findings, needs_rationale, rules, task_findings
from care_plans.wordings import GoalWords
from contracts.care_plans import TaskBody


def goal(**changes: Any) -> GoalWords:
    whole: dict[str, Any] = {
        "team": "Asks for a break by any means in 4 to 6 of ten noisy moments.",
        "plain": "When it gets too loud, he asks for a break. The grown-ups say yes at once.",
        "school": "He shows the blue card when a place is too much. Say yes within one minute.",
        "own": {"statement": "It is too loud. I show my card.", "client_words": "loud. out. then okay."},
        "levels": ("0 or 1 of 10", "2 or 3 of 10", "4 to 6 of 10", "7 or 8 of 10", "9 or 10 of 10"),
        "baseline_level": -1,
        "measure": {
            "kind": "out_of", "min": 0, "max": 10, "rater": "ps_a", "from": "the last ten moments",
            "ranges": ((0, 1), (2, 3), (4, 6), (7, 8), (9, 10)),
        },
        "others_will": ("Every adult answers the card within one minute.",),
        "assent": {"state": "agreed", "how": "chose the card himself"},
        "audience": ("guardians", "school"),
    }  # fmt: skip
    return GoalWords.model_validate({**whole, **changes})


def found(words: GoalWords) -> dict[str, str]:
    return {finding.rule: finding.level for finding in goal_findings(words)}


def test_a_whole_goal_has_no_finding() -> None:
    assert found(goal()) == {}


@pytest.mark.parametrize(
    ("text", "rule", "level"),
    [
        ("Kofi will look at the speaker when the class is talking.", "lm_gaze", "rationale"),
        ("Kofi looks at the speaker.", "lm_gaze", "rationale"),
        ("Noor will hug and kiss relatives hello without protest.", "lm_comply", "block"),
        ("She hugs the aunts.", "lm_comply", "block"),
        ("He complies with requests.", "lm_comply", "block"),
        ("Uses full sentences at register.", "lm_voice", "rationale"),
        ("Keeps quiet hands in assembly.", "lm_still", "block"),
        ("Shows appropriate social behaviour.", "lm_normal", "block"),
    ],
)
def test_masking_words_are_found_in_any_wording(text: str, rule: str, level: str) -> None:
    for field in ("team", "plain", "school"):
        assert found(goal(**{field: text}))[rule] == level


def test_whole_words_only() -> None:
    assert found(goal(team="Meets Hugo at the huge table and has compliant paperwork.")) == {}


def test_a_masking_word_cannot_hide_in_a_level() -> None:
    levels = (
        "No eye contact",
        "Eye contact once",
        "Eye contact twice",
        "Eye contact 3 times",
        "Eye contact 4 times",
    )
    assert found(goal(levels=levels, measure=None))["lm_gaze"] == "rationale"


def test_an_author_can_flag_what_no_rule_found() -> None:
    assert not needs_rationale(goal())
    assert needs_rationale(goal(masking={"flagged": True}))


def test_one_sided_and_not_asked_block() -> None:
    assert found(goal(others_will=(" ",), assent={"state": "not_asked"})) == {
        "lm_one_sided": "block",
        "lm_not_asked": "block",
    }


def test_asked_without_saying_how_is_not_asked() -> None:
    assert found(goal(assent={"state": "agreed"})) == {"lm_not_asked": "block"}


@pytest.mark.parametrize(
    "levels", [(), ("a", "b", "c", "d"), ("a", "b", "c", "d", "A"), ("a", "b", "c", "d", "  ")]
)
def test_five_different_levels_are_needed(levels: tuple[str, ...]) -> None:
    assert found(goal(levels=levels))["lg_five"] == "block"


@pytest.mark.parametrize(
    "levels",
    [
        ("0 times with 4 prompts", "1 time with 3 prompts", "2 times with 2 prompts", "3 times with 1 prompt",
         "4 times with 0 prompts"),
        ("Once with help", "Twice with help", "Three times with help", "Four times without help",
         "Five times without help"),
    ],
)  # fmt: skip
def test_two_things_that_change_are_named(levels: tuple[str, ...]) -> None:
    finding = next(f for f in goal_findings(goal(levels=levels)) if f.rule == "lg_one_variable")
    assert finding.level == "block" and "time and" in finding.tell


@pytest.mark.parametrize(
    ("ranges", "rule", "value"),
    [
        (((0, 1), (3, 3), (4, 6), (7, 8), (9, 10)), "lg_no_gap", "2"),
        (((0, 1), (1, 3), (4, 6), (7, 8), (9, 10)), "lg_no_overlap", "1"),
        (((0, 1), (2, 3), (4, 6), (7, 8), (9, 9)), "lg_no_gap", "10"),
        (((1, 1), (2, 3), (4, 6), (7, 8), (9, 10)), "lg_no_gap", "0"),
    ],
)
def test_gaps_and_overlaps_name_the_value(ranges: object, rule: str, value: str) -> None:
    measure = {"kind": "out_of", "min": 0, "max": 10, "rater": "x", "from": "y", "ranges": ranges}
    finding = next(f for f in goal_findings(goal(measure=measure)) if f.rule == rule)
    assert f"A result of {value} fits" in finding.tell


def test_baseline_and_rater() -> None:
    assert found(goal(baseline_level=None, measure=None)) == {"lg_baseline": "block", "lg_rater": "block"}
    assert found(goal(baseline_level=-2)) == {"lg_room_below": "suggest"}


def test_levels_say_what_is_seen_and_the_top_is_theirs() -> None:
    levels = ("Not yet", "A little better", "Some", "More", "Every time")
    assert found(goal(levels=levels)) == {"lg_seen": "block", "lg_best_is_theirs": "suggest"}


def test_a_wording_is_missing_only_for_those_who_are_to_read_it() -> None:
    assert found(goal(plain=None, school=None)) == {"lw_plain": "block", "lw_school": "block"}
    assert found(goal(plain=None, school=None, audience=())) == {}
    assert found(goal(plain=None, school=None, private=True)) == {}


def test_plain_words_are_suggested() -> None:
    hard = "The intervention addresses a deficit that stakeholders consider significantly problematic."
    assert set(found(goal(plain=hard)).items()) == {("lp_avoid", "suggest"), ("lp_grade", "suggest")}


def test_the_rules_say_what_to_do() -> None:
    for rule in [*rules()["masking"]["rules"], *rules()["gas_scale"], *rules()["wordings"]]:
        assert rule["tell"] and rule["level"] in {"block", "rationale", "suggest"}


def test_a_long_task_is_told_so() -> None:
    body = TaskBody(title="Wait", why="It helps.", steps=["word " * 261])
    assert "lp_length" in {finding.rule for finding in task_findings(body)}
    assert (
        task_findings(TaskBody(title="Wait", why="It helps her.", steps=["Hold up two things. Wait."])) == []
    )


@pytest.mark.parametrize("sign", ["¹", "²", "½", "٣", "①", "x²"])
def test_signs_that_only_look_like_numbers_are_read_without_an_error(sign: str) -> None:
    levels = [f"{sign} times", "2 times", "3 times", "4 times", "5 times"]
    assert isinstance(found(goal(levels=levels)), dict)
