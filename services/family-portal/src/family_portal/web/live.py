"""Live pages: a server-sent event names a section and nothing else; the page fetches it by the ordinary way."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header, Request
from sse_starlette import EventSourceResponse, ServerSentEvent

from family_portal.portal import Portal, PortalDep
from family_portal.web.visitor import FamilyVisitor, StaffVisitor, Visitor

router = APIRouter(include_in_schema=False)
LastId = Annotated[str | None, Header(alias="Last-Event-ID", max_length=64)]


@router.get("/live")
async def live(
    visitor: FamilyVisitor, portal: PortalDep, request: Request, last_event_id: LastId = None
) -> EventSourceResponse:
    """The stream of a family, client or school page."""
    return _stream(visitor, portal, last_event_id)


@router.get("/staff/live")
async def staff_live(
    visitor: StaffVisitor, portal: PortalDep, request: Request, last_event_id: LastId = None
) -> EventSourceResponse:
    """The stream of a staff page."""
    return _stream(visitor, portal, last_event_id)


def _stream(visitor: Visitor, portal: Portal, last_id: str | None) -> EventSourceResponse:
    return EventSourceResponse(
        _events(visitor, portal, last_id), ping=15, headers={"Cache-Control": "no-store"}
    )


async def _events(visitor: Visitor, portal: Portal, last_id: str | None) -> AsyncIterator[ServerSentEvent]:
    pings = portal.hub.pings(visitor.callers, last_id)
    try:
        async with asyncio.timeout(portal.settings.live_stream_s):
            async for ping in pings:
                yield ServerSentEvent(data="", event=ping.name, id=ping.id)
    except TimeoutError:
        return
