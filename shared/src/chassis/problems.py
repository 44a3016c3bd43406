"""Problems as they are answered: RFC 9457 documents that name field and fix and repeat no value."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

from chassis.errors import Invalid, NotFound, Problem

MEDIA_TYPE = "application/problem+json"

_TOLD: dict[str, tuple[str, str]] = {
    "missing": ("{it} is needed and was not sent.", "Add it."),
    "extra_forbidden": ("{it} is not known here.", "Leave it out."),
    "string_type": ("{it} is not a text.", "Send a text in quotation marks."),
    "string_too_short": ("{it} is too short.", "Write at least {min_length:character}."),
    "string_too_long": ("{it} is too long.", "Write at most {max_length:character}."),
    "string_pattern_mismatch": ("{it} has another form than expected.", "Use the form {pattern}."),
    "int_type": ("{it} is not a whole number.", "Send a whole number without quotation marks."),
    "float_type": ("{it} is not a number.", "Send a number without quotation marks."),
    "bool_type": ("{it} is neither true nor false.", "Send true or false without quotation marks."),
    "bool_parsing": ("{it} is neither true nor false.", "Send true or false."),
    "enum": ("{it} is not one of the known values.", "Use one of {expected}."),
    "literal_error": ("{it} is not one of the known values.", "Use one of {expected}."),
    "too_short": ("{it} holds too few.", "Give at least {min_length}."),
    "too_long": ("{it} holds too many.", "Give at most {max_length}."),
    "greater_than_equal": ("{it} is too small.", "Give {ge} or more."),
    "greater_than": ("{it} is too small.", "Give more than {gt}."),
    "less_than_equal": ("{it} is too large.", "Give {le} or less."),
    "less_than": ("{it} is too large.", "Give less than {lt}."),
    "forbidden_word": (
        "{it} says “{word}”, and it would stand on a locked screen.",
        "Choose a name that tells nothing of what messages are about, or leave it out: then they come from Kith.",
    ),
    "timezone_aware": ("{it} has no time zone.", "End it with Z or an offset such as +01:00."),
}
"""What is wrong and how to put it right, by pydantic's name of it; `it` is the field."""

_EMPTY: dict[str, tuple[str, str]] = {
    "string_too_short": ("{it} is empty.", "Write something."),
    "too_short": ("{it} is empty.", "Give at least one."),
}
"""The same where one would do."""

_WANTED: dict[str, str] = {
    "date": "a day such as 2026-03-01",
    "datetime": "a time such as 2026-03-01T09:00:00Z",
    "dict": "an object",
    "float": "a number",
    "int": "a whole number",
    "list": "a list",
    "model": "an object with the documented fields",
    "string": "a text",
    "time": "a time of day such as 09:00",
    "tuple": "a list",
}
"""What a value of a kind looks like, by the first word of pydantic's name of what is wrong."""


def problem_response(problem: Problem) -> Response:
    """The problem as an HTTP response."""
    body = json.dumps(problem.body(), ensure_ascii=False, separators=(",", ":")).encode()
    return Response(body, problem.status, headers=problem.headers(), media_type=MEDIA_TYPE)


def validation_problem(errors: Sequence[Mapping[str, Any]]) -> Problem:
    """One problem for everything pydantic found; a malformed path is a thing that does not exist."""
    if any(error["loc"] and error["loc"][0] == "path" for error in errors):
        return NotFound()
    told = [_tell(error) for error in errors[:50]]
    first = told[0]
    return Invalid(first["detail"], first["field"], first["fix"], errors=told)


def _tell(error: Mapping[str, Any]) -> dict[str, str]:
    kind, field = str(error["type"]), _field(error["loc"])
    known = _Known(error.get("ctx") or {}, it=spoken(field))
    told = _EMPTY if known.get("min_length") == 1 and kind in _EMPTY else _TOLD
    detail, fix = told.get(kind) or _form(kind)
    if kind == "value_error":
        detail, fix = "{error}", "Send another value."
    return {"field": field, "detail": detail.format_map(known), "fix": fix.format_map(known)}


def spoken(field: str) -> str:
    """How a sentence of a problem names a field."""
    return "The body" if field == "body" else f"`{field}`"


def _form(kind: str) -> tuple[str, str]:
    """Plain sentences out of a pydantic error type such as `datetime_from_date_parsing`."""
    wanted = _WANTED.get(kind.split("_", 1)[0])
    if wanted is None:
        return "{it} has the wrong form.", "Send another value."
    return f"{{it}} is not {wanted.partition(' such as ')[0]}.", f"Send {wanted}."


def _field(loc: Sequence[Any]) -> str:
    parts = [str(part)[:80] for part in (loc[1:] if len(loc) > 1 else loc)]
    return ".".join(parts)


class _Known(dict[str, Any]):
    """What pydantic says about a limit; a number can be asked for with what it counts, `{max_length:character}`."""

    def __getitem__(self, name: str) -> "_Told":
        return _Told(self.get(name, "the documented value"))


class _Told(str):
    def __format__(self, noun: str) -> str:
        return f"{self} {noun}{'' if self == '1' else 's'}" if noun else str(self)
