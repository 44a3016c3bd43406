"""The cast of the journeys: everybody of the demo, each signed in once for all tests of a run; and a browser."""

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest
from playwright.async_api import Browser

from kith_local.acting import Cast
from kith_local.chromium import chromium
from kith_local.testing import Product


@pytest.fixture(scope="session")
def cast(product: Product) -> Cast:
    """Everybody who can sign in."""
    return Cast(product.url, product.people())


LEADS = {"ps_mateus": "tn_lantern/clients/cl_noor", "ps_tariq": "tn_tidewell/clients/cl_elias"}
"""Who leads the case of each child between two homes."""
SetDays = Callable[..., None]


@pytest.fixture
def set_days(cast: Cast) -> Iterator[SetDays]:
    """Set the care days of both children between two homes, as those who lead their cases; put back afterwards."""
    programs = {f"/tenants/{path}/care-days": cast.program(person) for person, path in LEADS.items()}
    before = {path: program.get("identity", path) for path, program in programs.items()}

    def put(path: str, days: Any, handover: str) -> None:
        version = programs[path].get("identity", path)["version"]
        programs[path].put("identity", path, {"handover_at": handover, "days": days}, version=version)

    def every(days: list[dict[str, Any]], handover: str = "00:00") -> None:
        for path in programs:
            put(path, days, handover)

    yield every
    for path, told in before.items():
        put(path, told["days"], told["handover_at"])


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Chromium, for all tests of a run."""
    async with chromium() as opened:
        yield opened
