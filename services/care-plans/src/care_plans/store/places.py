"""Gives tasks their places in homes, and hands a freed place to the task that has waited longest.

The cap of a home counts over tenants, so its list of places is global, and digests are all it holds. A freed
place goes to this tenant's longest waiting task in the same transaction, unless another tenant's task waits
longer: nobody here may know whose that is, so the place is left for it, and the worker (`free_places`) lets
that tenant's task take it, in a transaction of that tenant, within seconds. A task that cannot take it,
because another of its homes is full, says so in the list and no longer holds up the others.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime

from care_plans.households import admit, caps, place_of
from care_plans.store.loads import LoadStore, load_store
from care_plans.store.tasks import TaskStore
from care_plans.tasks import Task
from chassis.journal import Tx
from contracts.access import AccessDocument

Documents = Callable[[str], Awaitable[AccessDocument | None]]
"""Finds the access document of one of this tenant's clients."""


class Places:
    """The places of one command."""

    def __init__(self, tx: Tx, tasks: TaskStore, documents: Documents, *, now: datetime) -> None:
        self._tx = tx
        self._tasks = tasks
        self._documents = documents
        self._loads: LoadStore = load_store(tx)
        self._now = now

    async def take(self, task: Task, *, by: str | None) -> None:
        """Make the task live where all its homes have room, else let it wait; stores it."""
        document = await self._documents(task.client_id)
        cap_of = caps(document, task.households) if document else {}
        before = set(task.homes)
        loads = await self._loads.get(sorted(before | set(cap_of)))
        place = place_of(task.tenant_id, task.client_id, task.id)
        for key in before - set(cap_of):
            loads[key].leave(place)
        admitted = admit(loads, cap_of, place)
        task.place(admitted, homes=tuple(sorted(cap_of)), by=by, now=self._now)
        await self._loads.save(loads)
        await self._tasks.save(self._tx, task)

    async def hidden(self, *tasks: Task, by: str | None) -> None:
        """Store tasks that became private; who waits gets their places once all of them are out of their homes."""
        freed = frozenset(home for task in tasks for home in task.homes)
        for task in tasks:
            if task.homes:
                await self.take(task, by=by)
            else:
                await self._tasks.save(self._tx, task)
        await self.promote(freed, by=by)

    async def leave(self, *tasks: Task, by: str | None) -> None:
        """Store tasks that no longer live or wait, and give their places to those who wait."""
        freed = frozenset(home for task in tasks for home in task.homes)
        loads = await self._loads.get(sorted(freed))
        for task in tasks:
            for load in loads.values():
                load.leave(place_of(task.tenant_id, task.client_id, task.id))
            task.homes = ()
            await self._tasks.save(self._tx, task)
        await self._loads.save(loads)
        await self.promote(freed, by=by)

    async def promote(self, homes: frozenset[str], *, by: str | None) -> None:
        """Let this tenant's waiting tasks of these homes try again, the longest waiting first."""
        if not homes:
            return
        for waiting in await self._tasks.waiting_in(homes):
            await self.take(waiting, by=by)
