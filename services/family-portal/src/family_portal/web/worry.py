"""Before words of worry go: who answers now, what was written, kept, and the writer's own choice."""

from chassis.errors import Problem
from family_portal.portal import Portal
from family_portal.views.names import UNKNOWN
from family_portal.views.reader import Reach
from family_portal.web.boxes import box_of
from family_portal.web.forms import Typed
from family_portal.web.models import HelpLine, Line, WorryPage
from family_portal.web.models.pieces import Area
from family_portal.web.static_pages import ENGLAND
from family_portal.web.visitor import Visitor
from family_portal.web.words import joined
from policy.worries import worrying

SEND, CHANGE = "send", "change"
WORDS = "words"


async def worry_first(
    portal: Portal,
    visitor: Visitor,
    reach: Reach,
    area: Area,
    form: Typed,
    action: str,
    names: tuple[str, ...] = (WORDS,),
) -> WorryPage | None:
    """The page that comes before a form with worry words is sent; None where it may go: they chose so, or hold none.

    Words that nobody would read are refused as they are, with the same lines beside them. `names`: the boxes.
    """
    said = [text for name in names if (text := form.text(name))]
    if form.choice == SEND or not worrying(*said):
        return None
    box = await box_of(portal, reach)
    if box.closed:
        return None
    return WorryPage(
        reads=box.reads,
        lines=box.lines or tuple(HelpLine(line.do, line.href, line.label, line.icon) for line in ENGLAND),
        words="\n".join(said),
        form=form.as_it_is(action),
        school=await _school_way(portal, visitor, reach) if area == "school" else "",
    )


async def whom_at_school(portal: Portal, visitor: Visitor, reach: Reach) -> Line:
    """Whom to go to at school with a worry about safety, before anything is written: by name where one is known."""
    lead = await _named(portal, await _leads(visitor, reach)) or "its safeguarding lead"
    return Line("Worried about safety?", f"Your school’s way: {lead}, in person or by phone.", "shield")


async def _school_way(portal: Portal, visitor: Visitor, reach: Reach) -> str:
    """Whom a school tells of a worry: its own safeguarding lead, or the organisation's where none is known."""
    if own := await _named(portal, await _leads(visitor, reach)):
        return f"Worries about safety go your school’s way: tell {own} now, in person or by phone."
    duty = await portal.chassis.duty.of(reach.caller.tenant_id)
    theirs = await _named(portal, [duty.safeguarding_lead] if duty else [])
    organisation = await portal.names.client(reach.caller.tenant_id, reach.caller.tenant_id)
    at = f" at {organisation.name}" if organisation.name != UNKNOWN else ""
    there = f" Worries about safety{at} go to {theirs}." if theirs else ""
    return f"No safeguarding lead of your school is known here; tell yours now, in person or by phone.{there}"


async def _leads(visitor: Visitor, reach: Reach) -> list[str]:
    if reach.document.school_id is None:
        return []
    path = f"/tenants/{reach.caller.tenant_id}/schools/{reach.document.school_id}"
    try:
        found = await visitor.upstream.find("identity", path)
    except Problem:  # the lines come without a name rather than not at all
        return []
    return list((found or {}).get("safeguarding_leads", ()))


async def _named(portal: Portal, people: list[str]) -> str:
    names = (await portal.names.persons(people)).values()
    return joined(named.name for named in names if named.name != UNKNOWN)
