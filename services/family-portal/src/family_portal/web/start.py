"""Where a signed-in person lands."""

from fastapi import Response
from fastapi.responses import RedirectResponse

from chassis.routes import Routes
from contracts.access import Role
from family_portal.web.models.pieces import Area
from family_portal.web.visitor import FamilyVisitor, Visitor

router = Routes(include_in_schema=False)
AREAS: dict[Role, Area] = {Role.GUARDIAN: "family", Role.SCHOOL_STAFF: "school", Role.CLIENT: "mine"}
PAGES: dict[Area, str] = {
    "family": "/home", "school": "/school", "mine": "/mine", "part": "/messages-for-you",
}  # fmt: skip


@router.get("/start")
async def start(visitor: FamilyVisitor) -> Response:
    """To the page of the person's first hat: children first, then pupils, then what is theirs."""
    return RedirectResponse(PAGES[area_of(visitor)], 303)


def area_of(visitor: Visitor) -> Area:
    """The area of the person's first hat."""
    return next((area for role, area in AREAS.items() if role in _roles(visitor)), "part")


def elsewhere(visitor: Visitor, role: Role) -> Response | None:
    """To the person's own pages, where these are for a hat they do not wear; None where they do."""
    return None if role in _roles(visitor) else RedirectResponse(PAGES[area_of(visitor)], 303)


def _roles(visitor: Visitor) -> set[Role]:
    return {hat.role for caller in visitor.callers for hat in caller.hats}
