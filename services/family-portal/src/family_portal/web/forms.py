"""Forms in: what was typed, checked for its origin, and shown again with what is wrong."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from uuid import uuid4

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from chassis.bodies import MAX_BODY
from chassis.errors import BadRequest, Conflict, Invalid, Problem
from chassis.journal import Command
from chassis.problems import spoken
from family_portal.web.models import FieldError, Form
from family_portal.web.unsent import MOST_FIELDS
from family_portal.web.visitor import Visitor, check_csrf

SENT_BEFORE = (
    "You have sent this already, and it is kept as it was. If you want to add to it or put it right, "
    "send this too: both are read."
)
KEPT_BEFORE = (
    "This is kept already, as it was when you first sent it. To change that, open it from the plan. "
    "Save this only if you want a second one beside it."
)
PLANNED_BEFORE = (
    "You have made a session with this already, and it stands as it was: you find it among the sessions of the same "
    "person. Send this only if there is to be a second one."
)
CHOICE = "worry"
"""What the writer of worry words chose, after they saw who answers now: `send` or `change`."""
_HIDDEN = frozenset({"csrf", "command_id", "version", CHOICE})
_WHOLE = re.compile(r"[-+]?\d{1,9}")
_DECIMAL = re.compile(r"[-+]?\d{1,9}(?:\.\d{1,6}|,\d{1,2})?")
"""With a comma for people who write it so; `1,000` is no decimal and is asked about rather than guessed."""
_VERSION = re.compile(r"\d{1,9}")
_FORM_ID = re.compile(r"[0-9a-f]{32}")
_LINE = re.compile(r"\.\d+$")
"""One of a list, which stands on a page as one line of a field."""
MOVED = (
    "This was changed elsewhere meanwhile. Look at what holds now, and send yours again if it is still right."
)


@dataclass(frozen=True)
class Typed:
    """A posted form: its values by name, its idempotency key, the version it started from."""

    values: Mapping[str, str | tuple[str, ...]]
    command_id: str
    version: int | None
    choice: str = ""

    def text(self, name: str) -> str | None:
        """What was typed, trimmed, its lines ended as ours are; None where nothing was."""
        value = self.values.get(name)
        first = value[0] if isinstance(value, tuple) and value else value
        return str(first).replace("\r\n", "\n").strip() or None if first else None

    def number(self, name: str) -> int | None:
        """A whole number, or None where none was typed. Raises Invalid for anything else."""
        digits = self._digits(name, _WHOLE, "Write a whole number in digits, for example 3.")
        return int(digits) if digits else None

    def decimal(self, name: str) -> float | None:
        """A number, or None where none was typed. Raises Invalid for anything else."""
        digits = self._digits(name, _DECIMAL, "Write a number in digits, for example 6 or 6.5.")
        return float(digits.replace(",", ".")) if digits else None

    def _digits(self, name: str, form: re.Pattern[str], fix: str) -> str | None:
        text = self.text(name)
        digits = text.replace("−", "-") if text else None
        if digits and not form.fullmatch(digits):
            long = len(digits) > 9 and digits.lstrip("+-").isdecimal()
            said = "This number is too large." if long else "This is not a number that fits here."
            raise Invalid(said, field=name, fix=fix)
        return digits

    def ticks(self, name: str) -> list[str]:
        """All ticked values of a name."""
        value = self.values.get(name, ())
        return (
            [value] if isinstance(value, str) and value else list(value) if isinstance(value, tuple) else []
        )

    def lines(self, name: str) -> list[str]:
        """One entry a line."""
        return [line.strip() for line in (self.text(name) or "").splitlines() if line.strip()]

    def again(
        self,
        action: str,
        problem: Problem,
        fields: Mapping[str, str] | None = None,
        labels: Mapping[str, str] | None = None,
    ) -> Form:
        """The same form with what was typed and what to do about it; the key stays the same."""
        errors = errors_of(problem, fields or {}, labels)
        return Form(action, self.values, errors, self.command_id, self.version, came_back=True)

    def as_it_is(self, action: str) -> Form:
        """The same form with what was typed, to be changed or sent; nothing is wrong with it."""
        return Form(action, self.values, (), self.command_id, self.version, came_back=True)

    def anew(self, action: str, told: str = SENT_BEFORE) -> Form:
        """The same form as a new one, after it was sent with another answer: what was sent stands as it was."""
        return Form(action, self.values, (FieldError("", told),), version=self.version, came_back=True)

    def made_id(self, *said: object) -> str:
        """The id of what this form makes of `said`: the same when it is sent again, another when corrected."""
        return sha256(repr((self.command_id, *said)).encode()).hexdigest()[:32]

    def command(self, visitor: Visitor) -> Command:
        """The form as a command of this service: sent twice it changes it once, corrected it is a new one."""
        said = sha256(repr(sorted(self.values.items())).encode()).hexdigest()
        return Command(self.made_id(said), visitor.person_id, said)


class NewForm(Exception):
    """A form is begun: the browser is sent to an address of this form's own."""


