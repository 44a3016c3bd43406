"""The way through the door to identity: only what lies behind `/auth/`, and for whom, in nobody else's words."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
from starlette.requests import Request
from starlette.types import Message

from chassis.clients import PeerClients
from chassis.http import bare_app
from chassis.settings import ServiceSettings
from chassis.visitors import visitor_address
from family_portal.portal import opened
from family_portal.web import door

SETTINGS = ServiceSettings(mongo_uri="-", mongo_db="-", kafka_bootstrap="-", position_key="00" * 32)  # type: ignore[arg-type]


class Identity:
    """What arrives at the other side of the door."""

    def __init__(self) -> None:
        self.asked: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        return httpx.Response(200, text="identity")


async def through(identity: Identity, target: str, **headers: str) -> int:
    """The status of one request to the portal from 10.1.2.3, its target as a socket would carry it."""
    app = bare_app("family-portal", [door.router])
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": "GET", "path": unquote(target), "raw_path": target.encode()}
    scope |= {"query_string": b"", "headers": raw, "client": ("10.1.2.3", 4), "scheme": "http"}
    said: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        said.append(message)

    async with httpx.AsyncClient(transport=httpx.MockTransport(identity), base_url="http://identity") as peer:
        chassis = SimpleNamespace(peers=SimpleNamespace(get=lambda service: peer))
        app.state.portal = SimpleNamespace(settings=SETTINGS, chassis=chassis)
        await app(scope, receive, send)
    status: int = said[0]["status"]
    return status


async def test_identity_learns_the_address_from_the_web_tier_and_from_no_header_of_the_visitor() -> None:
    identity = Identity()
    said = {"X-Forwarded-For": "6.6.6.6", "Kith-Visitor": "MS4yLjMuNA"}
    assert await through(identity, "/auth/jwks.json", **said) == 200
    [asked] = identity.asked
    assert "x-forwarded-for" not in asked.headers
    headers = [(name.lower(), value) for name, value in asked.headers.raw]
    arrived = Request({"type": "http", "headers": headers, "client": ("10.0.0.9", 1)})
    assert visitor_address(arrived, SETTINGS) == "10.1.2.3"


@pytest.mark.parametrize(
    "target",
    [
        "/auth/..%2finternal/status",
        "/auth/%2e%2e/internal/status",
        "/auth/../openapi.json",
        "/auth/..%2freadyz",
        "/auth/%252e%252e%252freadyz",
        "/auth/%25252e%25252e/readyz",
        "/auth/..%5creadyz",
        "/auth/..%255creadyz",
        "/auth/x/..%2f../readyz",
        "/auth/./authorize",
        "/auth/..",
    ],
)
async def test_no_way_leads_past_what_lies_behind_the_door(target: str) -> None:
    identity = Identity()
    assert await through(identity, target) == 404
    assert identity.asked == []


@pytest.mark.parametrize("target", ["/auth/a%3Fb", "/auth/a%23b", "/auth/.well-known/x..y"])
async def test_what_is_escaped_stays_escaped(target: str) -> None:
    identity = Identity()
    assert await through(identity, target) == 200
    assert identity.asked[0].url.raw_path.decode() == target


@pytest.mark.parametrize("lasts_s", [7_200, 2_592_000])
async def test_a_browser_stays_signed_in_as_long_as_identity_says(house: Any, lasts_s: int) -> None:
    """Neither the cookie nor what is kept of a sign-in here has a life of its own."""
    bearer = house._headers("ps_mother")["Authorization"].removeprefix("Bearer ")
    tokens = {"access_token": bearer, "expires_in": 300, "refresh_token": "r", "refresh_expires_in": lasts_s}
    answers = httpx.MockTransport(lambda request: httpx.Response(200, json=tokens))
    settings = house.portal.settings
    portal = opened(settings, replace(house.chassis, peers=PeerClients(settings, {"identity": answers})))
    app = bare_app("family-portal", [door.router])
    app.state.portal, app.state.chassis = portal, portal.chassis
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://kith") as http:
        begun = await http.get("/sign-in")
        state = httpx.URL(begun.headers["location"]).params["state"]
        came = await http.get("/auth/callback/family", params={"state": state, "code": "c"})
    assert came.status_code == 303 and f"Max-Age={lasts_s};" in came.headers["set-cookie"]
    cookie = re.search(r"__Host-kith=([^;]+)", came.headers["set-cookie"])
    assert cookie
    row = await house.chassis.mongo.crossing_tenants("web_sessions", why="a test").find_one(
        {"_id": sha256(cookie[1].encode()).hexdigest()}
    )
    assert abs(row["ends_at"] - datetime.now(UTC) - timedelta(seconds=lasts_s)) < timedelta(minutes=1)
