"""Looks, for every tenant in turn, whether a waiting task can have a place that another tenant gave up."""

import asyncio
import logging
from contextlib import suppress
from copy import deepcopy
from typing import Any

from care_plans.households import Load, admit, caps, place_of
from care_plans.store.loads import LOADS, WHY, LoadStore
from care_plans.store.places import Places
from care_plans.store.rows import prepare
from care_plans.store.tasks import TASKS, TaskStore, households_of
from care_plans.tasks import Stage
from chassis.journal import Tx
from chassis.lease import Lease
from chassis.mongo import Doc
from chassis.runtime import Chassis

LOOK_EVERY_S = 5.0
_AT_ONCE = 500
_alarm = logging.getLogger("chassis.alarm")


class FreePlaces:
    """One holder at a time goes through the waiting tasks, and writes only where something would change."""

    def __init__(self, chassis: Chassis, settings: Any) -> None:
        self._chassis = chassis
        self._lease = Lease(chassis.mongo, "free_places", lives_ms=int(LOOK_EVERY_S * 3000))
        self._loads = LoadStore(chassis.mongo.crossing_tenants(LOADS, why=WHY))

    async def run(self, stop: asyncio.Event) -> None:
        """Look until told to stop; an outage only delays it."""
        while not stop.is_set():
            try:
                await prepare(self._chassis.mongo)
                if await self._lease.take():
                    await self.look(stop)
            except Exception as error:
                _alarm.warning("waiting tasks wait: %s", type(error).__name__)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), LOOK_EVERY_S)
        with suppress(Exception):
            await self._lease.give_up()

    async def look(self, stop: asyncio.Event) -> None:
        """Go through all waiting tasks once, the longest waiting first."""
        rows = self._chassis.mongo.crossing_tenants(TASKS, why="a place may be free for any tenant's task")
        after: str | None = None
        while not stop.is_set():
            waiting, after = await rows.page(
                {"stage": Stage.QUEUED.value}, sort=[("queued_at", 1)], limit=_AT_ONCE, after=after
            )
            for row in waiting:
                if await self._would_change(row):
                    await self._try(row)
            if after is None:
                return

    async def _would_change(self, row: Doc) -> bool:
        """Whether trying would move the task, or its turn, in one of its homes."""
        document = await self._chassis.access.document(row["tenant_id"], row["client_id"])
        cap_of = caps(document, households_of(row)) if document else {}
        if not cap_of or set(cap_of) != set(row["homes"]):
            return document is not None
        before = await self._loads.get(cap_of)
        after: dict[str, Load] = deepcopy(before)
        admit(after, cap_of, place_of(row["tenant_id"], row["client_id"], row["task_id"]))
        return after != before

    async def _try(self, row: Doc) -> None:
        tenant_id, client_id = row["tenant_id"], row["client_id"]
        now = await self._chassis.access.now()

        async def work(tx: Tx) -> None:
            tasks = TaskStore(tx.tenant(TASKS), self._chassis.keys)
            task = await tasks.get(client_id, row["task_id"])
            if task.stage is Stage.QUEUED:
                places = Places(tx, tasks, lambda id: self._chassis.access.document(tenant_id, id), now=now)
                await places.take(task, by=None)

        await self._chassis.journal.write(work, tenant_id=tenant_id, by=None)
