"""identity's worker beside its API, on a real broker: receipts, and days on which access changes."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import pytest

from chassis.settings import ServiceSettings
from chassis.testing import Space
from chassis.worker import Worker
from contracts import care_plans, family_portal, notifications, sessions
from contracts.classes import SERVICES
from contracts.event import Event
from identity.app import create_worker

from .conftest import House, consent, populate

T = "tn_w"
CONSENTS = f"/tenants/{T}/clients/cl_1/consents"


@pytest.fixture(scope="module")
async def admin(house: House) -> str:
    return await populate(house, T)


@pytest.fixture(scope="module")
async def worker(house: House) -> AsyncIterator[None]:
    stop = asyncio.Event()
    running = asyncio.create_task(create_worker(house.chassis.settings).run(stop))  # type: ignore[arg-type]
    yield
    stop.set()
    await running


@pytest.fixture(scope="module")
async def other_workers(module_space: Space) -> AsyncIterator[None]:
    """The other services' workers, each following the access documents with its own account."""
    stop = asyncio.Event()
    running = [asyncio.create_task(bare_worker(module_space, name).run(stop)) for name in SERVICES[1:]]
    yield
    stop.set()
    await asyncio.gather(*running)


def bare_worker(space: Space, service: str) -> Worker:
    """What every service's worker does without handlers of its own."""

    class Settings(ServiceSettings):
        name: ClassVar[str] = service

    return Worker(space.settings(Settings), [])


async def until(look: Callable[[], Awaitable[Any]], seconds: float = 15) -> Any:
    """What `look` finds, as soon as it finds something."""
    async with asyncio.timeout(seconds):
        while True:
            if found := await look():
                return found
            await asyncio.sleep(0.05)


async def test_identitys_own_receipt_comes_by_itself(house: House, admin: str, worker: None) -> None:
    await house.must(f"{T}_mum", CONSENTS, consent(T), "family")
    await house.post(f"{T}_mum", "family", f"{CONSENTS}/cn_1/withdraw")

    async def receipts() -> dict[str, str | None]:
        answer = (await house.get(f"{T}_mum", "family", f"{CONSENTS}/cn_1")).json()
        return {row["service"]: row["at"] for row in answer["receipts"] if row["at"]}

    assert "identity" in await until(receipts)


async def test_a_consent_expires_by_itself(house: House, admin: str, worker: None) -> None:
    soon = datetime.now(UTC) + timedelta(seconds=1.5)
    body = consent(T, "cn_short") | {"expires": soon.isoformat()}
    await house.must(f"{T}_mum", CONSENTS, body, "family")

    async def expired() -> bool:
        facts = (await house.document(T, "cl_1"))["consents"]
        return all(fact["id"] != "cn_short" for fact in facts)

    assert await until(expired)
    view = await house.get(f"{T}_mum", "family", f"{CONSENTS}/cn_short")
    assert view.json()["state"] == "expired"


async def test_a_heartbeat_reaches_the_follower(house: House, worker: None) -> None:
    async def fresh() -> bool:
        rows = house.chassis.mongo.crossing_tenants("workers", why="the worker's own row")
        row = await rows.find_one({})
        return bool(row and row["freshness_s"] is not None and row["freshness_s"] < 5)

    assert await until(fresh)


async def test_withdrawn_everywhere_is_effective(
    house: House, admin: str, worker: None, other_workers: None
) -> None:
    await house.must(f"{T}_mum", CONSENTS, consent(T, "cn_all"), "family")
    await house.post(f"{T}_mum", "family", f"{CONSENTS}/cn_all/withdraw")

    async def effective() -> dict[str, Any] | None:
        answer = (await house.get(f"{T}_teacher", "family", f"{CONSENTS}/cn_all")).json()
        return answer if answer["effective"] else None

    rows = (await until(effective))["receipts"]
    assert [row["service"] for row in rows if row["at"]] == list(SERVICES)
    again = await house.must(f"{T}_mum", f"{CONSENTS}/cn_all/grant", None, "family")
    assert (again["state"], again["receipts"]) == ("granted", [])
    assert (await house.document(T, "cl_1"))["receipts_for"] == []


def test_every_service_has_a_receipt_of_its_own() -> None:
    kinds: list[type[Event]] = [
        module.AccessApplied for module in (care_plans, family_portal, notifications, sessions)
    ]
    assert {kind.producer() for kind in kinds} | {"identity"} == set(SERVICES)
