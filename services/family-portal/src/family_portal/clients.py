"""HTTP out: the other services, called with the signed-in person's own token for each of them."""

import asyncio
import time
from typing import Any

import httpx

from chassis.clients import PeerClients
from chassis.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Problem,
    TooMany,
    Unauthenticated,
    Unavailable,
)
from chassis.tokens import Token, TokenVerifier
from family_portal.settings import Settings
from family_portal.store.web_sessions import WebArea, WebSession

SCOPES: dict[WebArea, str] = {"family": "openid care", "staff": "openid care notes"}
RENEW_BEFORE_S = 20.0
_PROBLEMS: dict[int, type[Problem]] = {403: Forbidden, 409: Conflict, 422: Invalid, 428: Conflict}


class Tokens:
    """Access tokens of signed-in browsers, one per audience, kept in memory for their five minutes."""

    def __init__(self, settings: Settings, peers: PeerClients) -> None:
        self._settings = settings
        self._peers = peers
        self._held: dict[tuple[str, str], tuple[str, float]] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        self._verified: dict[str, tuple[str, Token]] = {}

    def client(self, area: WebArea) -> tuple[str, str]:
        """The OAuth client id and secret of an area of the site."""
        secret = (
            self._settings.staff_client_secret if area == "staff" else self._settings.family_client_secret
        )
        return f"kith-{area}", secret.get_secret_value()

    def redirect_uri(self, area: WebArea) -> str:
        """Where identity sends the browser back to."""
        return f"{self._settings.public_url}/auth/callback/{area}"

    async def exchange(self, area: WebArea, code: str, verifier: str) -> dict[str, Any]:
        """Trade a code for tokens, the access token for the portal itself. Raises Unauthenticated."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "code_verifier": verifier,
            "redirect_uri": self.redirect_uri(area),
            "resource": "family-portal",
        }
        return await self._ask(area, form)

    async def get(self, session: WebSession, audience: str) -> str:
        """The person's token for a service, renewed in time. Raises Unauthenticated when the sign-in has ended."""
        held = self._held.get((session.id, audience))
        if held and held[1] > time.monotonic():
            return held[0]
        async with self._locks.setdefault(session.id, asyncio.Lock()):
            held = self._held.get((session.id, audience))
            if held and held[1] > time.monotonic():
                return held[0]
            form = {
                "grant_type": "refresh_token",
                "refresh_token": session.refresh_token,
                "resource": audience,
                "scope": SCOPES[session.area],
            }
            found = await self._ask(session.area, form)
            self.hold(session, audience, found)
            return str(found["access_token"])

    async def own(self, session: WebSession, verifier: TokenVerifier) -> Token:
        """The person's token for the portal itself, verified once. Raises Unauthenticated once it has ended."""
        text = await self.get(session, "family-portal")
        held = self._verified.get(session.id)
        if held is None or held[0] != text:
            held = self._verified[session.id] = (text, await verifier.verify(text))
        await verifier.check_not_ended(held[1])
        return held[1]

    def hold(self, session: WebSession, audience: str, found: dict[str, Any]) -> None:
        """Keep a token until shortly before it ends."""
        until = time.monotonic() + float(found["expires_in"]) - RENEW_BEFORE_S
        self._held[session.id, audience] = (str(found["access_token"]), until)

    def forget(self, session: WebSession) -> None:
        """Drop every token of a sign-in."""
        for key in [key for key in self._held if key[0] == session.id]:
            del self._held[key]
        self._locks.pop(session.id, None)
        self._verified.pop(session.id, None)

    async def _ask(self, area: WebArea, form: dict[str, str]) -> dict[str, Any]:
        try:
            answer = await self._peers.get("identity").post("/auth/token", data=form, auth=self.client(area))
        except httpx.HTTPError as error:
            raise Unavailable("Sign-in is not available right now.") from error
        if answer.status_code >= 500:
            raise Unavailable("Sign-in is not available right now.")
        if answer.status_code != 200:
            raise Unauthenticated()
        found: dict[str, Any] = answer.json()
        return found


class Upstream:
    """Calls another service as one signed-in person; its problems come back as ours."""

    def __init__(self, peers: PeerClients, tokens: Tokens, session: WebSession) -> None:
        self._peers = peers
        self._tokens = tokens
        self._session = session

    async def get(self, service: str, path: str, **params: Any) -> Any:
        """Read from a service. Raises its problem, or Unavailable where it does not answer in time."""
        return (await self._call(service, "GET", path, params=params)).json()

    async def find(self, service: str, path: str, **params: Any) -> Any | None:
        """Read from a service; None where it has no answer now, so that only its part of the page is missing."""
        try:
            return await self.get(service, path, **params)
        except (Unavailable, NotFound):
            return None

    async def send(
        self,
        service: str,
        path: str,
        body: dict[str, Any],
        key: str,
        *,
        method: str = "POST",
        version: int | None = None,
    ) -> httpx.Response:
        """Write to a service under an idempotency key. Raises its problem."""
        headers = {"Idempotency-Key": key} | ({"If-Match": f'"{version}"'} if version is not None else {})
        return await self._call(service, method, path, json=body, headers=headers)

    async def _call(self, service: str, method: str, path: str, **how: Any) -> httpx.Response:
        token = await self._tokens.get(self._session, service)
        headers = {**how.pop("headers", {}), "Authorization": f"Bearer {token}"}
        try:
            answer = await self._peers.get(service).request(method, path, headers=headers, **how)
        except httpx.HTTPError as error:
            raise Unavailable("One part of Kith does not answer right now.") from error
        if answer.is_success:
            return answer
        raise _problem(answer)


def _problem(answer: httpx.Response) -> Problem:
    if answer.status_code >= 500:
        return Unavailable("One part of Kith does not answer right now.")
    if answer.status_code == 404:
        return NotFound()
    if answer.status_code == 401:
        return Unauthenticated()
    if answer.status_code == 429:
        return TooMany()
    body = answer.json()
    known = {name: body.pop(name, None) for name in ("detail", "field", "fix")}
    extra = {k: v for k, v in body.items() if k not in ("type", "title", "status")}
    return _PROBLEMS.get(answer.status_code, Invalid)(known["detail"], known["field"], known["fix"], **extra)
