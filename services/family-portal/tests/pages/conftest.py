"""The sample models lie beside these tests; one browser and one site of sample pages serve them all."""

import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, async_playwright

sys.path.insert(0, str(Path(__file__).parent))

from plan_desk import Desk, desks_of
from sample_sessions import SampleSessions
from sample_site import Site, site
from site_app import Person, acting

from family_portal import assets
from family_portal.web import staff, staff_after, staff_notes, staff_sessions
from kith_local.chromium import executable

from ..sample_events import goal

QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.fixture(scope="session", autouse=True)
def built() -> None:
    """The page assets, built where they are not up to date."""
    assets.build()


@pytest.fixture
def pages(built: None) -> Iterator[Site]:
    """The sample pages on a local address."""
    with site() as running:
        yield running


@pytest.fixture
def address(pages: Site) -> str:
    """Where the sample pages are."""
    return pages.address


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One Chromium for all tests."""
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=executable(), args=QUIET)
        yield chromium
        await chromium.close()


@pytest.fixture
async def desks(house: Any) -> AsyncIterator[Any]:
    """Desks of people of staff, by person id, over one care-plans."""
    async with desks_of(house) as made:
        yield made


@pytest.fixture
async def desk(desks: Any) -> Desk:
    """The therapist's desk."""
    made: Desk = await desks("ps_therapist")
    return made


@pytest.fixture
def sessions() -> SampleSessions:
    """The sessions service as pages ask it, with one session that waits to be written down."""
    return SampleSessions()


@pytest.fixture
async def therapist(house: Any, sessions: SampleSessions) -> AsyncIterator[Person]:
    """The therapist of that session, at the pages of their sessions."""
    await house.hears(goal(house.tenant))
    pages = (staff.router, staff_sessions.router, staff_after.router, staff_notes.router)
    async with acting(house, "ps_therapist", *pages, handle=sessions.handle) as person:
        yield person
