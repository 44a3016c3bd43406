"""A receipt says that something is closed only while it is, and waits for nobody where nothing was closed."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from site_app import acting

from family_portal.web import consent_receipts, consents, family

WAITS = [{"service": "identity", "at": "2026-03-02T12:00:00+00:00"}, {"service": "sessions", "at": None}]
DONE = [{**row, "at": "2026-03-02T12:00:00+00:00"} for row in WAITS]
ADDRESSES = ("/home/a/consents/c1/receipt", "/home/a/fragments/receipt/c1")


def identity(state: str, *, effective: bool, receipts: list[Any]) -> Any:
    """Identity, with one consent as it shows it."""
    row = {
        "id": "c1", "version": 3, "state": state, "effective": effective, "receipts": receipts,
        "recipients": ["ps_teacher"], "classes": ["plan_school"], "expires": None, "purpose": "",
    }  # fmt: skip

    def handle(request: httpx.Request) -> httpx.Response:
        one = request.url.path.endswith("/c1")
        return httpx.Response(200, json=row if one else {"items": [row], "next": None})

    return handle


async def pages(house: Any, state: str, *, effective: bool, receipts: list[Any]) -> list[httpx.Response]:
    """The receipt, and its part alone."""
    handle = identity(state, effective=effective, receipts=receipts)
    async with acting(house, "ps_mother", consents.router, consent_receipts.router, handle=handle) as mother:
        return [await mother.opens(address) for address in ADDRESSES]


async def test_one_that_was_taken_back_is_closed_once_everybody_has_said_so(house: Any) -> None:
    for page in await pages(house, "withdrawn", effective=False, receipts=WAITS):
        assert "It is being closed" in page.text and "waiting for: Sessions and groups." in page.text
        assert "every 1s" in page.text
    for page in await pages(house, "withdrawn", effective=True, receipts=DONE):
        assert "It is closed" in page.text and "every 1s" not in page.text


async def test_one_that_was_given_again_says_so_to_whoever_goes_back(house: Any) -> None:
    for page in await pages(house, "granted", effective=True, receipts=[]):
        assert page.status_code == 200 and "closed" not in page.text
        assert "It is open" in page.text and "every 1s" not in page.text


@pytest.mark.parametrize("state", ["presented", "refused", "disputed", "expired", "superseded"])
async def test_what_was_never_closed_has_no_receipt(house: Any, state: str) -> None:
    found = await pages(house, state, effective=False, receipts=[])
    assert [page.status_code for page in found] == [404, 404]


async def test_a_receipt_opens_while_nothing_else_does_and_says_who_has_not_closed_it(house: Any) -> None:
    """With the worker of the pages stopped nobody can say what its reader may see, and it went with everything else."""
    beats = house.chassis.mongo.crossing_tenants("freshness", why="one heartbeat for all tenants")
    handle = identity("withdrawn", effective=False, receipts=WAITS)
    routers = (consents.router, consent_receipts.router, family.router)
    async with acting(house, "ps_mother", *routers, handle=handle) as mother:
        await beats.update_one({}, {"$set": {"beat_at": datetime.now(UTC) - timedelta(minutes=1)}})
        try:
            await asyncio.sleep(0.3)
            assert (await mother.opens("/home/a")).status_code == 503
            for address in ADDRESSES:
                page = await mother.opens(address)
                assert page.status_code == 200 and "It is being closed" in page.text
                assert "waiting for: Sessions and groups." in page.text
                assert "what was known at" not in page.text, "identity said it now"
        finally:
            await beats.update_one({}, {"$set": {"beat_at": datetime.now(UTC) + timedelta(hours=1)}})
            await asyncio.sleep(0.3)
