"""A measured figure beside its limit, and the report made of all of them."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Row:
    """One figure: `ratio` is value to limit as the aim states it; `met` says whether the aim was reached."""

    name: str
    value: float
    unit: str
    against: str
    ratio: float | None
    aim: str
    met: bool


def percentile(values: list[float], share: float) -> float:
    """The value below which that share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def middle(values: list[float]) -> float:
    """The median."""
    return float(median(values))


def write_report(rows: list[dict[str, Any]], machine: str) -> None:
    """`report.json` for programs, `REPORT.md` for people."""
    (HERE / "report.json").write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n")
    lines = [
        "# Measured",
        "",
        "`make bench` wrote this. Ratios were taken in one run on one machine, limit beside value; the absolute",
        f"figures only say what that machine was: {machine}.",
        "",
        "| what | value | against | ratio | aim | met |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows:
        ratio = "–" if row["ratio"] is None else f"{row['ratio']:.2f}"
        value = f"{row['value']:,.1f} {row['unit']}"
        met = "yes" if row["met"] else "**no**"
        lines.append(f"| {row['name']} | {value} | {row['against']} | {ratio} | {row['aim']} | {met} |")
    (HERE / "REPORT.md").write_text("\n".join(lines) + "\n")


def as_dicts(rows: list[Row]) -> list[dict[str, Any]]:
    """Rows as the report keeps them."""
    return [asdict(row) for row in rows]
