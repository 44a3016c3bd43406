"""`kith series`: effect sizes of a published or an own series, and its values recorded for a client."""

import json
import os
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer

from kith_local.environment import running_url
from kith_local.home import home_path
from kith_local.program import Refused
from kith_local.series_file import DIRECTIONS, Series, SeriesError, check_label, effect_of, read
from kith_local.series_record import Place, record
from sessions.single_case import Effect


def add_to(main: typer.Typer) -> None:
    """Make `series` a command of `kith`."""
    main.command()(series)


def series(
    file: Annotated[Path, typer.Argument(help="A CSV file: case, phase, outcome; optional series, session")],
    as_json: Annotated[bool, typer.Option("--json", help="A list of objects instead of a table")] = False,
    names: Annotated[
        list[str] | None, typer.Option("--map", help="Name a column: phase=treatment (again for more)")
    ] = None,
    baseline: Annotated[str | None, typer.Option(help="Label of the baseline, else the first phase")] = None,
    direction: Annotated[str | None, typer.Option(help="increase or decrease: which is better")] = None,
    to_record: Annotated[bool, typer.Option("--record", help="Record it for a client")] = False,
    url: Annotated[str, typer.Option(help="Where Kith runs, else the one of KITH_HOME")] = "",
    sign_in: Annotated[str, typer.Option("--as", help="Who records: the e-mail you sign in with")] = "",
    tenant: Annotated[str, typer.Option(help="Organisation id")] = "",
    client: Annotated[str, typer.Option(help="Client id")] = "",
    goal: Annotated[str, typer.Option(help="Goal id")] = "",
    case: Annotated[str | None, typer.Option(help="Only this case")] = None,
    only: Annotated[str | None, typer.Option("--series", help="Only this series")] = None,
) -> None:
    """Print n, Tau, Tau-U and NAP of every case and outcome of FILE; --record keeps the values in Kith."""
    try:
        found = _chosen(file, names or [], direction, baseline, case, only)
        _show(found, baseline, as_json)
        if to_record:
            where = Place(url or running_url(home_path()), tenant, client, goal)
            typer.echo(record(where, sign_in, _password(where, sign_in), _one(found)), err=as_json)
    except httpx.ConnectError:
        away = (
            f"Kith does not answer at {where.url}: start it with `kith up`, or say with --url where it runs"
        )
        typer.echo(f"kith series: {away}", err=True)
        raise typer.Exit(2) from None
    except (SeriesError, Refused, httpx.HTTPError) as error:
        typer.echo(f"kith series: {error}", err=True)
        raise typer.Exit(2) from None


def _chosen(
    file: Path,
    names: list[str],
    direction: str | None,
    baseline: str | None,
    case: str | None,
    only: str | None,
) -> list[Series]:
    if direction not in (None, *DIRECTIONS):
        raise SeriesError("--direction is increase or decrease")
    found = [
        s
        for s in read(file, _mapping(names), direction)
        if case in (None, s.case) and only in (None, s.series)
    ]
    if not found:
        raise SeriesError("no observation is left to look at")
    check_label(found, baseline)
    return found


def _mapping(names: list[str]) -> dict[str, str]:
    """`ours=theirs`, several at once with commas."""
    pairs = [part.partition("=") for text in names for part in text.split(",")]
    if any(not ours.strip() or not theirs.strip() for ours, _, theirs in pairs):
        raise SeriesError("--map takes our name, =, the file's header: --map phase=treatment")
    return {ours.strip(): theirs.strip() for ours, _, theirs in pairs}


def _one(found: list[Series]) -> Series:
    if len(found) != 1:
        names = "; ".join(f"{s.case} / {s.series}" if s.series else s.case for s in found)
        raise SeriesError(f"one client's goal takes one series; choose with --case and --series: {names}")
    return found[0]


def _password(where: Place, sign_in: str) -> str:
    if not all((sign_in, where.tenant_id, where.client_id, where.goal_id)):
        raise SeriesError("--record needs --as, --tenant, --client and --goal")
    return os.environ.get("KITH_PASSWORD") or str(
        typer.prompt(f"Password of {sign_in}", hide_input=True, err=True)
    )


def row_of(found: Series, effect: Effect) -> dict[str, Any]:
    """One row of the answer, as `--json` prints it."""
    return {
        "case": found.case,
        "series": found.series,
        "n_baseline": effect.n_baseline,
        "n_treatment": effect.n_treatment,
        "tau": effect.tau,
        "tau_u": effect.tau_u,
        "nap": effect.nap,
    }


def _show(found: list[Series], baseline: str | None, as_json: bool) -> None:
    rows = [row_of(s, effect_of(s, baseline)) for s in found]
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    width = max(len("case"), *(len(str(r["case"])) for r in rows))
    other = max(len("series"), *(len(r["series"] or "") for r in rows))
    typer.echo(f"{'case':<{width}}  {'series':<{other}}  {'n':>7}  {'Tau':>7}  {'Tau-U':>7}  {'NAP':>6}")
    for r in rows:
        n = f"{r['n_baseline']}+{r['n_treatment']}"
        figures = f"{_figure(r['tau']):>7}  {_figure(r['tau_u']):>7}  {_figure(r['nap']):>6}"
        typer.echo(f"{r['case']:<{width}}  {r['series'] or '':<{other}}  {n:>7}  {figures}")
    if any(r["tau_u"] is None and r["tau"] is not None for r in rows):
        typer.echo("– Tau-U is left out where baseline returns: its trend has no meaning then.")


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
