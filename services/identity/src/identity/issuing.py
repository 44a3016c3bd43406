"""Hands out tokens: to a person who has just come in, to a sign-in that goes on, to a service."""

import logging
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from authlib.oauth2.rfc6749 import InvalidGrantError

from chassis.auth import Token
from identity.access_tokens import Holder, access_claims, hats_for, id_claims, that_fit
from identity.memberships import WornHat
from identity.oauth_clients import OAuthClient
from identity.store.sign_ins import CodeGrant, RefreshGrant, SignIn, SignIns
from identity.store.signing_keys import SigningKeys

_log = logging.getLogger("identity.issuing")
HatsOf = Callable[[str, datetime], Awaitable[list[tuple[str, WornHat]]]]
"""A person's hats in all tenants at a moment. Raises NotFound for an unknown person."""


def new_secret() -> str:
    """A code or refresh token: 256 random bits."""
    return secrets.token_urlsafe(32)


@dataclass(frozen=True)
class Issuer:
    """Makes every token of this deployment."""

    issuer: str
    lives_s: int
    keys: SigningKeys
    sign_ins: SignIns
    hats_of: HatsOf

    async def holder(self, client: OAuthClient, person_id: str, sid: str) -> Holder:
        """The person with the hats this program may show now; without any there is nothing to come in for.

        Hats that no token has room for are as if not worn, and that is written down here.
        """
        now = datetime.now(UTC)
        worn = hats_for(client, await self.hats_of(person_id, now), now)
        held = that_fit(worn)
        if len(held) < len(worn):
            _log.warning("a token holds %d of the %d hats that a person wears", len(held), len(worn))
        return Holder(person_id, sid, held)

    async def first(self, client: OAuthClient, grant: CodeGrant, audience: str) -> dict[str, Any]:
        """The tokens a code is traded for, and how long the sign-in lasts. Raises InvalidGrantError."""
        holder = await self._worn(client, grant.sign_in)
        refresh_token = new_secret()
        if not await self.sign_ins.begin(grant.sign_in, refresh_token, grant.scope, client.stays):
            raise InvalidGrantError()
        answer = await self._answer(client, holder, audience, grant.scope)
        if "openid" in grant.scope.split():
            answer["id_token"] = await self._id_token(client, holder, grant.nonce)
        lasts_s = int(client.stays.total_seconds())
        return {**answer, "refresh_token": refresh_token, "refresh_expires_in": lasts_s}

    async def next(
        self, client: OAuthClient, grant: RefreshGrant, audience: str, scope: str
    ) -> dict[str, Any]:
        """The tokens of a sign-in that goes on. Raises InvalidGrantError."""
        holder = await self._worn(client, grant.sign_in)
        if client.rotates and not await self.sign_ins.use_refresh(grant):
            raise InvalidGrantError()
        answer = await self._answer(client, holder, audience, scope)
        if client.rotates:
            answer["refresh_token"] = new_secret()
            await self.sign_ins.add_refresh(
                grant.sign_in, answer["refresh_token"], grant.scope, grant.expires_at
            )
        return answer

    async def for_service(self, client: OAuthClient, audience: str) -> dict[str, Any]:
        """A service's own token for another."""
        return await self._answer(client, Holder(f"service:{client.client_id}"), audience, "internal")

    async def sign_out(self, token: Token) -> None:
        """End the sign-in a verified token belongs to."""
        found = await self.sign_ins.find(token.sid)
        if found is not None:
            await self.sign_ins.end(found)

    async def _worn(self, client: OAuthClient, sign_in: SignIn) -> Holder:
        holder = await self.holder(client, sign_in.person_id, sign_in.sid)
        if not holder.hats:
            raise InvalidGrantError()
        return holder

    async def _answer(self, client: OAuthClient, holder: Holder, audience: str, scope: str) -> dict[str, Any]:
        claims = access_claims(
            holder,
            client,
            issuer=self.issuer,
            audience=audience,
            scope=scope,
            now=int(time.time()),
            lives_s=self.lives_s,
        )
        token = await self.keys.sign(claims, typ="at+jwt")
        return {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": self.lives_s,
            "scope": claims["scope"],
        }

    async def _id_token(self, client: OAuthClient, holder: Holder, nonce: str | None) -> str:
        claims: Mapping[str, Any] = id_claims(
            holder, client, issuer=self.issuer, nonce=nonce, now=int(time.time()), lives_s=self.lives_s
        )
        return await self.keys.sign(dict(claims), typ="JWT")
