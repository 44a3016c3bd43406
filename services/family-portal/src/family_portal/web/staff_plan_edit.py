"""Between the two editors' forms and what care-plans takes: goals with four wordings, tasks for tired people."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from family_portal.portal import Portal
from family_portal.views.reader import Reach
from family_portal.web.forms import Typed
from family_portal.web.heads import head
from family_portal.web.models import Choice, FieldError, Form, GoalEditorPage, LintMark, Quote, TaskEditorPage

GOAL_FIELDS: Mapping[str, str] = {
    "own": "own_statement", "own.statement": "own_statement", "own.client_words": "own_client_words",
    "levels": "level_0", "baseline_level": "baseline", "measure": "measure_rater", "measure.kind": "measure_kind",
    "measure.rater": "measure_rater", "measure.from": "measure_from", "assent": "assent_state",
    "assent.state": "assent_state", "assent.how": "assent_how", "masking": "team",
}  # fmt: skip
"""Where the page asks for what care-plans names."""


def goal_form(action: str, goal: dict[str, Any] | None, *, settle: bool = False) -> Form:
    """The form of a goal as it stands, or an empty one."""
    if goal is None:
        return Form(action, {"assent_state": "not_asked", "audience": ("guardians",)})
    words, measure = goal["words"], goal["words"]["measure"] or {}
    assent, levels = words["assent"], words["levels"]
    values: dict[str, str | tuple[str, ...]] = {
        "own_statement": words["own"]["statement"] or "",
        "own_client_words": words["own"]["client_words"] or "",
        **{name: words[name] or "" for name in ("team", "plain", "school", "stop_if", "school_link")},
        **{f"level_{n}": text for n, text in enumerate(levels)},
        **{name: "\n".join(words[name]) for name in ("others_will", "asked_for_by", "strategies")},
        **{f"assent_{name}": assent[name] or "" for name in ("state", "how", "way", "came_back")},
        **{f"measure_{name}": _text(measure.get(name)) for name in ("kind", "min", "max", "rater", "from")},
        **{name: _text(words[name]) for name in ("importance", "difficulty")},
        "baseline": _text(words["baseline_level"]),
        "settings": tuple(words["settings"]),
        "audience": tuple(words["audience"]),
        "private": "yes" if words["private"] else "",
    }
    query = f"?goal={goal['id']}"
    errors = tuple(
        FieldError(GOAL_FIELDS.get(item["field"], item["field"]), f"{item['detail']} {item['fix']}")
        for item in (goal["unmet"] if settle else ())
    )
    return Form(f"{action}{query}", values, errors, version=goal["doc_version"])


def _text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


def goal_body(form: Typed, goal: dict[str, Any] | None) -> dict[str, Any]:
    """What was typed, as care-plans takes it; what this form does not ask for stays as it was."""
    kept = dict(goal["words"]) if goal else {}
    levels = [form.text(f"level_{n}") or "" for n in range(5)]
    body = {
        **kept,
        "team": form.text("team") or "",
        "plain": form.text("plain"),
        "school": form.text("school"),
        "own": {"statement": form.text("own_statement"), "client_words": form.text("own_client_words")},
        "levels": levels if any(levels) else [],
        "baseline_level": form.number("baseline"),
        "measure": _measure(form, kept.get("measure") or {}),
        "others_will": form.lines("others_will"),
        "asked_for_by": form.lines("asked_for_by"),
        "assent": {name: form.text(f"assent_{name}") for name in ("how", "way", "came_back")}
        | {"state": form.text("assent_state") or "not_asked"},
        "settings": form.ticks("settings"),
        "importance": form.number("importance"),
        "difficulty": form.number("difficulty"),
        "audience": [] if form.text("private") else form.ticks("audience"),
        "private": form.text("private") == "yes",
        "stop_if": form.text("stop_if"),
        "school_link": form.text("school_link"),
        "strategies": form.lines("strategies"),
    }
    return {name: value for name, value in body.items() if value is not None}


def _measure(form: Typed, kept: dict[str, Any]) -> dict[str, Any] | None:
    kind = form.text("measure_kind")
    if kind is None:
        return None
    found = {**kept, "kind": kind, "rater": form.text("measure_rater"), "from": form.text("measure_from")}
    found |= {name: form.number(f"measure_{name}") for name in ("min", "max")}
    return {name: value for name, value in found.items() if value is not None}


async def editor_page(
    portal: Portal, reach: Reach, form: Form, goal: dict[str, Any] | None
) -> GoalEditorPage:
    """The goal editor with the remarks of the rules in its margin."""
    lint = [_mark(finding) for finding in goal["lint"]] if goal else []
    unmet = goal["unmet"] if goal else []
    words = goal["words"]["own"]["client_words"] if goal else None
    draft = goal is None or goal["state"] == "draft"
    named = await head(portal, reach, "staff")
    return GoalEditorPage(
        client=named,
        form=form,
        state_text="Draft. Nobody outside the team sees it until you propose it."
        if draft
        else "Put to its readers. A change that they can see is a new version, and they are asked again.",
        tag="Draft" if draft else f"Version {goal['version'] if goal else 0}",
        lint=tuple(lint),
        settle=f"To settle before it can be proposed: {len(unmet)}." if unmet else "",
        quote=Quote(words, f"{named.name}, when asked") if words else None,
        can_propose=draft,
        is_draft=draft,
        may_be_private=_may_be_private(reach),
    )


def _may_be_private(reach: Reach) -> bool:
    own = reach.document.privacy_from
    return bool(reach.document.client_person_id and own and own <= datetime.now(UTC).date())


def _mark(finding: dict[str, Any]) -> LintMark:
    kind = "tip" if finding["level"] == "suggest" else "ask"
    return LintMark(
        GOAL_FIELDS.get(finding["field"], finding["field"]), kind, finding["tell"], rule=finding["rule"]
    )


def task_form(action: str, task: dict[str, Any] | None, goal_id: str) -> Form:
    """The form of a task as it stands, or an empty one for a goal."""
    if task is None:
        return Form(action, {"goal_id": goal_id, "setting": "home", "times": "3", "per": "week"})
    text = task["text"]
    simple = ("title", "why", "if_nothing_comes", "easier", "stop_when", "look_for", "thanks", "who", "when")
    values: dict[str, str | tuple[str, ...]] = {
        "goal_id": task["goal_id"],
        "setting": task["setting"],
        "households": tuple(task["households"]),
        "times": str(task["planned"]["times"]),
        "per": task["planned"]["per"],
        "takes_minutes": _text(text.get("takes_minutes")),
        "private": "yes" if task["private"] else "",
        **{name: text.get(name) or "" for name in simple},
        **{name: "\n".join(text.get(name, ())) for name in ("you_need", "steps")},
    }
    return Form(action, values, version=task["doc_version"])


def task_body(form: Typed) -> dict[str, Any]:
    """What was typed, as care-plans takes it."""
    simple = ("title", "why", "if_nothing_comes", "easier", "stop_when", "look_for", "thanks", "who")
    body: dict[str, Any] = {
        "goal_id": form.text("goal_id") or "",
        "setting": form.text("setting") or "home",
        "households": form.ticks("households"),
        "private": form.text("private") == "yes",
        "planned": {
            "times": form.number("times") or 1,
            "per": form.text("per") or "week",
            "when": form.text("when"),
        },
        "you_need": form.lines("you_need"),
        "steps": form.lines("steps"),
        "takes_minutes": form.number("takes_minutes"),
        **{name: form.text(name) for name in simple},
    }
    return {name: value for name, value in body.items() if value is not None}


async def task_editor_page(
    portal: Portal, reach: Reach, form: Form, plan: dict[str, Any], *, is_new: bool
) -> TaskEditorPage:
    """The task editor with the goals a task may hang on and the homes it may go to."""
    goals = [
        (g["id"], g["words"]["plain"] or g["words"]["own"]["statement"] or g["words"]["team"])
        for g in plan["goals"]
    ]
    members = [person for home in reach.document.households for person in home.members]
    names = {key: named.name for key, named in (await portal.names.persons(members)).items()}
    return TaskEditorPage(
        client=await head(portal, reach, "staff"),
        form=form,
        goals=tuple(Choice(goal_id, text) for goal_id, text in goals),
        households=tuple(
            Choice(
                home.id,
                f"With {' and '.join(names[m] for m in home.members)}",
                "home",
                f"at most {home.live_task_cap} live at once",
            )
            for home in reach.document.households
        ),
        is_new=is_new,
    )
