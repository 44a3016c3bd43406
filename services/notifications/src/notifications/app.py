"""Builds the notifications api process and its worker."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from chassis.http import create_app as chassis_app
from chassis.worker import Worker
from notifications.api import duty, notices, preferences
from notifications.consumer import HANDLERS
from notifications.due_dates import on_unseen
from notifications.sender import Sender
from notifications.settings import Settings
from notifications.store.deliveries import prepare

ROUTERS = [notices.router, preferences.router, duty.router]
__all__ = ["Settings", "create_app", "create_worker"]


def create_app(settings: Settings) -> FastAPI:
    """The api process: notices and preferences."""
    return chassis_app(settings, routers=ROUTERS, lifespan=_prepared)


@asynccontextmanager
async def _prepared(app: FastAPI) -> AsyncIterator[None]:
    await prepare(app.state.chassis.mongo)
    yield


def create_worker(settings: Settings) -> Worker:
    """The worker process: writes down who is owed a message, sends what is due, calls the next one on duty."""
    return Worker(settings, handlers=HANDLERS, timers=[on_unseen], wants_people=True, tasks=[Sender])
