"""The version a change starts from: `If-Match` names the one its author has seen, and nothing is lost unseen."""

import re
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request

from chassis.errors import BadRequest, Conflict, PreconditionRequired

_TAG = re.compile(r'(")?(\d{1,15})(?(1)")')


@dataclass(frozen=True, slots=True)
class Seen:
    """What a request says about the version it has seen, and in which field of the thing that stands."""

    field: str
    number: int | None
    needed: bool


class SeenVersion:
    """A dependency that reads `If-Match: "3"`: `Depends(SeenVersion("doc_version"))`.

    `field` is where reads and writes answer the number. Unless `needed`, a change without one is taken as it is.
    """

    def __init__(self, field: str = "version", *, needed: bool = True) -> None:
        self.field = field
        self.needed = needed

    async def __call__(self, request: Request) -> Seen:
        """The version that was sent, if any. Raises BadRequest for any other form."""
        given = request.headers.get("if-match")
        return Seen(self.field, None if given is None else self._number(given.strip()), self.needed)

    def parameter(self) -> dict[str, Any]:
        """The header in the API's description."""
        return {
            "name": "If-Match",
            "in": "header",
            "required": self.needed,
            "description": f'The `{self.field}` of what you have read, in quotation marks: `"3"`. '
            "409 when it has moved on since.",
            "schema": {"type": "string", "pattern": r'^"\d{1,15}"$', "examples": ['"3"']},
        }

    def _number(self, given: str) -> int:
        fix = f'Send the {self.field} that you have read, in quotation marks: If-Match: "3".'
        if given.startswith("W/"):
            raise BadRequest(
                "If-Match compares strongly, and a weak tag never matches.", field="If-Match", fix=fix
            )
        found = _TAG.fullmatch(given)
        if found is None:
            raise BadRequest("If-Match does not hold a version.", field="If-Match", fix=fix)
        return int(found[2])


IfMatch = Annotated[Seen, Depends(SeenVersion())]


def require_version(current: int, seen: Seen) -> None:
    """Raises PreconditionRequired without a version, Conflict with the current one when it has moved on."""
    if seen.number is None and seen.needed:
        raise PreconditionRequired(
            "Others change this too.",
            field="If-Match",
            fix=f"Read it, then send its {seen.field} as If-Match.",
        )
    if seen.number not in (None, current):
        raise Conflict(
            f"It has moved on since you read it: its {seen.field} is {current} now, and {seen.number} was sent.",
            field="If-Match",
            fix=f"Read it again, decide whether your change still holds, and send the {seen.field} you read.",
            version=current,
        )
