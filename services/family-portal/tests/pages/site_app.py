"""The pages of one person over the real views, with the other services played by a transport."""

import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import httpx
from fastapi import APIRouter

from chassis.http import bare_app
from chassis.tokens import Token
from family_portal.clients import Upstream
from family_portal.store.web_sessions import WebSession
from family_portal.web import visitor as visitors
from family_portal.web.detours import add_detours

Handle = Callable[[httpx.Request], httpx.Response]


class _Tokens:
    """Everybody's token for every service."""

    async def get(self, session: WebSession, audience: str) -> str:
        return "token"


@dataclass
class Person:
    """Somebody before their pages, in a browser that sends forms as they were shown."""

    http: httpx.AsyncClient
    csrf: str

    async def opens(self, path: str) -> httpx.Response:
        """A page, wherever its address leads."""
        return await self.http.get(path, follow_redirects=True)

    async def sends(self, path: str, page: httpx.Response | None = None, **said: str) -> httpx.Response:
        """A form, with the command id of the page it stands on."""
        command = command_of(page) if page else "c0ffee"
        return await self.http.post(path, data={"csrf": self.csrf, "command_id": command, **said})


def command_of(page: httpx.Response) -> str:
    """The command id of a page's form."""
    found = re.search(r'name="command_id" value="(\w+)"', page.text)
    assert found, page.text
    return found[1]


def version_of(page: httpx.Response) -> str:
    """The version that a page's first form has seen."""
    found = re.search(r'name="version" value="(\d+)"', page.text)
    assert found, page.text
    return found[1]


@asynccontextmanager
async def acting(
    house: Any, person_id: str, *routers: APIRouter, handle: Handle, twin: bool = False
) -> AsyncIterator[Person]:
    """A person of the house, and with `twin` of its twin too, before pages of these routers."""
    caller = house.caller(person_id)
    callers = (caller, house.caller(person_id, house.twin)) if twin else (caller,)
    area = "staff" if caller.area == "staff" else "family"
    session = WebSession("ws", "cookie", area, person_id, caller.sid, "refresh")
    async with httpx.AsyncClient(
        transport=httpx.MockTransport(handle), base_url="http://elsewhere"
    ) as elsewhere:
        peers: Any = SimpleNamespace(get=lambda service: elsewhere)
        tokens: Any = _Tokens()
        token = Token(
            person_id,
            caller.sid,
            f"kith-{area}",
            caller.area,
            caller.scopes,
            ((house.tenant, caller.hats[0]),),
            0,
        )
        visitor = visitors.Visitor(session, token, callers, Upstream(peers, tokens, session))

        async def comes_in() -> visitors.Visitor:
            return visitor

        app = bare_app("family-portal", routers)
        app.state.portal, app.state.chassis = house.portal, house.portal.chassis
        add_detours(app)
        app.dependency_overrides[visitors._staff] = comes_in
        app.dependency_overrides[visitors._family] = comes_in
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="https://kith") as http:
            yield Person(http, session.csrf)
