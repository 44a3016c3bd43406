"""The outermost layer of a request: one span, security headers, and no error that shows its insides."""

import logging
import traceback

import httpx
from opentelemetry import trace
from opentelemetry.trace import SpanKind, Status, StatusCode
from pymongo.errors import ConnectionFailure, ExecutionTimeout
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.errors import Problem, Unavailable
from chassis.problems import problem_response
from chassis.telemetry import remote
from chassis.watching import violation_mark, violations_since

log = logging.getLogger("kith.http")

_SAFE = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
    (b"referrer-policy", b"same-origin"),
    (b"x-content-type-options", b"nosniff"),
)
"""Set where the answer has not set them itself; pages bring their own policy."""

_AWAY = (ConnectionFailure, ExecutionTimeout, httpx.TransportError)
_QUIET = frozenset({"/healthz", "/readyz"})


class TenantMissing(Exception):
    """While this was answered a database command named no tenant: the answer may hold another's data."""


class Edge:
    """Middleware: traces by route template, adds the headers, turns anything unforeseen into a problem."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._tracer = trace.get_tracer("kith")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run one request inside its span. HEAD is asked as GET: the server leaves out the body by itself."""
        if scope.get("method") == "HEAD":
            scope = {**scope, "method": "GET"}
        if scope["type"] != "http" or scope["path"] in _QUIET:
            await self.app(scope, receive, send)
            return
        span = self._tracer.start_span(
            scope["method"], context=remote(_traceparent(scope)), kind=SpanKind.SERVER
        )
        with trace.use_span(span, end_on_exit=True, record_exception=False):
            status = await self._run(scope, receive, send)
            route = getattr(scope.get("route"), "path", "(none)")
            span.update_name(f"{scope['method']} {route}")
            span.set_attributes(
                {
                    "http.request.method": scope["method"],
                    "http.route": route,
                    "http.response.status_code": status,
                }
            )
            if status >= 500:
                span.set_status(Status(StatusCode.ERROR))

    async def _run(self, scope: Scope, receive: Receive, send: Send) -> int:
        status, mark = 0, violation_mark()

        async def send_safely(message: Message) -> None:
            nonlocal status, mark
            if message["type"] == "http.response.start":
                if violations_since(mark):
                    mark = violation_mark()  # the problem that says so may pass
                    raise TenantMissing
                own = list(message.get("headers", ()))
                named = {name for name, _ in own}
                message["headers"] = own + [header for header in _SAFE if header[0] not in named]
            await send(message)
            if message["type"] == "http.response.start":
                status = message["status"]  # only now has it left: what stands outside may have refused it

        try:
            await self.app(scope, receive, send_safely)
        except Exception as error:
            problem = _unforeseen(error)
            if status:
                raise RuntimeError("the answer broke off") from None
            await problem_response(problem)(scope, receive, send_safely)
        return status


def _traceparent(scope: Scope) -> str | None:
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == b"traceparent"), None)


def _unforeseen(error: Exception) -> Problem:
    """A problem that says nothing about the error; the log gets its type and place, never its words."""
    if isinstance(error, _AWAY):
        return Unavailable("A part that this needs does not answer. Nothing was changed.")
    trace_id = f"{trace.get_current_span().get_span_context().trace_id:032x}"
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    place = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames))
    log.error("unforeseen %s at %s trace=%s", type(error).__name__, place, trace_id)
    return Problem("This should not have happened and is written down.", trace_id=trace_id)
