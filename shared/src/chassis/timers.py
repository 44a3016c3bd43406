"""Timers that survive a restart: a row with its due time, one lease holder, an effect that happens once."""

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from chassis.journal import Journal, Tx
from chassis.lease import Lease
from chassis.mongo import Doc, GlobalCollection, Mongo
from chassis.rows import TIMERS

_AT_ONCE = 100
_LONGEST_SLEEP_S = 1.0
_LEASE_MS = 10_000
_TRIES_BEFORE_ALARM = 5
_LONGEST_BACKOFF_S = 300

_alarm = logging.getLogger("chassis.alarm")
Handler = Callable[..., Awaitable[None]]


@dataclass(frozen=True)
class Timer:
    """What happens when a timer of this name is due."""

    name: str
    handler: Handler
    transactional: bool
    """Whether the handler takes the transaction that also removes the timer."""


def timer(name: str) -> Callable[[Handler], Timer]:
    """Declare a handler: `async def(payload, tx)`, or `async def(payload)` for one with an effect outside.

    The first happens exactly once. The second happens again after a crash, so it must bear repetition.
    The payload has the `tenant_id` beside what was scheduled.
    """

    def declare(handler: Handler) -> Timer:
        return Timer(name, handler, len(inspect.signature(handler).parameters) > 1)

    return declare


class Timers:
    """Runs, in a worker, the timers that transactions have set (`tx.schedule`)."""

    def __init__(self, mongo: Mongo, journal: Journal, timers: Iterable[Timer] = ()) -> None:
        self._mongo = mongo
        self._journal = journal
        self._by_name = {declared.name: declared for declared in timers}
        self._rows: GlobalCollection = mongo.crossing_tenants(TIMERS, why="timers of all tenants fall due")
        self._lease = Lease(mongo, TIMERS, lives_ms=_LEASE_MS)

    async def prepare(self) -> None:
        """Create the collection and its index."""
        await self._mongo.ensure(TIMERS, [[("due_at", 1)]], across=True)

    async def run(self, stop: asyncio.Event) -> None:
        """Run what falls due until told to stop; outages of the database only delay it."""
        if not self._by_name:
            await stop.wait()
        while not stop.is_set():
            pause = _LONGEST_SLEEP_S
            try:
                if await self._lease.hold():
                    pause = await self._run_due(stop)
            except Exception as error:
                _alarm.warning("timers wait: %s", type(error).__name__)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), pause)
        with suppress(Exception):
            await self._lease.give_up()

    async def _run_due(self, stop: asyncio.Event) -> float:
        """Run all timers that are due; returns how long nothing will be."""
        mine = {"name": {"$in": list(self._by_name)}}
        due = {**mine, "$expr": {"$lte": ["$due_at", "$$NOW"]}}
        rows = await self._rows.find(due, sort=[("due_at", 1)], limit=_AT_ONCE)
        for row in rows:
            if stop.is_set():
                return 0
            await self._run_one(row)
        if rows:
            return 0
        following = await self._rows.find_one(mine, sort=[("due_at", 1)])
        if following is None:
            return _LONGEST_SLEEP_S
        due_at: datetime = following["due_at"]
        left = (due_at - await self._mongo.now()).total_seconds()
        return min(max(left, 0.0), _LONGEST_SLEEP_S)

    async def _run_one(self, row: Doc) -> None:
        declared = self._by_name[row["name"]]
        payload = {**row["payload"], "tenant_id": row["tenant_id"]}
        try:
            if not declared.transactional:
                await declared.handler(payload)
            await self._finish(row, payload, declared)
        except Exception as error:
            await self._put_off(row, error)

    async def _finish(self, row: Doc, payload: Doc, declared: Timer) -> None:
        """Remove the timer, and run a transactional handler in the same transaction."""

        async def work(tx: Tx) -> None:
            there = {"_id": row["_id"], "due_at": row["due_at"]}
            gone = await tx.tenant(TIMERS).delete_one(there)
            if gone and declared.transactional:
                await declared.handler(payload, tx)

        await self._journal.write(
            work, tenant_id=row["tenant_id"], by=None, client_id=row["payload"].get("client_id")
        )

    async def _put_off(self, row: Doc, error: Exception) -> None:
        tries = row["tries"] + 1
        level = logging.CRITICAL if tries >= _TRIES_BEFORE_ALARM else logging.WARNING
        _alarm.log(level, "timer %s failed %s times: %s", row["name"], tries, type(error).__name__)
        later = await self._mongo.now() + timedelta(seconds=min(2**tries, _LONGEST_BACKOFF_S))
        there = {"_id": row["_id"], "due_at": row["due_at"]}
        timers = self._mongo.tenant(TIMERS, row["tenant_id"])
        await timers.update_one(there, {"$set": {"due_at": later, "tries": tries}})
