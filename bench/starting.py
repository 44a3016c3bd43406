"""The warm start of the whole stack to its first page, and what each process keeps in memory."""

import os
import time
from pathlib import Path

import httpx

from bench.reading import plain
from bench.rows import Row
from kith_local.testing import Product

AIM_S = 15.0
MOST_MEMORY = 1.6
"""An API process against the plain document server of the same run."""


def rows(product: Product) -> list[Row]:
    """Stops and starts the product; its data stays."""
    product.kith("down")
    begun = time.perf_counter()
    product.kith("up", "--detach", "--no-demo")
    httpx.get(f"{product.url}/help-now").raise_for_status()
    taken = time.perf_counter() - begun
    found = [
        Row(
            "Warm start to the first page",
            taken,
            "s",
            f"{AIM_S:.0f} s",
            taken / AIM_S,
            "≤ 15 s",
            taken <= AIM_S,
        )
    ]
    time.sleep(20)
    with plain(product, {"hello": "document"}) as (_, server):
        hello = _memory(server)
    state = product.status()["processes"]
    ours = [row for row in state if row["name"] not in ("mongod", "kafka")]
    total = sum(_share(row["pid"]) for row in ours)
    found += [
        Row(
            f"Memory of {row['name']}",
            row["rss_mb"],
            "MB",
            f"plain document server {hello:.0f} MB",
            row["rss_mb"] / hello,
            f"≤ {MOST_MEMORY}×",
            row["rss_mb"] <= MOST_MEMORY * hello,
        )
        for row in ours
        if row["name"].endswith("-api")
    ]
    found += [
        Row(
            f"Memory of {row['name']}", row["rss_mb"], "MB", "no limit of ours", None, "for information", True
        )
        for row in state
        if not row["name"].endswith("-api")
    ]
    found.append(
        Row(
            "Memory of all our processes, shared pages once",
            total,
            "MB",
            "1,200 MB",
            total / 1200,
            "≤ 1,200 MB",
            total <= 1200,
        )
    )
    return found


def _memory(pid: int) -> float:
    """What a process keeps in memory, in MB."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1_000_000


def _share(pid: int) -> float:
    """A process's part of the memory: pages that several share are divided among them, in MB."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1000
