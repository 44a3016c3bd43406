"""A router that requests for other addresses pass by in one look: FastAPI itself tries each route on its own, twice."""

import re
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter, Request
from fastapi.dependencies.utils import get_flat_params
from fastapi.exceptions import RequestValidationError
from fastapi.params import Query
from fastapi.routing import APIRoute
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import Scope

__all__ = ["Routes"]

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class _ExactRoute(APIRoute):
    """A route that refuses a question it does not know: a misspelt filter would answer with everything."""

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()
        asked = get_flat_params(self.dependant)
        known = frozenset(each.alias for each in asked if isinstance(each.field_info, Query))

        async def handle_exactly(request: Request) -> Response:
            if request.scope["query_string"]:
                unknown = [name for name in request.query_params if name not in known]
                if unknown:
                    raise RequestValidationError(
                        [{"type": "extra_forbidden", "loc": ("query", name)} for name in unknown]
                    )
            return await handle(request)

        return handle_exactly


class Routes(APIRouter):
    """An `APIRouter`; include it without a further prefix. What stands in the schema knows all its query parameters.

    Pages stand in none: a link that somebody's mail program added to still opens.
    """

    _addresses: tuple[int, re.Pattern[str]] | None = None

    def __init__(self, *, include_in_schema: bool = True, **kwargs: Any) -> None:
        route = _ExactRoute if include_in_schema else APIRoute
        super().__init__(include_in_schema=include_in_schema, route_class=route, **kwargs)
        self._begins = self.prefix.partition("{")[0]

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """As the router's routes match, asked only when the path fits one of their addresses."""
        path = scope["path"]
        if not path.startswith(self._begins) or self._any_address().match(path) is None:
            return Match.NONE, {}
        return super().matches(scope)

    def _any_address(self) -> re.Pattern[str]:
        if self._addresses is None or self._addresses[0] != len(self.routes):
            patterns = [route.path_regex.pattern for route in self.routes if isinstance(route, Route)]
            one = "|".join(re.sub(r"\(\?P<\w+>", "(?:", pattern) for pattern in patterns)
            self._addresses = (len(self.routes), re.compile(one if patterns else r"(?!)"))
        return self._addresses[1]
