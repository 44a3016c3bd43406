"""What a form said that could not be taken now: kept on the page that says so, for the browser that sent it alone."""

import asyncio
from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import Message, Receive, Scope

from chassis.bodies import BODY_S, MAX_BODY
from family_portal.web.models import Kept

HIDDEN = frozenset({"csrf", "command_id", "version", "worry"})
NUL = "\x00"
MOST_FIELDS = 2000
"""After a session there are some fifty for each goal; a form within this, and within any request's size, is kept."""


class Said:
    """Passes a request on and remembers what a form said, so that it is not lost when it cannot be taken."""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self._receive = receive
        headers = Headers(scope=scope)
        form = headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
        length = headers.get("content-length", "")
        too_long = length.isdecimal() and int(length) > MAX_BODY
        self._listens = form and scope["method"] == "POST" and not too_long
        self._body = bytearray()
        self._whole = False

    async def receive(self) -> Message:
        """The next message of the request."""
        message = await self._receive()
        if self._listens:
            self._body += message.get("body", b"")
            if len(self._body) > MAX_BODY:
                self._listens = False
                self._body.clear()
        self._whole = self._whole or not message.get("more_body", False)
        return message

    async def fields(self) -> tuple[Kept, ...]:
        """The form's fields in order; none where it was too long to keep or is no form."""
        try:
            async with asyncio.timeout(BODY_S):
                while self._listens and not self._whole:  # it was refused before anybody read it
                    await self.receive()
        except TimeoutError:
            return ()
        text = self._body.decode("utf-8", "replace") if self._listens else ""
        try:
            said = parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS)
        except ValueError:
            return ()
        return tuple(Kept(name, value, _is_words(name, value)) for name, value in said)


def _is_words(name: str, value: str) -> bool:
    return name not in HIDDEN and any(letter.isspace() for letter in value.strip())


def from_here(request: Request) -> bool:
    """Whether a form was sent from a page of ours, as the browser says it.

    What another site sends is never put on a page with a button that sends it again. A browser that says
    nothing of where a form is from gets its words back on no page.
    """
    if site := request.headers.get("sec-fetch-site"):
        return site == "same-origin"
    came = request.headers.get("origin") or request.headers.get("referer", "")
    return bool(came) and urlsplit(came).netloc == request.url.netloc


def holds_words(said: tuple[Kept, ...]) -> bool:
    """Whether anything was typed or chosen; a form of one button is as easily pressed again on its page."""
    return any(field.name not in HIDDEN and field.value for field in said)


def of_this_sign_in(said: tuple[Kept, ...], csrf: str) -> tuple[Kept, ...]:
    """The same fields with the token of the sign-in of now, all of them to be read: who wrote them may be another.

    Whoever reads them once more may send them, in their own name.
    """
    return tuple(
        Kept("csrf", csrf)
        if field.name == "csrf"
        else replace(field, shown=field.name not in HIDDEN and bool(field.value.strip()))
        for field in said
    )


def without_nul(said: tuple[Kept, ...]) -> tuple[Kept, ...]:
    """A form that held NUL characters, without them; nothing of one that was refused for another reason."""
    if not any(NUL in field.name + field.value for field in said):
        return ()
    return tuple(
        replace(field, value=field.value.replace(NUL, "")) for field in said if NUL not in field.name
    )
