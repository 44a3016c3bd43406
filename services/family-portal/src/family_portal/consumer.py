"""Events in: every part and item becomes a change of the stored views, whoever may read them."""

from chassis.bus import BatchTx, Handler
from chassis.handles import Change, Operation, Remove
from contracts.event import Part
from family_portal.views.parts import ViewChange, changes_for


async def on_part(event: Part, tx: BatchTx) -> None:
    """Store what happened regardless of consent; who may read it is decided at each read."""
    for change in changes_for(event, producer=tx.producer, seq=tx.seq):
        tx.write(change.collection, _operation(change))


def _operation(change: ViewChange) -> Operation:
    where = {"_id": change.key}
    if change.delete:
        return Remove(where)
    if change.set is None:
        return Change(where, {"$unset": dict.fromkeys(change.unset, "")})
    return Change(where, {"$set": change.set}, upsert=True)


HANDLERS: list[Handler] = [on_part]
