"""Sign-outs that identity could not be told of when they happened: told once it answers again."""

import asyncio
from contextlib import suppress

from chassis.errors import Unavailable
from chassis.mongo import DatabaseError
from chassis.runtime import Chassis
from family_portal.clients import Tokens
from family_portal.settings import Settings
from family_portal.store.web_sessions import WebSessions

LOOK_EVERY_S = 5.0


class SignOuts:
    """A loop of the worker. What it does bears repetition: a sign-in that has ended ends once more."""

    def __init__(self, chassis: Chassis, settings: Settings, every_s: float = LOOK_EVERY_S) -> None:
        self._web_sessions = WebSessions(chassis.mongo, settings.position_key.get_secret_value())
        self._tokens = Tokens(settings, chassis.peers)
        self._every_s = every_s

    async def run(self, stop: asyncio.Event) -> None:
        """Look until told to stop; while identity or the database is away, what is to be told waits."""
        while not stop.is_set():
            with suppress(DatabaseError, Unavailable):
                await self._tell()
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), self._every_s)

    async def _tell(self) -> None:
        for left in await self._web_sessions.left():
            await self._tokens.revoke(left)
            await self._web_sessions.told(left)
