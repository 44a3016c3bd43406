"""Goals and tasks as the two editors' forms, and what was typed as care-plans takes it.

A page changes what it shows and nothing else: what is sent starts from what is stored.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from chassis.errors import Invalid
from family_portal.web.edits import Edit, part
from family_portal.web.forms import Typed
from family_portal.web.models import FieldError, Form
from family_portal.web.models.plan_edit import RATIONALE

GOAL_FIELDS: Mapping[str, str] = {
    "own": "own_client_words", "own.statement": "own_statement", "own.client_words": "own_client_words",
    "levels": "level_0", "baseline_level": "baseline", "measure": "measure_rater", "assent": "assent_state",
    "measure.ranges": "level_0", **{f"levels.{n}": f"level_{n}" for n in range(5)},
    **{f"measure.{name}": f"measure_{name}" for name in ("kind", "min", "max", "rater", "from")},
    **{f"assent.{name}": f"assent_{name}" for name in ("state", "how", "way", "came_back")},
    **dict.fromkeys(("masking", "masking.rationale", "masking.read_by"), "rationale_who_asked"),
    **{f"masking.rationale.{name}": f"rationale_{name}" for name in RATIONALE},
}  # fmt: skip
"""Where the page asks for what care-plans names."""
TASK_FIELDS: Mapping[str, str] = {
    "planned.times": "times", "planned.per": "per", "planned.when": "when",
}  # fmt: skip
LINES = ("others_will", "asked_for_by", "strategies")
TASK_TEXTS = ("title", "why", "if_nothing_comes", "easier", "stop_when", "look_for", "thanks", "who")
TASK_LINES = ("you_need", "steps")
OVER = ("completed", "cancelled")
"""States in which a goal has ended."""
NOT_WRITTEN = "Nothing is written here yet."


def goal_form(action: str, goal: dict[str, Any] | None, *, settle: bool = False) -> Form:
    """The form of a goal as it stands, or an empty one."""
    if goal is None:
        return Form(action, {"assent_state": "not_asked", "audience": ("guardians",)})
    words, measure = goal["words"], part(goal["words"], "measure")
    rationale = part(part(words, "masking"), "rationale")
    values: dict[str, str | tuple[str, ...]] = {
        **{f"own_{name}": words["own"][name] or "" for name in ("statement", "client_words")},
        **{name: words[name] or "" for name in ("team", "plain", "school", "stop_if", "school_link")},
        **{f"level_{n}": text for n, text in enumerate(words["levels"])},
        **{name: "\n".join(words[name]) for name in LINES},
        **{f"assent_{name}": words["assent"][name] or "" for name in ("state", "how", "way", "came_back")},
        **{
            f"measure_{name}": as_typed(measure.get(name)) for name in ("kind", "min", "max", "rater", "from")
        },
        **{f"rationale_{name}": rationale.get(name) or "" for name in RATIONALE},
        **{name: as_typed(words[name]) for name in ("importance", "difficulty")},
        "baseline": as_typed(words["baseline_level"]),
        "settings": tuple(words["settings"]),
        "audience": tuple(words["audience"]),
        "private": ("yes",) if words["private"] else (),
        "tasks": with_it(goal.get("tasks", ())),
    }
    errors = _to_settle(goal) if settle else ()
    return Form(f"{action}?goal={goal['id']}", values, errors, version=goal["doc_version"])


def as_read(thing: dict[str, Any]) -> str:
    """A goal or task by its id and the version in which a page shows it."""
    return f"{thing['id']}:{thing['doc_version']}"


def with_it(tasks: Iterable[dict[str, Any]]) -> tuple[str, ...]:
    """The practice that is thrown away with a draft."""
    return tuple(map(as_read, tasks))


def discard_body(form: Typed) -> dict[str, Any]:
    """The practice that somebody read beside the draft they throw away, as care-plans takes it."""
    return {"tasks": _read(form, "tasks")}


def move_body(form: Typed) -> dict[str, Any]:
    """The goals that somebody ticked, and as what they read them, as care-plans takes it."""
    return {"goals": [name.partition(":")[0] for name in form.ticks("goals")], "read": _read(form, "goals")}


def begin_body(form: Typed) -> dict[str, Any]:
    """The same for goals that begin, with the practice that their page showed under all of its goals."""
    return {**move_body(form), "tasks": _read(form, "tasks")}


def _read(form: Typed, name: str) -> list[dict[str, Any]]:
    named = (tick.partition(":") for tick in form.ticks(name))
    return [{"id": id_, "doc_version": int(at)} for id_, _, at in named if at.isdecimal() and len(at) < 10]


def _to_settle(goal: dict[str, Any]) -> tuple[FieldError, ...]:
    """What keeps the goal from being proposed; where a rule asks for it, the rule's words say all."""
    rules = {finding["rule"] for finding in goal["lint"] if finding["level"] == "block"}
    return tuple(
        FieldError(
            GOAL_FIELDS.get(item["field"], item["field"]),
            item["fix"] if item.get("rule") in rules else f"{item['detail']} {item['fix']}".strip(),
        )
        for item in goal["unmet"]
    )


