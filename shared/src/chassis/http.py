"""The app factory every service uses: problems, body limits, health, tracing and security headers."""

import hashlib
import json
import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.telemetry import TelemetryConfig
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.responses import Response

from chassis.auth import TokenDep
from chassis.bodies import BodyGuard
from chassis.description import KEY_FORM, DescribedApp
from chassis.edge import Edge
from chassis.errors import BadRequest, Invalid, NotFound, Problem
from chassis.internal import internal_router
from chassis.journal import Command, Written
from chassis.positions import HEADER
from chassis.problems import problem_response, validation_problem
from chassis.routes import Routes
from chassis.runtime import Chassis, MakeKeySource, open_chassis
from chassis.settings import ServiceSettings
from chassis.strict import Strict
from chassis.versions import IfMatch, SeenVersion, require_version

__all__ = [
    "CommandDep",
    "IfMatch",
    "Lifespan",
    "OpenCommandDep",
    "ProblemDocument",
    "SeenVersion",
    "Strict",
    "bare_app",
    "create_app",
    "require_version",
]

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]

_KEY = re.compile(KEY_FORM)


class ProblemDocument(BaseModel):
    """An RFC 9457 problem: what is wrong, where, and how to put it right."""

    type: str
    title: str
    status: int
    detail: str | None = None
    field: str | None = None
    fix: str | None = None
    errors: list[dict[str, str]] = Field(default_factory=list)


_ANSWERS: dict[int | str, dict[str, Any]] = {
    status: {"model": ProblemDocument, "description": says}
    for status, says in {
        400: "The request cannot be read",
        401: "Sign in first",
        403: "Not allowed",
        404: "Not found, or not for this caller",
        408: "The request did not arrive in time",
        409: "It has changed in the meantime, its state does not allow this, or the Idempotency-Key belongs to "
        "another request; its detail says which",
        413: "Too large",
        422: "A value is wrong; each field is named",
        428: "If-Match is missing",
        503: "Not available right now",
    }.items()
}


def create_app(
    settings: ServiceSettings,
    *,
    routers: Sequence[APIRouter],
    lifespan: Lifespan | Sequence[Lifespan] = (),
    key_source: MakeKeySource | None = None,
) -> FastAPI:
    """One service's API process. The parts open when it starts and stand in `app.state.chassis`.

    `lifespan`: further things to open after the parts, in order; they close in reverse. `key_source`: given
    by identity alone, which holds the keys itself.
    """
    more = (lifespan,) if callable(lifespan) else tuple(lifespan)

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            app.state.chassis = await stack.enter_async_context(open_chassis(settings, key_source=key_source))
            for other in more:
                await stack.enter_async_context(other(app))
            yield

    return bare_app(settings.name, [*routers, internal_router, health_router], life)


_NO_SPANS_OF_ITS_OWN: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False}
"""FastAPI's own spans hold paths with ids and whole queries; `Edge` traces by route template instead."""


def bare_app(name: str, routers: Sequence[APIRouter], lifespan: Lifespan | None = None) -> FastAPI:
    """The HTTP edge alone, without a database or a bus."""
    app = DescribedApp(
        routers,
        keyed=frozenset({command, open_command}),
        title=f"Kith {name}",
        version="1",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        redirect_slashes=False,
        responses=_ANSWERS,
        telemetry=_NO_SPANS_OF_ITS_OWN,
    )
    app.add_middleware(BodyGuard)
    app.add_middleware(Edge)
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)
    return app


async def _on_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return problem_response(error)


async def _on_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return problem_response(validation_problem(error.errors()))


async def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 404:
        return problem_response(NotFound())
    problem = Problem()
    problem.status, problem.title = error.status_code, _TITLES.get(error.status_code, "Not possible")
    response = problem_response(problem)
    response.headers.update(error.headers or {})
    if error.status_code == 405:  # the router names those of the first route alone that has the address
        app: DescribedApp = request.app
        response.headers["Allow"] = ", ".join(app.methods_at(request.scope["path"]))
    return response


_TITLES = {400: "The request cannot be read", 405: "This address does not do that", 415: "Not a known form"}

health_router = Routes(include_in_schema=False)


@health_router.get("/healthz")
async def healthz() -> dict[str, str]:
    """Alive: the process answers."""
    return {"status": "ok"}


@health_router.get("/readyz")
async def readyz(request: Request) -> dict[str, str]:
    """Ready: the database answers too. Raises Unavailable when it does not."""
    chassis: Chassis = request.app.state.chassis
    await chassis.mongo.ping()
    return {"status": "ok"}


async def fingerprinted(request: Request, person_id: str) -> Command:
    """The command of a request: its Idempotency-Key, who sent it, and what it asked. Raises BadRequest."""
    key = request.headers.get("idempotency-key", "")
    if not _KEY.fullmatch(key):
        raise BadRequest(
            "A request that changes something needs its own key, so that sending it twice changes it once.",
            field="Idempotency-Key",
            fix="Send a header Idempotency-Key with a fresh random id.",
        )
    body = await request.body()
    if body and getattr(request.scope.get("route"), "body_field", None) is None:
        _check_wordless(body)
    said = b"\n".join([request.method.encode(), request.url.path.encode(), body])
    client_id = request.path_params.get("client_id")
    return Command(key, person_id, hashlib.sha256(said).hexdigest(), client_id)


def _check_wordless(body: bytes) -> None:
    """Raises Invalid for fields sent where none are taken: who narrows a change by one would change all of it."""
    try:
        sent = json.loads(body)
    except ValueError:
        sent = "no JSON"
    if isinstance(sent, dict) and sent:
        raise validation_problem([{"type": "extra_forbidden", "loc": ("body", name)} for name in sent])
    if sent not in ({}, None):
        raise Invalid("This request takes no fields.", "body", "Send it without a body.")


async def command(request: Request, token: TokenDep) -> Command:
    """The command of a signed-in person's or a service's request."""
    return await fingerprinted(request, token.subject)


async def open_command(request: Request) -> Command:
    """The command of a request that needs no sign-in."""
    return await fingerprinted(request, "-")


CommandDep = Annotated[Command, Depends(command)]
OpenCommandDep = Annotated[Command, Depends(open_command)]


def answer_written(response: Response, written: Written) -> dict[str, Any]:
    """The answer of a write: ids, versions and states, with the place of the write in `Kith-Position`."""
    response.headers[HEADER] = written.position
    return written.answer
