"""A message is decided at send: what was owed before a consent was withdrawn never leaves after it."""

import secrets
import time

import pytest

from kith_local.acting import until
from kith_local.small_family import SmallFamily
from kith_local.testing import Product

pytestmark = pytest.mark.stack

SETTLED_S = 5.0
"""How much longer than everything else we listen for a message that must not come."""


def _count(product: Product, family: SmallFamily, name: str) -> int:
    address = family.house.login(name)["sign_in"]
    return sum(address in message["to"] for message in product.messages())


def _put_to_everybody(family: SmallFamily) -> str:
    goal_id = f"g_{secrets.token_hex(4)}"
    family.add_goal(goal_id)
    return goal_id


def test_what_is_owed_when_a_consent_is_withdrawn_never_leaves(family: SmallFamily, product: Product) -> None:
    teacher, parent = family.program("ps_teacher"), family.program("ps_parent")
    consent = f"{family.path}/consents/cn_one"
    heard = _count(product, family, "ps_teacher")
    _put_to_everybody(family)
    until(lambda: _count(product, family, "ps_teacher") > heard, "the control: the teacher is told")
    time.sleep(SETTLED_S)
    heard, others = _count(product, family, "ps_teacher"), _count(product, family, "ps_parent")
    try:
        with product.held("notifications-worker"):
            goal_id = _put_to_everybody(family)
            view = f"{family.path}/view"
            until(lambda: goal_id in teacher.ask("family-portal", "GET", view).text, "the goal on her page")
            withdrawn = parent.post("identity", f"{consent}/withdraw", {})
            until(lambda: teacher.ask("family-portal", "GET", view).status_code == 404, "her page to close")
            assert not withdrawn["effective"] and not parent.get("identity", consent)["effective"]
        until(lambda: parent.get("identity", consent)["effective"], "every service's receipt")
        until(lambda: _count(product, family, "ps_parent") > others, "the control: the parent is told")
        time.sleep(SETTLED_S)
        assert _count(product, family, "ps_teacher") == heard
        notices = teacher.get("notifications", f"/tenants/{family.house.id}/notices")
        assert goal_id not in str(notices)
    finally:
        parent.post("identity", f"{consent}/grant", {})
    until(lambda: teacher.ask("family-portal", "GET", f"{family.path}/view").is_success, "her page again")
    time.sleep(SETTLED_S)
    assert _count(product, family, "ps_teacher") == heard, "nor does it leave when the consent is given again"
