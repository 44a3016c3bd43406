"""Builds the sessions api process and its worker."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from chassis.http import create_app as chassis_app
from chassis.worker import Worker
from sessions.api import notes, sessions
from sessions.consumer import HANDLERS
from sessions.settings import Settings
from sessions.store.rows import prepare

__all__ = ["Settings", "create_app", "create_worker"]


@asynccontextmanager
async def _stored(app: FastAPI) -> AsyncIterator[None]:
    await prepare(app.state.chassis.mongo)
    yield


def create_app(settings: Settings) -> FastAPI:
    """The api process: sessions, results, summaries and notes."""
    return chassis_app(settings, routers=[sessions.router, notes.router], lifespan=_stored)


def create_worker(settings: Settings) -> Worker:
    """The worker process: tells others what happened, and hears which goals exist."""
    return Worker(settings, handlers=HANDLERS)
