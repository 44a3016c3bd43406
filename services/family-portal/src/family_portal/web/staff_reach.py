"""The therapist's reach into a client, on a page of staff."""

from fastapi import Request

from chassis.errors import NotFound
from family_portal.portal import Portal
from family_portal.views.reader import Reach
from family_portal.web.heads import find_reach, seat
from family_portal.web.visitor import Visitor


async def staff_reach(request: Request, portal: Portal, visitor: Visitor, client: str) -> Reach:
    """The therapist's reach into a client of their caseload, on a page of staff. Raises NotFound."""
    reach = await find_reach(request, portal, visitor, client)
    if "team" not in reach.grants.labels:
        raise NotFound()
    await seat(request, portal, visitor, "staff")
    return reach
