"""Errors in our look: for pages, every problem document becomes a page, or a fragment where a part asked.

Handlers answer problems as everywhere else; this middleware stands outside them, so that a program gets the
problem and a browser gets words that say what to do. Not found is one page for everything. What a form said
and could not be taken stays on the page. Add it last: `app.add_middleware(ErrorPages)`.
"""

import json
import re
from typing import Any
from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.problems import MEDIA_TYPE
from family_portal.web.frame import is_fragment, is_ours, render, viewer_of
from family_portal.web.known import look_who
from family_portal.web.models import ErrorPage, FieldError, Kept, Link, Viewer
from family_portal.web.start import PAGES
from family_portal.web.unsent import Said, from_here, holds_words, of_this_sign_in, without_nul

FOR_PROGRAMS = ("/tenants/", "/internal/", "/auth/", "/.well-known/", "/healthz", "/readyz", "/openapi.json")

WORDS: dict[int, tuple[str, str]] = {
    400: ("This could not be read", "Nothing was taken. Go back and put right what is named here."),
    401: ("Come in again", "Your sign-in has ended. What you have sent before is kept."),
    403: ("This is not open to you", "Go back, open the page again and try once more."),
    404: (
        "This is not here",
        "Perhaps it has moved, or something here has ended. Your own pages are where they were.",
    ),
    405: ("This does not work like that", "Go back and use the links and buttons of the page."),
    408: (
        "This took too long to arrive",
        "Perhaps the signal was weak. Nothing was taken. Go back and send it again.",
    ),
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
_SAYS_WHY = (400, 403, 409, 422)
"""Where the page repeats what the problem says."""
NOT_SENT = (
    "This may not be sent yet",
    "One part of Kith does not answer right now, so we cannot be sure that this was taken. It is kept on this page: "
    "wait a minute, then send it again. It counts once, however often you send it.",
)
COME_IN = (
    "Come in again",
    "Your sign-in has ended, so nothing was taken. What you wrote is kept on this page: sign in in a new window, "
    "come back to this one, then send it again. It is written down once, however often you send it.",
)
ONCE_MORE = (
    "Send it once more",
    "You came in anew since this was written, so it has not been taken yet. What was written is kept on this page. "
    "If it is yours, send it.",
)
LEFT_OUT = (
    "Send it once more",
    "What you wrote held a character that nothing here can keep, so it has not been taken yet. All the rest is kept "
    "on this page. Look at it, then send it again.",
)
ENDED = ("Something here has ended", "You no longer see it. The rest of the page is as it was.")
GONE = ("Something here has ended", "Or it has never been here. Your own pages are where they were.")
"""Not found, for somebody who is signed in: what has ended, and what never was, are the same page."""


class ErrorPages:
    """Middleware: a problem answered to a page becomes a page."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run one request; hold back a problem and answer it as a page."""
        if scope["type"] != "http" or not _for_people(scope):
            await self.app(scope, receive, send)
            return
        held, said = _Held(send), Said(scope, receive)
        await self.app(scope, said.receive, held.send)
        if held.start is not None:
            headers = held.kept_headers()
            ends = "Connection" in headers  # then no more of a form comes
            answer = await _answer(
                Request(scope, receive),
                held.start["status"],
                held.document(),
                headers,
                () if ends else await said.fields(),
            )
            await answer(scope, receive, send)


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
        """When to come back, whether by another connection, and what the address takes, if it said so."""
        assert self.start is not None
        said = Headers(raw=self.start["headers"])
        return {name: said[name] for name in ("Retry-After", "Connection", "Allow") if name in said}


def _for_people(scope: Scope) -> bool:
    headers = Headers(scope=scope)
    wants = "text/html" in headers.get("accept", "") or headers.get("hx-request") == "true"
    return wants and not str(scope["path"]).startswith(FOR_PROGRAMS)


async def _answer(
    request: Request,
    status: int,
    problem: dict[str, Any],
    headers: dict[str, str],
    said: tuple[Kept, ...] = (),
) -> Response:
    if status == 405 and request.method == "GET" and (above := _page_above(request)):
        return RedirectResponse(above, 303)
    if is_fragment(request):
        return _part(request, status, problem, headers)
    await look_who(request, request.url.path)
    viewer = viewer_of(request)
    kept = _kept(request, status, problem, said, viewer)
    title, text = _words(status, bool(kept), viewer)
    page = ErrorPage(
        status=status,
        title=title,
        text=text,
        try_again=_address(request) if status in (500, 503) and request.method == "GET" else "",
        contact=_contact(viewer) if status == 404 else "",
        errors=_errors(problem) if status in _SAYS_WHY and not kept else (),
        kept=kept,
        send_again=_address(request) if kept else "",
        sign_in=_door(request) if status == 401 and request.method == "POST" else "",
        links=_ways(request, status, viewer),
    )
    return render(request, "open/error.html", status=status, headers=headers, page=page)


def _part(request: Request, status: int, problem: dict[str, Any], headers: dict[str, str]) -> Response:
    title, text = ENDED if status == 404 else WORDS.get(status, _other(status))
    page = ErrorPage(
        status=status,
        title=title,
        text=text,
        try_again=_address(request) if status in (500, 503) and request.method == "GET" else "",
        errors=_errors(problem) if status in _SAYS_WHY else (),
        part=True,
        part_id=_part_id(request),
    )
    return render(request, "fragments/error.html", status=status, headers=headers, page=page)


def _page_above(request: Request) -> str:
    """The page that a form's own address stands under: where somebody wants to be who opens that address."""
    path = request.url.path
    while path := path.rpartition("/")[0]:
        scope = {**request.scope, "path": path, "method": "GET"}
        if any(route.matches(scope)[0] is Match.FULL for route in request.app.router.routes):
            return quote(path) if is_ours(quote(path)) else ""
    return ""


def _kept(
    request: Request, status: int, problem: dict[str, Any], said: tuple[Kept, ...], viewer: Viewer | None
) -> tuple[Kept, ...]:
    """What of a form stays on the page, to be sent again by the browser that wrote it and by no other."""
    if not from_here(request):
        return ()
    if status == 403 and problem.get("field") == "csrf" and viewer and holds_words(said):
        return of_this_sign_in(said, viewer.csrf)
    if status == 401 and holds_words(said):
        return said
    if status == 400 and holds_words(said):
        return without_nul(said)
    return said if status in (429, 500, 503) else ()


def _words(status: int, kept: bool, viewer: Viewer | None) -> tuple[str, str]:
    if kept and (found := {400: LEFT_OUT, 401: COME_IN, 403: ONCE_MORE, 503: NOT_SENT}.get(status)):
        return found
    if status == 404 and viewer:
        return GONE
    return WORDS.get(status, _other(status))


def _other(status: int) -> tuple[str, str]:
    return WORDS[500 if status >= 500 else 403]


def _contact(viewer: Viewer | None) -> str:
    """Whom to ring for what one could see before: their own organisations, whatever was at the address."""
    return f"If you could see it before, ring {viewer.organisation}. They can tell you." if viewer else ""


def _ways(request: Request, status: int, viewer: Viewer | None) -> tuple[Link, ...]:
    """On to where somebody is at home here."""
    if viewer is None:
        return () if status == 401 and request.method == "POST" else (Link("Come in", _door(request)),)
    return (Link("To your own pages", PAGES.get(viewer.area, "/staff/today")),)


def _door(request: Request) -> str:
    door = "/staff/sign-in" if request.url.path.startswith("/staff") else "/sign-in"
    return f"{door}?next=/signed-in" if request.method == "POST" else door


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
