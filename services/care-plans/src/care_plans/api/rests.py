"""A week's rest over HTTP: all practice of a home, or of the client, and going on again."""

from collections.abc import Callable
from typing import Any

from fastapi.responses import JSONResponse

from care_plans.api.desk import Desk, DeskDep
from care_plans.rests import Rest
from chassis.cursors import After, Limit
from chassis.errors import Forbidden, Invalid, NotFound
from chassis.http import CommandDep, Strict
from chassis.journal import Command, Tx
from chassis.routes import Routes
from contracts.classes import DataClass
from contracts.ids import Id
from policy.days import day_of
from policy.filters import filter as allowed
from policy.resting import rested_by

router = Routes(prefix="/tenants/{tenant_id}/clients/{client_id}", tags=["rests"])


class RestIn(Strict):
    """Whose practice: that of one's home, or without one the client's own. There is no field for a reason."""

    household_id: Id | None = None


@router.get("/rests")
async def list_rests(desk: DeskDep, limit: Limit = 50, after: After = None) -> dict[str, Any]:
    """What rests now, and until which day: the team sees all of it, a home its own, the client theirs."""
    where = {"$and": [allowed(desk.grants)]}
    today = day_of(desk.now)
    rests, cursor = await desk.stores().rests.page(desk.client_id, where, today, limit=limit, after=after)
    if rests:
        await desk.saw(DataClass.TASK_LOG)
    return {"items": [_shown(desk, rest) for rest in rests], "next": cursor}


@router.post("/rests")
async def begin_rest(desk: DeskDep, command: CommandDep, body: RestIn) -> JSONResponse:
    """Let all practice of one's home, or one's own, rest until the end of Sunday. Nobody asks why.
    Places stay taken: it is this week's load all the same. It ends by itself."""
    return await _move(desk, command, body, lambda rest: rest.begin(by=desk.person_id, now=desk.now))


@router.post("/rests/end")
async def end_rest(desk: DeskDep, command: CommandDep, body: RestIn) -> JSONResponse:
    """Go on again before Sunday is over. What does not rest stays as it is."""
    return await _move(desk, command, body, lambda rest: rest.end(by=desk.person_id, now=desk.now))


async def _move(desk: Desk, command: Command, body: RestIn, move: Callable[[Rest], None]) -> JSONResponse:
    _lets_rest(desk)

    async def work(tx: Tx) -> None:
        _is_ones_own(desk, body.household_id)
        rests = desk.stores(tx).rests
        rest = await rests.get(desk.client_id, body.household_id)
        move(rest)
        await rests.save(tx, rest)
        tx.answer(_shown(desk, rest))

    return await desk.write(work, command)


def _lets_rest(desk: Desk) -> None:
    """Let those pass who decide for a home, or are the client.

    Raises Forbidden to the team, which only reads it, and to those who only log; NotFound to others.
    """
    if rested_by(desk.grants):
        return
    if "team" in desk.grants.labels:
        raise Forbidden("A home or a client lets their own practice rest; the team reads that it does.")
    if desk.grants.may(DataClass.TASK_LOG, "write"):
        raise Forbidden("A guardian of full authority lets a home's practice rest, and a client their own.")
    raise NotFound


def _is_ones_own(desk: Desk, household_id: str | None) -> None:
    """Raises Invalid for practice that is not the caller's to let rest, whether there is such a home or not."""
    party = f"household:{household_id}" if household_id else "client"
    if party not in rested_by(desk.grants):
        raise Invalid("This is no home of yours.", "household_id", "Name your own home.")


def _shown(desk: Desk, rest: Rest) -> dict[str, Any]:
    return {
        "household_id": rest.household_id,
        "until": rest.until.isoformat() if rest.until and rest.holds(desk.now) else None,
    }
