"""The page "about me" over HTTP: lines in the person's own words, their yes, and what school may then read."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, TypedDict

from fastapi import Depends, Path, Query
from fastapi.responses import JSONResponse
from pydantic import Field, StringConstraints

from care_plans.about_me import LONGEST, Asked, Line, Page, Writer
from care_plans.api.desk import Desk, DeskDep
from chassis.cursors import After, Limit
from chassis.errors import Forbidden, NotFound
from chassis.http import CommandDep, SeenVersion, Strict, require_version
from chassis.journal import Tx
from chassis.routes import Routes
from chassis.strict import OneLine
from chassis.versions import Seen
from contracts.about_me import Heading, LineState
from contracts.classes import DataClass
from contracts.ids import ID_PATTERN, Id, new_id
from policy.cedar import Action
from policy.filters import filter as allowed
from policy.filters import shows

router = Routes(prefix="/tenants/{tenant_id}/clients/{client_id}/about", tags=["about me"])

LineId = Annotated[str, Path(pattern=ID_PATTERN)]
Words = Annotated[str, StringConstraints(strip_whitespace=True), OneLine]
SeenLine = Annotated[Seen, Depends(SeenVersion())]
ABOUT = DataClass.ABOUT_ME
ONLY_READS = {
    "write": "You read this page; whoever it is about writes it, with the team, and for a child those at home.",
    "sign": "The yes is the person’s own; for a child whoever decides for them says how they were asked.",
}


class _Hand(TypedDict):
    """Who changes a line, and when."""

    writer: Writer
    now: datetime


class AskedIn(Strict):
    """How a child was asked, in which way of communicating, and what came back; the team reads it."""

    how: str = Field(min_length=1, max_length=1000)
    way: str | None = Field(None, max_length=500)
    came_back: str = Field(min_length=1, max_length=2000)


class LineWords(Strict):
    """A line in the person's own words, under one of the page's headings."""

    heading: Heading
    words: Words = Field(min_length=1, max_length=LONGEST)


class LineIn(LineWords):
    """A line, and for a child who said yes to it how they were asked; without their yes nothing is said of that."""

    asked: AskedIn | None = None


class NewLine(LineIn):
    """A new line, under an id of its author's choice."""

    id: Id | None = None


class Yes(Strict):
    """A yes to a line: one's own needs no more, of a child it says how they were asked."""

    asked: AskedIn | None = None


@router.get("")
async def list_about_me(
    desk: DeskDep,
    state: Annotated[LineState | None, Query()] = None,
    limit: Limit = 50,
    after: After = None,
) -> dict[str, Any]:
    """The lines of the page "about me" that the caller may read, the first written first. School reads those that
    the person said yes to; what was taken off the team alone finds, where it asks for it."""
    if not desk.grants.may(ABOUT):
        raise NotFound
    wanted = state.value if state else {"$ne": LineState.TAKEN_OFF.value}
    where = {"$and": [allowed(desk.grants), {"state": wanted}, {"class": ABOUT.value}]}
    found, cursor = await desk.stores().about.list_for_client(desk.client_id, where, limit=limit, after=after)
    team = _team(desk)
    asked = team and any(line.asked for line in found)
    await desk.saw(*([ABOUT] if found else []), *([DataClass.PLAN_TEAM] if asked else []))
    return {"items": [_for_team(line) if team else _shown(line) for line in found], "next": cursor}


@router.post("", status_code=201)
async def write_line(desk: DeskDep, command: CommandDep, body: NewLine) -> JSONResponse:
    """Write a line. What a young person or an adult writes of themselves has their yes; everything else waits for
    it, unless whoever decides for a child says in the same request how they were asked, and said yes. Words from
    home and from the person are taken where the organisation says who reads them."""
    may(desk, "write")
    if body.asked:
        may(desk, "sign")

    async def work(tx: Tx) -> None:
        tx.answer(_states(await add_line(desk, tx, body.id or new_id(), body)))

    return await desk.write(work, command, status=201)


@router.put("/{line_id}")
async def change_line(
    desk: DeskDep, command: CommandDep, seen: SeenLine, line_id: LineId, body: LineIn
) -> JSONResponse:
    """Write a line anew. Other words take its yes back: school reads nothing of it until the person said yes to
    these. The same words change nothing; how somebody else was asked about words that have their yes is not taken."""
    may(desk, "write")
    if body.asked:
        may(desk, "sign")

    def change(line: Line, page: Page) -> None:
        line.write(body.heading, body.words, _said(body), **_as(desk), asks=page.waiting == 0)

    async def work(tx: Tx) -> None:
        await _read_by_somebody(desk, body)
        await _changed(desk, tx, line_id, seen, change)

    return await desk.write(work, command)


