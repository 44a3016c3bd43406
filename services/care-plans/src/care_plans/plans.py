"""The plan as the staff counts it: which goals are put to whom together, and what became active together."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from care_plans.gas import t_change, weight
from care_plans.goals import Goal
from care_plans.tasks import Stage
from contracts.care_plans import GoalsEnded, GoalState, PlanActivated, PlanProposed
from contracts.event import Event


@dataclass
class Plan:
    """A client's plan. Its version is the staff's own and appears on nobody else's page."""

    tenant_id: str
    client_id: str
    version: int = 0
    events: list[Event] = field(default_factory=list)

    def proposed(self, goals: Iterable[Goal], *, by: str, now: datetime) -> None:
        """Tell that goals are put to their parties, one event for each set of parties."""
        for asked, ids in _by_parties(goals):
            self.events.append(
                PlanProposed(
                    tenant_id=self.tenant_id,
                    client_id=self.client_id,
                    by=by,
                    at=now,
                    goal_ids=ids,
                    asked=asked,
                )
            )

    def activated(self, goals: Iterable[Goal], *, by: str, now: datetime) -> None:
        """Count a new plan version and tell the parties of each goal."""
        self.version += 1
        for told, ids in _by_parties(goals):
            self.events.append(
                PlanActivated(
                    tenant_id=self.tenant_id, client_id=self.client_id, by=by, at=now, goal_ids=ids, told=told
                )
            )

    def ended(self, goals: Iterable[Goal], *, by: str, now: datetime) -> None:
        """Tell the parties of goals that these have ended."""
        for told, ids in _by_parties(goals):
            self.events.append(
                GoalsEnded(
                    tenant_id=self.tenant_id, client_id=self.client_id, by=by, at=now, goal_ids=ids, told=told
                )
            )


def gas_summary(goals: Iterable[Goal]) -> dict[str, float] | None:
    """T at baseline, now and the change over rated active goals, for the staff; None without any."""
    rated = [
        (g.words.baseline_level, g.standing.level, weight(g.words.importance, g.words.difficulty))
        for g in goals
        if g.state is GoalState.ACTIVE and g.words.baseline_level is not None and g.standing.level is not None
    ]
    if not rated:
        return None
    before, now, change = t_change(
        [float(b) for b, _, _ in rated if b is not None],
        [float(n) for _, n, _ in rated if n is not None],
        [w for _, _, w in rated],
    )
    return {"t_baseline": round(before, 2), "t_now": round(now, 2), "change": round(change, 2)}


def state_of(goals: Iterable[Goal]) -> str:
    """The plan's own state in one word: the furthest its goals have come."""
    states = {goal.state for goal in goals}
    ordered = (
        GoalState.ACTIVE, GoalState.ON_HOLD, GoalState.PROPOSED, GoalState.DRAFT, GoalState.COMPLETED,
    )  # fmt: skip
    return next((state.value for state in ordered if state in states), "empty")


def waiting_words(stage: Stage) -> str | None:
    """What a page says about a task that waits."""
    return "Waits: the household is full." if stage is Stage.QUEUED else None


def _by_parties(goals: Iterable[Goal]) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    groups: dict[tuple[str, ...], list[str]] = {}
    for goal in goals:
        if goal.parties:
            groups.setdefault(goal.parties, []).append(goal.id)
    return [(parties, tuple(ids)) for parties, ids in groups.items()]
