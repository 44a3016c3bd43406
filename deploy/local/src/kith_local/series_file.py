"""Reads a tidy file of single-case series: one row an observation, grouped by case and series."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from math import isfinite, nan
from pathlib import Path

from sessions.single_case import Effect, effect

REQUIRED = ("case", "phase", "outcome")
OPTIONAL = ("series", "session", "direction")
DIRECTIONS = ("increase", "decrease")


class SeriesError(Exception):
    """The file cannot be read as series; the message says what to change."""


@dataclass(frozen=True, slots=True)
class Observation:
    """One measured value, in the order of sessions."""

    phase: str
    value: float
    session: str | None = None


@dataclass
class Series:
    """All observations of one outcome of one case."""

    case: str
    series: str | None
    lower_is_better: bool = False
    observations: list[Observation] = field(default_factory=list)


def read(path: Path, names: Mapping[str, str], direction: str | None = None) -> list[Series]:
    """Series in the order in which they begin. `names` maps our columns to the file's headers.

    Rows without an outcome are left out. Raises SeriesError for columns that are missing or there twice, for outcomes
    of nobody, and for words as values.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            columns = _columns([h.strip() for h in reader.fieldnames or ()], names)
            reader.fieldnames = [h.strip() for h in reader.fieldnames or ()]
            rows = list(_rows(reader, columns))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise SeriesError(f"{path} cannot be read: {why}") from error
    found: dict[tuple[str, str | None], Series] = {}
    for line, row in rows:
        key = (row["case"], row.get("series") or None)
        wanted = direction or row.get("direction") or "increase"
        if wanted not in DIRECTIONS:
            raise SeriesError(f"line {line}: the direction is increase or decrease, not {wanted!r}")
        series = found.setdefault(key, Series(*key, lower_is_better=wanted == "decrease"))
        series.observations.append(_observation(line, row))
    for series in found.values():
        _put_in_order(series)
    return list(found.values())


def split(series: Series, baseline: str | None) -> tuple[list[float], list[float], bool]:
    """Baseline values, all other values, and whether baseline is one block before treatment.

    Without a label the first phase is the baseline.
    """
    first = baseline or (series.observations[0].phase if series.observations else "")
    a = [o.value for o in series.observations if o.phase == first]
    b = [o.value for o in series.observations if o.phase != first]
    blocks = [is_a for is_a, _ in groupby(o.phase == first for o in series.observations)]
    return a, b, blocks == [True, False]


def effect_of(series: Series, baseline: str | None) -> Effect:
    """The figures of one series; no Tau-U where baseline returns, because its trend has no meaning then."""
    a, b, in_one_block = split(series, baseline)
    return effect(a, b, lower_is_better=series.lower_is_better, with_trend=in_one_block)


def check_label(found: Iterable[Series], baseline: str | None) -> None:
    """Raises SeriesError when no series has a phase of that name."""
    labels = sorted({o.phase for series in found for o in series.observations})
    if baseline is not None and baseline not in labels:
        raise SeriesError(f"no phase is called {baseline!r}; the file has {', '.join(labels)}")


def _columns(headers: list[str], names: Mapping[str, str]) -> dict[str, str]:
    unknown = set(names) - {*REQUIRED, *OPTIONAL}
    if unknown:
        raise SeriesError(
            f"--map knows {', '.join((*REQUIRED, *OPTIONAL))}, not {', '.join(sorted(unknown))}"
        )
    columns = {ours: names.get(ours, ours) for ours in (*REQUIRED, *OPTIONAL)}
    asked = {*REQUIRED, *names}
    missing = [
        f"{ours} (looked for {columns[ours]!r})" for ours in sorted(asked) if columns[ours] not in headers
    ]
    if missing:
        raise SeriesError(
            f"missing: {', '.join(missing)}. The file has {', '.join(headers)}; "
            "name columns with --map, for example --map phase=treatment"
        )
    read_here = {ours: theirs for ours, theirs in columns.items() if theirs in headers}
    for theirs in read_here.values():
        if headers.count(theirs) > 1:
            raise SeriesError(
                f"the column {theirs!r} is there twice: keep the one that counts, or rename the other"
            )
    return read_here


def _rows(reader: "csv.DictReader[str]", columns: Mapping[str, str]) -> Iterable[tuple[int, dict[str, str]]]:
    for raw in reader:
        row = {ours: (raw.get(theirs) or "").strip() for ours, theirs in columns.items()}
        if row["outcome"] and row["outcome"].upper() != "NA":
            if not row["case"]:
                raise SeriesError(
                    f"line {reader.line_num}: the case is empty; say whose outcome it is, or leave the row out"
                )
            yield reader.line_num, row


def _observation(line: int, row: Mapping[str, str]) -> Observation:
    try:
        value = float(row["outcome"])
    except ValueError:
        value = nan
    if not isfinite(value):
        raise SeriesError(f"line {line}: the outcome {row['outcome']!r} is not a number")
    return Observation(row["phase"], value, row.get("session") or None)


def _put_in_order(series: Series) -> None:
    """By session where every session is a number; else as in the file."""
    try:
        series.observations.sort(key=lambda o: float(o.session or ""))
    except ValueError:
        return
