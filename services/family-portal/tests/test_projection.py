"""The views over the real bus: fed by producers' journals, equal to their rebuild, put right where they are not."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from chassis.bus import Consumer
from chassis.journal import Journal, Tx
from chassis.mongo import Mongo
from chassis.positions import Positions
from chassis.relay import Relay
from chassis.seal import Keyring
from chassis.settings import ServiceSettings
from chassis.testing import Space
from contracts.about_me import LineState
from contracts.classes import DataClass
from contracts.event import Part
from family_portal.consumer import HANDLERS
from family_portal.views.rebuild import Rebuild, hash_of, total

from .conftest import House, OneSecret, running
from .sample_events import about_line, goal, held, of_strategy, private_goal, scheduled, summary, task, trial
from .sample_events import seen as observed

WAIT_S = 60.0


class CarePlans(ServiceSettings):
    """care-plans' settings, as far as its journal and relay need them."""

    name = "care-plans"


class Sessions(ServiceSettings):
    """sessions' settings, as far as its journal and relay need them."""

    name = "sessions"


class Portal(ServiceSettings):
    """The portal's own settings, as far as its journal and relay need them."""

    name = "family-portal"


@asynccontextmanager
async def telling(space: Space, of: type[ServiceSettings]) -> AsyncIterator[Journal]:
    """A service's journal with its relay running."""
    settings = space.settings(of)
    mongo = Mongo(settings)
    journal = Journal(mongo, Keyring(OneSecret()), Positions(mongo, settings), settings)
    await journal.prepare()
    stop = asyncio.Event()
    relay = asyncio.create_task(Relay(mongo, settings).run(stop))
    try:
        yield journal
    finally:
        stop.set()
        await asyncio.wait_for(relay, WAIT_S)
        mongo.close()


async def _tell(journal: Journal, *events: Part) -> str:
    async def work(tx: Tx) -> None:
        for event in events:
            tx.record(event)

    return (await journal.write(work, tenant_id=events[0].tenant_id, by="ps_therapist")).position


def _history(tenant: str) -> tuple[list[Part], list[Part], list[Part]]:
    """What care-plans, sessions and the portal itself tell, with everything that comes, changes, hides and leaves
    again."""
    plans: list[Part] = [
        goal(tenant),
        goal(tenant, "g_two"),
        task(tenant, "household:hh_a"),
        task(tenant, "household:hh_b"),
        task(tenant, "school", task_id="tk_two"),
        task(tenant, "school", task_id="tk_two", ended=True, words={}),
        goal(tenant, "g_two", ended=True, words={}),
        private_goal(tenant, "g_two"),
        goal(tenant, says="asks for a break at once", version=2),
        of_strategy(tenant, "Nod."),
        about_line(tenant),
        about_line(tenant, state=LineState.WAITS, parties=("client",), version=2),
        about_line(tenant, "ab_two"),
        about_line(tenant, "ab_two", state=LineState.TAKEN_OFF, ended=True, words={}, version=2),
        about_line(tenant, "ab_three", state=LineState.TAKEN_OFF, parties=(), version=2),
    ]
    results = [trial(tenant, f"tr_{n}", n) for n in range(20)]
    told: list[Part] = [scheduled(tenant), held(tenant), summary(tenant, "guardians"), *results]
    gone = trial(tenant, "tr_3").model_copy(update={"event_id": "ended", "ended": True, "words": {}})
    saw: list[Part] = [observed(tenant, "person:ps_teacher", record_id=f"ob_{n}") for n in range(3)]
    undone = saw[0].model_copy(update={"event_id": "undone", "ended": True, "words": {}})
    return plans, [*told, gone, summary(tenant, "guardians", "client")], [*saw, undone]


async def _level(house: House, positions: list[str]) -> None:
    for position in positions:
        for _ in range(int(WAIT_S)):
            if await house.chassis.positions.wait(position, house.tenant, "cl_a"):
                break
        else:
            raise AssertionError("the views did not follow")


