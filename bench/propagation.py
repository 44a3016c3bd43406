"""From a write to the other party's view, against the raw path; and to the other party's open page."""

import json
import threading
import time
from http.client import HTTPConnection
from typing import Any
from uuid import uuid4

import uvloop
from playwright.sync_api import Page, sync_playwright
from pymongo import MongoClient

from bench import raw_path
from bench.rows import Row, middle, percentile
from kith_local.chromium import ARGUMENTS, executable
from kith_local.home import database
from kith_local.program import Kith, Person
from kith_local.testing import Product

TURNS, WRITES, PAUSE_S = 5, 60, 0.02
"""So often in turns with the raw path, so many writes each time, so long after one another."""
PAGE_WRITES = 40
AT_REST_MS = 600
"""The page has drawn its charts too before the next write."""
_LOGS = "/tenants/tn_lantern/clients/cl_kofi/tasks/tk_kofi_build/logs"
_WATCH = """
window.seen = {};
new MutationObserver(() => {
  const text = document.body.innerText;
  for (const word of window.wanted || [])
    if (!(word in window.seen) && text.includes(word)) window.seen[word] = Date.now();
}).observe(document.body, {childList: true, subtree: true, characterData: true});
"""


class _Phone:
    """Sends logs as Efua. It does nothing else, for what the sender itself takes is no part of what is measured."""

    def __init__(self, product: Product, efua: Person) -> None:
        self._line = HTTPConnection("127.0.0.1", product.port, timeout=30)
        self._efua = efua

    def log(self, log_id: str, words: str) -> None:
        """One log. Raises AssertionError where it is not kept."""
        body = {"id": log_id, "result": "did"} | ({"words": words} if words else {})
        headers = {
            "Authorization": f"Bearer {self._efua.token('family-portal')}",
            "Content-Type": "application/json",
            "Idempotency-Key": log_id,
        }
        self._line.request("POST", _LOGS, json.dumps(body), headers)
        answer = self._line.getresponse()
        said = answer.read()
        assert answer.status == 201, said


def rows(product: Product) -> list[Row]:
    """View and page latencies, the view's in turns with the raw path."""
    people = {person["id"]: person for person in product.people()}
    efua = Kith(product.url).sign_in(people["ps_efua"]["sign_in"], people["ps_efua"]["password"])
    view, raw_path_took = [], []
    for _ in range(TURNS):
        raw_path_took += uvloop.run(raw_path.latencies(product.parts(), WRITES, PAUSE_S))
        view += to_view(product, efua)
    page = to_page(product, people["ps_mateus"], efua)
    raw = middle(raw_path_took)
    half, late, shown = middle(view), percentile(view, 0.99), middle(page)
    return [
        Row(
            "Write → other party's view, p50",
            half,
            "ms",
            f"raw path p50 {raw:.1f} ms",
            half / raw,
            "≤ 2×",
            half <= 2 * raw,
        ),
        Row("Write → other party's view, p99", late, "ms", "100 ms", late / 100, "≤ 100 ms", late <= 100),
        Row("Write → their open page, p50", shown, "ms", "60 ms", shown / 60, "≤ 60 ms", shown <= 60),
    ]


def to_view(product: Product, efua: Person) -> list[float]:
    """Milliseconds from sending a log until the portal's item is committed, as its change stream tells."""
    client: MongoClient[dict[str, Any]] = MongoClient(product.parts()["mongo_admin_uri"])
    rows = client[database("family-portal")]["items"]
    seen: dict[str, float] = {}
    ready = threading.Event()

    def watch() -> None:
        with rows.watch([{"$match": {"operationType": "insert"}}]) as stream:
            ready.set()
            while len(seen) < WRITES and (change := stream.next()):
                seen[change["fullDocument"]["record_id"]] = time.perf_counter()

    watching = threading.Thread(target=watch, daemon=True)
    watching.start()
    ready.wait(10)
    phone, begun = _Phone(product, efua), {}
    for _ in range(WRITES):
        log_id = uuid4().hex
        begun[log_id] = time.perf_counter()
        phone.log(log_id, "")
        time.sleep(PAUSE_S)
    watching.join(30)
    client.close()
    return [(seen[log_id] - begun[log_id]) * 1000 for log_id in begun if log_id in seen]


def to_page(product: Product, mateus: dict[str, Any], efua: Person) -> list[float]:
    """Milliseconds from sending a log with words until the therapist's open page, at rest, shows them."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=list(ARGUMENTS))
        page = browser.new_page()
        page.goto(f"{product.url}/staff/sign-in")
        page.fill("#who", mateus["sign_in"])
        page.fill("#password", mateus["password"])
        page.click("button[type=submit]")
        page.goto(f"{product.url}/staff/clients/kofi")
        page.wait_for_timeout(2000)
        page.evaluate(_WATCH)
        phone = _Phone(product, efua)
        found = [_shown(page, phone) for _ in range(PAGE_WRITES)]
        browser.close()
    return found


def _shown(page: Page, phone: _Phone) -> float:
    log_id = uuid4().hex
    word = f"word{log_id[:12]}"
    page.evaluate("word => { window.wanted = [word]; }", word)
    begun = time.time() * 1000
    phone.log(log_id, word)
    page.wait_for_function("word => word in window.seen", arg=word, timeout=30_000)
    seen: float = page.evaluate("word => window.seen[word]", word)
    page.wait_for_timeout(AT_REST_MS)
    return seen - begun
