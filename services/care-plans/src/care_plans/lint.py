"""The rules the plan editor applies: masking, scales, plain words, one-sided goals, whether anybody asked."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

import yaml

from care_plans.reading import grade, sentences, words_in
from care_plans.scales import overlap_or_gap, two_variables
from care_plans.wordings import GoalWords
from contracts.care_plans import TaskBody

Level = Literal["block", "rationale", "suggest"]


@dataclass(frozen=True)
class Finding:
    """What a rule says about one field; `tell` is what the writer reads."""

    rule: str
    level: Level
    field: str
    tell: str


@cache
def rules() -> dict[str, Any]:
    """The rules file, read once."""
    loaded: dict[str, Any] = yaml.safe_load(files("care_plans").joinpath("lint.yaml").read_text("utf-8"))
    return loaded


def tell(rule_id: str) -> str:
    """What the rule of this id tells the writer. Raises KeyError for an unknown id."""
    return str(_by_id()[rule_id]["tell"])


def goal_findings(words: GoalWords) -> list[Finding]:
    """Everything the rules say about a goal, the blocking ones first."""
    found = [
        *_missing_wordings(words),
        *_masking(_statements(words)),
        *_asked(words),
        *_scale(words),
        *_plain_words(words),
    ]
    order = {"block": 0, "rationale": 1, "suggest": 2}
    return sorted(found, key=lambda finding: order[finding.level])


def wish_findings(words: str) -> list[Finding]:
    """What the rules of masking say about a goal that somebody would wish for, in their own words."""
    return list(_masking([("words", words)]))


def needs_rationale(words: GoalWords) -> bool:
    """True when a rule or the author asks for the masking rationale and its second reader."""
    return words.masking.flagged or any(f.level == "rationale" for f in goal_findings(words))


def task_findings(body: TaskBody) -> list[Finding]:
    """What the rules suggest about a task: length, reading grade, and words to avoid."""
    limits = rules()["plain_words"]
    text = task_text(body)
    found = _avoided("text", text)
    count = len(text.split()) + sum(len(thing.split()) for thing in body.you_need)
    if count > limits["task_words_at_most"]:
        found.append(
            _suggest("lp_length", "text", f"{count} words; two minutes hold {limits['task_words_at_most']}.")
        )
    return found + _graded("text", text, limits["reading_grade_at_most"]["task"])


def task_text(body: TaskBody) -> str:
    """The words of a task that somebody reads in one go."""
    rest = (body.if_nothing_comes, body.easier, body.stop_when, body.look_for, body.thanks)
    return " ".join([f"{body.title}.", body.why, *body.steps, *(line for line in rest if line)])


@cache
def _by_id() -> dict[str, dict[str, Any]]:
    listed = [*rules()["masking"]["rules"], *rules()["gas_scale"], *rules()["wordings"]]
    return {rule["id"]: rule for rule in listed}


def _finding(rule_id: str, field: str, **values: str) -> Finding:
    rule = _by_id()[rule_id]
    told = rule["tell"].format(**values) if values else rule["tell"]
    return Finding(rule_id, rule["level"], field, told)


def _suggest(rule_id: str, field: str, told: str) -> Finding:
    return Finding(rule_id, "suggest", field, told)


def _missing_wordings(words: GoalWords) -> Iterable[Finding]:
    if not words.team:
        yield _finding("lw_team", "team")
    if not (words.own.statement or words.own.client_words):
        yield _finding("lw_own", "own")
    if words.private:
        return
    if {"guardians", "network"} & set(words.audience) and not words.plain:
        yield _finding("lw_plain", "plain")
    if "school" in words.audience and not words.school:
        yield _finding("lw_school", "school")


def _masking(statements: Sequence[tuple[str, str]]) -> Iterable[Finding]:
    for rule in rules()["masking"]["rules"]:
        pattern = _matches(tuple(rule.get("match", ())))
        for field, text in statements:
            if pattern and pattern.search(text):
                yield _finding(rule["id"], field)
                break


def _asked(words: GoalWords) -> Iterable[Finding]:
    if not any(line.strip() for line in words.others_will):
        yield _finding("lm_one_sided", "others_will")
    if words.assent.state == "not_asked" or not words.assent.how:
        yield _finding("lm_not_asked", "assent")


def _scale(words: GoalWords) -> Iterable[Finding]:
    levels = [level.strip() for level in words.levels]
    if len(levels) != 5 or not all(levels) or len({level.casefold() for level in levels}) != 5:
        yield _finding("lg_five", "levels")
    yield from _variables(words, levels)
    yield from _ranges(words)
    if words.baseline_level is None:
        yield _finding("lg_baseline", "baseline_level")
    elif words.baseline_level == -2:
        yield _finding("lg_room_below", "baseline_level")
    if words.measure is None or not words.measure.rater or not words.measure.basis:
        yield _finding("lg_rater", "measure")
    yield from _level_words(levels)


def _variables(words: GoalWords, levels: list[str]) -> Iterable[Finding]:
    if words.measure and words.measure.kind == "ordered_steps":
        return
    pair = two_variables(levels, rules()["dimensions"])
    if pair:
        yield _finding("lg_one_variable", "levels", a=pair[0], b=pair[1])


def _ranges(words: GoalWords) -> Iterable[Finding]:
    measure = words.measure
    if measure is None or not measure.ranges or len(measure.ranges) != 5:
        return
    gap, overlap = overlap_or_gap(measure.ranges, measure.min, measure.max)
    if gap is not None:
        yield _finding("lg_no_gap", "measure.ranges", x=f"{gap:g}")
    if overlap is not None:
        yield _finding("lg_no_overlap", "measure.ranges", x=f"{overlap:g}")


def _level_words(levels: list[str]) -> Iterable[Finding]:
    unseen = _matches(tuple(_by_id()["lg_seen"]["match"]))
    if unseen and any(unseen.search(level) for level in levels):
        yield _finding("lg_seen", "levels")
    always = _matches(tuple(_by_id()["lg_best_is_theirs"]["match"]))
    if always and levels and always.search(levels[-1]):
        yield _finding("lg_best_is_theirs", "levels")


def _plain_words(words: GoalWords) -> Iterable[Finding]:
    limits = rules()["plain_words"]
    grades = limits["reading_grade_at_most"]
    for field, text, kind in (("plain", words.plain, "plain"), ("school", words.school, "school")):
        if text:
            yield from [*_avoided(field, text), *_graded(field, text, grades[kind])]
    own = words.own.statement
    if own:
        yield from [*_avoided("own.statement", own), *_graded("own.statement", own, grades["easy_read"])]
        most = limits["easy_read_sentence_words_at_most"]
        if any(len(words_in(sentence)) > most for sentence in sentences(own)):
            yield _suggest("lp_sentence", "own.statement", f"One sentence has more than {most} words.")


def _avoided(field: str, text: str) -> list[Finding]:
    return [
        _suggest("lp_avoid", field, f"Instead of “{entry['word']}”: {entry['use']}.")
        for entry in rules()["plain_words"]["avoid"]
        if re.search(rf"\b{re.escape(entry['word'])}\b", text, re.IGNORECASE)
    ]


def _graded(field: str, text: str, most: float) -> list[Finding]:
    reached = grade(text)
    if reached <= most:
        return []
    return [
        _suggest(
            "lp_grade", field, f"Reads like school year {reached:.0f}; shorter sentences bring it to {most}."
        )
    ]


def _statements(words: GoalWords) -> list[tuple[str, str]]:
    named = [
        ("team", words.team),
        ("plain", words.plain),
        ("school", words.school),
        ("own.statement", words.own.statement),
    ]
    found = [(field, text) for field, text in named if text]
    return [*found, *(("levels", level) for level in words.levels)]


@cache
def _matches(phrases: tuple[str, ...]) -> re.Pattern[str] | None:
    """One pattern for all phrases, each word in any of its endings (hug, hugs, hugging; comply, complies)."""
    if not phrases:
        return None
    forms = (r"\s+".join(_forms(word) for word in phrase.split()) for phrase in phrases)
    return re.compile("|".join(rf"(?<!\w){form}(?!\w)" for form in forms), re.IGNORECASE)


def _forms(word: str) -> str:
    if not word.isalpha():
        return re.escape(word)
    if word.endswith("y"):
        return rf"{word[:-1]}(?:y|ies|ied|ying)"
    stem = word[:-1] if word.endswith("s") and not word.endswith("ss") else word
    ending = rf"(?:{stem[-1]})?(?:s|es|ed|ing)?"
    return rf"(?:{stem}{ending}|{stem[:-1]}ing)" if stem.endswith("e") else rf"{stem}{ending}"
