"""From stored goals, tasks and answers to what a page shows; pure, and it touches only what was opened."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from contracts.care_plans import EpisodeChanged, GoalState, TaskState, Use
from contracts.classes import DataClass
from family_portal.views.opened import Entry
from family_portal.web.heads import day
from family_portal.web.models import EarlierGoal, FamilyGoal, Quote, Seen, Steps
from policy.days import midnight

RESTING = "This part is resting. Nothing to do, nothing to explain."
ENDED: Mapping[str, str] = {
    Use.IN_USE: "This goal has ended. It is in use now, and nothing needs to be practised for it.",
    Use.RESTING: "This goal has ended. It rests, and nothing needs to be done for it.",
    Use.NEEDS_HELP_AGAIN: "This goal has ended. It needs help again, and nothing new begins before it is agreed.",
}
"""What everybody reads of a completed goal."""
NOT_CARRIED_ON = "This goal has ended. Nobody works on it any more, and nothing needs to be done for it."


@dataclass(frozen=True)
class Sorted:
    """A client's entries by what they are."""

    goals: list[Entry]
    tasks: list[Entry]

    def of(self, data_class: DataClass) -> list[Entry]:
        """The goals in one wording."""
        return [goal for goal in self.goals if goal.data_class is data_class]


def sort_entries(entries: list[Entry]) -> Sorted:
    """Split parts into goals, in the order in which they were put to their readers, and tasks, oldest first."""
    goals = [entry for entry in entries if entry.type.startswith("care_plans.goal_changed")]
    tasks = [entry for entry in entries if entry.type.startswith("care_plans.task_changed")]
    return Sorted(sorted(goals, key=_place), sorted(tasks, key=lambda task: (task.at, task.record_id)))


def episode_in(entries: list[Entry]) -> Entry | None:
    """How far the work with the client is, among the parts of one class; None where nobody was referred."""
    return next((entry for entry in entries if entry.type == EpisodeChanged.TYPE), None)


def _place(goal: Entry) -> tuple[datetime, str]:
    """Whatever happens to a goal, it stays where it stood."""
    since = goal.meta.get("first_at") or goal.meta["version_at"]
    return datetime.fromisoformat(since), goal.record_id


def own_sentence(goal: Entry) -> str:
    """The goal as its readers say it; a private one in the person's own words before the team's."""
    words = goal.body
    if goal.data_class is DataClass.PLAN_PRIVATE:
        return str(words.get("own") or words.get("client_words") or words["statement"])
    return str(words["statement"])


def active(goal: Entry) -> bool:
    """Whether the goal is worked on, or rests for a while."""
    return goal.meta["state"] in (GoalState.ACTIVE, GoalState.ON_HOLD)


def worked_on(goal: Entry) -> bool:
    """Whether the goal is worked on now; one that rests asks nothing of anybody."""
    return bool(goal.meta["state"] == GoalState.ACTIVE)


def resting_text(goal: Entry) -> str:
    """What a page says of a goal that rests: never why. Nothing for any other."""
    return RESTING if goal.meta["state"] == GoalState.ON_HOLD else ""


def over(goal: Entry) -> bool:
    """Whether the goal has ended; its readers keep it among the earlier ones."""
    return goal.meta["state"] in (GoalState.COMPLETED, GoalState.CANCELLED)


def ended_text(goal: Entry) -> str:
    """What a page says of a goal that has ended: what became of it, never how far it came. Nothing for any other."""
    return ENDED.get(goal.body.get("use") or "", NOT_CARRIED_ON) if over(goal) else ""


def ended_at(goal: Entry) -> datetime:
    """The day on which a goal ended, as the moment it began."""
    on = goal.body.get("ended_on")
    return midnight(date.fromisoformat(on)) if on else goal.at


def earlier(
    goals: Iterable[Entry], seen: Mapping[str, Seen], href: Callable[[str], str]
) -> tuple[EarlierGoal, ...]:
    """The goals that have ended, the newest end first; `href` says where one of them is read."""
    ended = sorted(filter(over, goals), key=lambda goal: (ended_at(goal), goal.record_id), reverse=True)
    return tuple(
        EarlierGoal(
            id=goal.record_id,
            title=own_sentence(goal),
            text=ended_text(goal),
            since=f"Since {day(ended_at(goal))}",
            href=href(goal.record_id),
            seen=seen.get(goal.record_id),
        )
        for goal in ended
    )


def proposed(goal: Entry) -> bool:
    """Whether the goal waits for answers."""
    return bool(goal.meta["state"] == GoalState.PROPOSED)


def live(task: Entry) -> bool:
    """Whether the task is to be done now."""
    return bool(task.meta["state"] == TaskState.LIVE)


def steps_of(goal: Entry) -> Steps:
    """The five levels, lowest first, with the one now and the one where it began."""
    level, baseline = goal.body.get("level"), goal.body.get("baseline_level")
    now = level if level is not None else baseline
    return Steps(
        tuple(goal.body.get("levels", ())),
        None if now is None else now + 2,
        None if baseline is None else baseline + 2,
    )


def now_sentence(goal: Entry) -> str:
    """The level now as a sentence; nothing where no level is known."""
    steps = steps_of(goal)
    if steps.now is None or not steps.levels:
        return ""
    text = steps.levels[steps.now]
    return f"Now: {text[:1].lower()}{text[1:]}."


def family_goal(goal: Entry, name: str, seen: Seen | None = None) -> FamilyGoal:
    """A goal as a family reads it: a sentence and five steps, never a score."""
    words = goal.body.get("client_words")
    return FamilyGoal(
        id=goal.record_id,
        title=goal.body["statement"],
        steps=steps_of(goal),
        now=now_sentence(goal),
        words=Quote(words, f"{name}, when asked") if words else None,
        note="The steps are a map, not a mark.",
        version=goal.meta["version"],
        changed=changed(goal),
        resting=resting_text(goal),
        seen=seen,
    )


def changed(goal: Entry) -> str:
    """Since when a goal stands as it does: since Monday 12 October."""
    return f"since {day(datetime.fromisoformat(goal.meta['version_at']))}"


def planned(task: Entry) -> str:
    """When and how often, as people say it."""
    when = task.body.get("when")
    return f"{when}, {often(task)}" if when else often(task)


def often(task: Entry) -> str:
    """How often alone, as people say it."""
    times, per = task.meta["times"], str(task.meta["per"]).replace("_", " ")
    said = "once" if times == 1 else "twice" if times == 2 else f"{times} times"
    return f"{said} a {per}"
