"""Signing out at identity reaches every other service: over the journal, the relay, Kafka and its worker."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from chassis.ended import EndedSessions
from chassis.mongo import Mongo
from chassis.settings import ServiceSettings
from chassis.testing import Space
from chassis.worker import Worker
from identity.app import create_worker

from .conftest import Door
from .test_oauth import claims_of


class CarePlans(ServiceSettings):
    """Another service's settings."""

    name = "care-plans"


@asynccontextmanager
async def running(worker: Worker) -> AsyncIterator[None]:
    """A worker that runs meanwhile."""
    stop = asyncio.Event()
    task = asyncio.create_task(worker.run(stop))
    try:
        yield
    finally:
        stop.set()
        await task


async def test_a_sign_out_is_heard_by_another_service_within_a_second(
    door: Door, module_space: Space
) -> None:
    settings = module_space.settings(CarePlans)
    mongo = Mongo(settings)
    ended = EndedSessions(mongo)
    async with running(create_worker(door.settings)), running(Worker(settings, [])):
        first = await door.come_in("kith-family", "efua", resource="care-plans")
        await _sign_out(door, first["refresh_token"])
        await _heard(ended, _sid(door, first["access_token"]), within_s=30)
        second = await door.come_in("kith-family", "efua", resource="care-plans")
        sid = _sid(door, second["access_token"])
        assert not await ended.has(sid)
        await _sign_out(door, second["refresh_token"])
        assert await _heard(ended, sid, within_s=5) < 1.0
    mongo.close()


async def _sign_out(door: Door, refresh_token: str) -> None:
    own = (await door.refresh("kith-family", refresh_token, resource="identity")).json()["access_token"]
    answer = await door.http.post("/auth/sign-out", headers={"Authorization": f"Bearer {own}"})
    assert answer.status_code == 204


async def _heard(ended: EndedSessions, sid: str, *, within_s: float) -> float:
    started = time.monotonic()
    while not await ended.has(sid):
        assert time.monotonic() - started < within_s, "the other service never heard of it"
        await asyncio.sleep(0.02)
    return time.monotonic() - started


def _sid(door: Door, token: str) -> str:
    return str(claims_of(token)["sid"])
