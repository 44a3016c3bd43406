"""Who is signed in, on pages that open all the same when that cannot be told: errors, looks, language."""

import asyncio
from contextlib import suppress

from fastapi import Request

from family_portal.portal import Portal
from family_portal.store.web_sessions import WebArea
from family_portal.web.heads import seat
from family_portal.web.models.pieces import Area
from family_portal.web.start import AREAS, area_of
from family_portal.web.visitor import SignInFirst, Visitor, visitor_of

PATIENCE_S = 1.0
"""So long such a page waits for a name, whatever is down."""
UNDER: dict[str, Area] = {"home": "family", "school": "school", "mine": "mine"}


async def look_who(request: Request, near: str) -> None:
    """Seat whoever is signed in, as on their pages near this address; nobody where that cannot be told now.

    It rests on the person and the address alone, never on whether there is anything at it.
    """
    request.state.viewer = None
    portal: Portal | None = getattr(request.app.state, "portal", None)
    first = near.strip("/").partition("/")[0]
    with suppress(Exception):
        async with asyncio.timeout(PATIENCE_S):
            found = await _visitor(portal, request, first) if portal else None
            if found and portal:
                await seat(request, portal, found[1], _area(*found, first))
    request.state.known_at = request.state.drawn = ""


async def _visitor(portal: Portal, request: Request, first: str) -> tuple[WebArea, Visitor] | None:
    """Who is signed in, of two who may be in one browser the one this address is for."""
    areas: tuple[WebArea, ...] = ("staff", "family") if first == "staff" else ("family", "staff")
    for area in areas:
        with suppress(SignInFirst):
            return area, await visitor_of(portal, request, area)
    return None


def _area(cookie: WebArea, visitor: Visitor, first: str) -> Area:
    if cookie == "staff":
        return "staff"
    roles = {hat.role for caller in visitor.callers for hat in caller.hats}
    own = {area for role, area in AREAS.items() if role in roles}
    near = UNDER.get(first)
    return near if near in own else area_of(visitor)
