"""Events in: which goals exist, and which of them are private to client and team."""

from chassis.bus import BatchTx
from contracts.care_plans import GoalChanged, GoalState
from contracts.classes import DataClass
from sessions.store.goals import GOALS, goal_key

_OVER = frozenset({GoalState.COMPLETED, GoalState.REJECTED, GoalState.CANCELLED})


async def on_goal_changed(event: GoalChanged, tx: BatchTx) -> None:
    """Keep what a result must know of its goal; no word of it is opened."""
    tx.upsert(
        GOALS,
        event.tenant_id,
        goal_key(event.tenant_id, str(event.client_id), event.record_id),
        {
            "client_id": event.client_id,
            "goal_id": event.record_id,
            "private": DataClass.PLAN_PRIVATE in event.sections,
            "ended": event.ended or event.state in _OVER,
        },
    )


HANDLERS = (on_goal_changed,)
