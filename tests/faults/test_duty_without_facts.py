"""No heartbeat of identity comes any more: a young person may still write, and whoever is on duty is still called."""

import time

import pytest

from kith_local.acting import until
from kith_local.small_family import SmallFamily
from kith_local.testing import Product

pytestmark = pytest.mark.stack

STALE_S = 8.0
"""Facts are old after five."""


def test_words_of_worry_call_somebody_while_nothing_is_known_anew(
    product: Product, family: SmallFamily
) -> None:
    teen, on_duty = family.program("ps_teen"), family.house.login("ps_admin")["sign_in"]
    log = {"id": "lg_worry", "result": "couldnt", "words": "I do not want to live"}
    address = f"{family.path}/tasks/t_hidden/logs"

    def called() -> int:
        return sum(on_duty in message["to"] for message in product.messages())

    before = called()
    with product.away("identity-worker"):
        time.sleep(STALE_S)
        teen.post("family-portal", address, log)
        until(lambda: called() == before + 1, "the call to duty")
