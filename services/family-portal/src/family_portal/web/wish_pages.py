"""The box for a wish on the plan of home and school, and the part of the page that shows what was wished for."""

from dataclasses import replace

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from chassis.errors import NotFound, Problem
from chassis.routes import Routes
from family_portal.portal import Portal, PortalDep
from family_portal.views.reader import Reach
from family_portal.web.answering import PARTY, plan_to_answer
from family_portal.web.forms import Typed, remembering, sent_before, typed
from family_portal.web.frame import render
from family_portal.web.heads import base_of, find_reach, seat
from family_portal.web.models import Form
from family_portal.web.models.pieces import Area
from family_portal.web.visitor import FamilyVisitor, Visitor
from family_portal.web.wishes import LABEL, wishes_of
from family_portal.web.worry import CHANGE, worry_first

router = Routes(include_in_schema=False)


async def _reach(request: Request, portal: Portal, visitor: Visitor, client: str, area: Area) -> Reach:
    reach = await find_reach(request, portal, visitor, client)
    if LABEL[area] not in reach.grants.labels:
        raise NotFound()
    await seat(request, portal, visitor, area)
    return reach


@router.get("/home/{client}/fragments/wishes")
async def at_home(client: str, request: Request, visitor: FamilyVisitor, portal: PortalDep) -> Response:
    """What a guardian wished for, alone."""
    return await _alone(client, "family", request, portal, visitor)


@router.get("/school/pupils/{client}/fragments/wishes")
async def at_school(client: str, request: Request, visitor: FamilyVisitor, portal: PortalDep) -> Response:
    """What this teacher wished for, alone."""
    return await _alone(client, "school", request, portal, visitor)


async def _alone(client: str, area: Area, request: Request, portal: Portal, visitor: Visitor) -> Response:
    reach = await _reach(request, portal, visitor, client, area)
    part = await wishes_of(portal, reach, area)
    if part is None:
        raise NotFound()
    return render(request, "fragments/wishes.html", part=part)


@router.post("/home/{client}/wishes")
async def from_home(client: str, request: Request, visitor: FamilyVisitor, portal: PortalDep) -> Response:
    """A guardian wishes for a goal."""
    return await _send(client, "family", request, portal, visitor)


@router.post("/school/pupils/{client}/wishes")
async def from_school(client: str, request: Request, visitor: FamilyVisitor, portal: PortalDep) -> Response:
    """School wishes for a goal."""
    return await _send(client, "school", request, portal, visitor)


async def _send(client: str, area: Area, request: Request, portal: Portal, visitor: Visitor) -> Response:
    """Hand the wish to care-plans and show it on the plan; words of worry bring who answers now first."""
    reach = await _reach(request, portal, visitor, client, area)
    form, action = await typed(request, visitor), request.url.path
    if form.choice == CHANGE:
        return await _page(request, portal, reach, area, form.as_it_is(action))
    if worry := await worry_first(portal, visitor, reach, area, form, action):
        return render(request, "told/worry.html", page=worry)
    words = form.text("words") or ""
    path = f"/tenants/{reach.caller.tenant_id}/clients/{reach.client_id}/proposals"
    body = {"id": form.made_id(reach.client_id), "party": PARTY[area], "words": words}
    try:
        sent = await visitor.upstream.send("care-plans", path, body, form.command_id)
    except NotFound:
        raise
    except Problem as problem:
        return await _page(request, portal, reach, area, _again(form, action, problem), problem.status)
    back = RedirectResponse(f"{base_of(area, reach)}/plan#wishes", 303)
    return remembering(back, sent.headers.get("kith-position"))


def _again(form: Typed, action: str, problem: Problem) -> Form:
    """The box with what was typed; what was sent before with other words stands as it was."""
    if sent_before(problem):
        return form.anew(action)
    return form.again(action, problem, labels={"words": "What you would wish for"})


async def _page(
    request: Request, portal: Portal, reach: Reach, area: Area, form: Form, status: int = 200
) -> Response:
    page = await plan_to_answer(portal, reach, area, wish=form)
    errors = tuple(replace(e, field="wish" if e.field == "words" else "") for e in form.errors)
    at = f"{base_of(area, reach)}/plan"
    return render(request, "plan/answer.html", page=replace(page, errors=errors), status=status, at=at)
