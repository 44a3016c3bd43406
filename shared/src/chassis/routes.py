"""A router that requests for other addresses pass by in one look: FastAPI itself tries each route on its own, twice."""

import re

from fastapi import APIRouter
from starlette.routing import Match, Route
from starlette.types import Scope

__all__ = ["Routes"]


class Routes(APIRouter):
    """An `APIRouter`; include it without a further prefix."""

    _addresses: tuple[int, re.Pattern[str]] | None = None

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """As the router's routes match, asked only when the path fits one of their addresses."""
        if self._any_address().match(scope["path"]) is None:
            return Match.NONE, {}
        return super().matches(scope)

    def _any_address(self) -> re.Pattern[str]:
        if self._addresses is None or self._addresses[0] != len(self.routes):
            patterns = [route.path_regex.pattern for route in self.routes if isinstance(route, Route)]
            one = "|".join(re.sub(r"\(\?P<\w+>", "(?:", pattern) for pattern in patterns)
            self._addresses = (len(self.routes), re.compile(one if patterns else r"(?!)"))
        return self._addresses[1]
