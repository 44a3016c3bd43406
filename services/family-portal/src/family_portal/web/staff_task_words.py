"""The page of a task's other languages: one person writes it, another checks it, and only then families choose it."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from chassis.errors import Conflict, NotFound, Problem, Unavailable
from chassis.routes import Routes
from contracts.classes import DataClass
from family_portal.portal import Portal, PortalDep
from family_portal.views.reader import Reach
from family_portal.web.forms import Typed, errors_of, remembering, typed
from family_portal.web.frame import render
from family_portal.web.heads import base_of, head
from family_portal.web.languages import direction, english_name, own_name
from family_portal.web.models import FieldError, Form, LanguageLine, Link, TaskWordsPage, WordsField
from family_portal.web.models.plan_edit import TASK_LABELS
from family_portal.web.staff_plan_changed import differing, has_seen, moved
from family_portal.web.staff_plan_fill import plan_page
from family_portal.web.staff_plan_now import path_of, plan_now
from family_portal.web.staff_reach import staff_reach
from family_portal.web.visitor import StaffVisitor, Visitor

router = Routes(prefix="/staff/clients/{client}/plan/tasks/words", include_in_schema=False)
TEXTS = ("title", "why", "if_nothing_comes", "easier", "stop_when", "look_for", "thanks", "who", "when")
LINES = ("you_need", "steps")
ORDER = tuple(name for name in TASK_LABELS if name in (*TEXTS, *LINES))
STATES = {
    "draft": "Draft. Families read the English.",
    "translated": "Waits for somebody else to read it. Families read the English until then.",
    "checked": "Checked. Families can choose it.",
}
NOT_BEGUN = "Not begun."


@router.get("")
async def words(
    client: str,
    request: Request,
    visitor: StaffVisitor,
    portal: PortalDep,
    task: str = "",
    language: str = "",
) -> Response:
    """The languages of a task, and one of them to write or to check."""
    reach = await staff_reach(request, portal, visitor, client)
    plan = await plan_now(visitor, reach)
    page = await _page(portal, reach, plan, task, language)
    return render(request, "staff/task_words.html", page=page)


@router.post("")
async def save(
    client: str,
    request: Request,
    visitor: StaffVisitor,
    portal: PortalDep,
    task: str = "",
    language: str = "",
) -> Response:
    """Keep it as a draft, or say that it is done."""
    reach = await staff_reach(request, portal, visitor, client)
    form = await typed(request, visitor)
    body = {**_typed_words(form), "done": form.text("do") == "done"}
    return await _send(request, portal, visitor, reach, form, task, language, body)


@router.post("/check")
async def check(
    client: str,
    request: Request,
    visitor: StaffVisitor,
    portal: PortalDep,
    task: str = "",
    language: str = "",
) -> Response:
    """Somebody else has read it beside the original."""
    reach = await staff_reach(request, portal, visitor, client)
    return await _send(request, portal, visitor, reach, await typed(request, visitor), task, language, None)


async def _send(
    request: Request,
    portal: Portal,
    visitor: Visitor,
    reach: Reach,
    form: Typed,
    task: str,
    language: str,
    body: dict[str, Any] | None,
) -> Response:
    """Write (`body`) or check one translation, and show it again."""
    plan = await plan_now(visitor, reach)
    if task not in [row["id"] for row in plan["tasks"]]:
        return await _gone(request, portal, visitor, reach, plan, form)
    path, key = f"{path_of(reach)}/tasks/{task}/translations/{_known(plan, language)}", form.command_id
    at = _address(reach, task, language)
    try:
        if body is None:
            sent = await visitor.upstream.send("care-plans", f"{path}/check", {}, key, version=form.version)
        else:
            sent = await visitor.upstream.send(
                "care-plans", path, body, key, method="PUT", version=form.version
            )
    except (NotFound, Unavailable):
        raise
    except Problem as problem:
        page = _again(await _page(portal, reach, plan, task, language), form, problem)
        return render(request, "staff/task_words.html", status=problem.status, page=page, at=at)
    answer = RedirectResponse(at, 303)
    return remembering(answer, sent.headers.get("kith-position"))


async def _gone(
    request: Request, portal: Portal, visitor: Visitor, reach: Reach, plan: dict[str, Any], form: Typed
) -> Response:
    """The plan with what was written of a practice that went meanwhile. Raises NotFound to who wrote nothing."""
    words = tuple(text for name in ORDER if (text := form.text(name)))
    if not words:
        raise NotFound()
    told = (FieldError("", "This practice is not here any more. What you wrote has not been sent."),)
    page = replace(await plan_page(portal, visitor, reach, plan), errors=told, left=words)
    at = f"{base_of('staff', reach)}/plan"
    return render(request, "staff/plan.html", status=Conflict.status, at=at, page=page)


def _again(page: TaskWordsPage, form: Typed, problem: Problem) -> TaskWordsPage:
    """The page with what was typed; what somebody else wrote meanwhile stands beside it before it is written over."""
    errors = errors_of(problem, {}, TASK_LABELS)
    page = replace(page, check=replace(page.check, errors=errors) if page.check else None)
    if page.form is None:
        return page
    again = replace(
        page.form,
        values=form.values or page.form.values,
        errors=errors,
        command_id=form.command_id,
        came_back=bool(form.values),
    )
    if not (form.values and moved(problem)):
        return replace(page, form=again)
    there = differing(form, page.form, {field.name: field.label for field in page.fields})
    return replace(page, form=has_seen(again, page.form, there, "this practice"), meanwhile=there)


async def _page(
    portal: Portal, reach: Reach, plan: dict[str, Any], task_id: str, language: str
) -> TaskWordsPage:
    task = _task_of(plan, task_id)
    done = {each["language"]: each for each in task.get("translations", ())}
    named = await head(portal, reach, "staff")
    back = Link("Plan", f"{base_of('staff', reach)}/plan#task-{task_id}")
    languages = tuple(
        _line(reach, task_id, each, done.get(each), language) for each in plan.get("languages", ())
    )
    if not language:
        return TaskWordsPage(named, task["text"]["title"], back, languages)
    mine, address = done.get(_known(plan, language)), _address(reach, task_id, language)
    fields = tuple(_fields(task["text"], mine["words"] if mine else {}))
    values: dict[str, str | tuple[str, ...]] = {field.name: field.words for field in fields}
    form = Form(address, values, version=task["doc_version"])
    return TaskWordsPage(
        client=named,
        title=task["text"]["title"],
        back=back,
        languages=languages,
        form=form if reach.grants.may(DataClass.PLAN_TEAM, "write") else None,
        fields=fields,
        english=english_name(language),
        lang=language,
        dir=direction(language),
        state=STATES[mine["state"]] if mine else NOT_BEGUN,
        check=_check(reach, task, mine, address),
    )


def _check(
    reach: Reach,
    task: dict[str, Any],
    mine: dict[str, Any] | None,
    address: str,
) -> Form | None:
    """The button of the second person, where there is something for them to check."""
    if mine is None or mine["state"] != "translated" or mine["by"] == reach.caller.person_id:
        return None
    return Form(address.replace("/words?", "/words/check?"), version=task["doc_version"])


def _task_of(plan: dict[str, Any], task_id: str) -> dict[str, Any]:
    rows: list[dict[str, Any]] = plan["tasks"]
    found = next((task for task in rows if task["id"] == task_id), None)
    if found is None:
        raise NotFound()
    return found


def _known(plan: dict[str, Any], language: str) -> str:
    """One of the organisation's languages. Raises NotFound."""
    if language not in plan.get("languages", ()):
        raise NotFound()
    return language


def _address(reach: Reach, task_id: str, language: str) -> str:
    return f"{base_of('staff', reach)}/plan/tasks/words?task={task_id}&language={language}"


def _line(reach: Reach, task_id: str, language: str, mine: dict[str, Any] | None, here: str) -> LanguageLine:
    return LanguageLine(
        name=own_name(language),
        english=english_name(language),
        lang=language,
        dir=direction(language),
        state=STATES[mine["state"]] if mine else NOT_BEGUN,
        href=_address(reach, task_id, language),
        here=language == here,
    )


def _fields(text: dict[str, Any], words: dict[str, Any]) -> Iterable[WordsField]:
    """What the original says, field by field, with the translation beside it."""
    for name in ORDER:
        if said := text.get(name):
            lines = name in LINES
            yield WordsField(
                name,
                TASK_LABELS[name],
                "\n".join(said) if lines else said,
                "\n".join(words.get(name) or ()) if lines else words.get(name) or "",
                lines,
            )


def _typed_words(form: Typed) -> dict[str, Any]:
    texts = {name: said for name in TEXTS if (said := form.text(name))}
    return {**texts, **{name: lines for name in LINES if (lines := form.lines(name))}}
