"""Published single-case data goes through the public API onto a client's chart; its figures are the published ones."""

import csv
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from contracts.ids import new_id
from kith_local.acting import Cast, until
from kith_local.browsing import Browser
from kith_local.program import Person, Refused
from kith_local.series_file import Observation, Series
from kith_local.series_record import Place, keep
from kith_local.testing import Product

pytestmark = pytest.mark.stack

DATA = Path(__file__).parents[3] / "shared" / "data" / "single-case"
FILE = DATA / "Thiemann2001.csv"
needs_data = pytest.mark.skipif(
    not FILE.exists(), reason="the published data lies beside the repository, not in it"
)
GOAL = "g_jun_people"


def _series(product: Product, *arguments: str, password: str = "") -> subprocess.CompletedProcess[str]:
    return _of(FILE, product, "--map", "phase=treatment,session=time", *arguments, password=password)


def _of(
    file: Path, product: Product, *arguments: str, password: str = ""
) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "KITH_HOME": str(product.home), "KITH_PASSWORD": password}
    command = [str(Path(sys.executable).with_name("kith")), "series", str(file), *arguments]
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


def _calendar(person: Person, client_id: str) -> dict[str, str]:
    """The states of the client's sessions by id, of which there are fewer than two hundred."""
    page = person.get("sessions", f"/tenants/tn_lantern/clients/{client_id}/sessions?limit=200")
    assert page["next"] is None
    return {row["id"]: row["state"] for row in page["items"]}


def _recorded(
    cast: Cast, product: Product, folder: Path, rows: str, goal: str
) -> subprocess.CompletedProcess[str]:
    """Jun's therapist records these rows for the goal."""
    file, row = folder / "series.csv", cast.row("ps_leilani")
    file.write_text(f"case,phase,outcome\n{rows}\n")
    where = ["--url", product.url, "--tenant", "tn_lantern", "--client", "cl_jun", "--goal", goal]
    return _of(file, product, "--record", "--as", row["sign_in"], *where, password=row["password"])


@pytest.fixture
def draft(cast: Cast) -> Iterator[str]:
    """A goal of Jun's that is still being written; thrown away afterwards."""
    leilani, goals = cast.program("ps_leilani"), "/tenants/tn_lantern/clients/cl_jun/goals"
    made = leilani.post("care-plans", goals, {"team": "Jun says what they like."})
    yield made["id"]
    version = leilani.get("care-plans", f"{goals}/{made['id']}")["doc_version"]
    leilani.post("care-plans", f"{goals}/{made['id']}/discard", {}, version=version)


@pytest.mark.parametrize("goal", ["g_nope", "g_kofi_break", "", "a/b?c"])
def test_a_goal_that_takes_no_results_leaves_the_calendar_as_it_was(
    cast: Cast, product: Product, draft: str, tmp_path: Path, goal: str
) -> None:
    """One that is nobody's, another client's, one that is still a draft, and what is no id at all."""
    leilani, goal = cast.program("ps_leilani"), goal or draft
    before = _calendar(leilani, "cl_jun")
    done = _recorded(cast, product, tmp_path, "A,base,1\nA,then,2", goal)
    assert done.returncode == 2
    assert _calendar(leilani, "cl_jun") == before
    assert f"The goal {goal!r} takes no results, so nothing was recorded." in done.stderr
    assert "Traceback" not in done.stderr


def test_a_session_whose_result_is_refused_does_not_stay_planned(cast: Cast, product: Product) -> None:
    """As where the goal ends after it was looked at."""
    leilani = cast.program("ps_leilani")
    series = Series(new_id(), None, observations=[Observation("base", 1.0)])
    before = _calendar(leilani, "cl_jun")
    with pytest.raises(Refused, match=r"was planned, and is cancelled again\."):
        keep(leilani, Place(product.url, "tn_lantern", "cl_jun", "g_nope"), series, 0, {})
    ((_, state),) = _calendar(leilani, "cl_jun").items() - before.items()
    assert state == "cancelled"


def test_a_session_that_was_cancelled_so_is_recorded_by_the_next_run(
    cast: Cast, product: Product, tmp_path: Path
) -> None:
    leilani, place = cast.program("ps_leilani"), Place(product.url, "tn_lantern", "cl_jun", GOAL)
    case = new_id()
    session_id = place.session_id(Series(case, None), 0)
    at = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    leilani.post("sessions", place.path, {"id": session_id, "kind": "individual", "scheduled_for": at})
    leilani.post("sessions", f"{place.path}/{session_id}/record", {"state": "cancelled"})
    for said in ("1 values recorded.", "0 values recorded, 1 were there already."):
        done = _recorded(cast, product, tmp_path, f"{case},base,1", GOAL)
        assert (done.returncode, said in done.stdout) == (0, True), done.stderr
    assert _calendar(leilani, "cl_jun")[session_id] == "signed"
