"""Problems as they are answered: RFC 9457 documents that name field and fix and repeat no value."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

from chassis.errors import Invalid, NotFound, Problem

MEDIA_TYPE = "application/problem+json"

_TOLD: dict[str, tuple[str, str]] = {
    "missing": ("This is needed and was not sent.", "Add it."),
    "extra_forbidden": ("This is not known here.", "Leave it out."),
    "string_type": ("This is not a text.", "Send a text in quotation marks."),
    "string_too_short": ("This text is too short.", "Write at least {min_length} characters."),
    "string_too_long": ("This text is too long.", "Write at most {max_length} characters."),
    "string_pattern_mismatch": ("This text has another form than expected.", "Use the form {pattern}."),
    "int_type": ("This is not a whole number.", "Send a number without quotation marks."),
    "int_from_float": ("This is not a whole number.", "Send a whole number."),
    "float_type": ("This is not a number.", "Send a number without quotation marks."),
    "bool_type": ("This is neither true nor false.", "Send true or false without quotation marks."),
    "list_type": ("This is not a list.", "Send a list."),
    "tuple_type": ("This is not a list.", "Send a list."),
    "dict_type": ("This is not an object.", "Send an object."),
    "model_type": ("This is not an object.", "Send an object with the documented fields."),
    "model_attributes_type": ("This is not an object.", "Send an object with the documented fields."),
    "enum": ("This value is not one of the known ones.", "Use one of {expected}."),
    "literal_error": ("This value is not one of the known ones.", "Use one of {expected}."),
    "too_short": ("There are too few of them.", "Give at least {min_length}."),
    "too_long": ("There are too many of them.", "Give at most {max_length}."),
    "greater_than_equal": ("This number is too small.", "Give {ge} or more."),
    "greater_than": ("This number is too small.", "Give more than {gt}."),
    "less_than_equal": ("This number is too large.", "Give {le} or less."),
    "less_than": ("This number is too large.", "Give less than {lt}."),
    "timezone_aware": ("This time has no time zone.", "End it with Z or an offset such as +01:00."),
}

_EMPTY = ("Nothing is written here.", "Write something.")


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
    kind, context = str(error["type"]), dict(error.get("ctx") or {})
    detail, fix = _TOLD.get(kind, ("This value has the wrong form.", _form(kind)))
    if kind == "string_too_short" and context.get("min_length") == 1:
        detail, fix = _EMPTY
    if kind == "value_error":
        detail, fix = str(context.get("error", detail)), "Send another value."
    return {"field": _field(error["loc"]), "detail": detail, "fix": fix.format_map(_Known(context))}


def _form(kind: str) -> str:
    """A plain sentence out of a pydantic error type such as `datetime_from_date_parsing`."""
    wanted = kind.split("_", 1)[0]
    return f"Send a valid {wanted}." if wanted.isalpha() else "Send another value."


def _field(loc: Sequence[Any]) -> str:
    parts = [str(part)[:80] for part in (loc[1:] if len(loc) > 1 else loc)]
    return ".".join(parts)


class _Known(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "the documented value"
