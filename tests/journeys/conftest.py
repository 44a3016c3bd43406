"""The cast of the journeys: everybody of the demo, each signed in once for all tests of a run; and a browser."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser

from kith_local.acting import Cast
from kith_local.chromium import chromium
from kith_local.testing import Product


@pytest.fixture(scope="session")
def cast(product: Product) -> Cast:
    """Everybody who can sign in."""
    return Cast(product.url, product.people())


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Chromium, for all tests of a run."""
    async with chromium() as opened:
        yield opened
