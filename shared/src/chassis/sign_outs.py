"""What every worker hears of sign-outs: the ended sign-in goes on this service's own list."""

from datetime import UTC, datetime

from chassis.bus import BatchTx
from chassis.ended import COLLECTION, WHY
from chassis.handlers import unhurried
from contracts.identity import SessionEnded


@unhurried
async def on_session_ended(event: SessionEnded, tx: BatchTx) -> None:
    """From now on no token of this sign-in is accepted here."""
    row = {"$set": {"heard_at": datetime.now(UTC)}}
    await tx.crossing_tenants(COLLECTION, why=WHY).update_one({"_id": event.sid}, row, upsert=True)
