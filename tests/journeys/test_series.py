"""Published single-case data goes through the public API onto a client's chart; its figures are the published ones."""

import csv
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from kith_local.acting import Cast, until
from kith_local.browsing import Browser
from kith_local.testing import Product

pytestmark = pytest.mark.stack

DATA = Path(__file__).parents[3] / "shared" / "data" / "single-case"
FILE = DATA / "Thiemann2001.csv"
needs_data = pytest.mark.skipif(
    not FILE.exists(), reason="the published data lies beside the repository, not in it"
)
GOAL = "g_jun_people"


def _series(product: Product, *arguments: str, password: str = "") -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "KITH_HOME": str(product.home), "KITH_PASSWORD": password}
    command = [str(Path(sys.executable).with_name("kith")), "series", str(FILE)]
    command += ["--map", "phase=treatment,session=time", *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


@needs_data
def test_the_figures_are_those_of_the_reference(product: Product) -> None:
    done = _series(product, "--json")
    assert done.returncode == 0, done.stderr
    rows = {(row["case"], row["series"]): row for row in json.loads(done.stdout)}
    with (DATA / "reference.csv").open() as file:
        published = [row for row in csv.DictReader(file) if row["dataset"] == "Thiemann2001"]
    assert len(published) == len(rows) > 0
    for row in published:
        own = rows[row["case"], row["outcome"]]
        assert (own["n_baseline"], own["n_treatment"]) == (int(row["n_a"]), int(row["n_b"]))
        for figure in ("tau", "tau_u", "nap"):
            assert own[figure] == pytest.approx(float(row[figure]), abs=1e-8), (row, figure)


def _to_sign(staff: Browser) -> str:
    """What stands under *To sign* on the therapist's first page."""
    part = re.search(r'(?s)<section[^>]*aria-labelledby="sign".*?</section>', staff.open("/staff/today").text)
    return part[0] if part else ""


@needs_data
def test_one_case_is_recorded_and_stands_on_the_chart(cast: Cast, product: Product) -> None:
    found = json.loads(_series(product, "--json").stdout)[0]
    row = cast.row("ps_leilani")
    chosen = ["--case", found["case"], *(["--series", found["series"]] if found["series"] else [])]
    where = ["--tenant", "tn_lantern", "--client", "cl_jun", "--goal", GOAL]
    leilani = cast.browser("ps_leilani")
    waits = _to_sign(leilani)
    done = _series(
        product, *chosen, "--record", "--url", product.url, "--as", row["sign_in"], *where,
        password=row["password"],
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert _to_sign(leilani) == waits, "what was recorded is signed too"
    wanted = found["n_baseline"] + found["n_treatment"]

    def on_the_chart() -> bool:
        page = leilani.open("/staff/clients/jun").text
        panel = re.search(rf'(?s)id="goal-{GOAL}".*?</article>', page)
        if panel is None:
            return False
        marks = len(re.findall(r'<path class="session', panel[0]))
        rows = len(re.findall(r"<td>Session</td>", panel[0]))
        return marks >= wanted and rows >= wanted

    until(on_the_chart, f"{wanted} values on the chart")
