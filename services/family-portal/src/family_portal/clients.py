"""HTTP out: the other services, called with the signed-in person's own token for each of them."""

import asyncio
import json
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from hashlib import sha256
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
from family_portal.store.web_sessions import Left, WebArea, WebSession

SCOPES: dict[WebArea, str] = {"family": "openid care", "staff": "openid care notes"}
RENEW_BEFORE_S = 20.0
A_PAGE = 100
"""How much of a list is asked for at once."""
MOST_HELD = 20_000
"""Sign-ins whose tokens are kept in memory; those of others are asked for again."""
_PROBLEMS: dict[int, type[Problem]] = {403: Forbidden, 409: Conflict, 422: Invalid, 428: Conflict}


@dataclass
class _Held:
    """The access tokens of one sign-in, by audience, each with its end."""

    tokens: dict[str, tuple[str, float]] = field(default_factory=dict)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def current(self, audience: str) -> str | None:
        """The token for an audience while it holds."""
        text, until = self.tokens.get(audience, ("", 0.0))
        return text if until > time.monotonic() else None


class Tokens:
    """Access tokens of signed-in browsers, one per audience, kept in memory for their five minutes."""

    def __init__(self, settings: Settings, peers: PeerClients) -> None:
        self._settings = settings
        self._peers = peers
        self._held: OrderedDict[str, _Held] = OrderedDict()

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
        held = self._of(session)
        if (token := held.current(audience)) is not None:
            return token
        async with held.lock:
            if (token := held.current(audience)) is not None:
                return token
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
        return await verifier.verify(await self.get(session, "family-portal"))

    async def revoke(self, left: Left) -> None:
        """End a sign-in at identity, by its refresh token: twice is once. Raises Unavailable."""
        form = {"token": left.refresh_token}
        answer = await self._post("/auth/revoke", left.area, form)
        if answer.status_code != 200:
            raise Unavailable("Sign-in is not available right now.")

    def hold(self, session: WebSession, audience: str, found: dict[str, Any]) -> None:
        """Keep a token until shortly before it ends."""
        until = time.monotonic() + float(found["expires_in"]) - RENEW_BEFORE_S
        self._of(session).tokens[audience] = (str(found["access_token"]), until)

    def forget(self, session: WebSession) -> None:
        """Drop every token of a sign-in."""
        self._held.pop(session.id, None)

    def _of(self, session: WebSession) -> "_Held":
        """The sign-in's tokens; the sign-in that was used longest ago makes room."""
        held = self._held.setdefault(session.id, _Held())
        self._held.move_to_end(session.id)
        if len(self._held) > MOST_HELD:
            self._held.popitem(last=False)
        return held

    async def _ask(self, area: WebArea, form: dict[str, str]) -> dict[str, Any]:
        answer = await self._post("/auth/token", area, form)
        if answer.status_code != 200:
            raise Unauthenticated()
        found: dict[str, Any] = answer.json()
        return found

    async def _post(self, path: str, area: WebArea, form: dict[str, str]) -> httpx.Response:
        try:
            answer = await self._peers.get("identity").post(path, data=form, auth=self.client(area))
        except httpx.HTTPError as error:
            raise Unavailable("Sign-in is not available right now.") from error
        if answer.status_code >= 500:
            raise Unavailable("Sign-in is not available right now.")
        return answer


class Upstream:
    """Calls another service as one signed-in person; its problems come back as ours."""

    def __init__(self, peers: PeerClients, tokens: Tokens, session: WebSession) -> None:
        self._peers = peers
        self._tokens = tokens
        self._session = session

    async def get(self, service: str, path: str, **params: Any) -> Any:
        """Read from a service. Raises its problem, or Unavailable where it does not answer in time."""
        return (await self._call(service, "GET", path, params=params)).json()

    async def every(self, service: str, path: str, **params: Any) -> list[dict[str, Any]]:
        """The pages of a list, to its end. Raises as `get`."""
        pages: list[dict[str, Any]] = []
        after: dict[str, str] = {}
        while True:
            page = await self.get(service, path, limit=A_PAGE, **params, **after)
            pages.append(page)
            if not page["next"]:
                return pages
            after = {"after": page["next"]}

    async def items(self, service: str, path: str) -> list[dict[str, Any]]:
        """The items of a list, to its end. Raises as `get`."""
        return [item for page in await self.every(service, path) for item in page["items"]]

    async def find_every(self, service: str, path: str) -> list[dict[str, Any]] | None:
        """The same; None where the service has no answer now, so that only its part of the page is missing."""
        try:
            return await self.items(service, path)
        except (Unavailable, NotFound):
            return None

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
        """Write to a service, once however often the same is sent. Raises its problem.

        `key` is the form's; the call's own is made of it and of what is asked. So one form may make several
        calls, and a form that was corrected after one of them is a new request, not a refused one.
        """
        headers = {"Idempotency-Key": _own_key(key, method, path, body)}
        headers |= {"If-Match": f'"{version}"'} if version is not None else {}
        return await self._call(service, method, path, json=body, headers=headers)

    async def _call(self, service: str, method: str, path: str, **how: Any) -> httpx.Response:
        token = await self._tokens.get(self._session, service)
        headers = {**how.pop("headers", {}), "Authorization": f"Bearer {token}"}
        try:
            answer = await self._peers.get(service).request(method, path, headers=headers, **how)
        except httpx.InvalidURL as error:
            raise NotFound from error
        except httpx.HTTPError as error:
            raise Unavailable("One part of Kith does not answer right now.") from error
        if answer.is_success:
            return answer
        raise _problem(answer)


def _own_key(key: str, method: str, path: str, body: dict[str, Any]) -> str:
    said = json.dumps([key, method, path, body], sort_keys=True)
    return sha256(said.encode()).hexdigest() if key else ""


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