@pytest.fixture
async def fed(space: Space) -> AsyncIterator[House]:
    """A portal whose views hold a history that came over the bus."""
    async with (
        running(space) as house,
        telling(space, CarePlans) as care_plans,
        telling(space, Sessions) as sessions,
        Consumer(house.chassis, handlers=HANDLERS).running(),
    ):
        await house.knows()
        async with telling(space, Portal) as portal:
            parts = zip((care_plans, sessions, portal), _history(house.tenant), strict=True)
            await _level(house, [await _tell(journal, *told) for journal, told in parts])
        yield house


async def _contents(house: House) -> dict[tuple[str, str], dict[str, Any]]:
    found = {name: await house.rows(name).find({}) for name in ("views", "items")}
    return {(name, row["_id"]): row for name, rows in found.items() for row in rows}


async def test_views_follow_the_bus_equal_their_rebuild_and_are_put_right(fed: House) -> None:
    assert set(await fed.sees("ps_mother", DataClass.PLAN_PLAIN, DataClass.TASK)) == {"g_one"}
    assert set(await fed.sees("ps_father", DataClass.TASK)) == {"tk_one"}
    assert set(await fed.sees("ps_teen", DataClass.PLAN_PRIVATE)) == {"g_two"}
    assert len(await fed.lists("ps_teen", DataClass.MEASURE)) == 19
    assert len(await fed.lists("ps_mother", DataClass.SESSION_SUMMARY)) == 1
    before = await _contents(fed)

    report = await Rebuild(fed.chassis).run(swap=False, within_s=WAIT_S)
    assert (report.equal, report.streams, report.documents) == (True, 3, len(before))
    assert report.live == report.rebuilt == total(before.values())

    plan = f"{fed.tenant}:cl_a:plan_plain:care-plans"
    lost = f"{fed.tenant}:cl_a:measure:sessions:tr_5"
    await fed.rows("views").update_one({"_id": plan}, {"$set": {"parts.goal:g_one.meta.version": 9}})
    noted = f"{fed.tenant}:cl_a:plan_school:care-plans:strategy_noted:sn_one"
    for gone in (lost, noted):
        assert await fed.rows("items").delete_one({"_id": gone})
    counted = f"{fed.tenant}:cl_a:observation:family-portal"
    assert (await fed.rows("views").find_one({"_id": counted}))["seq"] == 4
    await fed.rows("views").update_one({"_id": counted}, {"$set": {"seq": 3}})
    stray = f"{fed.tenant}:cl_a:measure:sessions:tr_stray"
    await fed.rows("items").insert_one({**before["items", lost], "_id": stray})
    report = await Rebuild(fed.chassis).run(swap=False, within_s=WAIT_S)
    assert set(report.different) == {plan, lost, noted, counted, stray}
    assert report.live != report.rebuilt
    assert await _contents(fed) != before

    assert (await Rebuild(fed.chassis).run(swap=True, within_s=WAIT_S)).replaced == 5
    assert await _contents(fed) == before
    assert (await Rebuild(fed.chassis).run(swap=False, within_s=WAIT_S)).equal


async def test_a_rebuild_leaves_nothing_behind(fed: House) -> None:
    await Rebuild(fed.chassis).run(swap=True, within_s=WAIT_S)
    for name in ("views_rebuilt", "items_rebuilt"):
        assert await fed.rows(name).count() == 0
    guards = fed.chassis.mongo.crossing_tenants("guards", why="all consumers' places")
    assert {row["consumer"] for row in await guards.find({})} == {"family-portal"}


async def test_the_portal_waits_for_what_it_wrote_itself(fed: House) -> None:
    body = {"id": "lg_own", "result": "did"}
    await fed.hears(task(fed.tenant, "household:hh_a"))
    answer = await fed.post("ps_mother", "/tasks/tk_one/logs", body)
    position = answer.headers["Kith-Position"]
    assert not await fed.chassis.positions.wait(position, fed.tenant, "cl_a")


def test_a_hash_knows_no_order_and_every_difference() -> None:
    documents = [{"_id": str(n), "a": n, "b": {"c": [n], "d": None}} for n in range(20)]
    mixed = [dict(reversed(document.items())) for document in documents]
    random.Random(1).shuffle(mixed)
    assert total(documents) == total(mixed)
    assert total(documents[1:]) != total(documents)
    assert hash_of({"a": 1}) != hash_of({"a": "1"})
