"""Fixtures over real parts, as a pytest plugin: one mongod and broker a run, a space for each test."""

import asyncio
import fcntl
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import pytest
from pydantic_settings import BaseSettings
from pymongo import MongoClient

from chassis.mongo import Mongo
from chassis.provision import DatabaseProvisioner, DatabaseUser, KafkaAccess, Provisioner, Topic
from chassis.watching import take_violations
from contracts.duty import DAYS

S = TypeVar("S", bound=BaseSettings)
T = TypeVar("T")
_NUMBERS = count(1)


class Parts:
    """A running mongod and broker; `home` is their data folder."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.refresh()

    def refresh(self) -> None:
        """Start what does not run, wait until both answer, and read their addresses again."""
        self._facts: dict[str, Any] = json.loads(_parts("up", self.home))

    @property
    def mongo_admin_uri(self) -> str:
        """The database administrator's connection string."""
        return str(self._facts["mongo_admin_uri"])

    @property
    def services(self) -> list[str]:
        """The services that have an account at the broker."""
        return [name for name in self._facts["kafka_accounts"] if name != "admin"]

    def kafka(self, user: str = "admin") -> KafkaAccess:
        """The broker as seen by one account."""
        return KafkaAccess(self._facts["kafka_bootstrap"], *self._facts["kafka_accounts"][user])

    def pid(self, part: str) -> int:
        """The process of `mongod` or `kafka`."""
        return int(self._facts["pids"][part])

    def provision(self, work: Callable[[Provisioner], Coroutine[Any, Any, T]]) -> T:
        """Run an administrator's work at the broker, whatever loop this thread has."""

        async def connected() -> T:
            async with Provisioner(self.kafka()) as broker:
                return await work(broker)

        with ThreadPoolExecutor(1) as thread:
            return thread.submit(lambda: asyncio.run(connected())).result()


class PrivateParts(Parts):
    """Parts that one test owns, and may therefore kill, freeze and start again."""

    def kill(self, part: str) -> None:
        """End `mongod` or `kafka` at once, as a power cut would, and wait until it is gone."""
        self.send(part, signal.SIGKILL)
        _wait_until_gone(self.pid(part))

    def send(self, part: str, number: signal.Signals) -> None:
        """Send `mongod` or `kafka` a signal: SIGSTOP freezes it, SIGCONT lets it go on."""
        os.kill(self.pid(part), number)

    def restart(self) -> None:
        """Start again what was killed, and wait until it answers."""
        self.refresh()


@dataclass
class Space:
    """Databases, topics and accounts that one test has for itself."""

    parts: Parts
    name: str
    secrets_of: dict[str, str] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)
    position_key: str = field(default_factory=lambda: secrets.token_hex(32))

    @property
    def topic_prefix(self) -> str:
        """What every topic of this space begins with."""
        return f"{self.name}-"

    def database(self, service: str) -> str:
        """The name of a service's database in this space."""
        return f"{self.name}_{service.replace('-', '_')}"

    def secret(self, service: str) -> str:
        """The secret of a service here: its database password, and its own client secret."""
        return self.secrets_of.setdefault(service, secrets.token_hex(24))

    def port(self, service: str) -> int:
        """A port that nothing listens on, the same for one service during a test."""
        if service not in self.ports:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                self.ports[service] = probe.getsockname()[1]
        return self.ports[service]

    def mongo_uri(self, service: str) -> str:
        """The connection string of the service's account, which may use its own database only."""
        before, _, after = self.parts.mongo_admin_uri.partition("://")
        place, _, query = after.rpartition("@")[2].partition("/?")
        query = query.replace("authSource=admin", f"authSource={self.database(service)}")
        return f"{before}://{service}:{self.secret(service)}@{place}/?{query}"

    def root_key_file(self) -> Path:
        """The file of identity's root key."""
        file = self.parts.home / f"{self.name}.root-key"
        if not file.exists():
            file.touch(mode=0o600)
            file.write_text(secrets.token_hex(32))
        return file

    def topics(self) -> list[Topic]:
        """The topics of this space, with their writers."""
        own = [Topic(f"{self.topic_prefix}{s}", s) for s in self.parts.services]
        state = ("identity-state", "identity-people")
        return own + [Topic(f"{self.topic_prefix}{n}", "identity", compacted=True) for n in state]

    def settings(self, of: type[S], **overrides: Any) -> S:
        """A settings object of a service for this space; `overrides` win over what the space gives."""
        values = self.values(of.name) | overrides  # type: ignore[attr-defined]
        known = {
            name: value for name, value in values.items() if name in of.model_fields or name in overrides
        }
        return of(**known)

    def values(self, service: str) -> dict[str, Any]:
        """The settings every service takes, for one of them."""
        kafka = self.parts.kafka(service)
        peers = {s: f"http://127.0.0.1:{self.port(s)}" for s in self.parts.services}
        return {
            "mongo_uri": self.mongo_uri(service),
            "mongo_db": self.database(service),
            "kafka_bootstrap": kafka.bootstrap,
            "kafka_username": kafka.user,
            "kafka_password": kafka.password,
            "topic_prefix": self.topic_prefix,
            "port": self.port(service),
            "identity_url": peers["identity"],
            "client_secret": self.secret(service),
            "client_secrets": {s: self.secret(s) for s in self.parts.services},
            "family_client_secret": self.secret("kith-family"),
            "staff_client_secret": self.secret("kith-staff"),
            "root_key_file": self.root_key_file(),
            "position_key": self.position_key,
            "peers": peers,
        }

    def make(self) -> None:
        """Create the accounts and topics."""
        with DatabaseProvisioner(self.parts.mongo_admin_uri) as databases:
            for service in self.parts.services:
                databases.make_user(DatabaseUser(service, self.secret(service), self.database(service)))

        async def work(broker: Provisioner) -> None:
            await broker.make_topics(self.topics(), partitions=4)
            await broker.allow(self.topics(), self.parts.services, prefix=self.topic_prefix)

        self.parts.provision(work)

    def drop(self) -> None:
        """Take everything of this space away."""
        self.root_key_file().unlink()
        names = [topic.name for topic in self.topics()]
        self.parts.provision(lambda broker: broker.drop_topics(names))
        with DatabaseProvisioner(self.parts.mongo_admin_uri) as databases:
            databases.drop(self.database(service) for service in self.parts.services)


