"""The page on which a therapist ends a goal: the evidence, the decision, and what the person said to it."""

from dataclasses import replace
from typing import Any

from fastapi import Request, Response

from chassis.errors import Invalid, NotFound, Problem, Unavailable
from chassis.routes import Routes
from family_portal.portal import Portal, PortalDep
from family_portal.views.reader import Reach
from family_portal.web.forms import Typed, typed
from family_portal.web.frame import render
from family_portal.web.heads import base_of, head
from family_portal.web.models import EndGoalPage, Form, Line, Link
from family_portal.web.staff_ending_words import ACHIEVEMENTS, ASKED, HOWS, evidence_lines, labels
from family_portal.web.staff_plan import to_plan
from family_portal.web.staff_plan_changed import moved
from family_portal.web.staff_plan_fill import home_names
from family_portal.web.staff_plan_now import goal_now, path_of, plan_now
from family_portal.web.staff_reach import staff_reach
from family_portal.web.visitor import StaffVisitor, Visitor
from family_portal.web.words import counted

router = Routes(prefix="/staff/clients/{client}/plan/end", include_in_schema=False)
FIELDS = {
    "use": "how",
    "decision": "how",
    **{f"asked.{n}": f"asked_{n}" for n in ("state", "how", "way", "came_back")},
}
"""Where the page asks for what care-plans names."""
ASKS = ("how", "way", "came_back")


@router.get("")
async def end(
    client: str, request: Request, visitor: StaffVisitor, portal: PortalDep, goal: str = ""
) -> Response:
    """What speaks for ending it, beside the decision."""
    reach = await staff_reach(request, portal, visitor, client)
    found = await _found(visitor, reach, goal)
    form = Form(_action(reach, goal), version=found["doc_version"])
    return render(request, "staff/goal_end.html", page=await _page(portal, visitor, reach, found, form))


@router.post("")
async def save(
    client: str, request: Request, visitor: StaffVisitor, portal: PortalDep, goal: str = ""
) -> Response:
    """End it, as the person and the therapist decided."""
    reach = await staff_reach(request, portal, visitor, client)
    form, found = await typed(request, visitor), await _found(visitor, reach, goal)
    path = f"{path_of(reach)}/goals/{goal}/end"
    try:
        sent = await visitor.upstream.send(
            "care-plans", path, _body(form), form.command_id, version=form.version
        )
    except (NotFound, Unavailable):
        raise
    except Problem as problem:
        named = await head(portal, reach, "staff")
        again = form.again(_action(reach, goal), problem, FIELDS, labels(named.name))
        again = replace(again, version=found["doc_version"]) if moved(problem) else again
        page = await _page(portal, visitor, reach, found, again)
        return render(request, "staff/goal_end.html", status=problem.status, page=page)
    return to_plan(reach, f"goal-{goal}", sent.headers.get("kith-position"))


async def _found(visitor: Visitor, reach: Reach, goal_id: str) -> dict[str, Any]:
    """The goal as the plan has it. Raises NotFound, Unavailable."""
    found = await goal_now(visitor, reach, goal_id)
    if found is None:
        raise NotFound()
    return found


def _action(reach: Reach, goal_id: str) -> str:
    return f"{base_of('staff', reach)}/plan/end?goal={goal_id}"


def _body(form: Typed) -> dict[str, Any]:
    """The decision, as care-plans takes it. Raises Invalid with everything that was left open."""
    how, achievement = form.text("how"), form.text("achievement")
    needed = {
        "how": (
            how in {each.value for each in HOWS},
            "It does not say how it ends.",
            "Choose one of the three.",
        ),
        "achievement": (achievement is not None, "It does not say how far it came.", "Choose one."),
    }
    missing = [
        {"field": n, "detail": told, "fix": fix} for n, (there, told, fix) in needed.items() if not there
    ]
    if missing:
        raise Invalid(missing[0]["detail"], missing[0]["field"], missing[0]["fix"], errors=missing)
    asked = {"state": form.text("asked_state") or "not_asked"}
    asked |= {name: said for name in ASKS if (said := form.text(f"asked_{name}"))}
    stopped = how == "cancelled"
    body = {"decision": "cancelled" if stopped else "completed", "achievement": achievement, "asked": asked}
    return body if stopped else {**body, "use": how}


async def _page(
    portal: Portal, visitor: Visitor, reach: Reach, goal: dict[str, Any], form: Form
) -> EndGoalPage:
    named, words = await head(portal, reach, "staff"), goal["words"]
    found = await visitor.upstream.find("care-plans", f"{path_of(reach)}/goals/{goal['id']}/evidence")
    tasks = [task for task in (await plan_now(visitor, reach))["tasks"] if task["goal_id"] == goal["id"]]
    lines: tuple[Line, ...] = evidence_lines(found, home_names(reach)) if found else ()
    return EndGoalPage(
        client=named,
        form=form,
        title=words.get("plain") or words["own"].get("statement") or words["team"],
        back=Link("Plan", f"{base_of('staff', reach)}/plan#goal-{goal['id']}"),
        evidence=lines,
        evidence_away=found is None,
        hows=HOWS,
        achievements=ACHIEVEMENTS,
        asked=ASKED,
        labels=labels(named.name),
        tasks=_ends_with_it(len(tasks)),
    )


def _ends_with_it(tasks: int) -> str:
    if not tasks:
        return ""
    verb = "ends" if tasks == 1 else "end"
    return f"{counted(tasks, 'practice').capitalize()} {verb} with it, and the free places go to what waits."
