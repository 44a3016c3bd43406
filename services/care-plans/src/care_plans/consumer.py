"""What others tell that becomes a point of progress: trials, practice at home, what school saw."""

from care_plans.store.points import POINTS, point_key, point_writes
from chassis.bus import BatchTx
from chassis.handlers import unhurried
from chassis.mongo import Remove
from contracts.event import Item
from contracts.family_portal import ObservationRecorded, TaskLogged
from contracts.sessions import TrialRecorded


@unhurried
async def on_trial_recorded(event: TrialRecorded, tx: BatchTx) -> None:
    """A result in a session."""
    _keep(event, tx)


@unhurried
async def on_task_logged(event: TaskLogged, tx: BatchTx) -> None:
    """How a practice went."""
    _keep(event, tx)


@unhurried
async def on_observation_recorded(event: ObservationRecorded, tx: BatchTx) -> None:
    """What somebody at school saw."""
    _keep(event, tx)


HANDLERS = (on_trial_recorded, on_task_logged, on_observation_recorded)


def _keep(event: Item, tx: BatchTx) -> None:
    """Keep or take away the point; one without a goal belongs to no chart."""
    if event.client_id is None or event.goal_id is None:
        return
    if event.ended:
        for data_class in type(event).SECTIONS:
            tx.write(POINTS, Remove({"_id": point_key(event, data_class)}))
        return
    for put in point_writes(event):
        tx.write(POINTS, put)