def as_typed(value: Any) -> str:
    """A number or a word as somebody would type it."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


def goal_body(form: Typed, goal: dict[str, Any] | None) -> dict[str, Any]:
    """What was typed, as care-plans takes it; of a goal that has ended who reads it, and nothing else.

    Raises Invalid for what is no number, or half of a whole.
    """
    kept: dict[str, Any] = goal["words"] if goal else {}
    edit = Edit.of(form, goal_form("", goal) if goal else None)
    if goal and goal["state"] in OVER:
        return {name: value for name, value in (kept | _readers(edit, kept)).items() if value is not None}
    own, assent, masking = (part(kept, name) for name in ("own", "assent", "masking"))
    body = {
        **kept,
        "team": edit.text("team", kept.get("team")) or "",
        **{name: edit.text(name, kept.get(name)) for name in ("plain", "school", "stop_if", "school_link")},
        "own": own | {n: edit.text(f"own_{n}", own.get(n)) for n in ("statement", "client_words")},
        "levels": _levels(edit, kept.get("levels", [])),
        "baseline_level": edit.number("baseline", kept.get("baseline_level")),
        "measure": _measure(edit, part(kept, "measure")),
        **{name: edit.lines(name, kept.get(name, ())) for name in LINES},
        "assent": assent
        | {n: edit.text(f"assent_{n}", assent.get(n)) for n in ("how", "way", "came_back")}
        | {"state": edit.text("assent_state", assent.get("state")) or "not_asked"},
        "settings": edit.ticks("settings", kept.get("settings", ())),
        **{name: edit.number(name, kept.get(name)) for name in ("importance", "difficulty")},
        **_readers(edit, kept),
        "masking": masking | {"rationale": _rationale(edit, part(masking, "rationale"))},
    }
    return {name: value for name, value in body.items() if value is not None}


def _levels(edit: Edit, stored: list[str]) -> list[str]:
    names = [f"level_{n}" for n in range(5)]
    if all(edit.left(name) for name in names):
        return stored
    levels = [edit.text(name, text) or "" for name, text in zip(names, [*stored, *[""] * 5], strict=False)]
    return levels if any(levels) else []


def _measure(edit: Edit, stored: dict[str, Any]) -> dict[str, Any] | None:
    words = {name: edit.text(f"measure_{name}", stored.get(name)) for name in ("kind", "rater", "from")}
    ends = {name: edit.decimal(f"measure_{name}", stored.get(name)) for name in ("min", "max")}
    asked: dict[str, Any] = {**words, **ends}
    if asked["kind"] is None and any(value is not None for value in asked.values()):
        raise Invalid(
            "This does not say how it is measured.", field="measure_kind", fix="Choose one of the ways."
        )
    told = {name: value for name, value in {**stored, **asked}.items() if value is not None}
    return told if asked["kind"] else None


def _readers(edit: Edit, kept: dict[str, Any]) -> dict[str, Any]:
    """Who reads it; a private goal stays private where the page does not ask, and has no other readers."""
    was, stored = bool(kept.get("private")), kept.get("audience", [])
    asked = edit.form.text("asks_private") is not None
    if edit.form.text("private") == "yes" or (was and not asked):
        return {"private": True, "audience": stored if was else []}
    return {"private": False, "audience": edit.ticks("audience", stored)}


def _rationale(edit: Edit, stored: dict[str, Any]) -> dict[str, Any] | None:
    lines = {name: edit.text(f"rationale_{name}", stored.get(name)) for name in RATIONALE}
    if not any(lines.values()):
        return None
    told, fix = "This line is still empty.", "Write it, or empty the others: the five count together."
    _must_have({f"rationale_{name}": (line, told, fix) for name, line in lines.items()})
    return lines


def rating_body(form: Typed) -> dict[str, Any]:
    """The level agreed for a day. Raises Invalid where either is left open."""
    level, on = form.number("level"), form.text("on")
    _must_have(
        {
            "level": (level, "None of the five is chosen.", "Choose one."),
            "on": (on, "No day is given.", "Give today or an earlier day."),
        }
    )
    return {"level": level, "on": on, "source": form.text("source")}


def reply_body(form: Typed) -> dict[str, Any]:
    """The reply to what was answered to a goal, with the answer and the reply that its writer has read."""
    return {"words": form.text("words") or ""} | {name: form.text(name) for name in ("said_at", "instead_of")}


def _must_have(needed: Mapping[str, tuple[Any, str, str]]) -> None:
    """Raises Invalid with every field that was left open: its value, what is wrong, and how to put it right."""
    missing = [
        {"field": name, "detail": told, "fix": fix}
        for name, (value, told, fix) in needed.items()
        if value is None
    ]
    if missing:
        raise Invalid(missing[0]["detail"], missing[0]["field"], missing[0]["fix"], errors=missing)


def task_form(action: str, task: dict[str, Any] | None, goal_id: str, homes: tuple[str, ...] = ()) -> Form:
    """The form of a task as it stands, or a new one for a goal; `homes` are ticked on a new one."""
    if task is None:
        usual = {"goal_id": goal_id, "setting": "home", "times": "3", "per": "week"}
        return Form(action, {**usual, "households": homes})
    text = task["text"]
    values: dict[str, str | tuple[str, ...]] = {
        "goal_id": task["goal_id"],
        "setting": task["setting"],
        "households": tuple(task["households"]),
        "times": str(task["planned"]["times"]),
        "per": task["planned"]["per"],
        "takes_minutes": as_typed(text.get("takes_minutes")),
        **{name: text.get(name) or "" for name in (*TASK_TEXTS, "when")},
        **{name: "\n".join(text.get(name, ())) for name in TASK_LINES},
    }
    return Form(action, values, version=task["doc_version"])


def task_body(form: Typed, task: dict[str, Any] | None) -> dict[str, Any]:
    """What was typed, as care-plans takes it; whose it is and whether it is private stay. Raises Invalid."""
    kept: dict[str, Any] = task or {}
    planned, text = part(kept, "planned"), part(kept, "text")
    edit = Edit.of(form, task_form("", task, "") if task else None)
    times = edit.number("times", planned.get("times"))
    needed = {
        "goal_id": (edit.text("goal_id", kept.get("goal_id")), "No goal is chosen.", "Choose one."),
        "title": (edit.text("title", text.get("title")), NOT_WRITTEN, "Write a few words."),
        "why": (edit.text("why", text.get("why")), NOT_WRITTEN, "Write one or two sentences."),
        "times": (times, "This does not say how often.", "Write a number, for example 3."),
    }
    _must_have(needed)
    body: dict[str, Any] = {
        "goal_id": needed["goal_id"][0],
        "setting": edit.text("setting", kept.get("setting")) or "home",
        "households": edit.ticks("households", kept.get("households", ())),
        "assigned_to": kept.get("assigned_to"),
        "private": bool(kept.get("private")),
        "planned": {
            "times": times,
            "per": edit.text("per", planned.get("per")) or "week",
            "when": edit.text("when", text.get("when")),
        },
        "takes_minutes": edit.number("takes_minutes", text.get("takes_minutes")),
        **{name: edit.text(name, text.get(name)) for name in TASK_TEXTS},
        **{name: edit.lines(name, text.get(name, ())) for name in TASK_LINES},
    }
    return {name: value for name, value in body.items() if value is not None}
