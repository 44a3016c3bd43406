"""What care-plans tells about goals arrives over the real bus, whatever it says about them stays sealed."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from chassis.bus import Consumer
from chassis.clients import PeerClients
from chassis.journal import Journal, Tx
from chassis.mongo import Mongo
from chassis.positions import Positions
from chassis.relay import Relay
from chassis.seal import KeyName, Keyring, class_key
from chassis.settings import ServiceSettings
from chassis.testing import Space
from contracts.care_plans import GoalChanged, GoalState, GoalTeam, GoalWording
from contracts.classes import DataClass
from sessions.consumer import HANDLERS
from sessions.settings import Settings
from sessions.store.goals import GoalStore
from sessions.trials import KnownGoal, Scale

DAYS = {"kind": "days_in_week", "min": "0", "max": "5"}
SCALE = Scale("days_in_week", 0, 5)


class CarePlans(ServiceSettings):
    """care-plans' settings, as far as its journal and relay need them."""

    name = "care-plans"


class OneSecret:
    """Class keys of one root secret."""

    async def class_keys(self, names: Sequence[KeyName]) -> Mapping[KeyName, bytes]:
        """Every key."""
        return {name: class_key(b"s" * 32, name.data_class) for name in names}


def goal(goal_id: str, *, private: bool = False, **changes: Any) -> GoalChanged:
    levels = ["none", "one", "two", "three", "four"]
    team = GoalTeam(statement="canary", levels=levels, measure=DAYS)
    words: dict[DataClass, Any] = {DataClass.PLAN_PRIVATE: team}
    if not private:
        words = {DataClass.PLAN_TEAM: team, DataClass.PLAN_PLAIN: GoalWording(statement="x")}
    now = datetime.now(UTC)
    values = {"state": GoalState.ACTIVE, "version": 1, "version_at": now, **changes}
    return GoalChanged(tenant_id="tn_a", client_id="cl_a", record_id=goal_id, words=words, **values)


@asynccontextmanager
async def telling(space: Space) -> AsyncIterator[Journal]:
    """care-plans' journal with its relay running."""
    settings = space.settings(CarePlans)
    mongo = Mongo(settings)
    journal = Journal(mongo, Keyring(OneSecret()), Positions(mongo, settings), settings)
    await journal.prepare()
    stop = asyncio.Event()
    relay = asyncio.create_task(Relay(mongo, settings).run(stop))
    try:
        yield journal
    finally:
        stop.set()
        await asyncio.wait_for(relay, 10)
        mongo.close()


class Process:
    """The parts of a worker that its consumer needs."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.mongo = Mongo(settings)
        self.keys = Keyring(OneSecret())
        self.journal = Journal(self.mongo, self.keys, Positions(self.mongo, settings), settings)
        self.peers = PeerClients(settings)


async def known(process: Process, *goal_ids: str) -> dict[str, KnownGoal]:
    return await GoalStore(process.mongo.tenant("goals", "tn_a"), process.keys).known("cl_a", goal_ids)


async def test_goals_are_known_with_their_privacy_their_end_and_their_measure(space: Space) -> None:
    process = Process(space.settings(Settings))
    await process.journal.prepare()
    async with telling(space) as journal, Consumer(process, handlers=HANDLERS).running():

        async def work(tx: Tx) -> None:
            tx.record(goal("g_shared"))
            tx.record(goal("g_mine", private=True))
            tx.record(goal("g_over"))
            tx.record(goal("g_over", state=GoalState.COMPLETED, version=2))

        await journal.write(work, tenant_id="tn_a", by="ps_a")
        wanted = {
            "g_shared": KnownGoal("g_shared", scale=SCALE),
            "g_mine": KnownGoal("g_mine", private=True, scale=SCALE),
            "g_over": KnownGoal("g_over", ended=True, scale=SCALE),
        }
        for _ in range(600):
            found = await known(process, *wanted)
            if found == wanted:
                break
            await asyncio.sleep(0.05)
        assert found == wanted
        assert "canary" not in str(await process.mongo.tenant("goals", "tn_a").find({}))
    await process.peers.aclose()
    process.mongo.close()
