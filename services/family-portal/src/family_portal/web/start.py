"""Where a signed-in person lands."""

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from contracts.access import Role
from family_portal.web.visitor import FamilyVisitor

router = APIRouter(include_in_schema=False)


@router.get("/start")
async def start(visitor: FamilyVisitor) -> Response:
    """To the page of the person's first hat: children first, then pupils, then what is theirs."""
    roles = {hat.role for caller in visitor.callers for hat in caller.hats}
    if Role.GUARDIAN in roles:
        return RedirectResponse("/home", 303)
    if Role.SCHOOL_STAFF in roles:
        return RedirectResponse("/school", 303)
    if Role.CLIENT in roles:
        return RedirectResponse("/mine", 303)
    return RedirectResponse("/messages-for-you", 303)
