"""Routes of the page "about me", the same for staff, at home and for the person: read it, write on it, say yes."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

from fastapi import Depends, Request, Response
from fastapi.responses import RedirectResponse

from chassis.errors import Conflict, NotFound, Problem
from chassis.routes import Routes
from contracts.about_me import LineState
from family_portal.portal import Portal, PortalDep
from family_portal.views.reader import Reach
from family_portal.web.about import ABOUT, about_page, labels, line_page, lines_of
from family_portal.web.forms import Typed, remembering, sent_before, typed
from family_portal.web.frame import render
from family_portal.web.heads import ID, base_of, find_reach, head, own_reach, seat
from family_portal.web.models import FieldError, Form
from family_portal.web.models.about import FIELDS
from family_portal.web.models.pieces import Area
from family_portal.web.staff_reach import staff_reach
from family_portal.web.visitor import FamilyVisitor, StaffVisitor, Visitor
from family_portal.web.worry import CHANGE, WORDS, worry_first
from policy.cedar import Action

router = Routes(include_in_schema=False)
ASKED = ("how", "way", "came_back")
TOLD = {
    LineState.APPROVED: "It stands on the page. School reads it where a consent opens the page.",
    LineState.WAITS: "It is kept and waits for its yes. Until then school does not read it.",
    LineState.TAKEN_OFF: "It is off the page. Nobody reads it there any more.",
}
"""What has just happened to a line, by how it stands now."""
OFF = "This line was taken off the page meanwhile. Nobody reads it there any more."
OFF_KEPT = f"{OFF} What you wrote stands here: put it on the page as a new line, if it is still right."


@dataclass(frozen=True)
class Sitting:
    """Somebody before the page of one person: who, in which area, and how far they reach."""

    request: Request
    portal: Portal
    visitor: Visitor
    reach: Reach
    area: Area

    @property
    def base(self) -> str:
        """The address of the page."""
        return f"{base_of(self.area, self.reach)}/about"

    @property
    def path(self) -> str:
        """Where its lines lie at care-plans."""
        return f"/tenants/{self.reach.caller.tenant_id}/clients/{self.reach.client_id}/about"


def _may_read(sitting: Sitting) -> Sitting:
    """Raises NotFound to who reads nothing of it."""
    if not sitting.reach.grants.may(ABOUT):
        raise NotFound()
    return sitting


def _may(sitting: Sitting, action: Action) -> None:
    """Raises NotFound to who does nothing of this kind with its lines, whichever line they name."""
    if not sitting.reach.grants.may(ABOUT, action):
        raise NotFound()


async def of_staff(client: str, request: Request, visitor: StaffVisitor, portal: PortalDep) -> Sitting:
    """The team before a client's page. Raises NotFound."""
    reach = await staff_reach(request, portal, visitor, client)
    return _may_read(Sitting(request, portal, visitor, reach, "staff"))


async def at_home(client: str, request: Request, visitor: FamilyVisitor, portal: PortalDep) -> Sitting:
    """A guardian before a child's page. Raises NotFound."""
    reach = await find_reach(request, portal, visitor, client)
    if "guardians" not in reach.grants.labels:
        raise NotFound()
    await seat(request, portal, visitor, "family")
    return _may_read(Sitting(request, portal, visitor, reach, "family"))


async def my_own(request: Request, visitor: FamilyVisitor, portal: PortalDep) -> Sitting:
    """Somebody before their own page. Raises NotFound."""
    reach = await own_reach(request, portal, visitor)
    await seat(request, portal, visitor, "mine")
    return _may_read(Sitting(request, portal, visitor, reach, "mine"))


