"""`kith series` against published reference figures, and its refusals."""

import csv
import json
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from kith_local.cli import main
from kith_local.series_file import Observation, Series, SeriesError
from kith_local.series_record import LARGEST, LONGEST, check_sizes
from sessions.api.bodies import TrialIn

DATA = Path(__file__).parents[3].parent / "shared" / "data" / "single-case"
needs_data = pytest.mark.skipif(
    not (DATA / "reference.csv").exists(), reason="the published data lies beside the repository, not in it"
)
MAPS: dict[str, list[str]] = {
    "Thiemann2001": ["--map", "phase=treatment,session=time"],
    "Laski": ["--map", "phase=treatment,session=time"],
    "English1997": ["--map", "outcome=score"],
    "Strasberger2014": [
        "--map", "case=StudyID_CaseID,session=Session_number", "--map", "phase=Condition,outcome=Outcome",
    ],
    "McKissick": [
        "--map", "case=Case_pseudonym", "--map", "session=Session_number", "--map", "phase=Condition",
        "--map", "outcome=Outcome", "--direction", "decrease",
    ],
    "Schmidt2012": [
        "--map", "case=Case,series=Behavior,phase=Trt,outcome=Outcome,session=Session_num", "--baseline", "0",
    ],
    "Schmidt2007": [
        "--map", "case=Case_pseudonym,series=Behavior_type,phase=Condition,outcome=Outcome",
        "--map", "session=Session_number", "--baseline", "A",
    ],
}  # fmt: skip


def run(*args: str) -> Any:
    return CliRunner().invoke(main, ["series", *args])


def figures(name: str, *more: str) -> list[dict[str, Any]]:
    done = run(str(DATA / f"{name}.csv"), "--json", *MAPS[name], *more)
    assert done.exit_code == 0, done.output
    rows: list[dict[str, Any]] = json.loads(done.stdout)
    return rows


