"""What waits for whoever is on duty: that something was written which should not wait, and the buttons for it."""

from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from chassis.routes import Routes
from contracts.ids import Id, TenantId
from family_portal.portal import Portal, PortalDep
from family_portal.views.reader import Reach
from family_portal.web.forms import typed
from family_portal.web.frame import render
from family_portal.web.heads import beside_others, clock, head, seat
from family_portal.web.models import DutyCall, DutyCalls, Form, Link, Live, Part
from family_portal.web.visitor import StaffVisitor, Visitor
from family_portal.web.words import joined
from policy.caller import Caller
from policy.duty import on_rota

router = Routes(prefix="/staff", include_in_schema=False)
FRAGMENT = "/staff/fragments/duty"
LOOK_EVERY_S = 30
"""No event of a client's tells of a call to duty: whoever is on duty need not read that client's record."""
NEW = "Something was written that should not wait."
"""Said once to who does not see the page move: it looks again and again, and mostly nothing has come."""
MORE = "Others wait behind these. They come up here as these are seen to."
Calls = Part[DutyCalls]


async def duty_calls(portal: Portal, visitor: Visitor) -> Calls | None:
    """What waits, over all organisations on whose rota the person stands; None for who stands on none."""
    on_duty = [
        caller
        for caller in visitor.callers
        if on_rota(await portal.chassis.duty.named(caller.tenant_id), visitor.person_id)
    ]
    if not on_duty:
        return None
    live = Live("duty", FRAGMENT, (), every_s=LOOK_EVERY_S)
    calls: list[DutyCall] = []
    more = False
    for caller in on_duty:
        found = await visitor.upstream.find("notifications", f"/tenants/{caller.tenant_id}/duty-items")
        if found is None:
            return Part("duty", "On duty", FRAGMENT, None, live)
        more = more or bool(found["next"])
        calls += [await _call(portal, visitor, caller, row) for row in found["items"]]
    return Part("duty", "On duty", FRAGMENT, DutyCalls(tuple(calls), MORE if more else ""), live)


async def _call(portal: Portal, visitor: Visitor, caller: Caller, row: dict[str, Any]) -> DutyCall:
    reach = await portal.reader.reach_or_none(caller, row["client_id"]) if row["client_id"] else None
    text, link = await (_readable(portal, visitor, reach, row) if reach else _whom_to_ask(portal, row))
    action = f"/staff/duty/{caller.tenant_id}/{row['id']}"
    at = datetime.fromisoformat(row["at"])
    return DutyCall(
        row["id"],
        text,
        clock(at),
        Form(f"{action}/done"),
        None if row["seen_to_by"] else Form(f"{action}/acknowledge"),
        await _so_far(portal, row),
        link,
        datetime.now(UTC) - at < timedelta(seconds=LOOK_EVERY_S),
    )


async def _so_far(portal: Portal, row: dict[str, Any]) -> str:
    """Who sees to it; where nobody has said so, who has been called as well."""
    person, says = row["seen_to_by"], "{name} is seeing to it."
    if not person:
        person, says = (
            row["also_called"],
            "Nobody has said yet that they see to it. {name} has been called as well.",
        )
    if not person:
        return ""
    named = (await portal.names.persons([person])).get(person)
    return says.format(name=named.name if named else "Somebody")


async def _readable(portal: Portal, visitor: Visitor, reach: Reach, row: dict[str, Any]) -> tuple[str, Link]:
    reach = await beside_others(portal, visitor.callers, reach)
    named = await head(portal, reach, "staff")
    written = f"{named.href}/written/{row['record_id']}" if row.get("record_id") else named.href
    return f"{named.name}: something was written that should not wait.", Link("Read it", written)


async def _whom_to_ask(portal: Portal, row: dict[str, Any]) -> tuple[str, None]:
    names = joined(named.name for named in (await portal.names.persons(row["ask"])).values())
    ask = f"Ask {names} now." if names else "An administrator can say who works with them."
    return (
        f"Something was written that should not wait, about somebody whose record you do not read. {ask}",
        None,
    )


@router.get("/fragments/duty")
async def duty_fragment(request: Request, visitor: StaffVisitor, portal: PortalDep) -> Response:
    """What waits for whoever is on duty, alone."""
    await seat(request, portal, visitor, "staff")
    part = await duty_calls(portal, visitor)
    new = part is not None and part.body is not None and any(call.is_new for call in part.body.calls)
    return render(request, "fragments/duty.html", part=part, said=NEW if new else "")


@router.post("/duty/{tenant_id}/{item_id}/{verb}")
async def move(
    tenant_id: TenantId,
    item_id: Id,
    verb: Literal["acknowledge", "done"],
    request: Request,
    visitor: StaffVisitor,
) -> Response:
    """Whoever pressed sees to it, or has seen to it."""
    form = await typed(request, visitor)
    path = f"/tenants/{tenant_id}/duty-items/{item_id}/{verb}"
    await visitor.upstream.send("notifications", path, {}, form.command_id)
    return RedirectResponse("/staff/today", 303)
