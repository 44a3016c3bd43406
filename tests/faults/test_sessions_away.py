"""With the sessions service standing still, a therapist's pages say what is missing, soon; then it is there again."""

import time
from collections.abc import Iterator

import pytest

from kith_local.acting import Cast, until
from kith_local.testing import Product

pytestmark = pytest.mark.stack

SAID = "Not available right now. The rest of the page is complete."
PAGES = {
    "/staff/today": ("next-session", "to-sign"),
    "/staff/clients/kofi": ("last-session", "notes"),
    "/staff/clients/kofi/sessions/new": ("planned",),
}


@pytest.fixture(scope="module")
def held(product: Product) -> Iterator[dict[str, tuple[str, float]]]:
    """Each page of Mateus as it opened meanwhile, and how long that took."""
    mateus = Cast(product.url, product.people()).browser("ps_mateus")
    opened = {}
    with product.held("sessions-api"):
        for page in PAGES:
            began = time.monotonic()
            opened[page] = (mateus.open(page).text, time.monotonic() - began)
    yield opened
    for page in PAGES:
        until(lambda page=page: SAID not in mateus.open(page).text, f"{page} as a whole")


@pytest.mark.parametrize("page", PAGES)
def test_each_part_that_is_missing_says_so(held: dict[str, tuple[str, float]], page: str) -> None:
    text, took = held[page]
    for part in PAGES[page]:
        assert SAID in text.partition(f'id="{part}"')[2].partition("</section>")[0], part
    assert text.count(SAID) == len(PAGES[page])
    assert took < 10
