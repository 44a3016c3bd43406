"""Builds care-plans' two processes: the API, and the worker that relays, follows and finds free places."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from care_plans.api import ROUTERS
from care_plans.consumer import HANDLERS
from care_plans.settings import Settings
from care_plans.store.free_places import FreePlaces
from care_plans.store.rows import prepare
from chassis.http import create_app as chassis_app
from chassis.worker import Worker

__all__ = ["Settings", "create_app", "create_worker"]


@asynccontextmanager
async def prepared(app: FastAPI) -> AsyncIterator[None]:
    """Our collections exist before the first request."""
    await prepare(app.state.chassis.mongo)
    yield


def create_app(settings: Settings) -> FastAPI:
    """The API process."""
    return chassis_app(settings, routers=ROUTERS, lifespan=prepared)


def create_worker(settings: Settings) -> Worker:
    """The worker process."""
    return Worker(settings, HANDLERS, tasks=[FreePlaces], wants_tenants=True)
