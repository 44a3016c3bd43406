"""A request body that comes slowly, never ends, or comes with many others."""

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
