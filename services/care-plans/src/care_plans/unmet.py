"""What keeps a goal where it is: each thing to put right in its writer's words, and the errors that carry it."""

from collections.abc import Sequence
from dataclasses import dataclass

from care_plans.lint import Finding
from care_plans.wordings import Ending
from chassis.errors import Conflict
from contracts.care_plans import GoalState

_PARTS = {
    "team": "the wording for the team",
    "plain": "the family’s wording",
    "school": "the school’s wording",
    "own": "what the person said",
    "own.statement": "the person’s own sentence",
    "levels": "the five levels",
    "measure.ranges": "which results belong to which level",
    "measure": "how it is measured",
    "baseline_level": "where it is today",
    "others_will": "what the others will do",
    "assent": "how the person was asked",
}
"""The fields that rules look at, as people say them."""


@dataclass(frozen=True)
class Unmet:
    """One thing that must be put right before a goal can move on, in the words the writer reads."""

    goal_id: str
    field: str
    detail: str
    fix: str
    rule: str | None = None


class GuardsUnmet(Conflict):
    """A goal cannot be proposed or activated yet; `errors` lists every field with its fix."""

    title = "Not ready yet"

    def __init__(self, unmet: Sequence[Unmet]) -> None:
        first = unmet[0]
        listed = [
            {"goal_id": u.goal_id, "field": u.field, "detail": u.detail, "fix": u.fix, "rule": u.rule}
            for u in unmet
        ]
        super().__init__(first.detail, first.field, first.fix, errors=listed)


class WrongState(Conflict):
    """The goal's state does not allow this move."""

    title = "The goal is not in the right state"

    def __init__(self, state: GoalState, wanted: str) -> None:
        super().__init__(
            f"The goal is {state}.", "state", f"Only a goal that is {wanted} can do this.", state=state
        )


class WordsStay(Conflict):
    """Of a goal that has ended nothing changes but who reads it."""

    title = "The goal has ended"

    def __init__(self, state: GoalState) -> None:
        super().__init__(
            "It has ended, and its words stay as they are.",
            "state",
            "Only who reads it can change: its audience, and whether it is private.",
            state=state,
        )


def unmet_of(goal_id: str, finding: Finding) -> Unmet:
    """What a rule asks for: which part of the goal is open, and the rule's own words as the way to settle it."""
    about = _PARTS.get(finding.field, finding.field)
    return Unmet(goal_id, finding.field, f"Not settled yet: {about}.", finding.tell, finding.rule)


def ending_guards(goal_id: str, ending: Ending) -> list[Unmet]:
    """What keeps a goal from ending: a person who was not asked, or who said no to it.

    One that is not carried on may end without them, where it says why they could not be asked.
    """
    asked = ending.asked
    if asked.state == "refused":
        fix = "Let it rest, or ask what would suit them."
        return [Unmet(goal_id, "asked.state", "The person said no to ending it.", fix)]
    if asked.state == "not_asked" and ending.decision == "completed":
        fix = "Ask in the person’s own way, and write what came back."
        return [Unmet(goal_id, "asked.state", "Nobody has asked the person yet.", fix)]
    if not asked.how:
        fix = "Write how they were asked, or why they could not be."
        return [Unmet(goal_id, "asked.how", "It does not say how the person was asked.", fix)]
    return []
