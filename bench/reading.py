"""Portal reads: the JSON view against a plain document, and a guardian's page by the second and core."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from pymongo import MongoClient

from bench.load import pinned, rate
from bench.rows import Row, middle
from kith_local.browsing import Browser
from kith_local.program import Kith
from kith_local.testing import Product

RUNS = 5
FEW = 4
READERS = (16, FEW)
"""So many keep the core busy, as for the JSON read, so that a rate is what one core gives; and so many the peer had."""
PEER, TIMES, PLAIN_THERE = 64.0, 10, 1_465.0
"""The nearest open-source peer's pages on one core, how many times that is aimed at, and what a plain document gave
on the peer's machine."""


@contextmanager
def plain(product: Product, body: dict[str, Any]) -> Iterator[tuple[str, int]]:
    """The plain document server over the same mongod, holding such a document: its address and its pid."""
    uri = product.parts()["mongo_admin_uri"]
    MongoClient(uri)["bench"]["bench_plain"].replace_one(
        {"_id": "plain"}, {"_id": "plain", **body}, upsert=True
    )
    env = {**os.environ, "PLAIN_MONGO_URI": uri, "PLAIN_MONGO_DB": "bench"}
    command = [sys.executable, "-m", "uvicorn", "bench.plain:app", "--port", "8399", "--log-level", "warning"]
    server = subprocess.Popen([*command, "--loop", "uvloop", "--http", "httptools"], env=env)
    try:
        os.sched_setaffinity(server.pid, {0})
        for _ in range(100):
            try:
                httpx.get("http://127.0.0.1:8399/document")
                break
            except httpx.HTTPError:
                time.sleep(0.1)
        yield "http://127.0.0.1:8399/document", server.pid
    finally:
        server.terminate()
        server.wait()


def rows(product: Product) -> list[Row]:
    """JSON read and page, each the median of interleaved runs with its limit."""
    people = {person["id"]: person for person in product.people()}
    efua = people["ps_efua"]
    kith = Kith(product.url)
    person = kith.sign_in(efua["sign_in"], efua["password"])
    path = "/tenants/tn_lantern/clients/cl_kofi/view"
    body = person.get("family-portal", path)
    browser = Browser(product.url)
    browser.sign_in(efua)
    cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    ours, theirs = [], []
    pages: dict[int, list[float]] = {readers: [] for readers in READERS}
    with plain(product, body) as (url, _), pinned(product, "family-portal-api"):
        for _ in range(RUNS):
            token = person.token("family-portal")
            ours.append(rate(product.url + path, {"Authorization": f"Bearer {token}"}))
            theirs.append(rate(url, {}))
            for readers, found in pages.items():
                headers = {"Cookie": cookie, "Accept": "text/html"}
                found.append(rate(f"{product.url}/home/kofi", headers, connections=readers)[0])
    read, limit = middle([r for r, _ in ours]), middle([r for r, _ in theirs])
    late, limit_late = middle([p for _, p in ours]), middle([p for _, p in theirs])
    peer_here = PEER * limit / PLAIN_THERE
    return [
        Row(
            "Portal read, JSON",
            read,
            "reads/s/core",
            f"plain document {limit:,.0f}/s",
            read / limit,
            "≥ 0.45×",
            read >= 0.45 * limit,
        ),
        Row(
            "Portal read, JSON, p99",
            late,
            "ms",
            f"plain document {limit_late:.1f} ms",
            late / limit_late,
            "≤ 2×",
            late <= 2 * limit_late,
        ),
        *(_page(f"Portal page, HTML, {readers} readers", middle(found)) for readers, found in pages.items()),
        _page(
            f"Portal page, HTML, {FEW} readers, the peer's machine as fast as this one",
            middle(pages[FEW]),
            peer_here,
            f"the peer's page scaled by a plain document, {limit:,.0f}/s here and {PLAIN_THERE:,.0f}/s there: ",
        ),
    ]


def _page(
    name: str, page: float, peer: float = PEER, against: str = "the nearest peer's page on one core, "
) -> Row:
    aim = f"≥ {TIMES}×"
    return Row(name, page, "pages/s/core", f"{against}{peer:.0f}/s", page / peer, aim, page >= TIMES * peer)
