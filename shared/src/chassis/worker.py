"""A service's second process: relay, consumer, access follower, timers and its own loops, under one watch."""

import asyncio
import logging
import os
import socket
import threading
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, suppress
from typing import Any, Protocol

from pymongo import IndexModel

from chassis.access import AccessFollower
from chassis.audit_chain import AuditChain
from chassis.bus import Consumer, Handler
from chassis.freshness import Freshness
from chassis.mongo import Mongo
from chassis.relay import Relay
from chassis.runtime import Chassis, MakeKeySource, open_chassis
from chassis.settings import ServiceSettings
from chassis.sign_outs import on_session_ended
from chassis.timers import Timer, Timers

__all__ = ["Timer", "Worker", "WorkerFailed"]

WORKERS = "workers"
STATUS_S = 1.0
CLOSE_WITHIN_S = 15.0
_GONE_AFTER_S = 60
_alarm = logging.getLogger("chassis.alarm")


class Runs(Protocol):
    """A loop of the service's own."""

    async def run(self, stop: asyncio.Event) -> None:
        """Work until told to stop."""


MakeTask = Callable[[Chassis, Any], Runs]
"""Builds one of the service's own loops from the opened parts and the service's settings."""


class WorkerFailed(Exception):
    """A part of the worker has ended by itself; the process must end too, so that it is started again."""


class Worker:
    """Everything a service does without being asked."""

    def __init__(
        self,
        settings: ServiceSettings,
        handlers: Sequence[Handler],
        timers: Sequence[Timer] = (),
        tasks: Sequence[MakeTask] = (),
        wants_people: bool = False,
        wants_tenants: bool = False,
        key_source: MakeKeySource | None = None,
    ) -> None:
        self._settings = settings
        self._handlers = [*handlers, *(() if on_session_ended in handlers else (on_session_ended,))]
        self._timers = timers
        self._tasks = tasks
        self._wants = {"wants_people": wants_people, "wants_tenants": wants_tenants}
        self._key_source = key_source

    async def run(self, stop: asyncio.Event) -> None:
        """Work until told to stop. Raises WorkerFailed when a part ends before that."""
        # A process that cannot close must still end: it may not keep partitions or leases.
        deadline = threading.Timer(CLOSE_WITHIN_S, os._exit, [70])
        deadline.daemon = True
        try:
            await self._run(stop, deadline)
        finally:
            deadline.cancel()

    async def _run(self, stop: asyncio.Event, deadline: threading.Timer) -> None:
        async with AsyncExitStack() as opened:
            chassis = await opened.enter_async_context(
                open_chassis(self._settings, key_source=self._key_source)
            )
            follower = AccessFollower(chassis.mongo, chassis.journal, self._settings, **self._wants)
            await follower.prepare()
            await _prepare_status(chassis.mongo)
            consumer = Consumer(chassis, handlers=self._handlers)
            over = asyncio.Event()
            loops = [follower.run, *self._own_loops(chassis), _Status(chassis, consumer).run]
            running = [asyncio.create_task(_until(loop, over)) for loop in loops]
            opened.push_async_callback(_close, running, over)
            await opened.enter_async_context(consumer.running())
            opened.callback(deadline.start)
            await _watch(stop, [*running, consumer.failed])

    def _own_loops(self, chassis: Chassis) -> list[Callable[[asyncio.Event], Awaitable[None]]]:
        beats = "identity-state" if self._settings.name == "identity" else None
        relay = Relay(chassis.mongo, self._settings, heartbeat_topic=beats)
        timers = Timers(chassis.mongo, chassis.journal, self._timers)
        chain = AuditChain(chassis.mongo)
        return [
            relay.run,
            timers.run,
            chain.run,
            *(make(chassis, self._settings).run for make in self._tasks),
        ]


async def _until(loop: Callable[[asyncio.Event], Awaitable[None]], over: asyncio.Event) -> None:
    await loop(over)
    if not over.is_set():
        raise WorkerFailed(f"{getattr(loop, '__qualname__', 'a loop')} has ended")


async def _watch(stop: asyncio.Event, parts: list[asyncio.Future[None]]) -> None:
    """Wait for the order to stop, or for the first part that ends without it. Raises WorkerFailed."""
    asked = asyncio.create_task(_wait(stop))
    try:
        await asyncio.wait({asked, *parts}, return_when=asyncio.FIRST_COMPLETED)
        if stop.is_set():
            return
        error = next((part.exception() for part in parts if part.done()), None)
        _alarm.critical("the worker ends: %s", type(error).__name__)
        raise WorkerFailed("a part of the worker has ended") from error
    finally:
        asked.cancel()


async def _wait(stop: asyncio.Event) -> None:
    await stop.wait()


async def _close(running: list[asyncio.Task[None]], over: asyncio.Event) -> None:
    """Let every loop finish what it holds; what does not end in time is cancelled."""
    over.set()
    _, late = await asyncio.wait(running, timeout=6.0)
    for task in late:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)


async def _prepare_status(mongo: Mongo) -> None:
    leave = IndexModel([("at", 1)], expireAfterSeconds=_GONE_AFTER_S)
    await mongo.ensure(WORKERS, [leave], across=True)


class _Status:
    """Says once a second how this worker is, for `/internal/status` and `kith status`."""

    def __init__(self, chassis: Chassis, consumer: Consumer) -> None:
        self._rows = chassis.mongo.crossing_tenants(WORKERS, why="a worker serves all tenants")
        self._consumer = consumer
        self._fresh = Freshness(chassis.mongo)
        self._id = f"{socket.gethostname()}:{os.getpid()}"
        self._service = chassis.settings.name

    async def run(self, stop: asyncio.Event) -> None:
        """Write the row until told to stop; an outage of the database only makes it old."""
        while not stop.is_set():
            with suppress(Exception):
                await self._write()
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), STATUS_S)
        with suppress(Exception):
            await self._rows.delete_one({"_id": self._id})

    async def _write(self) -> None:
        age = await self._fresh.age_s()
        told = await self._consumer.status() | {
            "service": self._service,
            "pid": os.getpid(),
            "freshness_s": round(age, 2) if age != float("inf") else None,
        }
        update = {"$set": told, "$currentDate": {"at": True}}
        await self._rows.update_one({"_id": self._id}, update, upsert=True)
