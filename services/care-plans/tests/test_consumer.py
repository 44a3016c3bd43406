"""What others tell becomes points of progress, over the real bus and for the right eyes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from care_plans.app import create_worker
from care_plans.settings import Settings
from chassis.journal import Journal, Tx
from chassis.mongo import Mongo
from chassis.positions import Positions
from chassis.relay import Relay
from chassis.seal import Keyring
from chassis.settings import ServiceSettings
from chassis.testing import Space
from contracts.classes import DataClass
from contracts.event import Event
from contracts.family_portal import ObservationBody, ObservationRecorded, TaskLogBody, TaskLogged
from contracts.sessions import TrialBody, TrialRecorded

Clinic = Any
WHEN = datetime(2026, 3, 2, 10, tzinfo=UTC)


class Sessions(ServiceSettings):
    """sessions' own settings."""

    name = "sessions"


class Portal(ServiceSettings):
    """family-portal's own settings."""

    name = "family-portal"


@asynccontextmanager
async def telling(space: Space, of: type[ServiceSettings], keys: Keyring) -> AsyncIterator[Journal]:
    """Another service's journal and relay."""
    settings = space.settings(of)
    mongo, stop = Mongo(settings), asyncio.Event()
    journal = Journal(mongo, keys, Positions(mongo, settings), settings)
    await journal.prepare()
    relay = asyncio.create_task(Relay(mongo, settings).run(stop))
    yield journal
    stop.set()
    await relay
    mongo.close()


@pytest.fixture
async def worker(module_space: Space) -> AsyncIterator[None]:
    """care-plans' worker."""
    stop = asyncio.Event()
    running = asyncio.create_task(create_worker(module_space.settings(Settings)).run(stop))
    yield
    stop.set()
    await running


async def record(journal: Journal, *events: Event) -> None:
    async def work(tx: Tx) -> None:
        for event in events:
            tx.record(event)

    await journal.write(work, tenant_id=events[0].tenant_id, by="ps_somebody")


async def points(clinic: Clinic, person: str, count: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for _ in range(300):
        found = (await clinic.as_(person).get("/progress")).json()["items"]
        if len(found) >= count:
            break
        await asyncio.sleep(0.1)
    return found


def common(clinic: Clinic, id: str, parties: tuple[str, ...]) -> dict[str, Any]:
    about = {"tenant_id": clinic.tenant, "client_id": "cl_a", "goal_id": "g_a", "happened_at": WHEN}
    return {**about, "record_id": id, "parties": parties}


async def test_every_source_stands_on_one_chart(clinic: Clinic, module_space: Space, worker: None) -> None:
    keys = clinic.chassis.keys
    trial = TrialRecorded(
        **common(clinic, "tr_1", ("client",)),
        session_id="s_1",
        words={DataClass.MEASURE: TrialBody(value=4, out_of=10)},
    )
    log = TaskLogged(
        **common(clinic, "lg_1", ("household:hh_a",)), task_id="t1",
        words={DataClass.TASK_LOG: TaskLogBody(result="did", felt=3)},
    )  # fmt: skip
    seen = ObservationRecorded(
        **common(clinic, "ob_1", ("person:ps_teacher",)),
        words={DataClass.OBSERVATION: ObservationBody(saw="pointed", my_part="yes")},
    )
    ended = {"ended": True, "words": {}}
    gone = seen.model_copy(update={"event_id": "ob_gone", **ended})
    missed = trial.model_copy(update={"event_id": "tr_gone", **ended})
    async with (
        telling(module_space, Sessions, keys) as sessions,
        telling(module_space, Portal, keys) as portal,
    ):
        await record(sessions, trial)
        await record(portal, log, seen)
        found = await points(clinic, "ps_therapist", 3)
        assert {(p["kind"], p.get("value"), p.get("result"), p.get("saw")) for p in found} == {
            ("trial", 4, None, None), ("home", None, "did", None), ("school", None, None, "pointed"),
        }  # fmt: skip
        assert [p["kind"] for p in await points(clinic, "ps_parent", 1)] == ["home"]
        assert [p["kind"] for p in await points(clinic, "ps_teacher", 1)] == ["school"]
        assert (await clinic.turned().as_("ps_therapist").get("/progress")).json()["items"] == []
        await record(portal, gone)
        await record(sessions, missed)
        await record(sessions, missed.model_copy(update={"event_id": "tr_gone_again"}))
        for _ in range(100):
            left = await points(clinic, "ps_therapist", 0)
            if len(left) == 1:
                break
            await asyncio.sleep(0.1)
        assert {p["kind"] for p in left} == {"home"}
