"""The broker stands still for a minute, or is killed: commands are taken, pages stay open and say how old they are."""

import re
import time
from typing import Any

import httpx
import pytest

from kith_local.acting import until
from kith_local.browsing import Browser
from kith_local.small_family import SmallFamily
from kith_local.testing import Product
from kith_local.transcripts import listening

pytestmark = pytest.mark.stack

STILL_S = 60.0
PAGES = {"ps_parent": "/home", "ps_teacher": "/school/pupils/one", "ps_therapist": "/staff/clients/one"}
KNOWN_AT = re.compile(r"This page shows what was known at (\d\d:\d\d)\.")


def _browsers(family: SmallFamily) -> dict[str, Browser]:
    return {person: family.browser(person) for person in PAGES}


def _log(family: SmallFamily, log_id: str) -> httpx.Response:
    body = {"id": log_id, "result": "did", "words": f"{family.words}-{log_id}"}
    return family.program("ps_parent").ask(
        "family-portal", "POST", f"{family.path}/tasks/t_one/logs", json=body
    )


def _observe(family: SmallFamily, record_id: str) -> httpx.Response:
    body = {"id": record_id, "goal_id": "g_one", "saw": "card", "my_part": "got_to_it"}
    return family.program("ps_teacher").ask("family-portal", "POST", f"{family.path}/observations", json=body)


def _schedule(family: SmallFamily, session_id: str) -> httpx.Response:
    body = {"id": session_id, "scheduled_for": "2026-01-05T10:00:00Z"}
    return family.program("ps_therapist").ask("sessions", "POST", f"{family.path}/sessions", json=body)


def _work(family: SmallFamily, mark: str, number: int) -> list[str]:
    """Three commands in three hands; each must be taken. Answers the ids of what they made."""
    ids = [f"{kind}_{mark}_{number}" for kind in ("lg", "ob", "se")]
    for write, made in zip((_log, _observe, _schedule), ids, strict=True):
        answer = write(family, made)
        assert answer.status_code == 201, answer.text
    return ids


def _items(family: SmallFamily, data_class: str) -> list[str]:
    found = family.program("ps_therapist").get(
        "family-portal", f"{family.path}/items?class={data_class}&limit=200"
    )
    return [row["id"] for row in found["items"]]


def _arrived(family: SmallFamily) -> list[str]:
    return [id for name in ("task_log", "observation", "attendance") for id in _items(family, name)]


@pytest.fixture(scope="module")
def still(product: Product, family: SmallFamily) -> dict[str, Any]:
    """A minute in which the broker answers nobody: what was written and what pages showed."""
    browsers, begun, number, made = _browsers(family), time.monotonic(), 0, list[str]()
    before = {person: browsers[person].open(page).text for person, page in PAGES.items()}
    seen: list[dict[str, httpx.Response]] = []
    with listening(browsers["ps_parent"]) as left_open:
        with product.held("kafka"):
            while time.monotonic() < begun + STILL_S:
                made += _work(family, "still", number)
                number += 1
                seen.append({person: browsers[person].open(page) for person, page in PAGES.items()})
                seen[-1]["help"] = httpx.get(f"{product.url}/help-now", timeout=30)
                time.sleep(2)
            asked = browsers["ps_parent"].open("/live/known-at").text if left_open.heard("aged") else ""
        until(lambda: set(made) <= set(_arrived(family)), "everything that was written meanwhile")
        product.wait_until_well()
        until(lambda: left_open.raw.count("event: aged") == 2, "the open page being of this moment again")
    after = {person: browsers[person].open(page).text for person, page in PAGES.items()}
    again = browsers["ps_parent"].open("/live/known-at").text
    return {"before": before, "seen": seen, "made": made, "after": after, "asked": asked, "again": again}


def test_every_page_stays_open(still: dict[str, Any]) -> None:
    codes = {person: {page[person].status_code for page in still["seen"]} for person in still["seen"][0]}
    assert all(answered == {200} for answered in codes.values()), codes


def test_pages_say_how_old_they_are_and_stop_saying_so(still: dict[str, Any]) -> None:
    for person in PAGES:
        assert not KNOWN_AT.search(still["before"][person])
        said = [KNOWN_AT.search(page[person].text) for page in still["seen"]]
        assert said[-1] is not None
        assert all(said[said.index(said[-1]) :])
        assert len({match[1] for match in said if match}) <= 2
        assert not KNOWN_AT.search(still["after"][person])


def test_a_page_that_was_open_all_the_time_says_so_too(still: dict[str, Any]) -> None:
    assert KNOWN_AT.search(still["asked"])
    assert still["again"].strip() == ""


def test_everything_drains_once_and_in_order(family: SmallFamily, still: dict[str, Any]) -> None:
    arrived = _arrived(family)
    assert len(arrived) == len(set(arrived))
    for kind, data_class in (("lg", "task_log"), ("ob", "observation")):
        made = [id for id in still["made"] if id.startswith(kind)]
        assert [id for id in reversed(_items(family, data_class)) if "_still_" in id] == made


def test_a_killed_broker_loses_nothing_and_closes_nothing(product: Product, family: SmallFamily) -> None:
    made, browser = _work(family, "killed", 0), family.browser("ps_parent")
    with product.away("kafka"):
        for number in range(1, 6):
            made += _work(family, "killed", number)
            assert browser.open("/home").status_code == 200
            time.sleep(1.5)
        assert KNOWN_AT.search(browser.open("/home").text)
    until(lambda: set(made) <= set(_arrived(family)), "everything that was written meanwhile")
    arrived = [id for id in _arrived(family) if "_killed_" in id]
    assert len(arrived) == len(made)


def test_nothing_is_parked_and_views_equal_their_rebuild(product: Product, still: dict[str, Any]) -> None:
    product.wait_until_well()
    assert "0 parked" in product.kith("parked")
    assert "Equal." in product.kith("rebuild", "--check")
