"""`python -m bench`: measure everything in one run and write `report.json` and `REPORT.md` beside this file."""

import os
import platform
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench import consumer, propagation, reading, starting, withdrawing, writing
from bench.load import settle
from bench.rows import as_dicts, write_report
from kith_local.testing import started


def main() -> int:
    """Run every bench against one product of its own, what one person waits for before what many ask at once.

    0 even where an aim is missed: the report says so.
    """
    print("the live consumer against the bare form", flush=True)
    found: list[dict[str, Any]] = consumer.rows()
    with tempfile.TemporaryDirectory() as folder:
        print("starting a product with the demo organisations", flush=True)
        with started(Path(folder), demo=True) as product:
            for name, part in (
                ("propagation", propagation.rows),
                ("withdrawing", withdrawing.rows),
                ("reading", reading.rows),
                ("writing", writing.rows),
                ("starting", starting.rows),
            ):
                print(name, flush=True)
                settle(product)
                found += as_dicts(part(product))
                print("\n".join(str(row) for row in found), flush=True)
    load = os.getloadavg()[2]
    write_report(
        found, f"{os.cpu_count()} cores, Python {platform.python_version()}, load average {load:.1f}"
    )
    for row in found:
        print(f"{row['name']:40} {row['value']:>10.1f} {row['unit']:16} {'met' if row['met'] else 'MISSED'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
