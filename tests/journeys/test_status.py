"""`kith status --json` of a product with the demo: everything is well, and whoever it names comes in as it says."""

import pytest

from kith_local.program import Kith
from kith_local.testing import Product

pytestmark = pytest.mark.stack


def test_it_names_everybody_of_the_demo_with_all_that_a_person_needs_to_come_in(product: Product) -> None:
    product.wait_until_well()
    told = product.status()
    assert [row["name"] for row in told["processes"] if not row["ok"]] == []
    shown = ("name", "role", "organisation", "sign_in", "password")
    assert told["people"] == [{part: row[part] for part in shown} for row in product.people()]
    assert all(isinstance(row[part], str) and row[part] for row in told["people"] for part in shown)
    kith = Kith(told["web"])
    for row in told["people"]:
        assert kith.sign_in(row["sign_in"], row["password"]).get("identity", "/me"), row["name"]


def test_the_cast_of_the_readme_is_among_them(product: Product) -> None:
    people = {row["sign_in"]: row for row in product.status()["people"]}
    for sign_in, name, role, organisation in (
        ("mateus.oliveira@lanternlane.example", "Mateus Oliveira", "therapist", "Lantern Lane Clinic"),
        ("07700 900103", "Efua Mensah", "guardian", "Lantern Lane Clinic"),
        ("a.stone@alderbeck.example", "Abigail Stone", "school_staff", "Lantern Lane Clinic"),
        ("tariq.mahmood@tidewell.example", "Tariq Mahmood", "therapist", "Tidewell Schools Service"),
    ):
        row = people[sign_in]
        assert (row["name"], row["role"], row["organisation"]) == (name, role, organisation)
