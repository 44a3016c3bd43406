"""Verifies access tokens: ES256 by identity's published keys, one audience, no way around the header."""

import asyncio
import json
import logging
import time
from base64 import urlsafe_b64decode
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from chassis.ended import EndedSessions
from chassis.errors import Unauthenticated, Unavailable
from contracts.access import Role
from policy.caller import Area, Caller, Hat

_log = logging.getLogger("chassis.tokens")
Jwks = Mapping[str, Any]
FetchJwks = Callable[[], Awaitable[Jwks]]

LEEWAY_S = 5
REMEMBERED = 10_000
REFETCH_EVERY_S = 5.0
KEYS_LIVE_S = 300.0
_HEADER = frozenset({"alg", "typ", "kid"})
_AREAS: dict[str, Area] = {"kith-family": "family", "kith-staff": "staff", "kith-api": "api"}


@dataclass(frozen=True, slots=True)
class Token:
    """A verified access token: the person or service, and their hats in every tenant."""

    subject: str
    sid: str
    client_id: str
    area: Area
    scopes: frozenset[str]
    hats: tuple[tuple[str, Hat], ...]
    expires: int

    @property
    def service(self) -> str | None:
        """The calling service's name, or None for a person."""
        return self.subject.removeprefix("service:") if self.area == "service" else None

    def caller(self, tenant_id: str) -> Caller | None:
        """The same caller seen from one tenant; None when they have no hat there."""
        hats = tuple(hat for tenant, hat in self.hats if tenant == tenant_id)
        if not hats:
            return None
        return Caller(tenant_id, self.subject, hats, self.area, self.sid, self.scopes)


class KeyCache:
    """identity's public keys by kid; an unknown kid refetches, but not more often than every few seconds."""

    def __init__(self, fetch: FetchJwks) -> None:
        self._fetch = fetch
        self._keys: dict[str, ECKey] = {}
        self._fetching = asyncio.Lock()
        self._tried_at = float("-inf")
        self._fetched_at = float("-inf")

    async def get(self, kid: str) -> ECKey | None:
        """The key of this kid. Raises Unavailable when no key was ever fetched and identity is away."""
        if self._wants(kid):
            async with self._fetching:
                if self._wants(kid):
                    await self._refetch()
        if not self._keys:
            raise Unavailable("Sign-in cannot be checked at the moment.")
        return self._keys.get(kid)

    def _wants(self, kid: str) -> bool:
        now = time.monotonic()
        stale = now - self._fetched_at > KEYS_LIVE_S
        rested = not self._keys or now - self._tried_at > REFETCH_EVERY_S
        return (kid not in self._keys or stale) and rested

    async def _refetch(self) -> None:
        self._tried_at = time.monotonic()
        try:
            found = (await self._fetch())["keys"]
        except Exception as error:
            _log.warning("identity's keys cannot be had, the old ones go on: %s", type(error).__name__)
            return
        self._keys = {row["kid"]: ECKey.import_key(row) for row in found if _is_signing_key(row)}
        self._fetched_at = time.monotonic()


class TokenVerifier:
    """Turns the text of a bearer token into a Token for one audience, or raises Unauthenticated."""

    def __init__(
        self, *, issuer: str, audience: str, fetch: FetchJwks, ended: EndedSessions | None = None
    ) -> None:
        self.issuer = issuer
        self.audience = audience
        self.keys = KeyCache(fetch)
        self.ended = ended
        self._known: OrderedDict[str, tuple[str, ECKey, Token]] = OrderedDict()

    async def verify(self, text: str) -> Token:
        """The verified token. Raises Unauthenticated for any flaw, Unavailable when keys cannot be had.

        A text that was verified before is remembered while its key is published and its time runs.
        """
        known = self._known.get(text)
        kid = known[0] if known else _header(text)["kid"]
        key = await self.keys.get(kid)
        if key is None:
            raise Unauthenticated()
        if known and known[1] is key and known[2].expires > time.time():
            token = known[2]
        else:
            token = self._read_once(text, kid, key)
        await self.check_not_ended(token)
        return token

    def _read_once(self, text: str, kid: str, key: ECKey) -> Token:
        token = self._read(text, key)
        self._known[text] = (kid, key, token)
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return token

    async def check_not_ended(self, token: Token) -> None:
        """Raises Unauthenticated once the token's sign-in has ended."""
        if token.sid and self.ended is not None and await self.ended.has(token.sid):
            raise Unauthenticated()

    def _read(self, text: str, key: ECKey) -> Token:
        try:
            claims = jwt.decode(text, key, algorithms=["ES256"]).claims
            self._check_times(claims)
            if claims["iss"] != self.issuer or claims["aud"] != self.audience:
                raise Unauthenticated()
            return _token(claims)
        except (JoseError, KeyError, TypeError, ValueError) as flaw:
            raise Unauthenticated() from flaw

    def _check_times(self, claims: dict[str, Any]) -> None:
        now = time.time()
        times = {name: claims[name] for name in ("exp", "iat", "nbf") if name in claims}
        if any(not isinstance(value, int) or isinstance(value, bool) for value in times.values()):
            raise Unauthenticated()
        if times["exp"] <= now or times["iat"] > now + LEEWAY_S or times.get("nbf", 0) > now + LEEWAY_S:
            raise Unauthenticated()


def _header(text: str) -> dict[str, str]:
    """The header, only if it is exactly what identity writes: nothing in it may choose a key or algorithm."""
    try:
        first = text.split(".", 1)[0]
        header = json.loads(urlsafe_b64decode(first + "=" * (-len(first) % 4)))
    except (ValueError, RecursionError) as flaw:
        raise Unauthenticated() from flaw
    if not isinstance(header, dict) or not set(header) <= _HEADER:
        raise Unauthenticated()
    if (
        header.get("alg") != "ES256"
        or header.get("typ") != "at+jwt"
        or not isinstance(header.get("kid"), str)
    ):
        raise Unauthenticated()
    return header


def _is_signing_key(row: Mapping[str, Any]) -> bool:
    return row.get("kty") == "EC" and row.get("crv") == "P-256" and row.get("use") == "sig" and "kid" in row


def _token(claims: dict[str, Any]) -> Token:
    subject, client_id = claims["sub"], claims["client_id"]
    if not isinstance(subject, str) or not isinstance(client_id, str) or not isinstance(claims["jti"], str):
        raise Unauthenticated()
    scopes = frozenset(claims["scope"].split())
    area: Area = "service" if subject.startswith("service:") else _AREAS[client_id]
    if (area == "service") is not ("internal" in scopes):
        raise Unauthenticated()
    hats = tuple((row["tenant_id"], _hat(row)) for row in claims.get("hats", ()))
    sid = claims["sid"] if area != "service" else claims.get("sid", "")
    return Token(subject, sid, client_id, area, scopes, hats, claims["exp"])


def _hat(row: Mapping[str, Any]) -> Hat:
    return Hat(
        role=Role(row["role"]),
        school_id=row.get("school_id"),
        school_role=row.get("school_role"),
        class_id=row.get("class_id"),
        supervised=bool(row.get("supervised", False)),
    )
