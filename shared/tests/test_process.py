"""The server of an API process: whom it believes about addresses, and what it does with too many."""

import asyncio
import socket
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, Request

from chassis import crowds, process
from chassis.crowds import Connection
from chassis.http import bare_app
from chassis.process import server
from chassis.settings import ServiceSettings

router = APIRouter()
HOLD, LET_GO = asyncio.Event(), asyncio.Event()


@router.get("/who")
async def who(request: Request) -> str:
    """The address that a handler sees."""
    return request.client.host if request.client else ""


@router.get("/waits")
async def waits(request: Request) -> str:
    """Answers when the test says so."""
    LET_GO.set()
    await HOLD.wait()
    return "waited"


def settings_of(**more: Any) -> ServiceSettings:
    """Settings of a process that opens no parts."""
    needed = {"mongo_uri": "-", "mongo_db": "-", "kafka_bootstrap": "-", "position_key": "00" * 32}
    return ServiceSettings(**needed, **more)


@asynccontextmanager
async def serving(**more: Any) -> AsyncIterator[int]:
    """A server with these settings; its port."""
    listening = socket.create_server(("127.0.0.1", 0))
    running = server(bare_app("things", [router]), settings_of(**more))
    task = asyncio.create_task(running.serve([listening]))
    yield listening.getsockname()[1]
    running.should_exit = True
    await task


async def ask(port: int, path: str, *headers: str) -> str:
    """What one request of its own connection is answered."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = [f"GET {path} HTTP/1.1", "Host: h", "Connection: close", *headers]
    writer.write("\r\n".join([*head, "", ""]).encode())
    answer = (await reader.read()).decode()
    writer.close()
    return answer


@pytest.mark.parametrize(
    ("proxies", "seen"), [(frozenset(), "127.0.0.1"), (frozenset({"127.0.0.1"}), "10.9.9.9")]
)
async def test_only_a_proxy_that_is_named_says_whom_it_asks_for(proxies: frozenset[str], seen: str) -> None:
    async with serving(proxies=proxies) as port:
        assert (await ask(port, "/who", "X-Forwarded-For: 10.9.9.9")).endswith(f'"{seen}"')


async def knock(port: int, text: str = "") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """An open connection on which this was said."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(text.encode())
    return reader, writer


async def ends(reader: asyncio.StreamReader, within_s: float) -> bool:
    """Whether the other side ends a connection in time."""
    try:
        async with asyncio.timeout(within_s):
            return await reader.read(1) == b""
    except ConnectionResetError:
        return True
    except TimeoutError:
        return False


@pytest.mark.parametrize("said", ["", "P", "GET /who HTTP/1.1\r\nHost: h\r\n"])
async def test_a_connection_that_asks_nothing_ends(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    monkeypatch.setattr(Connection, "head_s", 0.3)
    async with serving() as port:
        reader, writer = await knock(port, said)
        assert not await ends(reader, 0.1)
        assert await ends(reader, 2.0)
        writer.close()


async def test_the_second_request_of_a_connection_has_its_time_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Connection, "head_s", 0.3)
    async with serving() as port:
        reader, writer = await knock(port, "GET /who HTTP/1.1\r\nHost: h\r\n\r\n")
        assert (await reader.readuntil(b'"127.0.0.1"')).startswith(b"HTTP/1.1 200")
        writer.write(b"G")
        assert await ends(reader, 2.0)
        writer.close()


async def test_silent_connections_give_way_to_who_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "most_connections", lambda: 10)
    async with serving() as port:
        silent = [await knock(port, "P") for _ in range(30)]
        assert (await ask(port, "/who")).startswith("HTTP/1.1 200")
        assert await ends(silent[0][0], 1.0)
        for _, writer in silent:
            writer.close()


async def test_when_too_many_wait_for_answers_the_next_hears_it_and_help_still_opens(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(process, "most_connections", lambda: 10)
    monkeypatch.setattr(ServiceSettings, "always_open", ("/who",))
    HOLD.clear()
    async with serving() as port:
        waiting = [await knock(port, "GET /waits HTTP/1.1\r\nHost: h\r\n\r\n") for _ in range(10)]
        await LET_GO.wait()
        refused = await ask(port, "/waits")
        assert refused.startswith("HTTP/1.1 503") and '"status":503' in refused
        assert "retry-after: 5" in refused.lower() and "connection: close" in refused.lower()
        assert (await ask(port, "/who")).startswith("HTTP/1.1 200")
        HOLD.set()
        assert (await waiting[0][0].readuntil(b'"waited"')).startswith(b"HTTP/1.1 200")
        for _, writer in waiting:
            writer.close()


@pytest.mark.parametrize(("files", "most"), [(1024, 698), (20_000, 9090), (100, 64)])
def test_the_limit_leaves_files_for_the_process_itself(
    monkeypatch: pytest.MonkeyPatch, files: int, most: int
) -> None:
    monkeypatch.setattr("resource.getrlimit", lambda what: (files, files))
    assert crowds.most_connections() == most


def test_a_resting_connection_outlives_its_rest_at_a_client() -> None:
    """Else a request goes out on a connection that is just being closed, and nobody answers it."""
    kept = server(bare_app("things", [router]), settings_of()).config.timeout_keep_alive
    assert kept > (httpx.Limits().keepalive_expiry or 60.0) + 1


async def test_head_is_answered_as_get_without_its_body() -> None:
    """Also a wrong address is, and the next answer of the connection begins where it should."""
    async with serving() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for request in ("HEAD /who", "HEAD /nowhere", "GET /who"):
            last = "close" if request.startswith("GET") else "keep-alive"
            writer.write(f"{request} HTTP/1.1\r\nHost: h\r\nConnection: {last}\r\n\r\n".encode())
        answers = (await reader.read()).decode()
        writer.close()
    assert [part[:3] for part in answers.split("HTTP/1.1 ")[1:]] == ["200", "404", "200"]
    first, *_, whole = answers.split("HTTP/1.1 ")[1:]
    assert "content-length: 11" in first and first.endswith("\r\n\r\n")
    assert whole.endswith('\r\n\r\n"127.0.0.1"')


def sent_whole(port: int, content: bytes, kind: str = "application/json") -> tuple[int, bytes]:
    """What Python's own client is answered: it sends all of a body before it reads anything."""
    url = f"http://127.0.0.1:{port}/who"
    request = urllib.request.Request(url, content, {"Content-Type": kind}, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read()


async def test_who_sends_all_before_reading_hears_that_it_was_too_much() -> None:
    async with serving() as port:
        for _ in range(30):
            status, said = await asyncio.to_thread(sent_whole, port, b"x" * 5_000_000)
            assert status == 413 and b'"fix"' in said
