"""A consumer process for the first tests: `bus_process.py SETTINGS WAIT_S PATIENT` writes one row for every event."""

import asyncio
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chassis.bus import BatchTx, Change, Consumer, Handler
from chassis.clients import PeerClients
from chassis.handlers import unhurried
from chassis.journal import Journal
from chassis.mongo import Mongo
from chassis.positions import Positions
from chassis.seal import KeyName, Keyring
from chassis.settings import ServiceSettings
from contracts.sessions import NoteSigned


class Settings(ServiceSettings):
    """family-portal's settings."""

    name = "family-portal"


class NoWords:
    """The events of these tests hold no words, so no key exists."""

    async def class_keys(self, names: Sequence[KeyName]) -> Mapping[KeyName, bytes]:
        """No key."""
        return {}


@dataclass
class Parts:
    """What a consumer needs of its process."""

    settings: Settings
    mongo: Mongo
    keys: Keyring
    journal: Journal
    peers: PeerClients


def open_parts(settings: Settings) -> Parts:
    """The parts of one process."""
    mongo, keys = Mongo(settings), Keyring(NoWords())
    journal = Journal(mongo, keys, Positions(mongo, settings), settings)
    return Parts(settings, mongo, keys, journal, PeerClients(settings))


def handler(wait_s: float, *, patient: bool) -> Handler:
    """A handler that takes its time, and counts how often each event had an effect; does anybody wait for it?"""

    async def on_note(event: NoteSigned, tx: BatchTx) -> None:
        await asyncio.sleep(wait_s)
        row = f"{tx.stream}:{tx.seq}"
        tx.write(
            "applied", Change({"_id": row}, {"$inc": {"times": 1}, "$set": {"seq": tx.seq}}, upsert=True)
        )
        order = {"$push": {"seqs": tx.seq}, "$set": {"stream": tx.stream}}
        tx.write("orders", Change({"_id": tx.stream}, order, upsert=True))

    return unhurried(on_note) if patient else on_note


async def main(settings: Settings, wait_s: float, patient: bool) -> int:
    """Consume until SIGTERM; 1 when the consumer failed."""
    parts = open_parts(settings)
    consumer = Consumer(parts, handlers=[handler(wait_s, patient=patient)])
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with consumer.running():
        ends: set[asyncio.Future[Any]] = {asyncio.create_task(stop.wait()), consumer.failed}
        await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
    return int(not stop.is_set())


if __name__ == "__main__":
    given = Settings.model_validate_json(sys.argv[1])
    sys.exit(asyncio.run(main(given, float(sys.argv[2]), sys.argv[3] == "True")))
