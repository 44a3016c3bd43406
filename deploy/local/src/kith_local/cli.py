"""`kith`: start, stop and look at a local stack."""

import json
import os
import signal
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from kith_local import series_cli
from kith_local.home import Home, default_home, home_path
from kith_local.parts.process import wait_for
from kith_local.tending import born, must_be_tended, tended

main = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help=__doc__)
parts = typer.Typer(no_args_is_help=True, help="MongoDB and Kafka alone, for tests and experiments.")
main.add_typer(parts, name="parts")
series_cli.add_to(main)

HomeOption = Annotated[
    Path | None, typer.Option("--home", help="The data folder; else KITH_HOME, else .kith")
]


@main.command()
def up(
    detach: Annotated[bool, typer.Option("--detach", help="Give the shell back when it is ready.")] = False,
    demo: Annotated[bool, typer.Option(help="Load the demo organisations at the first start.")] = True,
) -> None:
    """Start everything: MongoDB, Kafka, the message sink, and five services with two processes each."""
    from kith_local import running

    home = default_home()
    sys.exit(running.detached(home, demo=demo) if detach else running.attached(home, demo=demo))


@main.command()
def down() -> None:
    """End everything that `kith up` started."""
    state = tended(home_path())
    if state is None:
        typer.echo("Kith is not running.")
        return
    pid, began = state["pid"], born(state["pid"])
    os.kill(pid, signal.SIGTERM)
    if not wait_for(lambda: born(pid) != began, 60):
        _fail(f"Process {pid} has not ended within a minute.")
    typer.echo("Kith has ended; its data is kept.")


@main.command()
def status(as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """What runs, how far behind it is, and who can sign in."""
    from kith_local.status import status as ask

    home = _running()
    try:
        state = ask(home)
    except RuntimeError as problem:
        _fail(str(problem))
    typer.echo(json.dumps(state, indent=1, ensure_ascii=False) if as_json else _table(state))


@main.command()
def parked(as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """The streams that stand because a record could not be applied."""
    from kith_local.status import Operator

    rows, silent = Operator(_running()).parked()
    if as_json:
        typer.echo(json.dumps(rows, indent=1))
    else:
        for row in rows:
            typer.echo("  ".join(f"{key}={value}" for key, value in row.items()))
        typer.echo(f"{len(rows)} parked")
    if silent:
        _fail("; ".join(f"{service} does not answer" for service in silent))


@main.command()
def unpark(service: str, stream: str) -> None:
    """Let a parked stream go on: the service's name and the id that `kith parked` shows."""
    from kith_local.status import Operator

    home = _running()
    try:
        typer.echo(json.dumps(Operator(home).unpark(service, stream)))
    except RuntimeError as problem:
        _fail(str(problem))


@main.command()
def rebuild(
    check: Annotated[bool, typer.Option("--check", help="Compare only; change nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Build the portal's views anew from the first event on, compare them, and put right what differs."""
    from kith_local.rebuilding import rebuild as build

    home = _running()
    try:
        found = build(home, swap=not check)
    except RuntimeError as problem:
        _fail(str(problem))
    if as_json:
        typer.echo(json.dumps(found, indent=1))
    else:
        typer.echo(f"{found['documents']} documents of {found['streams']} streams, {found['rebuilt'][:16]}")
        typer.echo("Equal." if found["equal"] else f"{len(found['different'])} differed.")
    if check and not found["equal"]:
        raise typer.Exit(1)


@parts.command("up")
def parts_up(home: HomeOption = None) -> None:
    """Start MongoDB and Kafka and keep them running; prints how to reach them."""
    from kith_local.parts.stack import up as start

    try:
        typer.echo(json.dumps(start(_home(home), keep=True), indent=1))
    except RuntimeError as problem:
        _fail(str(problem))


@parts.command("down")
def parts_down(home: HomeOption = None) -> None:
    """End MongoDB and Kafka; their data is kept."""
    from kith_local.parts.stack import down as stop

    stop(_home(home))


def _home(path: Path | None) -> Home:
    return Home(path) if path else default_home()


def _running() -> Home:
    """The home that a supervisor tends now; where none does, that is said and nothing is made."""
    try:
        must_be_tended(home_path())
    except RuntimeError as problem:
        _fail(str(problem))
    return default_home()


def _table(state: dict[str, Any]) -> str:
    lines = [f"Web   {state['web']}", f"Mail  {state['mail']}", ""]
    lines.append(f"{'process':24}{'ok':5}{'pid':>8}{'MB':>8}{'lag':>6}{'parked':>8}{'fresh':>8}")
    for row in state["processes"]:
        cells = [
            row[key] if row[key] is not None else "-" for key in ("rss_mb", "lag", "parked", "freshness_s")
        ]
        numbers = f"{cells[0]:>8}{cells[1]:>6}{cells[2]:>8}{cells[3]:>8}"
        lines.append(f"{row['name']:24}{'yes' if row['ok'] else 'NO':5}{row['pid'] or '-':>8}{numbers}")
    lines += [
        "",
        *(f"{p['name']}, {p['role']}, {p['organisation']}: {p['sign_in']}" for p in state["people"]),
    ]
    return "\n".join(lines)


def _fail(sentence: str) -> None:
    typer.echo(sentence, err=True)
    raise typer.Exit(1)
