"""Live pages: a server-sent event names a section and nothing else; the page fetches it by the ordinary way."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Header, Query, Request, Response
from sse_starlette import EventSourceResponse, ServerSentEvent

from chassis.routes import Routes
from family_portal.portal import Portal, PortalDep
from family_portal.views.live import Ping
from family_portal.web.frame import render
from family_portal.web.visitor import FamilyVisitor, StaffVisitor, Visitor

router = Routes(include_in_schema=False)
LastId = Annotated[str | None, Header(alias="Last-Event-ID", max_length=64)]
Drawn = Annotated[float | None, Query(ge=0, le=1e11)]
"""When the page was drawn, in seconds since 1970 by the database's clock."""
Aged = Annotated[bool, Query()]
"""Whether the page says how old it is."""


@router.get("/live")
async def live(
    visitor: FamilyVisitor,
    portal: PortalDep,
    drawn: Drawn = None,
    aged: Aged = False,
    last_event_id: LastId = None,
) -> EventSourceResponse:
    """The stream of a family, client or school page."""
    return _stream(visitor, portal, last_event_id, drawn, aged)


@router.get("/staff/live")
async def staff_live(
    visitor: StaffVisitor,
    portal: PortalDep,
    drawn: Drawn = None,
    aged: Aged = False,
    last_event_id: LastId = None,
) -> EventSourceResponse:
    """The stream of a staff page."""
    return _stream(visitor, portal, last_event_id, drawn, aged)


@router.get("/live/known-at")
async def known_at(request: Request, visitor: FamilyVisitor) -> Response:
    """The line that says how old a family's, client's or school's page is; nothing while it is of this moment."""
    return _known_at(request)


@router.get("/staff/live/known-at")
async def staff_known_at(request: Request, visitor: StaffVisitor) -> Response:
    """The same of a staff page."""
    return _known_at(request)


def _known_at(request: Request) -> Response:
    at = request.state.known_at
    said = f"This page shows what was known at {at}." if at else "This page is of this moment again."
    return render(request, "fragments/known_at.html", said=said)


def _stream(
    visitor: Visitor, portal: Portal, last_id: str | None, drawn: float | None, aged: bool
) -> EventSourceResponse:
    since = None if drawn is None else datetime.fromtimestamp(drawn, UTC)
    pings = portal.hub.pings(visitor.callers, last_id, since, aged=aged)
    return EventSourceResponse(_events(portal, pings), ping=15, headers={"Cache-Control": "no-store"})


async def _events(portal: Portal, pings: AsyncIterator[Ping]) -> AsyncIterator[ServerSentEvent]:
    try:
        async with asyncio.timeout(portal.settings.live_stream_s):
            async for ping in pings:
                yield ServerSentEvent(data="", event=ping.name, id=ping.id)
    except TimeoutError:
        return