def _serve(base: str, sits: Callable[..., Awaitable[Sitting]]) -> None:
    """The page of one area, below its address."""

    @router.get(base)
    async def about(sitting: Sitting = Depends(sits), said: str = "") -> Response:
        """The lines, and the form of a new one for who may write it."""
        told = next((text for state, text in TOLD.items() if state.value == said), "")
        page = await about_page(sitting.portal, sitting.reach, sitting.area, told=told)
        return render(sitting.request, "about/about.html", page=page)

    @router.get(f"{base}/fragments/lines")
    async def lines(sitting: Sitting = Depends(sits)) -> Response:
        """The lines alone."""
        page = await about_page(sitting.portal, sitting.reach, sitting.area)
        return render(sitting.request, "fragments/about_lines.html", page=page)

    @router.post(base)
    async def add(sitting: Sitting = Depends(sits)) -> Response:
        """Write a new line."""
        return await _add(sitting, await typed(sitting.request, sitting.visitor))

    @router.get(f"{base}/{{line_id}}")
    async def line(line_id: str, sitting: Sitting = Depends(sits)) -> Response:
        """One line, to write anew, to say yes to or to take off."""
        return await _line(sitting, line_id)

    @router.post(f"{base}/{{line_id}}")
    async def change(line_id: str, sitting: Sitting = Depends(sits)) -> Response:
        """Write it anew."""
        return await _change(sitting, line_id, await typed(sitting.request, sitting.visitor))

    @router.post(f"{base}/{{line_id}}/yes")
    async def say_yes(line_id: str, sitting: Sitting = Depends(sits)) -> Response:
        """Say yes to it, or how a child was asked."""
        return await _yes(sitting, line_id, await typed(sitting.request, sitting.visitor))

    @router.post(f"{base}/{{line_id}}/off")
    async def take_off(line_id: str, sitting: Sitting = Depends(sits)) -> Response:
        """Take it off the page."""
        return await _off(sitting, line_id, await typed(sitting.request, sitting.visitor))


_serve("/staff/clients/{client}/about", of_staff)
_serve("/home/{client}/about", at_home)
_serve("/mine/about", my_own)


def _words(form: Typed) -> dict[str, Any]:
    """A line as care-plans takes it: one line, however it was typed."""
    words = " ".join((form.text(WORDS) or "").split())
    return {"heading": form.text("heading") or "", "words": words, **_asked(form)}


def _asked(form: Typed) -> dict[str, Any]:
    """How a child was asked, where anything of it was typed."""
    said = {name: text for name in ASKED if (text := form.text(name))}
    return {"asked": said} if said else {}


async def _add(sitting: Sitting, form: Typed) -> Response:
    if form.choice == CHANGE:
        return await _about_again(sitting, form.as_it_is(sitting.base))
    if worry := await _worry(sitting, form, sitting.base, (WORDS, *ASKED)):
        return worry
    body = {"id": form.made_id(sitting.reach.client_id), **_words(form)}
    try:
        return await _sent(sitting, sitting.path, body, form)
    except NotFound:
        raise
    except Problem as problem:
        again = form.anew(sitting.base) if sent_before(problem) else await _again(sitting, form, problem)
        return await _about_again(sitting, again, problem.status)


async def _change(sitting: Sitting, line_id: str, form: Typed) -> Response:
    _may(sitting, "write")
    where = f"{sitting.base}/{_known(line_id)}"
    if form.choice == CHANGE and await _stands(sitting, line_id):
        return await _line(sitting, line_id, form.as_it_is(where))
    if form.choice == CHANGE:
        return await _about_again(sitting, form.anew(sitting.base, OFF_KEPT), Conflict.status)
    if worry := await _worry(sitting, form, where, (WORDS,)):
        return worry
    try:
        return await _sent(sitting, f"{sitting.path}/{line_id}", _words(form), form, method="PUT")
    except Problem as problem:
        again = replace(await _again(sitting, form, problem), action=where)
        if await _is_off(sitting, line_id, problem):
            return await _about_again(sitting, form.anew(sitting.base, OFF_KEPT), Conflict.status)
        return await _line_again(sitting, line_id, problem, form=again)


async def _yes(sitting: Sitting, line_id: str, form: Typed) -> Response:
    _may(sitting, "sign")
    where = f"{sitting.base}/{_known(line_id)}/yes"
    if form.choice == CHANGE and await _stands(sitting, line_id):
        return await _line(sitting, line_id, yes=form.as_it_is(where))
    if form.choice == CHANGE:
        return await _yes_too_late(sitting, form)
    if worry := await _worry(sitting, form, where, ASKED):
        return worry
    try:
        return await _sent(sitting, f"{sitting.path}/{line_id}/approve", _asked(form), form)
    except Problem as problem:
        again = await _again(sitting, form, problem)
        if await _is_off(sitting, line_id, problem):
            return await _yes_too_late(sitting, form)
        if sitting.area == "mine":
            return await _about_again(sitting, _on_top(again, sitting.base), problem.status)
        return await _line_again(sitting, line_id, problem, yes=again)


