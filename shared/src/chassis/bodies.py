"""Reads a request's body before anything else does and refuses what no handler should ever meet."""

import asyncio
import json
from contextlib import suppress
from email.message import Message as Mail
from functools import lru_cache
from typing import Any
from urllib.parse import unquote_to_bytes

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.errors import BadRequest, Crowded, NotFound, Problem, TooLarge, TooSlow
from chassis.problems import problem_response

MAX_BODY = 1024 * 1024
BODY_S = 20.0
"""A body that has not arrived by then is not waited for: it holds a connection and memory."""
SMALL_BODY = 64 * 1024
MOST_ARRIVING = 64 * 1024 * 1024
"""What bodies under way may hold together in one process, each beyond what is small: forms are never turned away."""
THROWN_AWAY = 16 * 1024 * 1024
"""So much of a body that is too large is still taken in, and kept nowhere: many clients read no answer before they have
sent everything, and a connection that ends under them takes the answer with it. A photo or a document fits."""
THROWN_AWAY_S = 5.0
"""So long at most: who sends more slowly, or without an end, holds no connection for it."""
MAX_DEPTH = 32
MAX_NUMBER = 2**53


class BodyGuard:
    """Middleware: at most 1 MiB, JSON that is whole, shallow and storable; answers the problem itself."""

    def __init__(self, app: ASGIApp, max_body: int = MAX_BODY, body_s: float = BODY_S) -> None:
        self.app = app
        self.max_body = max_body
        self.body_s = body_s
        self._arriving = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its body already read, or answer 400, 404, 408, 413 or 503."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers, rest = Headers(scope=scope), _Rest(receive)
        try:
            _check_target(scope)
            body = await self._read_in_time(headers, rest.receive) if _has_body(headers) else b""
            if body is None:
                return
            _check_body(headers.get("content-type", ""), body)
        except TooLarge as problem:
            heard = rest.heard_out(send) if _is_heard_out(headers) else send
            await problem_response(problem)(scope, receive, heard)
            return
        except Problem as problem:
            await problem_response(problem)(scope, receive, send)
            return
        await self.app(scope, _replay(body, receive), send)

    async def _read_in_time(self, headers: Headers, receive: Receive) -> bytes | None:
        length = headers.get("content-length", "0")
        if length.isdigit() and int(length) > self.max_body:
            raise self._too_large()
        try:
            async with asyncio.timeout(self.body_s):
                return await self._read(receive)
        except TimeoutError:
            raise TooSlow(
                f"A request has {self.body_s:g} seconds to arrive.", fix="Send it again, or in smaller parts."
            ) from None

    async def _read(self, receive: Receive) -> bytes | None:
        body, more, large = bytearray(), True, 0
        try:
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return None
                body += message.get("body", b"")
                if len(body) > self.max_body:
                    raise self._too_large()
                self._arriving += max(0, len(body) - SMALL_BODY) - large
                large = max(0, len(body) - SMALL_BODY)
                if large and self._arriving > MOST_ARRIVING:
                    raise Crowded()
                more = message.get("more_body", False)
        finally:
            self._arriving -= large
        return bytes(body)

    def _too_large(self) -> TooLarge:
        return TooLarge(
            f"A request may have at most {self.max_body} bytes.", fix="Send less, or in several requests."
        )


class _Rest:
    """What is still to come of a request's body."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._more = True

    async def receive(self) -> Message:
        """The next message of the request."""
        message = await self._receive()
        self._more = message.get("more_body", False)
        return message

    def heard_out(self, send: Send) -> Send:
        """Sends the answer at once, and ends it when the body has ended or enough of it was thrown away."""

        async def send_then_hear(message: Message) -> None:
            if message["type"] == "http.response.body":
                await send({**message, "more_body": True})
                await self._throw_away()
                message = {"type": "http.response.body", "body": b""}
            await send(message)

        return send_then_hear

    async def _throw_away(self) -> None:
        thrown = 0
        with suppress(TimeoutError):
            async with asyncio.timeout(THROWN_AWAY_S):
                while self._more and thrown < THROWN_AWAY:
                    thrown += len((await self.receive()).get("body", b""))


def _is_heard_out(headers: Headers) -> bool:
    """Not where a client waits to be asked for the body, nor where it names more than is ever thrown away."""
    length = headers.get("content-length", "")
    return not length.isdecimal() or ("expect" not in headers and int(length) <= THROWN_AWAY)


def _has_body(headers: Headers) -> bool:
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers


def _check_target(scope: Scope) -> None:
    if "\x00" in scope["path"]:
        raise NotFound()
    if b"\x00" in unquote_to_bytes(scope["query_string"]):
        raise BadRequest("The query holds a NUL character.", fix="Leave the character out.")


def _check_body(content_type: str, body: bytes) -> None:
    """What the handlers' own reader takes for JSON is checked as JSON; all else is a form, or read by nobody."""
    if _is_json(content_type):
        check_json(body)
        return
    parts = content_type.strip().lower().startswith("multipart/")
    if parts and "charset" in content_type.lower().replace("charset=utf-8", ""):
        raise BadRequest("The form is not in UTF-8.", field="Content-Type", fix="Send it in UTF-8.")
    if b"\x00" in (body if parts else unquote_to_bytes(body)):
        raise BadRequest("The form holds a NUL character.", fix="Leave the character out.")


@lru_cache(64)
def _is_json(content_type: str) -> bool:
    """As FastAPI judges it, by the same reader of headers."""
    mail = Mail()
    mail["content-type"] = content_type
    subtype = mail.get_content_subtype()
    return mail.get_content_maintype() == "application" and (subtype == "json" or subtype.endswith("+json"))


def check_json(body: bytes) -> None:
    """Raises BadRequest, without repeating any of it, unless the body is JSON that can be stored as it is."""
    if not body:
        return
    try:
        value = json.loads(body.decode("utf-8"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as flaw:
        raise BadRequest("The body is not JSON in UTF-8.", fix="Send one JSON object.") from flaw
    _check_value(value)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _check_value(value: Any) -> None:
    rest: list[tuple[Any, int]] = [(value, 1)]
    while rest:
        item, depth = rest.pop()
        if depth > MAX_DEPTH:
            raise BadRequest(f"The body is nested more than {MAX_DEPTH} deep.", fix="Send a flatter object.")
        if isinstance(item, dict):
            rest.extend((part, depth + 1) for part in item.values())
            rest.extend((name, depth) for name in item)
        elif isinstance(item, list):
            rest.extend((part, depth + 1) for part in item)
        else:
            _check_scalar(item)


def _check_scalar(item: Any) -> None:
    if isinstance(item, str):
        if "\x00" in item or not _is_unicode(item):
            raise BadRequest(
                "A text holds a NUL character or half a surrogate pair.", fix="Leave the character out."
            )
    elif isinstance(item, (int, float)) and not abs(item) <= MAX_NUMBER:
        raise BadRequest("A number is larger than can be kept exactly.", fix="Send a smaller number.")


def _is_unicode(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _replay(body: bytes, receive: Receive) -> Receive:
    sent = False

    async def replay() -> Message:
        nonlocal sent
        if sent:
            return await receive()
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay
