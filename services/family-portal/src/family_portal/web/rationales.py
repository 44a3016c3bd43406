"""Why a goal that may ask somebody to mask is nevertheless theirs: five lines, and who else has read them."""

from typing import Any

from contracts.classes import DataClass
from family_portal.views.reader import Reach
from family_portal.web.edits import part
from family_portal.web.heads import base_of
from family_portal.web.models import Form, Rationale
from family_portal.web.models.plan_edit import RATIONALE

WAITS = "New words wait until a supervisor has read their five lines. Until then everybody reads the words before."
READ = "A second person has read these lines. Other words need another reading."
UNREAD = "Nobody else has read these lines yet. They count once a supervisor has."


def as_written(goal: dict[str, Any]) -> dict[str, Any]:
    """The goal in the words that the team wrote last; those that wait for a second reader nobody else has read."""
    waiting: dict[str, Any] | None = goal.get("rewording")
    return {**goal, **waiting, "read_by": None} if waiting else goal


def told_of(goal: dict[str, Any]) -> str:
    """Whether somebody other than the author has read the rationale; nothing where there is none."""
    if not part(part(goal["words"], "masking"), "rationale"):
        return ""
    return READ if _is_read(goal) else UNREAD


def _is_read(goal: dict[str, Any]) -> bool:
    return bool(goal["read_by"]) and goal["read_by"] != goal["author"]


def rationale_of(goal: dict[str, Any], reach: Reach) -> Rationale | None:
    """The rationale of a goal on the plan page, with a button for a supervisor who has not written the goal."""
    goal = as_written(goal)
    lines = part(part(goal["words"], "masking"), "rationale")
    if not lines:
        return None
    signs = reach.grants.may(DataClass.PLAN_TEAM, "sign") and goal["author"] != reach.caller.person_id
    where = f"{base_of('staff', reach)}/goals/{goal['id']}/read"
    return Rationale(
        lines=(*_new_words(goal), *((question, lines[name]) for name, question in RATIONALE.items())),
        text=told_of(goal),
        read=Form(where, version=goal["doc_version"]) if signs and not _is_read(goal) else None,
    )


def _new_words(goal: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """The words that wait, which stand nowhere else on the page, for the person who is to read them."""
    if not goal.get("rewording"):
        return ()
    words = goal["words"]
    said = {
        "The new words, for the team": words["team"],
        "For the family": words.get("plain"),
        "For school": words.get("school"),
        "In their own words": part(words, "own").get("statement"),
        "The five levels": " · ".join(words["levels"]),
    }
    return tuple((label, text) for label, text in said.items() if text)