@contextmanager
def using(home: Path) -> Iterator[Parts]:
    """The parts of a home that test runs share: the first starts them, the last one out stops them.

    Parts that a person started with `kith parts up` keep running.
    """
    home.mkdir(exist_ok=True, mode=0o700)
    with (home / "users.lock").open("a") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        yield Parts(home)
        with suppress(BlockingIOError):
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if not (home / "keep").exists():
                _parts("down", home)


@contextmanager
def opened(parts: Parts) -> Iterator[Space]:
    """A space that is dropped afterwards."""
    space = Space(parts, f"t{os.getpid()}-{next(_NUMBERS)}")
    space.make()
    try:
        yield space
    finally:
        space.drop()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs real parts, so that `-m "not parts"` is quick."""
    for item in items:
        if {"parts", "private_parts"} & set(getattr(item, "fixturenames", ())):
            item.add_marker("parts")


@pytest.fixture(autouse=True)
def every_command_names_its_tenant() -> Iterator[None]:
    """Fails a test during which a command reached the database without a tenant."""
    take_violations()
    yield
    assert take_violations() == []


@pytest.fixture(scope="session")
def parts(pytestconfig: pytest.Config) -> Iterator[Parts]:
    """The mongod and broker all tests of this run share, with other runs in the same folder too."""
    home = Path(os.environ.get("KITH_TEST_HOME") or pytestconfig.rootpath / ".kith-test")
    with using(home) as shared:
        _sweep(shared)
        yield shared


@pytest.fixture
def space(parts: Parts) -> Iterator[Space]:
    """Databases, topics and accounts of one test's own."""
    with opened(parts) as made:
        yield made


@pytest.fixture(scope="module")
def module_space(parts: Parts) -> Iterator[Space]:
    """Databases, topics and accounts that the tests of one module share."""
    with opened(parts) as made:
        yield made


@pytest.fixture
def new_space(parts: Parts) -> Iterator[Callable[[], Space]]:
    """Makes as many spaces as a test asks for."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(opened(parts))


@pytest.fixture(scope="module")
def private_parts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrivateParts]:
    """A mongod and broker that only this module uses, so that its tests may kill them."""
    home = tmp_path_factory.mktemp("parts")
    try:
        yield PrivateParts(home)
    finally:
        _parts("down", home)


@pytest.fixture
def private_space(private_parts: PrivateParts) -> Iterator[Space]:
    """A space on parts that the test may kill."""
    private_parts.restart()
    space = Space(private_parts, f"t{os.getpid()}-{next(_NUMBERS)}")
    space.make()
    yield space


def _parts(verb: str, home: Path) -> str:
    command = [sys.executable, "-m", "kith_local.parts", verb, str(home)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return done.stdout


def _sweep(parts: Parts) -> None:
    with MongoClient[dict[str, Any]](parts.mongo_admin_uri) as client:
        names = [name for name in client.list_database_names() if _is_left_over(name)]
    with DatabaseProvisioner(parts.mongo_admin_uri) as databases:
        databases.drop(names)

    async def work(broker: Provisioner) -> None:
        if left := [name for name in await broker.topic_names() if _is_left_over(name)]:
            await broker.drop_topics(left)

    parts.provision(work)


def _is_left_over(name: str) -> bool:
    owner = name.split("-")[0].removeprefix("t")
    return name.startswith("t") and owner.isdigit() and not Path(f"/proc/{owner}").exists()


def _wait_until_gone(pid: int) -> None:
    for _ in range(200):
        stat = Path(f"/proc/{pid}/stat")
        if not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] == "Z":
            return
        time.sleep(0.05)
    raise RuntimeError(f"process {pid} does not end")


async def put_on_duty(mongo: Mongo, tenant_id: str, person_id: str = "ps_therapist", **changes: Any) -> None:
    """Let an organisation's rota be known, as the follower would: at any hour this person reads what is written."""
    hours = {"days": DAYS, "begins": "00:00", "ends": "00:00", "person_id": person_id}
    told = {"timezone": "Europe/London", "safeguarding_lead": person_id, "rota": [hours], **changes}
    row = {"subject_id": tenant_id, "rev": 1, "sections": {}, "duty": told}
    key = f"client:{tenant_id}:{tenant_id}"
    await mongo.tenant("people", tenant_id).update_one({"_id": key}, {"$set": row}, upsert=True)
