"""What /openapi.json says beyond FastAPI's own: headers that dependencies read, who signs in, what is answered."""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.routing import Route

from chassis.auth import caller, service, token
from chassis.positions import HEADER
from chassis.problems import MEDIA_TYPE
from chassis.versions import SeenVersion

Call = Callable[..., Any]
Described = dict[str, Any]

KEY_FORM = r"[A-Za-z0-9._:~-]{1,128}"
"""What an Idempotency-Key may be."""

_SIGNED_IN: frozenset[Call] = frozenset({token, caller, service})
_BEARER = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "JWT",
    "description": "An access token for this service, of five minutes, from the sign-in at `/auth`: OAuth 2.0, "
    "authorization code with PKCE, the service's name as `resource`.",
}
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "A fresh random id for each change. Sending the same request with it again changes nothing "
    "more, and is answered as it was the first time; another request with it is a conflict.",
    "schema": {"type": "string", "pattern": f"^{KEY_FORM}$"},
}
_POSITION = {
    "description": "Where the change stands, to be sent with the next read, which then shows it.",
    "schema": {"type": "string"},
}
_THING = {
    "type": "object",
    "description": "One thing, or what a change has made of it. What does not apply is left out; what else it "
    "holds follows from what its reader may see.",
    "additionalProperties": True,
}
_PAGE = {
    "type": "object",
    "description": "One page of a list.",
    "required": ["items", "next"],
    "properties": {
        "items": {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}},
        "next": {
            "type": ["string", "null"],
            "description": "Send it as `after` for the next page; null on the last.",
        },
    },
}


class DescribedApp(FastAPI):
    """An app of routers, described whole: `keyed` are the dependencies that read an Idempotency-Key."""

    def __init__(self, routers: Sequence[APIRouter], *, keyed: frozenset[Call], **given: Any) -> None:
        super().__init__(**given)
        self._routers, self._keyed = routers, keyed
        self._described: Described | None = None
        for router in routers:
            self.include_router(router)

    def methods_at(self, path: str) -> list[str]:
        """Every method that an address takes, in the order of the alphabet; HEAD stands wherever GET does."""
        routes = chain(self.routes, *(router.routes for router in self._routers))
        here = (each for each in routes if isinstance(each, Route) and each.path_regex.match(path))
        taken = {method for each in here for method in each.methods or ()}
        return sorted(taken | ({"HEAD"} if "GET" in taken else set()))

    def openapi(self) -> Described:
        """The description, made when it is first asked for."""
        if self._described is None:
            self._described = self._complete(super().openapi())
        return self._described

    def _complete(self, described: Described) -> Described:
        fields = {"version"}
        for verb, operation, calls in self._operations(described):
            seen = [call for call in calls if isinstance(call, SeenVersion)]
            keyed = bool(calls & self._keyed)
            fields.update(call.field for call in seen)
            asked = [*([_KEY] if keyed else ()), *(call.parameter() for call in seen)]
            if asked:
                operation["parameters"] = [*operation.get("parameters", ()), *asked]
            if calls & _SIGNED_IN:
                operation["security"] = [{"bearer": []}]
            _answers(operation, paged=verb == "get" and _takes(operation, "after"), keyed=keyed)
        parts = described.setdefault("components", {})
        parts["securitySchemes"] = {"bearer": _BEARER}
        parts.setdefault("schemas", {}).update({"Thing": _thing(fields), "Page": _PAGE})
        return described

    def _operations(self, described: Described) -> Iterator[tuple[str, Described, frozenset[Call]]]:
        for router in self._routers:
            for route in router.routes:
                if isinstance(route, APIRoute) and route.include_in_schema:
                    calls = frozenset(_calls(route.dependant))
                    for verb in map(str.lower, route.methods or ()):
                        yield verb, described["paths"][route.path_format][verb], calls


def _calls(dependant: Dependant) -> Iterator[Call]:
    """Everything that runs before a handler, however deep."""
    for part in dependant.dependencies:
        if part.call is not None:
            yield part.call
        yield from _calls(part)


def _takes(operation: Described, name: str) -> bool:
    return any(parameter["name"] == name for parameter in operation.get("parameters", ()))


def _answers(operation: Described, *, paged: bool, keyed: bool) -> None:
    """Problems have a media type of their own; what is answered without a model is a page or a thing."""
    for status, answer in operation["responses"].items():
        content = answer.get("content", {})
        if status >= "4":
            answer["content"] = {MEDIA_TYPE: content.pop("application/json"), **content}
            continue
        for each in content.values():
            if each.get("schema", {}).get("additionalProperties", True) is True:
                each["schema"] = {"$ref": f"#/components/schemas/{'Page' if paged else 'Thing'}"}
        if keyed:
            answer["headers"] = {HEADER: _POSITION}


def _thing(fields: set[str]) -> Described:
    says = "Moves with each change; a change that asks for If-Match says by which name it wants it."
    known: Described = {"id": {"type": "string"}, "state": {"type": "string"}}
    numbers = {name: {"type": "integer", "description": says} for name in sorted(fields)}
    return {**_THING, "properties": {**known, **numbers}}
