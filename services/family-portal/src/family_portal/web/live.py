"""Live pages: a server-sent event names a section and nothing else; the page fetches it by the ordinary way."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Header, Query
from sse_starlette import EventSourceResponse, ServerSentEvent

from chassis.routes import Routes
from family_portal.portal import Portal, PortalDep
from family_portal.web.visitor import FamilyVisitor, StaffVisitor, Visitor

router = Routes(include_in_schema=False)
LastId = Annotated[str | None, Header(alias="Last-Event-ID", max_length=64)]
Drawn = Annotated[float | None, Query(ge=0, le=1e11)]
"""When the page was drawn, in seconds since 1970 by the database's clock."""


@router.get("/live")
async def live(
    visitor: FamilyVisitor, portal: PortalDep, drawn: Drawn = None, last_event_id: LastId = None
) -> EventSourceResponse:
    """The stream of a family, client or school page."""
    return _stream(visitor, portal, last_event_id, drawn)


@router.get("/staff/live")
async def staff_live(
    visitor: StaffVisitor, portal: PortalDep, drawn: Drawn = None, last_event_id: LastId = None
) -> EventSourceResponse:
    """The stream of a staff page."""
    return _stream(visitor, portal, last_event_id, drawn)


def _stream(
    visitor: Visitor, portal: Portal, last_id: str | None, drawn: float | None
) -> EventSourceResponse:
    since = None if drawn is None else datetime.fromtimestamp(drawn, UTC)
    return EventSourceResponse(
        _events(visitor, portal, last_id, since), ping=15, headers={"Cache-Control": "no-store"}
    )


async def _events(
    visitor: Visitor, portal: Portal, last_id: str | None, drawn: datetime | None
) -> AsyncIterator[ServerSentEvent]:
    pings = portal.hub.pings(visitor.callers, last_id, drawn)
    try:
        async with asyncio.timeout(portal.settings.live_stream_s):
            async for ping in pings:
                yield ServerSentEvent(data="", event=ping.name, id=ping.id)
    except TimeoutError:
        return
