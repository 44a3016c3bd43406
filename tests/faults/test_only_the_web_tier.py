"""With nothing left but the web tier's own process, the page that says who answers now still opens."""

import httpx
import pytest

from kith_local.testing import Product

pytestmark = pytest.mark.stack

WEB = "family-portal-api"
OPEN = ("/help-now", "/offline", "/language", "/how-kith-keeps-things", "/looks", "/healthz", "/sw.js")


@pytest.fixture(scope="module")
def alone(product: Product) -> dict[str, httpx.Response]:
    """What each page answers while every other process is down, the database and the broker too."""
    others = [row["name"] for row in product.status()["processes"] if row["name"] != WEB]
    assert {"mongod", "kafka", "identity-api"} <= set(others)
    headers = {"Accept": "text/html", "Cookie": "__Host-kith=somebody"}
    with product.away(*others), httpx.Client(base_url=product.url, timeout=60, headers=headers) as http:
        return {page: http.get(page) for page in (*OPEN, "/home", "/staff/today", "/readyz")}


def test_help_now_opens_with_everything_else_down(alone: dict[str, httpx.Response]) -> None:
    page = alone["/help-now"]
    assert page.status_code == 200
    assert "999" in page.text and "85258" in page.text


def test_whatever_needs_nobody_opens(alone: dict[str, httpx.Response]) -> None:
    assert {page: alone[page].status_code for page in OPEN} == dict.fromkeys(OPEN, 200)


def test_every_other_page_says_that_it_cannot_show_anything(alone: dict[str, httpx.Response]) -> None:
    assert alone["/home"].status_code == 503
    assert "Help now" in alone["/home"].text and "Traceback" not in alone["/home"].text
    assert alone["/readyz"].status_code == 503
