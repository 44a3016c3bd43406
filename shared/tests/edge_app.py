"""A small service with one thing of each kind, for what the edge does around its handlers."""

from datetime import date, datetime
from typing import Annotated, Any

import httpx
from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import Field

from chassis.errors import Conflict, NotFound, TooMany
from chassis.http import OpenCommandDep, SeenVersion, Strict, require_version
from chassis.strict import Moment, OneLine
from chassis.versions import Seen
from contracts.ids import ID_PATTERN, Id

router = APIRouter()
EXISTS = "g_1"
SeenThing = Annotated[Seen, Depends(SeenVersion("doc_version"))]


class Line(Strict):
    """One nested object."""

    label: str
    weight: float = 1.0


class Thing(Strict):
    """A body with one field of each kind."""

    id: Id
    count: int = Field(ge=0, le=10)
    done: bool
    day: date | None = None
    words: str = Field(default="", max_length=40)
    at: Moment | None = None
    sender: Annotated[str, OneLine] = ""
    lines: list[Line] = Field(default_factory=list, max_length=1)
    note: Annotated[str, Field(min_length=1)] | None = None
    mark: Annotated[str, Field(min_length=2, max_length=3)] | None = None
    roads: Annotated[list[str], Field(min_length=1)] | None = None
    tags: Annotated[list[str], Field(min_length=2)] | None = None


@router.post("/things/{thing_id}")
async def post_thing(
    thing_id: Annotated[str, Path(pattern=ID_PATTERN)], body: Thing, command: OpenCommandDep
) -> dict[str, Any]:
    """Answers what arrived."""
    if thing_id != EXISTS:
        raise NotFound()
    return {"id": body.id, "words": body.words, "fingerprint": command.fingerprint}


@router.put("/things/{thing_id}")
async def put_thing(thing_id: str, seen: SeenThing) -> dict[str, int]:
    """Stands at version 3."""
    require_version(3, seen)
    return {"version": 4}


@router.post("/things/{thing_id}/end")
async def end_thing(thing_id: str, command: OpenCommandDep) -> dict[str, str]:
    """Takes no fields."""
    return {"id": thing_id}


@router.get("/things")
async def list_things(
    limit: Annotated[int, Query(ge=1, le=50)] = 20, since: datetime | None = None, all: bool = False
) -> dict[str, int]:
    """Answers what it was asked for."""
    return {"limit": limit}


@router.post("/form")
async def form(request: Request) -> dict[str, str]:
    """Answers what was typed."""
    return {name: str(value) for name, value in (await request.form()).items()}


@router.get("/breaks")
async def breaks() -> None:
    """Holds a word that must not leave."""
    secret = "a word that must not leave"
    raise RuntimeError(secret)


@router.get("/conflict")
async def conflict() -> None:
    """Carries more than the standard members."""
    raise Conflict("It is at version 3 now.", "If-Match", "Read it again.", version=3)


@router.get("/busy")
async def busy() -> None:
    """Asks for a pause."""
    raise TooMany("Slowly.", 60)


@router.get("/away")
async def away() -> None:
    """Meets a peer that does not answer."""
    raise httpx.ConnectError("no words of this either")
