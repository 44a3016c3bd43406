"""identity's API in process over a real database, with one organisation and a few people to come in."""

import hashlib
import json
import re
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from fastapi import FastAPI

from chassis.testing import Space
from identity.app import create_app
from identity.parts import SignInParts
from identity.settings import Settings

PUBLIC = "http://localhost:8080"
PASSWORD = "a few quiet words"
TENANT = "t_lantern"
PEOPLE: dict[str, list[dict[str, Any]]] = {
    "ps_dana": [{"role": "therapist"}],
    "ps_efua": [{"role": "guardian"}],
    "ps_both": [{"role": "therapist"}, {"role": "guardian"}],
}
BACK = {
    "kith-family": f"{PUBLIC}/auth/callback/family",
    "kith-staff": f"{PUBLIC}/auth/callback/staff",
    "kith-api": "http://127.0.0.1:53682/callback",
}
SCOPES = {"kith-family": "openid care", "kith-staff": "openid care notes", "kith-api": "openid care notes"}


def challenge_of(verifier: str) -> str:
    """S256 of a verifier."""
    return urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


@dataclass
class Flow:
    """One authorization request of one program, with the secret only it knows."""

    client_id: str
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    more: dict[str, str | None] = field(default_factory=dict)

    def query(self) -> str:
        """The request's parameters; a `more` of None leaves one out."""
        asked: dict[str, str | None] = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": BACK[self.client_id],
            "scope": SCOPES[self.client_id],
            "state": "st-1",
            "nonce": "n-1",
            "code_challenge": challenge_of(self.verifier),
            "code_challenge_method": "S256",
            **self.more,
        }
        return urlencode({name: value for name, value in asked.items() if value is not None})


@dataclass
class Door:
    """The running app as a browser and a program see it."""

    app: FastAPI
    settings: Settings
    http: httpx.AsyncClient

    @property
    def parts(self) -> SignInParts:
        """What the door is made of."""
        parts: SignInParts = self.app.state.sign_in
        return parts

    async def knock(
        self, flow: Flow, who: str, password: str = PASSWORD, *, form: str | None = None, **headers: str
    ) -> httpx.Response:
        """Open the page and send it."""
        page = await self.http.get(f"/auth/authorize?{flow.query()}", headers=headers)
        if page.status_code != 200:
            return page
        found = re.search(r'name="form" value="([^"]+)"', page.text)
        assert found
        typed = {"who": who, "password": password, "form": form if form is not None else found[1]}
        return await self.http.post(f"/auth/authorize?{flow.query()}", data=typed, headers=headers)

    async def code(self, flow: Flow, who: str) -> str:
        """Come in, and take the code from the address the browser is sent to."""
        sent = await self.knock(flow, who)
        assert sent.status_code == 303, sent.text
        return parse_qs(urlsplit(sent.headers["location"]).query)["code"][0]

    def auth(self, client_id: str) -> tuple[str, str] | None:
        """The program's own secret, where it has one."""
        kept = self.parts.server.clients[client_id].secret
        return (client_id, kept.get_secret_value()) if kept else None

    async def token(self, client_id: str, **form: str) -> httpx.Response:
        """Ask the token endpoint as a program."""
        auth = self.auth(client_id)
        if auth is None:
            return await self.http.post("/auth/token", data={"client_id": client_id, **form})
        return await self.http.post("/auth/token", data=form, auth=auth)

    async def trade(self, flow: Flow, code: str, **more: str) -> httpx.Response:
        """Trade a code."""
        form = {"code": code, "code_verifier": flow.verifier, "redirect_uri": BACK[flow.client_id], **more}
        return await self.token(flow.client_id, grant_type="authorization_code", **form)

    async def come_in(self, client_id: str, who: str, **more: str) -> dict[str, Any]:
        """The whole way in; returns the tokens."""
        flow = Flow(client_id)
        answer = await self.trade(flow, await self.code(flow, who), **more)
        assert answer.status_code == 200, answer.text
        tokens: dict[str, Any] = answer.json()
        return tokens

    async def refresh(self, client_id: str, refresh_token: str, **more: str) -> httpx.Response:
        """Ask for the next tokens."""
        return await self.token(client_id, grant_type="refresh_token", refresh_token=refresh_token, **more)

    async def me(self, access_token: str) -> int:
        """What identity answers to a token: 200 while it is good."""
        answer = await self.http.get("/me", headers={"Authorization": f"Bearer {access_token}"})
        return answer.status_code


def settings_of(space: Space, folder: Path, **more: Any) -> Settings:
    """Settings of a test's identity: a root key of its own, cheap passwords, an open door."""
    root = folder / "root"
    root.write_text(secrets.token_hex(32))
    given: dict[str, Any] = {
        "root_key_file": root,
        "public_url": PUBLIC,
        "family_client_secret": secrets.token_hex(16),
        "staff_client_secret": secrets.token_hex(16),
        "open_sign_up": True,
        "argon2_time": 1,
        "argon2_memory_kib": 1024,
        **more,
    }
    return space.settings(Settings, **given)


async def found_organisation(door: Door) -> None:
    """One organisation, its administrator `amal@lantern.example`, and the people of this file."""
    first = {"name": "Amal", "email": "amal@lantern.example", "password": PASSWORD, "id": "ps_amal"}
    tenant = {"id": TENANT, "name": "Lantern Lane", "type": "practice", "jurisdiction_pack": "england"}
    body = {"tenant": tenant, "administrator": first}
    made = await door.http.post("/organisations", json=body, headers={"Idempotency-Key": "o-1"})
    assert made.status_code == 201, made.text
    tokens = await door.come_in("kith-staff", "amal@lantern.example")
    for person_id, hats in PEOPLE.items():
        name = person_id.removeprefix("ps_")
        person = {"id": person_id, "name": name, "username": name, "password": PASSWORD, "hats": hats}
        person["email"] = f"{name}@lantern.example"
        headers = {"Authorization": f"Bearer {tokens['access_token']}", "Idempotency-Key": person_id}
        added = await door.http.post(f"/tenants/{TENANT}/people", json=person, headers=headers)
        assert added.status_code == 201, added.text


@pytest.fixture(scope="module")
async def door(module_space: Space, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Door]:
    """An open door that the tests of a module share; failures are limited as in life."""
    folder = tmp_path_factory.mktemp("identity")
    settings = settings_of(module_space, folder, accounts_per_address=10_000, signing_key_lead_s=1.5)
    app = create_app(settings)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://identity") as http,
    ):
        door = Door(app, settings, http)
        await found_organisation(door)
        yield door


def part_of(token: str, place: int) -> dict[str, Any]:
    """The header or the claims of a token, unverified."""
    part = token.split(".")[place]
    found: dict[str, Any] = json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found
