"""Answer what home logged: a few words, and a smaller step on the card in the same form."""

from dataclasses import replace
from typing import Any

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from chassis.errors import Conflict, NotFound, Problem
from chassis.routes import Routes
from contracts.classes import DataClass
from family_portal.portal import Portal, PortalDep
from family_portal.store.written import Shown
from family_portal.views.opened import Entry
from family_portal.views.reader import Reach
from family_portal.web.forms import Typed, remembering, typed
from family_portal.web.frame import render
from family_portal.web.heads import ID, base_of, day, head
from family_portal.web.log_answers import CLASSES, reaches, task_of
from family_portal.web.models import Form, LogAnswerPage
from family_portal.web.seen import seen_by
from family_portal.web.staff_plan_changed import differing, has_seen, moved
from family_portal.web.staff_reach import staff_reach
from family_portal.web.staff_words import how
from family_portal.web.visitor import StaffVisitor, Visitor

router = Routes(prefix="/staff/clients/{client}/tasks/{task_id}/logs/{log_id}", include_in_schema=False)
CARD = ("steps", "easier")
"""What the form holds of the card itself."""
ON_ITS_WAY = Conflict(
    "What was logged is on its way to where answers are kept.", "words", "Wait a minute, then send it again."
)
"""The log stands here, and care-plans, which hears of it too, does not know it yet."""


async def _log(portal: Portal, reach: Reach, task_id: str, log_id: str) -> Entry:
    """The log of a practice, as the team reads it. Raises NotFound."""
    if not (ID.fullmatch(task_id) and ID.fullmatch(log_id)):
        raise NotFound()
    match = {"record_id": log_id, "meta.task_id": task_id}
    page = await portal.reader.items(reach, CLASSES, limit=2, match=match)
    found = [entry for entry in page.entries if "result" in entry.body]
    if not found:
        raise NotFound()
    return found[0]


async def _task(visitor: Visitor, reach: Reach, task_id: str) -> dict[str, Any] | None:
    """The practice as care-plans has it now; None once it has ended. Raises Unavailable."""
    path = f"/tenants/{reach.caller.tenant_id}/clients/{reach.client_id}/plan"
    pages = await visitor.upstream.every("care-plans", path, lint_of="none")
    return next((task for page in pages for task in page["tasks"] if task["id"] == task_id), None)


async def _page(portal: Portal, visitor: Visitor, reach: Reach, task_id: str, log_id: str) -> LogAnswerPage:
    """The page around an answer that nobody has begun, with the card as it stands."""
    log, task = await _log(portal, reach, task_id, log_id), await _task(visitor, reach, task_id)
    action = f"{base_of('staff', reach)}/tasks/{task_id}/logs/{log_id}/answer"
    text = task["text"] if task else {}
    filled = {"steps": "\n".join(text.get("steps", ())), "easier": text.get("easier") or ""}
    who = (await portal.names.person(log.by)).name if log.by else "Somebody"
    card = await task_of(portal, reach, task_id)
    read = await seen_by(portal, reach, "staff", Shown(log.data_class, log.parties), goal_id=log.goal_id)
    return LogAnswerPage(
        client=await head(portal, reach, "staff"),
        form=Form(action, filled, version=task["doc_version"] if task else None),
        title=text.get("title", "A practice that has ended"),
        who=f"{who}, {day(log.happened_at)}: {how(log)}",
        words=log.body.get("words") or "",
        reads=read.text,
        ended=task is None,
        apart=card is not None and not reaches(card, log),
        writes=reach.grants.may(DataClass.PLAN_TEAM, "write"),
    )


@router.get("/answer")
async def answer_page(
    client: str, task_id: str, log_id: str, request: Request, visitor: StaffVisitor, portal: PortalDep
) -> Response:
    """What was said, a box for the answer, and the card to make smaller."""
    reach = await staff_reach(request, portal, visitor, client)
    page = await _page(portal, visitor, reach, task_id, log_id)
    return render(request, "staff/log_answer.html", page=page)


@router.post("/answer")
async def answer(
    client: str, task_id: str, log_id: str, request: Request, visitor: StaffVisitor, portal: PortalDep
) -> Response:
    """Send the answer, with what changed on the card."""
    reach = await staff_reach(request, portal, visitor, client)
    form = await typed(request, visitor)
    await _log(portal, reach, task_id, log_id)
    path = f"/tenants/{reach.caller.tenant_id}/clients/{reach.client_id}/tasks/{task_id}/logs/{log_id}/answer"
    try:
        sent = await visitor.upstream.send(
            "care-plans", path, _body(form), form.command_id, version=form.version
        )
    except Problem as found:
        problem = ON_ITS_WAY if isinstance(found, NotFound) else found
        page = _again(await _page(portal, visitor, reach, task_id, log_id), form, problem)
        return render(request, "staff/log_answer.html", page=page, status=problem.status)
    return remembering(RedirectResponse("/staff/today", 303), sent.headers.get("kith-position"))


def _again(page: LogAnswerPage, form: Typed, problem: Problem) -> LogAnswerPage:
    """The page with what was typed; where the card moved on, it can be sent from here, over what is there now."""
    again = form.again(page.form.action, problem, _fields(problem), LogAnswerPage.LABELS)
    if not moved(problem):
        return replace(page, form=again)
    card = {} if page.ended or page.apart else {name: LogAnswerPage.LABELS[name] for name in CARD}
    there = differing(form, page.form, card)
    return replace(page, form=has_seen(again, page.form, there, "the card"), meanwhile=there)


def _fields(problem: Problem) -> dict[str, str]:
    """Where to say what is wrong: where the card became others' meanwhile, its boxes are there no more."""
    return {"steps": "words", "easier": "words"} if problem.status == 409 else {}


def _body(form: Typed) -> dict[str, Any]:
    """What care-plans is sent; what was left empty stays as it is on the card."""
    said = {"words": form.text("words"), "steps": form.lines("steps"), "easier": form.text("easier")}
    return {name: value for name, value in said.items() if value}