def form_id(request: Request) -> str:
    """The id in a form's own address: who goes back to it and sends it again sends the same. Raises NewForm."""
    named = request.query_params.get("form", "")
    if not _FORM_ID.fullmatch(named):
        raise NewForm
    return named


async def to_new_form(request: Request, _error: Exception) -> Response:
    """Send the browser to a form that nobody has sent yet."""
    own = request.url.include_query_params(form=uuid4().hex)
    return RedirectResponse(f"{own.path}?{own.query}", 303)


async def typed(request: Request, visitor: Visitor) -> Typed:
    """Read a posted form. Raises Forbidden when it is not from this sign-in's page, BadRequest for a file."""
    form = await request.form(max_fields=MOST_FIELDS, max_part_size=MAX_BODY)
    check_csrf(visitor.session, str(form.get("csrf", "")))
    values: dict[str, str | tuple[str, ...]] = {}
    for name in form:
        found = [value for value in form.getlist(name) if isinstance(value, str)]
        if len(found) < len(form.getlist(name)):
            raise BadRequest("A file was sent where words belong.", name[:80], "Write the words themselves.")
        if name not in _HIDDEN:
            values[name] = found[0] if len(found) == 1 else tuple(found)
    version = str(form.get("version", ""))
    seen = int(version) if _VERSION.fullmatch(version) else None
    return Typed(values, str(form.get("command_id", ""))[:128], seen, str(form.get(CHOICE, ""))[:10])


def sent_before(problem: Problem) -> bool:
    """Whether a form was sent before with another answer: its id is taken."""
    return isinstance(problem, Conflict) and problem.field == "id"


def errors_of(
    problem: Problem, fields: Mapping[str, str], labels: Mapping[str, str] | None = None
) -> tuple[FieldError, ...]:
    """A problem as errors beside fields; `fields` says under which name the page asks for it.

    `labels`: what the page calls its fields; a wrong value is then told by that name, at the head of a long
    page too.
    """
    rows = problem.extra.get("errors") or [
        {"field": problem.field or "", "detail": problem.detail, "fix": problem.fix}
    ]
    named = (labels or {}) if problem.status == Invalid.status else {}
    return tuple(_error(row, problem.title, fields, named) for row in rows)


def _error(
    row: Mapping[str, object], title: str, fields: Mapping[str, str], labels: Mapping[str, str]
) -> FieldError:
    told = str(row.get("field") or "")
    if told == "If-Match":  # a header of programs, and no field of any page
        return FieldError("", MOVED)
    of_list = _LINE.sub("", told)
    name = fields.get(told) or fields.get(of_list, of_list)
    text = " ".join(str(part) for part in (row.get("detail"), row.get("fix")) if part) or title
    text = text.replace(spoken(told), "This", 1)  # it stands beside its field
    label = labels.get(name)
    return FieldError(name, f"{label}: {text[:1].lower()}{text[1:]}" if label else text)


def with_error(form: Form, field: str, text: str) -> Form:
    """The form with one more thing to do."""
    return replace(form, errors=(*form.errors, FieldError(field, text)))


def remembering(response: RedirectResponse, position: str | None) -> Response:
    """The redirect, with the place of the write, so that the next page shows it."""
    if position:
        response.set_cookie("kith-position", position, max_age=5, httponly=True, samesite="lax", secure=True)
    return response
