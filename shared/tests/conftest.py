"""The data core of one service over a real database, for the tests of this folder."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

import pytest

from chassis.audit import Audit
from chassis.journal import Journal
from chassis.mongo import Mongo
from chassis.positions import Positions
from chassis.seal import KeyName, Keyring, class_key
from chassis.settings import ServiceSettings
from chassis.testing import Space
from chassis.timers import Timers
from contracts.ids import new_id


class CarePlans(ServiceSettings):
    """care-plans' settings, as far as the data core needs them."""

    name = "care-plans"


class SubjectKeys:
    """Subject keys in memory: every subject has one until it is erased."""

    def __init__(self) -> None:
        self.asked: list[list[KeyName]] = []
        self.erased: set[str] = set()

    async def class_keys(self, names: Sequence[KeyName]) -> Mapping[KeyName, bytes]:
        """The keys of all subjects that are not erased."""
        self.asked.append(list(names))
        return {
            name: class_key(sha256(f"{name.tenant_id}|{name.subject_id}".encode()).digest(), name.data_class)
            for name in names
            if name.subject_id not in self.erased
        }


@dataclass
class Core:
    """One process's data core."""

    settings: CarePlans
    mongo: Mongo
    source: SubjectKeys
    keys: Keyring
    positions: Positions
    journal: Journal
    audit: Audit
    timers: Timers


async def open_core(space: Space) -> Core:
    """The data core of a process in a space."""
    settings, source = space.settings(CarePlans), SubjectKeys()
    mongo, keys = Mongo(settings), Keyring(source)
    positions = Positions(mongo, settings)
    journal = Journal(mongo, keys, positions, settings)
    core = Core(settings, mongo, source, keys, positions, journal, Audit(mongo), Timers(mongo, journal))
    for part in (core.journal, core.audit, core.timers):
        await part.prepare()
    return core


@pytest.fixture(scope="module")
async def core(module_space: Space) -> AsyncIterator[Core]:
    """A data core that the tests of a module share."""
    opened = await open_core(module_space)
    yield opened
    opened.mongo.close()


@pytest.fixture(scope="module")
async def other_core(module_space: Space, core: Core) -> AsyncIterator[Core]:
    """A second process of the same service."""
    opened = await open_core(module_space)
    yield opened
    opened.mongo.close()


@pytest.fixture
def tenant() -> str:
    """A tenant no other test has."""
    return new_id()


@pytest.fixture
def twin() -> str:
    """Another tenant no other test has."""
    return new_id()
