"""The therapist's plan page and its two editors; what is written goes to care-plans, which alone decides."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from chassis.errors import Conflict, Invalid, NotFound, Problem, Unavailable
from chassis.routes import Routes
from family_portal.portal import Portal, PortalDep
from family_portal.views.reader import Reach
from family_portal.web.forms import KEPT_BEFORE, Typed, form_id, remembering, sent_before, typed
from family_portal.web.frame import render
from family_portal.web.heads import base_of, head
from family_portal.web.models import Form
from family_portal.web.models.plan_edit import TASK_LABELS, goal_labels
from family_portal.web.staff_plan_again import shown_again, still_told
from family_portal.web.staff_plan_changed import (
    GOAL_GONE,
    TASK_GONE,
    as_new,
    beside_what_is_there,
    ended_meanwhile,
    moved,
    still_there,
)
from family_portal.web.staff_plan_edit import editor_page, task_editor_page, usual_homes
from family_portal.web.staff_plan_fill import plan_page
from family_portal.web.staff_plan_forms import (
    GOAL_FIELDS,
    TASK_FIELDS,
    begin_body,
    discard_body,
    goal_body,
    goal_form,
    move_body,
    rating_body,
    reply_body,
    task_body,
    task_form,
)
from family_portal.web.staff_plan_now import goal_now, one_of, path_of, plan_now, plan_or_none, task_now
from family_portal.web.staff_reach import staff_reach
from family_portal.web.staff_strategies import answer_body as answer_to_note
from family_portal.web.staff_wishes import answer_body as answer_to_wish
from family_portal.web.visitor import StaffVisitor, Visitor

router = Routes(prefix="/staff/clients/{client}", include_in_schema=False)


@router.get("/plan")
async def plan(client: str, request: Request, visitor: StaffVisitor, portal: PortalDep) -> Response:
    """Goals by state, answers with replies, tasks with the ones that wait."""
    reach = await staff_reach(request, portal, visitor, client)
    page = await plan_page(portal, visitor, reach, await plan_or_none(visitor, reach))
    return render(request, "staff/plan.html", page=page)


@router.get("/fragments/plan")
async def plan_fragment(client: str, request: Request, visitor: StaffVisitor, portal: PortalDep) -> Response:
    """The plan alone."""
    reach = await staff_reach(request, portal, visitor, client)
    page = await plan_page(portal, visitor, reach, await plan_or_none(visitor, reach))
    return render(request, "fragments/staff_plan.html", page=page)


@router.post("/plan/propose")
async def propose(client: str, request: Request, visitor: StaffVisitor, portal: PortalDep) -> Response:
    """Propose the ticked goals."""
    return await _move(client, "propose", move_body, request, visitor, portal)


@router.post("/plan/activate")
async def activate(client: str, request: Request, visitor: StaffVisitor, portal: PortalDep) -> Response:
    """Activate the ticked goals."""
    return await _move(client, "activate", begin_body, request, visitor, portal)


async def _move(
    client: str,
    move: str,
    body_of: Callable[[Typed], dict[str, Any]],
    request: Request,
    visitor: Visitor,
    portal: Portal,
) -> Response:
    reach = await staff_reach(request, portal, visitor, client)
    form = await typed(request, visitor)
    path = f"{path_of(reach)}/plan/{move}"
    return await _send_and_show(request, portal, visitor, reach, path, body_of(form), form)


@router.post("/goals/{goal_id}/{verb}")
async def goal_verb(
    client: str, goal_id: str, verb: str, request: Request, visitor: StaffVisitor, portal: PortalDep
) -> Response:
    """Pause, resume or discard a goal, take an ended one up again, agree its level, or read its rationale."""
    reach = await staff_reach(request, portal, visitor, client)
    form = await typed(request, visitor)
    verbs = {name: name for name in ("pause", "resume", "discard", "ratings", "again")}
    verbs["read"] = "rationale/read"
    if verb not in verbs:
        raise NotFound()
    if verb == "ratings":
        return await _rate(request, portal, visitor, reach, goal_id, form)
    path, body = f"{path_of(reach)}/goals/{goal_id}/{verbs[verb]}", {}
    if verb == "discard":
        body = discard_body(form)
    return await _send_and_show(request, portal, visitor, reach, path, body, form, f"goal-{goal_id}")


async def _rate(
    request: Request, portal: Portal, visitor: Visitor, reach: Reach, goal_id: str, form: Typed
) -> Response:
    path = f"{path_of(reach)}/goals/{goal_id}/ratings"
    try:
        body = rating_body(form)
    except Invalid as problem:
        return await _plan_again(request, portal, visitor, reach, form, problem)
    return await _send_and_show(request, portal, visitor, reach, path, body, form, f"goal-{goal_id}")


@router.post("/goals/{goal_id}/answers/{person_id}/reply")
async def reply(
    client: str, goal_id: str, person_id: str, request: Request, visitor: StaffVisitor, portal: PortalDep
) -> Response:
    """Answer a question or a no."""
    reach = await staff_reach(request, portal, visitor, client)
    form = await typed(request, visitor)
    path, body = f"{path_of(reach)}/goals/{goal_id}/answers/{person_id}/reply", reply_body(form)
    return await _send_and_show(request, portal, visitor, reach, path, body, form, f"goal-{goal_id}")


@router.post("/goals/{goal_id}/strategies/{note_id}")
async def answer_strategy(
    client: str, goal_id: str, note_id: str, request: Request, visitor: StaffVisitor, portal: PortalDep
) -> Response:
    """Answer what does not work at school: a few words, another idea in its place, or both."""
    reach = await staff_reach(request, portal, visitor, client)
    form = await typed(request, visitor)
    path = f"{path_of(reach)}/goals/{goal_id}/strategies/notes/{note_id}/answer"
    return await _send_and_show(
        request, portal, visitor, reach, path, answer_to_note(form), form, f"goal-{goal_id}"
    )


@router.post("/wishes/{proposal_id}")
async def answer_wish(
    client: str, proposal_id: str, request: Request, visitor: StaffVisitor, portal: PortalDep
) -> Response:
    """Refuse, rewrite or take up what home or school would wish for; a draft that begins with it is shown next."""
    reach = await staff_reach(request, portal, visitor, client)
    form = await typed(request, visitor)
    try:
        body = answer_to_wish(form)
    except Invalid as problem:
        return await _plan_again(request, portal, visitor, reach, form, problem)
    place = f"goal-{body['goal_id']}" if "goal_id" in body else "wished"
    path = f"{path_of(reach)}/proposals/{proposal_id}/answer"
    return await _send_and_show(request, portal, visitor, reach, path, body, form, place)


@router.post("/tasks/{task_id}/{verb}")
async def task_verb(
    client: str, task_id: str, verb: str, request: Request, visitor: StaffVisitor, portal: PortalDep
) -> Response:
    """Pause, resume or end a task."""
    reach = await staff_reach(request, portal, visitor, client)
    if verb not in ("pause", "resume", "end"):
        raise NotFound()
    form = await typed(request, visitor)
    path = f"{path_of(reach)}/tasks/{task_id}/{verb}"
    return await _send_and_show(request, portal, visitor, reach, path, {}, form, f"task-{task_id}")


async def _send_and_show(
    request: Request,
    portal: Portal,
    visitor: Visitor,
    reach: Reach,
    path: str,
    body: dict[str, Any],
    form: Typed,
    place: str = "",
) -> Response:
    """Send one command and go back to its place in the plan; what cannot be done stands on top of the plan."""
    try:
        sent = await visitor.upstream.send("care-plans", path, body, form.command_id, version=form.version)
    except Unavailable:
        raise
    except Problem as problem:
        return await _plan_again(request, portal, visitor, reach, form, still_told(problem, form))
    return to_plan(reach, place, sent.headers.get("kith-position"))


def to_plan(reach: Reach, place: str = "", position: str | None = None) -> Response:
    """To the plan, at the goal or the practice that was changed; it waits there for the write at `position`."""
    to = RedirectResponse(f"{base_of('staff', reach)}/plan{f'#{place}' if place else ''}", 303)
    return remembering(to, position)


async def _plan_again(
    request: Request, portal: Portal, visitor: Visitor, reach: Reach, form: Typed, problem: Problem
) -> Response:
    """The plan with what is wrong, and with what was typed where it was typed."""
    page = await plan_page(portal, visitor, reach, await plan_or_none(visitor, reach))
    page = shown_again(page, request.url.path, form, problem)
    at = f"{base_of('staff', reach)}/plan"
    return render(request, "staff/plan.html", status=problem.status, page=page, at=at)


@router.get("/plan/edit")
async def edit(
    client: str,
    request: Request,
    visitor: StaffVisitor,
    portal: PortalDep,
    goal: str = "",
    settle: bool = False,
    saved: bool = False,
) -> Response:
    """The goal editor, empty or with one goal; `settle` puts what has to be settled on top."""
    reach = await staff_reach(request, portal, visitor, client)
    found = await goal_now(visitor, reach, goal)
    form = goal_form(f"{base_of('staff', reach)}/plan/edit", found, settle=settle)
    form = form if found else replace(form, command_id=form_id(request))
    page = await editor_page(portal, reach, form, found)
    kept = ("Kept as a draft." if page.is_draft else "Saved.") if saved and found else ""
    return render(request, "staff/goal_edit.html", page=replace(page, saved=kept))


@router.post("/plan/edit")
async def save(
    client: str, request: Request, visitor: StaffVisitor, portal: PortalDep, goal: str = ""
) -> Response:
    """Keep the draft, propose it, or throw it away."""
    reach = await staff_reach(request, portal, visitor, client)
    form = await typed(request, visitor)
    do, base = form.text("do") or "draft", f"{base_of('staff', reach)}/plan"
    try:
        found = await goal_now(visitor, reach, goal)
        if do == "discard":
            if goal:
                away, named = f"{path_of(reach)}/goals/{goal}/discard", discard_body(form)
                await visitor.upstream.send("care-plans", away, named, form.command_id, version=form.version)
            return to_plan(reach)
        kept = await _keep(visitor, reach, form, goal_body(form, found), goal)
    except NotFound:
        return await _goal_gone(request, portal, reach, form)
    except Problem as problem:
        return await _goal_again(request, portal, visitor, reach, form, problem, goal)
    if do == "propose" and await _proposed(visitor, reach, kept, f"{form.command_id}-p"):
        return to_plan(reach, f"goal-{kept['id']}")
    return RedirectResponse(
        f"{base}/edit?goal={kept['id']}{'&settle=1' if do == 'propose' else '&saved=1'}", 303
    )


async def _goal_gone(request: Request, portal: Portal, reach: Reach, form: Typed) -> Response:
    """The goal editor with what was typed as a new goal: a colleague threw the draft away meanwhile."""
    if form.text("do") == "discard":
        return to_plan(reach)
    where = f"{base_of('staff', reach)}/plan/edit"
    page = await editor_page(portal, reach, as_new(form, where, GOAL_GONE), None)
    return render(request, "staff/goal_edit.html", status=Conflict.status, at=where, page=page)


async def _goal_again(
    request: Request,
    portal: Portal,
    visitor: Visitor,
    reach: Reach,
    form: Typed,
    problem: Problem,
    goal: str,
) -> Response:
    """The goal editor with what was typed and what to do about it."""
    found = await goal_now(visitor, reach, goal)
    named = await head(portal, reach, "staff")
    again = _again(request, form, problem, GOAL_FIELDS, goal_labels(named.name))
    page = await editor_page(portal, reach, again, found)
    away, now = form.text("do") == "discard", goal_form(f"{base_of('staff', reach)}/plan/edit", found)
    if page.over and "team" in form.values:
        page = ended_meanwhile(page, form, now)
    elif found and (moved(problem) or (away and problem.field == "tasks")):
        what = f"the goal with {named.name}"
        what = what if moved(problem) else f"practice that waits for {what}"
        page = still_there(page, now, what) if away else beside_what_is_there(page, form, now, what)
    return render(request, "staff/goal_edit.html", status=problem.status, page=page)


async def _proposed(visitor: Visitor, reach: Reach, kept: dict[str, Any], key: str) -> bool:
    """Propose a goal as it was kept; False where something has to be settled first, which its page then shows."""
    body = {"goals": [kept["id"]], "read": [{"id": kept["id"], "doc_version": kept["doc_version"]}]}
    try:
        await visitor.upstream.send("care-plans", f"{path_of(reach)}/plan/propose", body, key)
    except (Conflict, Invalid):
        return False
    return True


async def _keep(
    visitor: Visitor, reach: Reach, form: Typed, body: dict[str, Any], goal: str
) -> dict[str, Any]:
    """Write a goal anew, or a new one under the id of its form: sent again, it is the same goal.

    Answers its id and the `doc_version` in which it was kept.
    """
    path, key = f"{path_of(reach)}/goals", form.command_id
    if goal:
        where = f"{path}/{goal}"
        sent = await visitor.upstream.send("care-plans", where, body, key, method="PUT", version=form.version)
    else:
        sent = await visitor.upstream.send("care-plans", path, {"id": form.made_id(), **body}, key)
    kept: dict[str, Any] = sent.json()
    return kept


def _again(
    request: Request, form: Typed, problem: Problem, fields: Mapping[str, str], labels: Mapping[str, str]
) -> Form:
    """What was typed, with what to do about it; what was kept from this form before stands as it was."""
    if sent_before(problem):
        return form.anew(_action(request), KEPT_BEFORE)
    return form.again(_action(request), problem, fields, labels)


def _action(request: Request) -> str:
    return f"{request.url.path}?{request.url.query}" if request.url.query else str(request.url.path)


@router.get("/plan/tasks/edit")
async def edit_task(
    client: str, request: Request, visitor: StaffVisitor, portal: PortalDep, goal: str = "", task: str = ""
) -> Response:
    """The task editor, empty or with one task."""
    reach = await staff_reach(request, portal, visitor, client)
    plan = await plan_now(visitor, reach)
    found = one_of(plan["tasks"], task) if task else None
    form = task_form(_action(request), found, goal, usual_homes(reach, plan, goal))
    form = form if found else replace(form, command_id=form_id(request))
    page = await task_editor_page(portal, reach, form, plan, found)
    return render(request, "staff/task_edit.html", page=page)


@router.post("/plan/tasks/edit")
async def save_task(
    client: str, request: Request, visitor: StaffVisitor, portal: PortalDep, goal: str = "", task: str = ""
) -> Response:
    """Add the task, or write it anew; beyond the household's number it waits and says so."""
    reach = await staff_reach(request, portal, visitor, client)
    form = await typed(request, visitor)
    path = f"{path_of(reach)}/tasks"
    try:
        body = task_body(form, await task_now(visitor, reach, task))
        if task:
            await visitor.upstream.send(
                "care-plans", f"{path}/{task}", body, form.command_id, method="PUT", version=form.version
            )
        else:
            body = {"id": form.made_id(), **body}
            await visitor.upstream.send("care-plans", path, body, form.command_id)
    except NotFound:
        return await _task_gone(request, portal, visitor, reach, form)
    except Problem as problem:
        return await _task_again(request, portal, visitor, reach, form, problem, task)
    return to_plan(reach, f"task-{task or body['id']}")


async def _task_gone(
    request: Request, portal: Portal, visitor: Visitor, reach: Reach, form: Typed
) -> Response:
    """The task editor with what was typed as a new one: it went with its goal, which a colleague threw away."""
    where, plan = f"{base_of('staff', reach)}/plan/tasks/edit", await plan_now(visitor, reach)
    page = await task_editor_page(portal, reach, as_new(form, where, TASK_GONE), plan, None)
    return render(request, "staff/task_edit.html", status=Conflict.status, at=where, page=page)


async def _task_again(
    request: Request,
    portal: Portal,
    visitor: Visitor,
    reach: Reach,
    form: Typed,
    problem: Problem,
    task: str,
) -> Response:
    """The task editor with what was typed and what to do about it."""
    plan = await plan_now(visitor, reach)
    found = one_of(plan["tasks"], task) if task else None
    again = _again(request, form, problem, TASK_FIELDS, TASK_LABELS)
    page = await task_editor_page(portal, reach, again, plan, found)
    if found and moved(problem):
        page = beside_what_is_there(page, form, task_form("", found, ""), "this practice")
    return render(request, "staff/task_edit.html", status=problem.status, page=page)
