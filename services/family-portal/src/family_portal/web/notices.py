"""Notices for the next page: that there is something to read, never what about."""

from datetime import datetime

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from chassis.errors import Problem
from chassis.routes import Routes
from family_portal.portal import Portal, PortalDep
from family_portal.web.forms import typed
from family_portal.web.frame import render
from family_portal.web.heads import clock, seat
from family_portal.web.models import Form, NoticeLine, NoticesPart
from family_portal.web.start import area_of
from family_portal.web.visitor import FamilyVisitor, Visitor

router = Routes(include_in_schema=False)


async def notices_for(portal: Portal, visitor: Visitor) -> NoticesPart | None:
    """What the person has not been shown yet, over all their organisations; None when that part is away."""
    lines: list[NoticeLine] = []
    for caller in visitor.callers:
        try:
            found = await visitor.upstream.find("notifications", f"/tenants/{caller.tenant_id}/notices")
        except Problem:
            return None
        newest = {row["text"]: row for row in reversed((found or {}).get("items", ()))}
        for row in newest.values():
            seen = Form(f"/messages-for-you/{caller.tenant_id}/seen")
            lines.append(
                NoticeLine(row["id"], row["text"], clock(datetime.fromisoformat(row["at"])), seen=seen)
            )
    return NoticesPart(tuple(lines))


@router.get("/messages-for-you")
async def notices(request: Request, visitor: FamilyVisitor, portal: PortalDep) -> Response:
    """The notices of a family member, pupil's teacher or client."""
    await seat(request, portal, visitor, area_of(visitor))
    return render(request, "family/notices.html", page=await notices_for(portal, visitor) or NoticesPart(()))


@router.post("/messages-for-you/{tenant_id}/seen")
async def seen(tenant_id: str, request: Request, visitor: FamilyVisitor, portal: PortalDep) -> Response:
    """They have been read."""
    form = await typed(request, visitor)
    await visitor.upstream.send("notifications", f"/tenants/{tenant_id}/notices/seen", {}, form.command_id)
    return RedirectResponse("/messages-for-you", 303)
