"""Events in: every part and item becomes a change of the stored views, whoever may read them."""

from chassis.bus import BatchTx, Handler
from contracts.classes import DataClass
from contracts.event import Part
from contracts.sessions import NoteSigned
from family_portal.views.folding import operation
from family_portal.views.parts import SIGNED_NOTES, changes_for, view_key


async def on_part(event: Part, tx: BatchTx) -> None:
    """Store what happened regardless of consent; who may read it is decided at each read."""
    for change in changes_for(event, producer=tx.producer, seq=tx.seq):
        tx.write(change.collection, operation(change))


async def on_note_signed(event: NoteSigned, tx: BatchTx) -> None:
    """Remember only that a client's notes have moved: open pages of the team ask the sessions service again."""
    key = view_key(event.tenant_id, str(event.client_id), DataClass.NOTE_PROGRESS, tx.producer)
    tx.upsert(SIGNED_NOTES, event.tenant_id, key, {"client_id": event.client_id, "seq": tx.seq})


HANDLERS: list[Handler] = [on_part, on_note_signed]
