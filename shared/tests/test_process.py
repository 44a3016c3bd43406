"""The server of an API process: whom it believes about addresses, and what it does with too many."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from fastapi import APIRouter, Request

from chassis.http import bare_app
from chassis.process import server
from chassis.settings import ServiceSettings

router = APIRouter()


@router.get("/who")
async def who(request: Request) -> str:
    """The address that a handler sees."""
    return request.client.host if request.client else ""


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
