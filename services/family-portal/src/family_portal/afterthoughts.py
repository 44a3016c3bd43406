"""What somebody adds to what they wrote, or takes back: a reason for a practice, a tap that slipped."""

from datetime import UTC, datetime, timedelta

from chassis.errors import Conflict, NotFound
from chassis.journal import Command, Written
from chassis.runtime import Chassis
from family_portal.logs import check_reason
from family_portal.store.afterthoughts import AfterthoughtStore, Check, Kept
from family_portal.views.reader import Reader
from policy.caller import Caller
from policy.filters import shows

UNDO = timedelta(minutes=1)
"""So long what was written can be taken back by its author alone."""


class Stands(Conflict):
    """The minute for taking it back is over."""

    title = "It stands now"


class Afterthoughts:
    """Accepts afterthoughts from those who wrote something and may still write it."""

    def __init__(self, chassis: Chassis, reader: Reader) -> None:
        self._reader = reader
        self._store = AfterthoughtStore(chassis)

    async def add_reason(
        self, caller: Caller, client_id: str, log_id: str, reason: str, command: Command
    ) -> Written:
        """Keep what got in the way of a practice, in the caller's own log. Raises NotFound, Invalid."""
        check_reason(reason)
        may = await self._may_write(caller, client_id)
        return await self._store.add_reason(caller, client_id, log_id, may, reason, command)

    async def take_back(
        self, caller: Caller, client_id: str, collection: str, record_id: str, command: Command
    ) -> Written:
        """Take back what the caller wrote within the last minute: nobody reads it any more.

        Raises NotFound, Stands once the minute is over.
        """
        may = await self._may_write(caller, client_id)

        def check(kept: Kept) -> None:
            may(kept)
            if datetime.now(UTC) - kept.written_at > UNDO:
                raise Stands(
                    "It was written more than a minute ago.",
                    "log_id" if collection == "task_logs" else "observation_id",
                    "Tell whoever leads the work with them what to put right.",
                )

        return await self._store.take_back(caller, client_id, collection, record_id, check, command)

    async def _may_write(self, caller: Caller, client_id: str) -> Check:
        """Lets pass what the caller might still write today. Raises NotFound, then or now."""
        reach = await self._reader.reach(caller, client_id)

        def check(kept: Kept) -> None:
            if not shows(reach.grants, kept.data_class, kept.parties, kept.row["goal_id"], "write"):
                raise NotFound()

        return check
