"""Live updates end by something that nobody foresaw: the web tier says so, and is started again with them."""

from typing import Any

import pytest
from pymongo import MongoClient

from kith_local.acting import until
from kith_local.testing import Product

pytestmark = pytest.mark.stack

WEB = "family-portal-api"
ODD: dict[str, Any] = {"_id": "of_no_client", "tenant_id": "tn_odd"}
"""A row whose key is none of ours: whoever follows the views cannot say whom it concerns."""


def test_a_web_tier_whose_live_updates_ended_is_started_again(product: Product) -> None:
    before = product.pid(WEB)
    with MongoClient[dict[str, Any]](product.parts()["mongo_admin_uri"]) as client:
        views = client["family_portal"]["views"]
        views.insert_one(ODD)
        views.delete_one({"_id": ODD["_id"]})
    until(lambda: _pid(product) not in (None, before), "the web tier to be started again")
    product.wait_until_well()
    assert "live updates have ended: ValueError" in product.log(WEB)


def _pid(product: Product) -> int | None:
    return next(row["pid"] for row in product.status()["processes"] if row["name"] == WEB)
