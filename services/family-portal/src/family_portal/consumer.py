"""Events in: every part and item becomes a change of the stored views, whoever may read them."""

from chassis.bus import BatchTx, Handler
from contracts.event import Part
from family_portal.views.folding import operation
from family_portal.views.parts import changes_for


async def on_part(event: Part, tx: BatchTx) -> None:
    """Store what happened regardless of consent; who may read it is decided at each read."""
    for change in changes_for(event, producer=tx.producer, seq=tx.seq):
        tx.write(change.collection, operation(change))


HANDLERS: list[Handler] = [on_part]
