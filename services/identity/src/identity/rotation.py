"""Signing keys change by themselves when they grow old, or at once: `python -m identity.rotation`."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from chassis.lease import Lease
from chassis.mongo import DatabaseError
from chassis.runtime import Chassis, open_chassis
from identity.parts import signing_keys
from identity.settings import Settings
from identity.store.subject_keys import SubjectKeys
from identity.subject_keys import KmsRoot

LOOK_EVERY_S = 600.0


class KeyRotation:
    """A loop of the worker: one process at a time looks whether the newest key has grown old."""

    def __init__(self, chassis: Chassis, settings: Settings) -> None:
        root = KmsRoot.from_file(settings.root_key_file)
        self._keys = signing_keys(chassis, settings, root)
        self.lease = Lease(chassis.mongo, "signing keys")
        self._lives = timedelta(days=settings.signing_key_days)

    async def run(self, stop: asyncio.Event) -> None:
        """Look until told to stop; while the database is away the keys stay as they are."""
        while not stop.is_set():
            with suppress(DatabaseError):
                await self.look()
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), LOOK_EVERY_S)

    async def look(self) -> bool:
        """Change the keys when it is time; returns whether they were changed."""
        if not await self.lease.take():
            return False
        await self._keys.prepare()
        if datetime.now(UTC) - await self._keys.newest_since() < self._lives:
            return False
        await self._keys.rotate()
        return True


async def rotate_now() -> str:
    """Publish a new key with the settings of the environment; returns its kid."""
    settings = Settings()
    root = KmsRoot.from_file(settings.root_key_file)
    async with open_chassis(settings, key_source=lambda mongo: SubjectKeys(mongo, root)) as chassis:
        return await signing_keys(chassis, settings, root).rotate()


if __name__ == "__main__":
    print(asyncio.run(rotate_now()))
