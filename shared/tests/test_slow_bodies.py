"""A request body that comes slowly, never ends, is too large, or comes with many others."""

import asyncio
import json

import pytest
from starlette.types import Message, Receive, Scope, Send

from chassis import bodies
from chassis.bodies import BodyGuard


async def _sent(guard: BodyGuard, *chunks: bytes, then: asyncio.Event) -> list[Message]:
    """What a guard answers to a body whose end comes when it is let."""
    waiting, said = list(chunks), list[Message]()
    headers = [(b"content-type", b"application/json"), (b"transfer-encoding", b"chunked")]

    async def receive() -> Message:
        if waiting:
            return {"type": "http.request", "body": waiting.pop(0), "more_body": True}
        await then.wait()
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        said.append(message)

    await guard({"type": "http", "path": "/", "query_string": b"", "headers": headers}, receive, send)
    return said


async def _takes(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})


async def test_a_body_that_never_ends_is_not_waited_for() -> None:
    answer = await _sent(BodyGuard(_takes, body_s=0.1), b"{", then=asyncio.Event())
    assert answer[0]["status"] == 408
    assert json.loads(answer[1]["body"])["fix"]
    headers = dict(answer[0]["headers"])
    assert (headers[b"connection"], headers[b"content-type"]) == (b"close", b"application/problem+json")


async def test_what_many_large_bodies_hold_together_has_an_end_and_small_ones_pass(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bodies, "MOST_ARRIVING", 400_000)
    guard, let = BodyGuard(_takes), asyncio.Event()
    large, small = b"{}" + b" " * 300_000, b"{}" + b" " * 60_000
    first = asyncio.create_task(_sent(guard, large, then=let))
    await asyncio.sleep(0)
    assert (await _sent(guard, large, then=let))[0]["status"] == 503
    others = [asyncio.create_task(_sent(guard, small, then=let)) for _ in range(20)]
    await asyncio.sleep(0)
    let.set()
    assert {(await task)[0]["status"] for task in (first, *others)} == {200}
    assert (await _sent(guard, large, then=let))[0]["status"] == 200


async def _refused(*chunks: bytes, ends: bool = False, **headers: str) -> tuple[list[Message], list[int]]:
    """What is answered to a body that is too large; before each message so many of its chunks were taken in."""
    waiting, said, taken = list(chunks), list[Message](), list[int]()

    async def receive() -> Message:
        if not waiting:
            await asyncio.Event().wait()
        return {"type": "http.request", "body": waiting.pop(0), "more_body": bool(waiting) or not ends}

    async def send(message: Message) -> None:
        said.append(message)
        taken.append(len(chunks) - len(waiting))

    named = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "path": "/", "query_string": b"", "headers": named}
    await BodyGuard(_takes)(scope, receive, send)
    return said, taken


CHUNK = b"x" * 1_000_000


@pytest.mark.parametrize(
    ("headers", "read"), [({"content-length": "5000000"}, 0), ({"transfer-encoding": "chunked"}, 2)]
)
async def test_a_body_too_large_is_answered_at_once_and_the_rest_of_it_thrown_away(
    headers: dict[str, str], read: int
) -> None:
    said, taken = await _refused(*[CHUNK] * 5, ends=True, **headers)
    assert (said[0]["status"], taken) == (413, [read, read, 5])
    assert json.loads(said[1]["body"])["fix"] and said[1]["more_body"] is True
    assert said[2] == {"type": "http.response.body", "body": b""}


async def test_what_is_thrown_away_has_an_end() -> None:
    said, taken = await _refused(*[CHUNK] * 40, **{"transfer-encoding": "chunked"})
    assert said[0]["status"] == 413
    assert bodies.THROWN_AWAY < taken[-1] * len(CHUNK) < 20_000_000


async def test_who_sends_the_rest_too_slowly_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "THROWN_AWAY_S", 0.1)
    async with asyncio.timeout(2):
        said, taken = await _refused(CHUNK, **{"content-length": "5000000"})
    assert (said[0]["status"], taken[-1]) == (413, 1)


@pytest.mark.parametrize(
    "headers",
    [{"content-length": "5000000", "expect": "100-continue"}, {"content-length": "500000000"}],
    ids=["asks first", "far too large"],
)
async def test_nothing_is_heard_out_that_would_not_come_or_not_end(headers: dict[str, str]) -> None:
    said, taken = await _refused(*[CHUNK] * 5, **headers)
    assert (said[0]["status"], taken[-1]) == (413, 0)