@router.post("/{line_id}/approve")
async def approve_line(
    desk: DeskDep, command: CommandDep, seen: SeenLine, line_id: LineId, body: Yes
) -> JSONResponse:
    """Say yes to a line: the person themself, or for a child whoever decides, with how they were asked and what
    came back. From then on school reads it, where a consent opens the page. Never school, and never the team."""
    may(desk, "sign")

    async def work(tx: Tx) -> None:
        await _read_by_somebody(desk, body)
        await _changed(desk, tx, line_id, seen, lambda line, _: line.approve(_said(body), **_as(desk)))

    return await desk.write(work, command)


@router.post("/{line_id}/take-off")
async def take_line_off(desk: DeskDep, command: CommandDep, seen: SeenLine, line_id: LineId) -> JSONResponse:
    """Take a line off the page: it leaves everybody's, school's first of all. Words that called somebody on duty
    stay for the team to read, whoever takes them off."""
    may(desk, "write")

    async def work(tx: Tx) -> None:
        await _changed(desk, tx, line_id, seen, lambda line, _: line.take_off(**_as(desk)))

    return await desk.write(work, command)


async def add_line(desk: Desk, tx: Tx, line_id: str, body: LineIn) -> Line:
    """Put a new line on the page, in a transaction that may do more. Raises PageFull, Conflict for a taken id."""
    store = desk.stores(tx).about
    page = await store.page(desk.client_id)
    page.make_room()
    await _read_by_somebody(desk, body)
    line = Line(desk.tenant_id, desk.client_id, line_id, desk.now)
    line.write(body.heading, body.words, _said(body), **_as(desk), asks=page.waiting == 0)
    await store.save(tx, page, line, None)
    return line


def may(desk: Desk, action: Action) -> None:
    """Let those pass who may do this with the page. Raises NotFound to who does not read it, else Forbidden."""
    if not desk.grants.may(ABOUT):
        raise NotFound
    if not desk.grants.may(ABOUT, action):
        raise Forbidden(ONLY_READS[action])


def _as(desk: Desk) -> _Hand:
    """Who writes, what they are to the page, and when."""
    writer = Writer(
        desk.person_id,
        own=desk.is_client,
        team=_team(desk),
        home_decides=any(
            "guardians" in held.labels and held.may(ABOUT, "sign")
            for each in desk.everyone.values()
            for held in each
        ),
    )
    return {"writer": writer, "now": desk.now}


def _team(desk: Desk) -> bool:
    return "team" in desk.grants.labels


async def _changed(
    desk: Desk, tx: Tx, line_id: str, seen: Seen, change: Callable[[Line, Page], None]
) -> None:
    """Change a line from the version that was seen, and keep it. Raises NotFound for one the caller does not read."""
    store = desk.stores(tx).about
    line, page = await store.get(desk.client_id, line_id), await store.page(desk.client_id)
    if not shows(desk.grants, ABOUT, line.parties):
        raise NotFound
    require_version(line.version, seen)
    before = line.state
    change(line, page)
    await store.save(tx, page, line, before)
    tx.answer(_states(line))


def _said(body: LineIn | Yes) -> Asked | None:
    """How the person was asked, where the request says so."""
    return Asked.model_validate(body.asked.model_dump()) if body.asked else None


async def _read_by_somebody(desk: Desk, body: LineIn | Yes) -> None:
    """Raises Invalid for words of home or the person that nobody would read."""
    if _team(desk):
        return
    if isinstance(body, LineIn):
        await desk.chassis.duty.check(desk.tenant_id, body.words)
    if body.asked:
        await desk.chassis.duty.check(desk.tenant_id, body.asked.how, "asked.how")


def _shown(line: Line) -> dict[str, Any]:
    """A line as everybody reads it who may; not who of them wrote it."""
    return {
        "id": line.id,
        "heading": line.heading.value,
        "words": line.words,
        "state": line.state.value,
        "version": line.version,
        "written_at": line.written_at,
    }


def _for_team(line: Line) -> dict[str, Any]:
    """A line as the team reads it: also whose words they are, and how the person was asked."""
    return {
        **_shown(line),
        "author": line.author,
        "asked": line.asked.model_dump() if line.asked else None,
        "approved_by": line.approved_by,
        "approved_at": line.approved_at,
    }


def _states(line: Line) -> dict[str, Any]:
    return {"id": line.id, "state": line.state.value, "version": line.version}
