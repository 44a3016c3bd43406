"""Fills the goal editor and the task editor: the form, what the rules say beside it, and what can be chosen."""

from typing import Any

from family_portal.portal import Portal
from family_portal.views.reader import Reach
from family_portal.web.edits import part
from family_portal.web.heads import head
from family_portal.web.models import Choice, Form, GoalEditorPage, LintMark, Quote, TaskEditorPage
from family_portal.web.models.plan_edit import MEASURES, PERIODS, PLACES, TASK_PLACES, WEIGHTS, with_stored
from family_portal.web.rationales import WAITS, told_of
from family_portal.web.staff_plan_forms import GOAL_FIELDS, OVER, as_typed
from family_portal.web.words import joined
from policy.days import today

STANDS = {
    "draft": "Draft. Nobody outside the team sees it until you propose it.",
    "proposed": "Put to its readers. A change that they can see is a new version, and they are asked again.",
}
NO_GOAL = Choice("", "Choose")
"""Stands first where no goal is chosen: a browser would take the first of the others by itself."""
OVER_NOW = "It has ended, and its words stay as they are. Who reads it among earlier goals can still change."
ON_THEIR_PAGES = (
    "On its readers’ pages. A change that they can see is a new version there at once, and they are told. "
    "Nobody is asked again, so talk with them first."
)


async def editor_page(
    portal: Portal, reach: Reach, form: Form, goal: dict[str, Any] | None
) -> GoalEditorPage:
    """The goal editor with the remarks of the rules in its margin."""
    words: dict[str, Any] = goal["words"] if goal else {}
    lint = goal["lint"] if goal else []
    unmet = goal["unmet"] if goal else []
    said = part(words, "own").get("client_words")
    draft, over = goal is None or goal["state"] == "draft", goal is not None and goal["state"] in OVER
    named = await head(portal, reach, "staff")
    return GoalEditorPage(
        client=named,
        form=form,
        state_text=_stands(goal),
        tag="Draft" if draft else f"Version {goal['version'] if goal else 0}",
        lint=tuple(mark for mark in map(_mark, lint) if mark.title != form.error(mark.field)),
        settle=f"To settle before it can be proposed: {len(unmet)}." if unmet and not over else "",
        quote=Quote(said, f"{named.name}, when asked") if said else None,
        can_propose=draft,
        is_draft=draft,
        can_discard=draft and goal is not None,
        over=over,
        title=(words["plain"] or words["own"]["statement"] or words["team"]) if over else "",
        practice=tuple(task["text"]["title"] for task in goal.get("tasks", ())) if goal and draft else (),
        may_be_private=_may_be_private(reach) or bool(words.get("private")) or form.has("private", "yes"),
        needs_rationale=_needs_rationale(lint, part(words, "masking")),
        rationale_text=told_of(goal) if goal else "",
        measures=with_stored(MEASURES, as_typed(part(words, "measure").get("kind"))),
        settings=with_stored(PLACES, *words.get("settings", ())),
        importances=with_stored(WEIGHTS, as_typed(words.get("importance"))),
        difficulties=with_stored(WEIGHTS, as_typed(words.get("difficulty"))),
    )


def _stands(goal: dict[str, Any] | None) -> str:
    """Who reads the words in the editor, and who will."""
    if goal is None:
        return STANDS["draft"]
    if goal["state"] in OVER:
        return OVER_NOW
    return WAITS if goal.get("rewording") else STANDS.get(goal["state"], ON_THEIR_PAGES)


def _may_be_private(reach: Reach) -> bool:
    own = reach.document.privacy_from
    return bool(reach.document.client_person_id and own and own <= today())


def _needs_rationale(lint: list[dict[str, Any]], masking: dict[str, Any]) -> bool:
    return bool(masking.get("flagged")) or any(finding["level"] == "rationale" for finding in lint)


def _mark(finding: dict[str, Any]) -> LintMark:
    kind = "tip" if finding["level"] == "suggest" else "ask"
    return LintMark(GOAL_FIELDS.get(finding["field"], finding["field"]), kind, finding["tell"])


async def task_editor_page(
    portal: Portal, reach: Reach, form: Form, plan: dict[str, Any], task: dict[str, Any] | None
) -> TaskEditorPage:
    """The task editor with the goals a task may hang on and the homes it may go to."""
    stored: dict[str, Any] = task or {}
    goals = with_stored(_goals(plan), stored.get("goal_id", ""))
    return TaskEditorPage(
        client=await head(portal, reach, "staff"),
        form=form,
        goals=goals if any(form.has("goal_id", goal.value) for goal in goals) else (NO_GOAL, *goals),
        households=with_stored(await _homes(portal, reach), *stored.get("households", ())),
        settings=with_stored(TASK_PLACES, stored.get("setting", "")),
        periods=with_stored(PERIODS, part(stored, "planned").get("per", "")),
        is_new=task is None,
    )


def usual_homes(reach: Reach, plan: dict[str, Any], goal_id: str) -> tuple[str, ...]:
    """The home that new practice is for where there is only one; a private goal is in none."""
    private = any(goal["id"] == goal_id and goal["words"]["private"] for goal in plan["goals"])
    homes = tuple(home.id for home in reach.document.households)
    return homes if len(homes) == 1 and not private else ()


def _goals(plan: dict[str, Any]) -> list[Choice]:
    words = [(goal["id"], goal["words"]) for goal in plan["goals"]]
    return [Choice(key, each["plain"] or each["own"]["statement"] or each["team"]) for key, each in words]


async def _homes(portal: Portal, reach: Reach) -> list[Choice]:
    members = [person for home in reach.document.households for person in home.members]
    names = {key: named.name for key, named in (await portal.names.persons(members)).items()}
    return [
        Choice(
            home.id,
            f"With {joined(names[m] for m in home.members)}",
            "home",
            f"at most {home.live_task_cap} live at once",
        )
        for home in reach.document.households
    ]
