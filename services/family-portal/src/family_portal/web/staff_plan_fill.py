"""Fills the therapist's plan page from what care-plans answers."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from contracts.access import AccessDocument
from contracts.classes import DataClass
from family_portal.portal import Portal
from family_portal.views.reader import Reach
from family_portal.web.about import HEADINGS
from family_portal.web.heads import base_of, day, head, school_now
from family_portal.web.models import Choice, Form, Line, Live, PlanGoal, PlanPage, PlanTask, RateForm
from family_portal.web.rationales import WAITS, rationale_of
from family_portal.web.staff_answers import answers_of
from family_portal.web.staff_ending_words import ended_lines, ended_state, may_come_back
from family_portal.web.staff_plan_forms import OVER, as_read, with_it
from family_portal.web.staff_rests import paused, rests_of_task
from family_portal.web.staff_strategies import said_of_strategies
from family_portal.web.staff_wishes import plan_wishes
from family_portal.web.strategies import this_week
from family_portal.web.visitor import Visitor
from family_portal.web.words import counted
from policy.days import today
from policy.facts import full_authority

STATE = {
    "draft": "Draft. Nobody else can see it.", "proposed": "Proposed", "active": "Active",
    "on_hold": "Resting",
}  # fmt: skip
TASK_STATE = {
    "draft": "waits for its goal", "live": "live", "queued": "waits, the household is full",
    "paused": "resting", "ended": "ended",
}  # fmt: skip
MOVED = ("plan", "task", "log")
"""What moves the plan: a home that rests stands among the logs."""
LEVELS = ("−2", "−1", "0", "+1", "+2")


async def plan_page(portal: Portal, visitor: Visitor, reach: Reach, plan: dict[str, Any] | None) -> PlanPage:
    """The plan page; `plan` is None where care-plans does not answer."""
    base = base_of("staff", reach)
    path = f"/tenants/{reach.caller.tenant_id}/clients/{reach.client_id}/proposals"
    wished = await visitor.upstream.find_every("care-plans", path) if plan else None
    wait, answered = await plan_wishes(portal, reach, wished or [])
    found = plan or {"goals": [], "tasks": [], "version": 0}
    names, waiting = await _named(portal, reach, found["goals"])
    homes, spoken = home_names(reach), bool(found.get("languages"))
    sentences = await paused(portal, reach)
    tasks = [
        (task, _task(task, homes, base, rests_of_task(task, sentences), spoken=spoken))
        for task in found["tasks"]
    ]
    said = await said_of_strategies(portal, reach, found["goals"], base)
    page = PlanPage(
        client=await head(portal, reach, "staff"),
        goals=tuple(
            replace(
                _goal(goal, tasks, names, base, waiting[goal["id"]]),
                rationale=rationale_of(goal, reach),
                said=said.get(goal["id"], ()),
            )
            for goal in found["goals"]
        ),
        live=Live("plan", f"{base}/fragments/plan", tuple(f"{group}-{reach.client_id}" for group in MOVED)),
        new_goal=f"{base}/plan/edit",
        propose=Form(f"{base}/plan/propose"),
        activate=Form(f"{base}/plan/activate", {"tasks": _waiting(found)}),
        version=found["version"],
        notes=_school_week(found["goals"]),
        wishes=wait,
        wished=answered,
        headings=HEADINGS,
        available=plan is not None,
    )
    return page if reach.grants.may(DataClass.PLAN_TEAM, "write") else _only_read(page)


def _only_read(page: PlanPage) -> PlanPage:
    """The page without what would be refused, for a supervisor, who reads it and signs what waits for them."""
    goals = [
        replace(
            goal,
            edit="", add_task="", end="", can_propose=False, can_activate=False,
            rate=None, discard=None, again=None, actions=(),
            answers=tuple(replace(answer, reply=None) for answer in goal.answers),
            tasks=tuple(replace(task, edit="", end=None, actions=()) for task in goal.tasks),
        )
        for goal in page.goals
    ]  # fmt: skip
    return replace(page, goals=tuple(goals), new_goal="")


async def _named(
    portal: Portal, reach: Reach, goals: list[dict[str, Any]]
) -> tuple[dict[str, str], dict[str, list[str]]]:
    """The names of those who answered or are asked, and for each goal who has not answered yet."""
    asked = {goal["id"]: asked_now(goal, reach.document) for goal in goals}
    people = [answer["person_id"] for goal in goals for answer in goal["answers"]]
    people += [person for each in asked.values() for person in each]
    names = {key: each.name for key, each in (await portal.names.persons(people)).items()}
    waiting = {
        goal["id"]: [names[person] for person in asked[goal["id"]] if person not in _answered(goal)]
        for goal in goals
    }
    return names, waiting


def home_names(reach: Reach) -> dict[str, str]:
    """What the team calls each home of this person, by its id."""
    return {
        home.id: home.id.removeprefix("hh_").replace("_", " ").capitalize()
        for home in reach.document.households
    }


def _school_week(goals: list[dict[str, Any]]) -> tuple[Line, ...]:
    """That school sees three strategies at a time, and which ones wait; nothing where all are seen."""
    shared = [g for g in goals if g["state"] == "active" and "school" in g["words"]["audience"]]
    week = this_week((goal["version_at"] or "", goal["words"]["strategies"]) for goal in shared)
    if not week.waiting:
        return ()
    told = "School sees three things a week, in turn one of each goal, the newest first. These wait: "
    return (Line(told + " ".join(week.waiting), icon="school"),)


def asked_now(goal: dict[str, Any], document: AccessDocument) -> list[str]:
    """Whose answer a proposed goal waits for: those whom its audience names, as the facts have them now."""
    if goal["state"] != "proposed":
        return []
    now, words = datetime.now(UTC), goal["words"]
    own = [document.client_person_id] if document.client_person_id else []
    if words["private"]:
        return own
    family = full_authority(document.relationships, document.majority_from, now)
    family = family if "guardians" in words["audience"] else []
    school = school_now(document, goal["id"], now) if "school" in words["audience"] else []
    return [*family, *school, *(own if words["own"].get("statement") else [])]


def _answered(goal: dict[str, Any]) -> set[str]:
    return {answer["person_id"] for answer in _current(goal)}


def _current(goal: dict[str, Any]) -> list[dict[str, Any]]:
    return [answer for answer in goal["answers"] if answer["version"] == goal["version"]]


def _goal(
    goal: dict[str, Any],
    tasks: list[tuple[dict[str, Any], PlanTask]],
    names: dict[str, str],
    base: str,
    waiting: list[str],
) -> PlanGoal:
    words, state, where = goal["words"], goal["state"], f"{base}/goals/{goal['id']}"
    hung = [(stored, task) for stored, task in tasks if stored["goal_id"] == goal["id"]]
    settled = not goal["unmet"]
    return PlanGoal(
        id=goal["id"],
        title=words.get("plain")
        or words["own"].get("statement")
        or words["team"]
        or "A goal without words yet",
        text=words["team"],
        state=state,
        state_text=_state_text(goal, waiting),
        edit=f"{base}/plan/edit?goal={goal['id']}",
        over=state in OVER,
        version=goal["version"],
        read=as_read(goal),
        private=words["private"],
        can_propose=state == "draft" and settled,
        can_activate=state == "proposed" and settled,
        answers=answers_of(goal, names, where),
        tasks=tuple(task for _, task in hung),
        add_task="" if state in OVER else f"{base}/plan/tasks/edit?goal={goal['id']}",
        rate=_rate(goal, where) if state in ("active", "on_hold") else None,
        actions=_actions(goal, where),
        discard=_discard(goal, where, hung) if state == "draft" else None,
        end=f"{base}/plan/end?goal={goal['id']}" if state in ("active", "on_hold") else "",
        ended=ended_lines(goal),
        again=Form(f"{where}/again", version=goal["doc_version"]) if may_come_back(goal) else None,
    )


def _waiting(found: dict[str, Any]) -> tuple[str, ...]:
    """The practice of goals that may begin, as it stands on the page."""
    proposed = {goal["id"] for goal in found["goals"] if goal["state"] == "proposed"}
    return with_it(task for task in found["tasks"] if task["goal_id"] in proposed)


def _discard(goal: dict[str, Any], where: str, hung: list[tuple[dict[str, Any], PlanTask]]) -> Form:
    """Throws a draft away, with the practice that stands under it on this page."""
    named = {"tasks": with_it(stored for stored, _ in hung)}
    return Form(f"{where}/discard", named, version=goal["doc_version"])


def _state_text(goal: dict[str, Any], waiting: list[str]) -> str:
    text, unmet = STATE.get(goal["state"], str(goal["state"])), goal["unmet"]
    if goal["state"] in OVER:
        return ended_state(goal)
    if goal["state"] == "active" and goal["version_at"]:
        since = f"Active, as it stands since {day(datetime.fromisoformat(goal['version_at']))}"
        return f"{since}. {WAITS}" if goal.get("rewording") else since
    if goal["state"] == "draft" and unmet:
        return f"{text} To settle first: {unmet[0]['fix']}"
    if goal["state"] == "proposed":
        needs = f" {unmet[0]['detail']}" if unmet else ""
        return f"{text}.{needs} {_not_yet(waiting)}".rstrip()
    return f"{text}. {WAITS}" if goal.get("rewording") else text


def _not_yet(waiting: list[str]) -> str:
    return f"Not answered yet: {', '.join(waiting)}." if waiting else "Everyone asked has said something."


def _rate(goal: dict[str, Any], where: str) -> RateForm:
    levels = goal["words"]["levels"]
    choices = tuple(Choice(str(n - 2), f"{LEVELS[n]}: {text}") for n, text in enumerate(levels))
    return RateForm(Form(f"{where}/ratings", {"on": today().isoformat()}), choices)


def _actions(goal: dict[str, Any], where: str) -> tuple[tuple[str, Form], ...]:
    if goal["state"] == "active":
        return (("Pause this goal", Form(f"{where}/pause")),)
    if goal["state"] == "on_hold":
        return (("Take it up again", Form(f"{where}/resume")),)
    return ()


def _task(
    task: dict[str, Any], homes: dict[str, str], base: str, paused: tuple[str, ...], *, spoken: bool
) -> PlanTask:
    text, where = task["text"], f"{base}/tasks/{task['id']}"
    parts = [
        text.get("when"),
        f"about {counted(text['takes_minutes'], 'minute')}" if text.get("takes_minutes") else None,
    ]
    parts += [homes.get(home, home) for home in task.get("households", ())]
    state, seen = task["state"], task.get("doc_version")
    actions: list[tuple[str, Form]] = []
    if state == "live":
        actions.append(("Pause", Form(f"{where}/pause", version=seen)))
    if state == "paused":
        actions.append(("Resume", Form(f"{where}/resume", version=seen)))
    return PlanTask(
        id=task["id"],
        title=text["title"],
        line=" · ".join(part for part in parts if part),
        state="queued" if state == "draft" else state,
        state_text=TASK_STATE.get(state, state),
        edit=f"{base}/plan/tasks/edit?task={task['id']}&goal={task['goal_id']}",
        paused=paused,
        actions=tuple(actions),
        end=Form(f"{where}/end", version=seen) if state != "ended" else None,
        words=f"{base}/plan/tasks/words?task={task['id']}" if spoken and state != "ended" else "",
    )
