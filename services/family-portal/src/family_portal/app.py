"""Builds the portal's api process (views, pages, live streams) and its worker."""

import asyncio
import logging
import signal
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from chassis.http import create_app as chassis_app
from chassis.worker import Worker
from family_portal.api import view, written
from family_portal.consumer import HANDLERS
from family_portal.portal import opened
from family_portal.settings import Settings
from family_portal.sign_outs import SignOuts
from family_portal.store.collections import prepare
from family_portal.web import (
    about_pages,
    consent_receipts,
    consents,
    door,
    duty,
    family,
    live,
    mine,
    notices,
    pausing,
    school,
    staff,
    staff_after,
    staff_client,
    staff_episode,
    staff_goal_end,
    staff_logs,
    staff_notes,
    staff_plan,
    staff_sessions,
    staff_task_words,
    staff_written,
    start,
    static_pages,
    told,
    who_can_see,
    wish_pages,
)
from family_portal.web.audited import AuditedAnswers
from family_portal.web.detours import add_detours
from family_portal.web.error_pages import ErrorPages

__all__ = ["Settings", "create_app", "create_worker"]

_alarm = logging.getLogger("chassis.alarm")

ROUTERS = [
    view.router, written.router,
    static_pages.router, start.router, door.router, live.router, notices.router, told.router,
    consents.router, consent_receipts.router, who_can_see.router, pausing.router, wish_pages.router, about_pages.router,
    family.router, school.router,
    mine.router, staff.router, duty.router, staff_episode.router, staff_goal_end.router,
    staff_task_words.router, staff_plan.router, staff_logs.router, staff_sessions.router,
    staff_after.router, staff_notes.router, staff_written.router, staff_client.router,
]  # fmt: skip
"""What programs ask for stands first, for it is asked for most often. The client's page stands behind the plan's and
the sessions': it takes every further part of a client."""


def create_app(settings: Settings) -> FastAPI:
    """The api process: pages for every role, the JSON view, and write-back."""

    @asynccontextmanager
    async def portal(app: FastAPI) -> AsyncIterator[None]:
        await prepare(app.state.chassis.mongo)
        app.state.portal = opened(settings, app.state.chassis)
        tailing = asyncio.create_task(app.state.portal.hub.run())
        tailing.add_done_callback(_end_with_live_updates)
        try:
            yield
        finally:
            tailing.cancel()

    app = chassis_app(settings, routers=ROUTERS, lifespan=portal)
    app.add_middleware(AuditedAnswers)
    app.add_middleware(ErrorPages)
    add_detours(app)
    return app


def _end_with_live_updates(tailing: asyncio.Task[None]) -> None:
    """Without live updates no open page would close any more: the process ends, so that it is started again."""
    if not tailing.cancelled():
        frames = traceback.extract_tb(error.__traceback__) if (error := tailing.exception()) else []
        place = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames[-6:]))
        _alarm.critical("live updates have ended: %s at %s", type(error).__name__, place)
        signal.raise_signal(signal.SIGTERM)


def create_worker(settings: Settings) -> Worker:
    """The worker process: feeds the views, tells others what families and schools wrote, and who signed out."""
    return Worker(settings, handlers=HANDLERS, wants_people=True, tasks=[SignOuts])
