"""Builds identity's API process and its worker process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from fastapi import FastAPI

from chassis.ended import EndedSessions
from chassis.http import Lifespan
from chassis.http import create_app as create_chassis_app
from chassis.runtime import Chassis
from chassis.tokens import TokenVerifier
from chassis.worker import Worker
from identity.api import (
    assignments,
    care_clients,
    care_days,
    consents,
    households,
    keys,
    me,
    oauth,
    organisations,
    people,
    relationships,
    schools,
    sign_in,
)
from identity.consumer import HANDLERS
from identity.due_dates import access_timer
from identity.parts import open_sign_in
from identity.rotation import KeyRotation
from identity.settings import Settings
from identity.sign_ups import SignUpLimit
from identity.store.desk import prepare
from identity.store.subject_keys import SubjectKeys, WorkerKeys
from identity.subject_keys import KmsRoot

__all__ = ["Settings", "create_app", "create_worker"]

NOUNS = [organisations, people, schools, households, care_clients]
TIES = [relationships, care_days, assignments, consents, me, keys]
ROUTERS = [sign_in.router, oauth.router, *(noun.router for noun in (*NOUNS, *TIES))]


def create_app(settings: Settings) -> FastAPI:
    """The API process: the door, and everything about who is who."""
    root = KmsRoot.from_file(settings.root_key_file)
    return create_chassis_app(
        settings,
        routers=ROUTERS,
        lifespan=_opened(settings, root),
        key_source=lambda mongo: SubjectKeys(mongo, root),
    )


def create_worker(settings: Settings) -> Worker:
    """The worker process: relay with heartbeat, receipts, the days on which access changes, signing keys."""
    keys = WorkerKeys(KmsRoot.from_file(settings.root_key_file))
    timers = [access_timer(keys.keyring)]
    return Worker(settings, HANDLERS, timers=timers, tasks=[KeyRotation], key_source=keys.source)


def _opened(settings: Settings, root: KmsRoot) -> Lifespan:
    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        chassis: Chassis = app.state.chassis
        await prepare(chassis.mongo)
        parts = await open_sign_in(chassis, settings, root)
        app.state.subject_keys = SubjectKeys(chassis.mongo, root)
        app.state.sign_in = parts
        app.state.sign_up_limit = SignUpLimit(settings.sign_ups_per_hour)
        app.state.chassis = replace(
            chassis,
            tokens=TokenVerifier(
                issuer=settings.issuer,
                audience=settings.name,
                fetch=parts.issuer.keys.jwks,
                ended=EndedSessions(chassis.mongo),
            ),
        )
        try:
            yield
        finally:
            parts.close()

    return life