async def _yes_too_late(sitting: Sitting, form: Typed) -> Response:
    """The page, with how somebody was asked before a line that was taken off meanwhile: it is of no other line."""
    told = Form(sitting.base, errors=(FieldError("", OFF),))
    left = tuple(text for name in ASKED if (text := form.text(name)))
    return await _about_again(sitting, told, Conflict.status, left)


async def _off(sitting: Sitting, line_id: str, form: Typed) -> Response:
    try:
        return await _sent(sitting, f"{sitting.path}/{_known(line_id)}/take-off", {}, form)
    except NotFound:
        raise
    except Problem as problem:
        again = _on_top(await _again(sitting, form, problem), sitting.base)
        return await _about_again(sitting, again, problem.status)


async def _is_off(sitting: Sitting, line_id: str, problem: Problem) -> bool:
    """Whether nothing can be done to a line because it is off the page, or has never been on this reader's."""
    return isinstance(problem, NotFound) or not await _stands(sitting, line_id)


async def _stands(sitting: Sitting, line_id: str) -> bool:
    """Whether a line is on this reader's page."""
    return any(line.record_id == line_id for line in await lines_of(sitting.portal, sitting.reach))


async def _sent(
    sitting: Sitting, path: str, body: dict[str, Any], form: Typed, *, method: str = "POST"
) -> Response:
    """Hand a change to care-plans and go back to the page, which says what became of it. Raises its problem."""
    sent = await sitting.visitor.upstream.send(
        "care-plans", path, body, form.command_id, method=method, version=form.version
    )
    told = sent.json()
    back = RedirectResponse(f"{sitting.base}?said={told['state']}#line-{told['id']}", 303)
    return remembering(back, sent.headers.get("kith-position"))


async def _worry(sitting: Sitting, form: Typed, action: str, names: tuple[str, ...]) -> Response | None:
    """The page that comes before words of worry from home or the person are sent."""
    if sitting.area == "staff":
        return None
    worry = await worry_first(
        sitting.portal, sitting.visitor, sitting.reach, sitting.area, form, action, names
    )
    return render(sitting.request, "told/worry.html", page=worry) if worry else None


async def _again(sitting: Sitting, form: Typed, problem: Problem) -> Form:
    named = await head(sitting.portal, sitting.reach, sitting.area)
    return form.again(sitting.request.url.path, problem, FIELDS, labels(named.name))


def _on_top(form: Form, action: str) -> Form:
    """What could not be done to a line, over an empty form of a new one."""
    return Form(action, errors=tuple(replace(error, field="") for error in form.errors))


async def _about_again(
    sitting: Sitting, form: Form, status: int = 200, left: tuple[str, ...] = ()
) -> Response:
    page = replace(await about_page(sitting.portal, sitting.reach, sitting.area, form), left=left)
    return render(sitting.request, "about/about.html", page=page, status=status, at=sitting.base)


async def _line(
    sitting: Sitting, line_id: str, form: Form | None = None, yes: Form | None = None, status: int = 200
) -> Response:
    page = await line_page(sitting.portal, sitting.reach, sitting.area, _known(line_id), form, yes)
    at = f"{sitting.base}/{line_id}"
    return render(sitting.request, "about/line.html", page=page, status=status, at=at)


async def _line_again(
    sitting: Sitting, line_id: str, problem: Problem, form: Form | None = None, yes: Form | None = None
) -> Response:
    """The line with what was typed and what to do about it. Where it moved on meanwhile, what it says now stands
    above, and the form has seen it: it can be sent once more."""
    page = await line_page(sitting.portal, sitting.reach, sitting.area, line_id, form, yes)
    if isinstance(problem, Conflict) and page.off:
        seen = page.off.version
        page = replace(page, form=_has_seen(page.form, seen), yes=_has_seen(page.yes, seen))
    at = f"{sitting.base}/{line_id}"
    return render(sitting.request, "about/line.html", page=page, status=problem.status, at=at)


def _has_seen(form: Form | None, version: int | None) -> Form | None:
    return replace(form, version=version) if form else None


def _known(line_id: str) -> str:
    """Raises NotFound for what is no id."""
    if not ID.fullmatch(line_id):
        raise NotFound()
    return line_id
