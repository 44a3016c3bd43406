"""An answer that was refused on its way out becomes a problem; a broken change stream says so once it is whole."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from pymongo.errors import AutoReconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.changes import changes
from chassis.http import bare_app
from chassis.routes import Routes
from chassis.tails import Change

router = Routes()


@router.get("/thing")
async def thing() -> dict[str, str]:
    """An answer that could leave."""
    return {"thing": "words"}


class RefusesOnce:
    """Stands outside, as the ledger of reads does: what is answered may not leave before it is written down."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refused = False

        async def send_settled(message: Message) -> None:
            nonlocal refused
            if message["type"] == "http.response.start" and not refused:
                refused = True
                raise AutoReconnect("away")
            await send(message)

        await self.app(scope, receive, send_settled)


async def test_an_answer_that_may_not_leave_is_unavailable_and_says_nothing() -> None:
    app = bare_app("test", [router])
    app.add_middleware(RefusesOnce)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        answer = await client.get("/thing")
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "words" not in answer.text


class Flaky:
    """A database whose first change stream breaks and whose second cannot be opened at once."""

    def __init__(self) -> None:
        self.opened = 0
        self.steps: list[str] = []

    @asynccontextmanager
    async def watch_all(self, pipeline: list[dict[str, Any]]) -> AsyncIterator["_Stream"]:
        self.opened += 1
        if self.opened == 2:
            raise AutoReconnect("away")
        yield _Stream(self, breaks=self.opened == 1)


class _Stream:
    def __init__(self, database: Flaky, breaks: bool) -> None:
        self._database, self._breaks = database, breaks

    async def batch(self) -> list[Change]:
        self._database.steps.append("read")
        if self._breaks and self._database.steps.count("read") > 1:
            raise AutoReconnect("gone")
        return [Change({"ns": {"coll": "views"}, "documentKey": {"_id": "t:c"}, "fullDocument": {}}, None)]


async def test_a_break_is_told_once_the_stream_is_open_again(monkeypatch: Any) -> None:
    """Told any earlier, what was committed until then would reach nobody."""
    monkeypatch.setattr("chassis.changes._PAUSE_S", 0)
    database = Flaky()
    found = changes(database, ["views"])  # type: ignore[arg-type]
    seen = [await anext(found) for _ in range(3)]
    assert [each is None for each in seen] == [False, True, False]
    assert database.steps == ["read", "read", "read"]
