"""How a service calls another: a pooled client each, short timeouts, the trace carried on, own tokens."""

import asyncio
import time
from typing import Any

import httpx
from opentelemetry.propagate import inject

from chassis.errors import Unavailable
from chassis.settings import ServiceSettings

TIMEOUT = httpx.Timeout(2.0, connect=0.5)
_LIMITS = httpx.Limits(max_connections=100, max_keepalive_connections=20)
_RENEW_BEFORE_S = 30.0


async def _carry_trace(request: httpx.Request) -> None:
    inject(request.headers)


class PeerClients:
    """The HTTP clients of one process; close it with the process."""

    def __init__(
        self, settings: ServiceSettings, transports: dict[str, httpx.AsyncBaseTransport] | None = None
    ) -> None:
        self._settings = settings
        self._transports = transports or {}
        self._clients: dict[str, httpx.AsyncClient] = {}
        self._tokens: dict[str, tuple[str, float]] = {}
        self._asking = asyncio.Lock()

    def get(self, service: str) -> httpx.AsyncClient:
        """The client of a service. Raises KeyError for one whose address is not configured."""
        if service not in self._clients:
            self._clients[service] = httpx.AsyncClient(
                base_url=self._settings.peer_url(service),
                timeout=TIMEOUT,
                limits=_LIMITS,
                transport=self._transports.get(service),
                event_hooks={"request": [_carry_trace]},
            )
        return self._clients[service]

    async def call(self, service: str, method: str, path: str, **more: Any) -> httpx.Response:
        """Call as this service itself, with its own token. Raises Unavailable when the other is away."""
        token = await self.service_token(service)
        headers = {"Authorization": f"Bearer {token}", **more.pop("headers", {})}
        try:
            response = await self.get(service).request(method, path, headers=headers, **more)
        except httpx.TransportError as error:
            raise Unavailable(f"{service} does not answer.") from error
        if response.status_code == 401:
            self._tokens.pop(service, None)
        if response.status_code >= 500:
            raise Unavailable(f"{service} cannot answer at the moment.")
        return response

    async def service_token(self, audience: str) -> str:
        """This service's own token for another, kept until shortly before it ends. Raises Unavailable."""
        held, until = self._tokens.get(audience, ("", 0.0))
        if time.monotonic() < until:
            return held
        async with self._asking:
            held, until = self._tokens.get(audience, ("", 0.0))
            if time.monotonic() < until:
                return held
            return await self._ask(audience)

    async def jwks(self) -> dict[str, Any]:
        """identity's public keys. Raises httpx errors."""
        response = await self.get("identity").get("/auth/jwks.json")
        response.raise_for_status()
        keys: dict[str, Any] = response.json()
        return keys

    async def aclose(self) -> None:
        """Close all connections."""
        for client in self._clients.values():
            await client.aclose()

    async def _ask(self, audience: str) -> str:
        asked = {"grant_type": "client_credentials", "scope": "internal", "resource": audience}
        secret = self._settings.client_secret.get_secret_value()
        try:
            response = await self.get("identity").post(
                "/auth/token", data=asked, auth=(self._settings.name, secret)
            )
            response.raise_for_status()
        except httpx.HTTPError as error:
            raise Unavailable("identity gave this service no token.") from error
        body = response.json()
        token: str = body["access_token"]
        self._tokens[audience] = (token, time.monotonic() + body["expires_in"] - _RENEW_BEFORE_S)
        return token
