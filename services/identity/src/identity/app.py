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
from identity.api import (
    assignments,
    care_clients,
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
from identity.parts import open_sign_in
from identity.settings import Settings
from identity.sign_ups import SignUpLimit
from identity.store.desk import prepare
from identity.store.subject_keys import SubjectKeys
from identity.subject_keys import KmsRoot

__all__ = ["Settings", "create_app"]

NOUNS = [organisations, people, schools, households, care_clients, relationships, assignments, consents, me, keys]
ROUTERS = [sign_in.router, oauth.router, *(noun.router for noun in NOUNS)]


def create_app(settings: Settings) -> FastAPI:
    """The API process: the door, and everything about who is who."""
    root = KmsRoot.from_file(settings.root_key_file)
    return create_chassis_app(
        settings,
        routers=ROUTERS,
        lifespan=_opened(settings, root),
        key_source=lambda mongo: SubjectKeys(mongo, root),
    )


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
