"""The whole site before a browser that may be signed in, over the real views; the other services do not answer."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx

from chassis.http import bare_app
from contracts.ids import new_id
from family_portal.app import ROUTERS
from family_portal.store.web_sessions import WebSession
from family_portal.web.detours import add_detours
from family_portal.web.error_pages import ErrorPages
from family_portal.web.visitor import COOKIES

HERE = {"Sec-Fetch-Site": "same-origin"}


@dataclass
class Web:
    """The whole site before a browser that may be signed in."""

    http: httpx.AsyncClient
    house: Any

    async def comes_in(self, person_id: str, *audiences: str) -> WebSession:
        """A new sign-in of this person, with tokens for the pages and these other services."""
        area = "staff" if self.house.caller(person_id).area == "staff" else "family"
        portal, sid = self.house.portal, new_id()
        session: WebSession = await portal.web_sessions.start(area, person_id, sid, "r", timedelta(hours=1))
        token = self.house._headers(person_id, sid)["Authorization"].removeprefix("Bearer ")
        for audience in ("family-portal", *audiences):
            portal.tokens.hold(session, audience, {"access_token": token, "expires_in": 300})
        return session

    async def opens(self, path: str, session: WebSession | None = None) -> httpx.Response:
        """A page, as a browser asks for it."""
        return await self.http.get(path, headers=_headers(session))

    async def sends(
        self, path: str, session: WebSession | None, csrf: str, sent: dict[str, str], **said: str
    ) -> httpx.Response:
        """A form with this token, sent from where `sent` says."""
        data = {"csrf": csrf, "command_id": "c0ffee", **said}
        return await self.http.post(path, data=data, headers={**_headers(session), **sent})


def _headers(session: WebSession | None) -> dict[str, str]:
    cookie = {"Cookie": f"{COOKIES[session.area]}={session.cookie}"} if session else {}
    return {"Accept": "text/html", **cookie}


@asynccontextmanager
async def whole_site(house: Any) -> AsyncIterator[Web]:
    """Every page of the house; nothing listens where its other services would be."""
    app = bare_app("family-portal", ROUTERS)
    app.state.chassis, app.state.portal = house.chassis, house.portal
    app.add_middleware(ErrorPages)
    add_detours(app)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8080") as http:
        yield Web(http, house)
