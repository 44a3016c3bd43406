"""From a guardian's withdrawal of a consent until a read finds nothing, and until every service has said so."""

import time
from collections.abc import Callable

from bench.rows import Row, middle
from kith_local.program import Kith, Person, Refused
from kith_local.testing import Product

TIMES = 20
LONGEST_S = 30.0
CLIENT = "/tenants/tn_lantern/clients/cl_kofi"
CONSENT = f"{CLIENT}/consents/cn_kofi_school"
EFFECTIVE_MS = 1_000.0


def rows(product: Product) -> list[Row]:
    """Withdrawn and granted again, over and over; the worst of all stands for the 99th percentile."""
    people = {person["id"]: person for person in product.people()}
    kith = Kith(product.url)
    efua, abigail = (
        kith.sign_in(people[who]["sign_in"], people[who]["password"]) for who in ("ps_efua", "ps_abigail")
    )
    closed, effective = [], []
    for _ in range(TIMES):
        begun = time.perf_counter()
        efua.post("identity", f"{CONSENT}/withdraw", {})
        closed.append(_until(lambda: not _reads(abigail), begun))
        effective.append(_until(lambda: bool(efua.get("identity", CONSENT)["effective"]), begun))
        efua.post("identity", f"{CONSENT}/grant", {})
        _until(lambda: _reads(abigail), time.perf_counter())
    worst = max(effective)
    return [
        Row(
            "Withdrawal → a read finds nothing, p50", middle(closed), "ms", "–", None, "for information", True
        ),
        Row(
            f"Withdrawal effective, worst of {TIMES}",
            worst,
            "ms",
            f"{EFFECTIVE_MS:.0f} ms",
            worst / EFFECTIVE_MS,
            "≤ 1 s",
            worst <= EFFECTIVE_MS,
        ),
    ]


def _reads(person: Person) -> bool:
    try:
        person.get("family-portal", f"{CLIENT}/view")
    except Refused:
        return False
    return True


def _until(look: Callable[[], bool], begun: float) -> float:
    """Milliseconds from `begun` until it is so. Raises RuntimeError when it never is."""
    while not look():
        if time.perf_counter() - begun > LONGEST_S:
            raise RuntimeError("it did not come about within half a minute")
        time.sleep(0.005)
    return (time.perf_counter() - begun) * 1000