def reference(name: str, contrast: str) -> list[dict[str, str]]:
    if not (DATA / "reference.csv").exists():
        return []
    with (DATA / "reference.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return [row for row in rows if row["dataset"] == name and row["contrast"] == contrast]


def named(row: dict[str, Any]) -> tuple[str, str]:
    return (row["case"].strip(), (row.get("series") or "").strip())


@needs_data
@pytest.mark.parametrize("name", ["Thiemann2001", "Laski", "English1997", "Strasberger2014", "McKissick"])
def test_every_ab_row_of_the_reference(name: str) -> None:
    found = figures(name)
    wanted = reference(name, "A-B")
    assert len(found) == len(wanted) > 0
    for row in found:
        (want,) = [w for w in wanted if w["case"] == row["case"] and row["series"] in (None, w["outcome"])]
        assert (row["n_baseline"], row["n_treatment"]) == (int(want["n_a"]), int(want["n_b"]))
        for ours, theirs in (("tau", "tau"), ("tau_u", "tau_u"), ("nap", "nap")):
            assert row[ours] == pytest.approx(float(want[theirs]), abs=1e-8), (row, ours)


@needs_data
@pytest.mark.parametrize("name", ["Schmidt2012", "Schmidt2007"])
def test_reversal_designs_are_pooled_and_leave_the_trend_out(name: str) -> None:
    found = figures(name)
    wanted = reference(name, "allA-allB")
    assert len(found) == len(wanted) > 0
    for row in found:
        (want,) = [w for w in wanted if (w["case"], w["outcome"]) == named(row)]
        assert row["tau"] == pytest.approx(float(want["tau"]), abs=1e-8)
        assert row["nap"] == pytest.approx(float(want["nap"]), abs=1e-8)
        assert row["tau_u"] is None and want["tau_u"] == ""


VECTOR = "case,session,phase,outcome\n" + "".join(
    f"One,{n},{'A' if n <= 6 else 'B'},{value}\n"
    for n, value in enumerate((20, 20, 26, 25, 22, 23, 28, 25, 24, 27, 30, 30, 29), 1)
)


def kept(folder: Path, text: str) -> str:
    file = folder / "series.csv"
    file.write_text(text, encoding="utf-8")
    return str(file)


def test_the_published_example(tmp_path: Path) -> None:
    (row,) = json.loads(run(kept(tmp_path, VECTOR), "--json").stdout)
    assert list(row) == ["case", "series", "n_baseline", "n_treatment", "tau", "tau_u", "nap"]
    assert (row["case"], row["series"], row["n_baseline"], row["n_treatment"]) == ("One", None, 6, 7)
    assert row["tau"] == pytest.approx(0.833, abs=5e-4) and row["tau_u"] == pytest.approx(0.738, abs=5e-4)


def test_a_table_for_people_names_the_figures(tmp_path: Path) -> None:
    shown = run(kept(tmp_path, VECTOR)).stdout
    assert "Tau-U" in shown and "0.833" in shown and "6+7" in shown


def test_lower_is_better_turns_the_sign(tmp_path: Path) -> None:
    (row,) = json.loads(run(kept(tmp_path, VECTOR), "--json", "--direction", "decrease").stdout)
    assert row["tau"] == pytest.approx(-0.833, abs=5e-4)


def test_rows_in_any_order_and_empty_outcomes_change_nothing(tmp_path: Path) -> None:
    head, *rows = VECTOR.strip().splitlines()
    shuffled = "\n".join([head, *sorted(rows, reverse=True), "One,99,B,"])
    assert run(kept(tmp_path, shuffled), "--json").stdout == run(kept(tmp_path, VECTOR), "--json").stdout


@pytest.mark.parametrize(
    ("text", "more", "says"),
    [
        ("case,outcome\nOne,1\n", [], "phase"),
        ("case,phase,outcome\nOne,A,many\n", [], "line 2"),
        (VECTOR, ["--baseline", "X"], "A, B"),
        (VECTOR, ["--map", "phase"], "--map"),
        (VECTOR, ["--map", "mood=phase"], "mood"),
        (VECTOR, ["--direction", "down"], "decrease"),
        (VECTOR, ["--case", "Two"], "no observation"),
        (VECTOR, ["--record"], "--as"),
        ("case,phase,outcome\n", [], "no observation"),
        ("case,case,phase,outcome\nOne,Two,A,1\n", [], "'case' is there twice"),
        ("case, phase,phase ,outcome\nOne,A,B,1\n", [], "'phase' is there twice"),
        ("who,case,who,phase,outcome\nOne,1,Two,A,1\n", ["--map", "case=who"], "'who' is there twice"),
        ("case,phase,outcome\nOne,A,1\n,A,2\n", [], "line 3: the case is empty"),
        ('case,phase,outcome\n" ",A,1\n', [], "line 2: the case is empty"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_sentence(
    tmp_path: Path, text: str, more: list[str], says: str
) -> None:
    done = run(kept(tmp_path, text), *more)
    assert done.exit_code == 2 and says in done.stderr and "Traceback" not in done.output


def test_headers_that_are_not_read_and_rows_without_an_outcome_may_be_as_they_are(tmp_path: Path) -> None:
    text = "case,phase,outcome,,,note,note\nOne,A,1,,,x,y\n,A,,,,,\nOne,B,2,,,,\n"
    (row,) = json.loads(run(kept(tmp_path, text), "--json").stdout)
    assert (row["case"], row["n_baseline"], row["n_treatment"]) == ("One", 1, 1)


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    done = run(str(tmp_path / "none.csv"))
    assert done.exit_code == 2 and "cannot be read" in done.stderr


def test_where_kith_runs_is_read_from_its_home_and_said_where_it_does_not_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "supervisor.json").write_text(json.dumps({"web": "http://localhost:9"}))
    monkeypatch.setenv("KITH_HOME", str(tmp_path))
    monkeypatch.setenv("KITH_PASSWORD", "clover")
    file = kept(tmp_path, "case,phase,outcome\nA,base,1\nA,base,2\nA,then,3\nA,then,4\n")
    done = run(file, "--record", "--as", "a@b.example", "--tenant", "t", "--client", "c", "--goal", "g")
    assert done.exit_code == 2
    assert "Kith does not answer at http://localhost:9: start it with `kith up`" in done.output
    monkeypatch.setenv("KITH_HOME", str(tmp_path / "nowhere"))
    monkeypatch.setenv("KITH_PORT", "9")
    done = run(file, "--record", "--as", "a@b.example", "--tenant", "t", "--client", "c", "--goal", "g")
    assert (done.exit_code, (tmp_path / "nowhere").exists()) == (2, False), "asking makes nothing"


@pytest.mark.parametrize("wrong", ["phase", "label", "value"])
def test_what_sessions_would_not_take_is_said_before_anything_is_written(wrong: str) -> None:
    for more, refused in ((0, False), (1, True)):
        phase, label = ("x" * (LONGEST + more if wrong == name else 1) for name in ("phase", "label"))
        value = -LARGEST * (1 + more) if wrong == "value" else 1.0
        trial = {"goal_id": "g_one", "value": value, "phase": phase, "label": label}
        observations = [Observation("base", 1.0), Observation(phase, value)]
        with pytest.raises(ValueError) if refused else nullcontext():
            TrialIn.model_validate(trial)
        with pytest.raises(SeriesError, match="to be recorded") if refused else nullcontext():
            check_sizes(Series("A", label, observations=observations))
