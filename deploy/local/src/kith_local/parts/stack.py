"""mongod and Kafka of one home, started together and made ready: accounts, topics, access rules."""

import asyncio
import fcntl
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from chassis.provision import DatabaseProvisioner, DatabaseUser, KafkaAccess, Provisioner, Topic
from kith_local.home import SERVICES, Home, database, replace
from kith_local.parts.kafka import Kafka
from kith_local.parts.mongod import Mongod

PARTITIONS = 4


class Stack:
    """The two parts of one home."""

    def __init__(self, home: Home) -> None:
        self.home, self.mongod, self.kafka = home, Mongod(home), Kafka(home)
        self._facts = home.path / "parts.json"

    def start(self, *, attached: bool) -> None:
        """Start both at once, without waiting."""
        self.mongod.start(attached=attached)
        self.kafka.start(attached=attached)

    def ready(self) -> dict[str, Any]:
        """Wait for both, provision them at the first start, and answer what clients need to know.

        Raises RuntimeError with a sentence for a person when a part does not come up.
        """
        self.mongod.wait()
        self.kafka.wait()
        done, place = self.home.path / "provisioned", f"{self.mongod.place} {self.kafka.bootstrap}"
        if not done.exists() or done.read_text() != place:
            with DatabaseProvisioner(self.mongod.admin_uri) as databases:
                for service in SERVICES:
                    databases.make_user(self._database_user(service))
            asyncio.run(self._provision_kafka())
            done.write_text(place)
        replace(self._facts, json.dumps(self.facts(), indent=1))
        return self.facts()

    def stop(self) -> None:
        """End both, Kafka first."""
        self.kafka.stop()
        self.mongod.program.stop()

    def facts(self) -> dict[str, Any]:
        """Addresses and accounts, as JSON; it holds passwords, so its file is for the owner alone."""
        return {
            "mongo_admin_uri": self.mongod.admin_uri,
            "mongo_uris": {s: self.mongo_uri(s) for s in SERVICES},
            "kafka_bootstrap": self.kafka.bootstrap,
            "kafka_accounts": {s: self.kafka.account(s) for s in ("admin", *SERVICES)},
            "kafka_rules": self.kafka.outside is None,
            "pids": {"mongod": self.mongod.program.pid, "kafka": self.kafka.program.pid},
        }

    def mongo_uri(self, service: str) -> str:
        """The connection string of one service's own account."""
        user = self._database_user(service)
        return self.mongod.uri(user.name, user.password, user.database)

    def _database_user(self, service: str) -> DatabaseUser:
        return DatabaseUser(service, self.home.secret(f"mongo-{service}"), database(service))

    async def _provision_kafka(self) -> None:
        logging.getLogger("aiokafka").setLevel(logging.ERROR)
        access = KafkaAccess(self.kafka.bootstrap, *self.kafka.account("admin"))
        async with Provisioner(access) as broker:
            await broker.make_topics(topics(), partitions=PARTITIONS)
            if self.kafka.outside is None:
                await broker.allow(topics(), SERVICES)


def topics(prefix: str = "") -> list[Topic]:
    """Every topic: one a producer, and identity's two compacted ones."""
    own = [Topic(f"{prefix}{service}", service) for service in SERVICES]
    state = [
        Topic(f"{prefix}{name}", "identity", compacted=True) for name in ("identity-state", "identity-people")
    ]
    return own + state


@contextmanager
def starting(home: Home) -> Iterator[None]:
    """One process at a time starts or stops the parts of a home."""
    with (home.path / "start.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def up(home: Home, *, keep: bool) -> dict[str, Any]:
    """Start what does not run and wait until it is usable; with `keep` no test run stops it."""
    stack = Stack(home)
    with starting(home):
        if keep:
            (home.path / "keep").touch()
        stack.start(attached=False)
        return stack.ready()


def down(home: Home) -> None:
    """End the parts of a home."""
    with starting(home):
        with suppress(FileNotFoundError):
            (home.path / "keep").unlink()
        Stack(home).stop()
