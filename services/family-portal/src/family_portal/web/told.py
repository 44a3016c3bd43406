"""How you are told: by e-mail, by text or neither, and where to; each person's own, for all organisations."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from chassis.errors import Conflict, Invalid, Problem
from chassis.routes import Routes
from family_portal.portal import Portal, PortalDep
from family_portal.web.forms import MOVED, Typed, typed
from family_portal.web.frame import render
from family_portal.web.heads import seat
from family_portal.web.models import FieldError, Form, ToldPage
from family_portal.web.models.pieces import Area
from family_portal.web.models.told import WAYS
from family_portal.web.start import area_of
from family_portal.web.visitor import FamilyVisitor, StaffVisitor, Visitor

router = Routes(include_in_schema=False)

WRONG = {
    "email": "This is not an e-mail address. Write one address, for example name@example.org.",
    "phone": "This is not a phone number. Write it in digits, for example 07700 900123.",
}
MISSING = {
    "email": ("email", "Kith has no e-mail address of yours.", "Write it here, or choose another way."),
    "sms": ("phone", "Kith has no mobile number of yours.", "Write it here, or choose another way."),
}


@dataclass(frozen=True)
class Told:
    """How one person is told now: their way, where it leads, and the versions of both."""

    path: str
    way: str
    email: str | None
    phone: str | None
    rev: int
    version: int

    @classmethod
    async def of(cls, visitor: Visitor) -> "Told":
        """What identity and notifications hold of the visitor. Raises Unavailable."""
        path = f"/tenants/{visitor.callers[0].tenant_id}/people/{visitor.person_id}"
        person: dict[str, Any] = await visitor.upstream.get("identity", path)
        chosen: dict[str, Any] = await visitor.upstream.get("notifications", f"{path}/preferences")
        email, phone = person["email"], person["phone"]
        wanted = chosen["channels"] if chosen["chosen"] else person["channels"]
        return cls(path, way_of(wanted, email, phone), email, phone, person["rev"], chosen["version"])

    def sentence(self) -> str:
        """How messages go now."""
        if self.way == "email":
            return f"By e-mail, to {masked_email(self.email or '')}."
        if self.way == "sms":
            return f"By text message, to {masked_phone(self.phone or '')}."
        return "By neither. What is new stands here when you come in."

    def form(self, action: str) -> Form:
        """The form with the way that holds now; address and number stay empty until they change."""
        return Form(action, {"told": self.way, "rev": str(self.rev)}, version=self.version)


def way_of(wanted: Iterable[str], email: str | None, phone: str | None) -> str:
    """The way messages take: the first wanted one that leads somewhere, as notifications decides at each."""
    leads = {"email": email, "sms": phone, "push": phone, "page": "here"}
    found = next((way for way in tuple(wanted) or ("email", "sms") if leads.get(way)), "page")
    return "sms" if found == "push" else found


def masked_email(email: str) -> str:
    """Enough of an address for its owner to know it, s…@home.example; the joiner keeps it on one line."""
    name, _, place = email.partition("@")
    return f"{name[:1]}…\N{WORD JOINER}@{place}"


def masked_phone(phone: str) -> str:
    """Enough of a number for its owner to know it: its last three digits."""
    return f"the number that ends in {''.join(sign for sign in phone if sign.isdecimal())[-3:]}"


@router.get("/how-you-are-told")
async def how(request: Request, visitor: FamilyVisitor, portal: PortalDep, kept: bool = False) -> Response:
    """How a family member, young person, teacher or network member is told."""
    return await _show(request, portal, visitor, area_of(visitor), kept)


@router.post("/how-you-are-told")
async def choose(request: Request, visitor: FamilyVisitor, portal: PortalDep) -> Response:
    """Keep what they chose."""
    return await _choose(request, portal, visitor, area_of(visitor))


@router.get("/staff/how-you-are-told")
async def staff_how(
    request: Request, visitor: StaffVisitor, portal: PortalDep, kept: bool = False
) -> Response:
    """How somebody of the staff is told."""
    return await _show(request, portal, visitor, "staff", kept)


@router.post("/staff/how-you-are-told")
async def staff_choose(request: Request, visitor: StaffVisitor, portal: PortalDep) -> Response:
    """Keep what they chose."""
    return await _choose(request, portal, visitor, "staff")


async def _show(request: Request, portal: Portal, visitor: Visitor, area: Area, kept: bool) -> Response:
    await seat(request, portal, visitor, area)
    told = await Told.of(visitor)
    return render(request, "told/told.html", page=_page(told, told.form(request.url.path), kept))


def _page(told: Told, form: Form, kept: bool = False) -> ToldPage:
    email = f"Now {masked_email(told.email)}. Leave it empty to keep it." if told.email else ""
    phone = f"Now {masked_phone(told.phone)}. Leave it empty to keep it." if told.phone else ""
    return ToldPage(
        told.sentence(), email or "Kith has none of yours.", phone or "Kith has none of yours.", form, kept
    )


async def _choose(request: Request, portal: Portal, visitor: Visitor, area: Area) -> Response:
    """Keep address, number and way, or show the form again with what is wrong."""
    await seat(request, portal, visitor, area)
    form = await typed(request, visitor)
    try:
        await _keep(visitor, form, await Told.of(visitor))
    except (Conflict, Invalid) as problem:
        told = await Told.of(visitor)
        again = _again(form.again(request.url.path, problem), problem, told)
        return render(request, "told/told.html", page=_page(told, again), status=problem.status)
    return RedirectResponse(f"{request.url.path}?kept=1", 303)


async def _keep(visitor: Visitor, form: Typed, told: Told) -> None:
    """First where messages go, then how: no message takes a way that leads nowhere. Raises Conflict, Invalid."""
    written = {name: text for name in ("email", "phone") if (text := form.text(name))}
    way = _way(form, {"email": told.email, "phone": told.phone, **written})
    if written:
        path, rev = f"{told.path}/contact", form.number("rev")
        await visitor.upstream.send("identity", path, written, form.command_id, method="PUT", version=rev)
    path, body = f"{told.path}/preferences", {"channels": [way]}
    await visitor.upstream.send(
        "notifications", path, body, form.command_id, method="PUT", version=form.version
    )


def _way(form: Typed, known: dict[str, str | None]) -> str:
    """The way that was chosen. Raises Invalid where none was, or where it leads nowhere."""
    way = form.text("told")
    if way not in {choice.value for choice in WAYS}:
        raise Invalid("No way was chosen.", field="told", fix="Choose one of the three.")
    field, detail, fix = MISSING.get(way, ("", "", ""))
    if field and not known[field]:
        raise Invalid(detail, field=field, fix=fix)
    return way


def _again(form: Form, problem: Problem, told: Told) -> Form:
    """The form with what is wrong in words for people; after a change elsewhere it starts from what holds now."""
    if isinstance(problem, Conflict):
        values = {**form.values, "rev": str(told.rev)}
        return replace(form, values=values, version=told.version, errors=(FieldError("", MOVED),))
    return replace(form, errors=tuple(_in_words(error, form) for error in form.errors))


def _in_words(error: FieldError, form: Form) -> FieldError:
    """What identity does not take, without the form it expects of programs."""
    typed_wrong = error.field in WRONG and form.value(error.field)
    return replace(error, text=WRONG[error.field]) if typed_wrong else error
