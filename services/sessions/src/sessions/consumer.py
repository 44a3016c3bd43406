"""Events in: which goals exist, which of them are private to client and team, and how each is measured."""

from chassis.bus import BatchTx
from contracts.care_plans import GoalChanged, GoalState
from contracts.classes import DataClass
from sessions.store.goals import GOALS, goal_key

_OVER = frozenset({GoalState.COMPLETED, GoalState.REJECTED, GoalState.CANCELLED})


async def on_goal_changed(event: GoalChanged, tx: BatchTx) -> None:
    """Keep what a result must know of its goal; its words stay in the box they came in."""
    data_class = DataClass.PLAN_PRIVATE if DataClass.PLAN_PRIVATE in event.sections else DataClass.PLAN_TEAM
    tx.upsert(
        GOALS,
        event.tenant_id,
        goal_key(event.tenant_id, str(event.client_id), event.record_id),
        {
            "client_id": event.client_id,
            "goal_id": event.record_id,
            "private": data_class is DataClass.PLAN_PRIVATE,
            "ended": event.ended or event.state in _OVER,
            "event_id": event.event_id,
            "box": event.sections.get(data_class),
        },
    )


HANDLERS = (on_goal_changed,)
