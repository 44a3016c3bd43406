"""Errors in our look: for pages, every problem document becomes a page, or a fragment where a part asked.

Handlers answer problems as everywhere else; this middleware stands outside them, so that a program gets the
problem and a browser gets words that say what to do. Not found is one page for everything. Add it last:
`app.add_middleware(ErrorPages)`.
"""

import json
import re
from typing import Any
from urllib.parse import parse_qsl

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.problems import MEDIA_TYPE
from family_portal.web.frame import is_fragment, render
from family_portal.web.models import ErrorPage, FieldError, Kept

HIDDEN = frozenset({"csrf", "command_id", "version"})
LARGEST_FORM, MOST_FIELDS = 1_000_000, 300
FOR_PROGRAMS = ("/tenants/", "/internal/", "/auth/", "/.well-known/", "/healthz", "/readyz", "/openapi.json")

WORDS: dict[int, tuple[str, str]] = {
    401: ("Come in again", "Your sign-in has ended. What you have sent before is kept."),
    403: ("This is not open to you", "Go back, open the page again and try once more."),
    404: (
        "This is not here",
        "Perhaps it has moved, or something here has ended. Your own pages are where they were.",
    ),
    405: ("This does not work like that", "Go back and use the links and buttons of the page."),
    409: ("This changed while you were writing", "Go back, open the page again and look at what is new."),
    413: ("This is too long", "Make it shorter and send it again."),
    422: ("Something needs another look", "Go back; what you have typed is still there."),
    429: ("Too many tries", "Wait a minute, then try again."),
    500: ("This did not work", "It should not have happened and is written down. Nothing was changed."),
    503: (
        "This page is taking a breath",
        "We cannot be sure right now who may see what, so we show nothing rather than something wrong. "
        "It usually takes under a minute.",
    ),
}
NOT_SENT = (
    "This is not sent yet",
    "We cannot be sure right now who may see what, so nothing was taken. What you wrote is kept on this page: "
    "wait a minute, then send it again. It is written down once, however often you send it.",
)
ENDED = ("Something here has ended", "You no longer see it. The rest of the page is as it was.")


class ErrorPages:
    """Middleware: a problem answered to a page becomes a page."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run one request; hold back a problem and answer it as a page."""
        if scope["type"] != "http" or not _for_people(scope):
            await self.app(scope, receive, send)
            return
        held, said = _Held(send), _Said(scope, receive)
        await self.app(scope, said.receive, held.send)
        if held.start is not None:
            answer = _answer(
                Request(scope, receive),
                held.start["status"],
                held.document(),
                held.kept_headers(),
                await said.fields(),
            )
            await answer(scope, receive, send)


class _Said:
    """Passes a request on and remembers what a form said, so that it is not lost when it cannot be taken."""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self._receive = receive
        form = Headers(scope=scope).get("content-type", "").startswith("application/x-www-form-urlencoded")
        self._listens = form and scope["method"] == "POST"
        self._body = bytearray()
        self._whole = False

    async def receive(self) -> Message:
        message = await self._receive()
        if self._listens:
            self._body += message.get("body", b"")
            self._listens = len(self._body) <= LARGEST_FORM
        self._whole = self._whole or not message.get("more_body", False)
        return message

    async def fields(self) -> tuple[Kept, ...]:
        """The form's fields in order; none where it was too long to keep or is no form."""
        while self._listens and not self._whole:  # it was refused before anybody read it
            await self.receive()
        text = self._body.decode("utf-8", "replace") if self._listens else ""
        try:
            said = parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS)
        except ValueError:
            return ()
        return tuple(Kept(name, value, _is_words(name, value)) for name, value in said)


class _Held:
    """Passes everything on except a problem document, which it keeps."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.start: Message | None = None
        self._body = bytearray()

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            if Headers(raw=message["headers"]).get("content-type", "").startswith(MEDIA_TYPE):
                self.start = message
        elif self.start is not None:
            self._body += message.get("body", b"")
        if self.start is None:
            await self._send(message)

    def document(self) -> dict[str, Any]:
        """The problem as it was meant."""
        found = json.loads(bytes(self._body) or b"{}")
        return found if isinstance(found, dict) else {}

    def kept_headers(self) -> dict[str, str]:
        """When to come back, if it said so."""
        assert self.start is not None
        after = Headers(raw=self.start["headers"]).get("retry-after")
        return {"Retry-After": after} if after else {}


def _for_people(scope: Scope) -> bool:
    headers = Headers(scope=scope)
    wants = "text/html" in headers.get("accept", "") or headers.get("hx-request") == "true"
    return wants and not str(scope["path"]).startswith(FOR_PROGRAMS)


def _is_words(name: str, value: str) -> bool:
    return name not in HIDDEN and any(letter.isspace() for letter in value.strip())


def _answer(
    request: Request,
    status: int,
    problem: dict[str, Any],
    headers: dict[str, str],
    said: tuple[Kept, ...] = (),
) -> Response:
    part = is_fragment(request)
    kept = said if status in (429, 500, 503) and not part else ()
    title, text = NOT_SENT if kept and status == 503 else _words(status, part)
    return _page(request, status, problem, headers, title, text, kept)


def _words(status: int, part: bool) -> tuple[str, str]:
    if part and status == 404:
        return ENDED
    return WORDS.get(status, WORDS[500 if status >= 500 else 403])


def _page(
    request: Request,
    status: int,
    problem: dict[str, Any],
    headers: dict[str, str],
    title: str,
    text: str,
    kept: tuple[Kept, ...],
) -> Response:
    part = is_fragment(request)
    again = request.url.path if status in (500, 503) and request.method == "GET" else ""
    page = ErrorPage(
        status=status,
        title=title,
        text=text,
        try_again=_address(request) if again else "",
        errors=_errors(problem) if status in (403, 409, 422) else (),
        part=part,
        part_id=_part_id(request) if part else "",
        kept=kept,
        send_again=_address(request) if kept else "",
    )
    template = "fragments/error.html" if part else "open/error.html"
    return render(request, template, status=status, headers=headers, page=page)


def _address(request: Request) -> str:
    query = request.url.query
    return f"{request.url.path}?{query}" if query else request.url.path


def _errors(problem: dict[str, Any]) -> tuple[FieldError, ...]:
    """What to do, as the problem says it: never more than it says to programs."""
    rows = problem.get("errors") or [problem]
    said = [" ".join(str(row[key]) for key in ("detail", "fix") if row.get(key)) for row in rows]
    return tuple(FieldError("", text) for text in said if text)


def _part_id(request: Request) -> str:
    """The id of the element that asked, as htmx names it: "section#today-noor"."""
    match = re.fullmatch(r"[a-z0-9-]+#([A-Za-z][\w-]*)", request.headers.get("HX-Source", ""))
    return match[1] if match else ""
