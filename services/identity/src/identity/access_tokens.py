"""What stands in a token: RFC 9068 claims, one audience, the hats of one person."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate, zip_longest
from typing import Any

from contracts.ids import new_id
from identity.memberships import WornHat
from identity.oauth_clients import ROLES_OF, STAFF_ROLES, OAuthClient

NOTES_AUDIENCE = "sessions"
"""Notes live there alone, so no other service is ever shown the scope."""


MOST_HAT_BYTES = 32_000
"""So long the hats of a token may be together: who reads one refuses 128,000 bytes, and proxies far fewer."""


@dataclass(frozen=True)
class Holder:
    """Whom a token is for: a signed-in person and their hats by tenant, or a service without any."""

    subject: str
    sid: str | None = None
    hats: tuple[tuple[str, WornHat], ...] = ()


def hats_for(
    client: OAuthClient, hats: Iterable[tuple[str, WornHat]], now: datetime
) -> tuple[tuple[str, WornHat], ...]:
    """The hats worn now that this program's area may show."""
    roles = ROLES_OF[client.area]
    return tuple((tenant, hat) for tenant, hat in hats if hat.role in roles and hat.worn(now))


def that_fit(hats: tuple[tuple[str, WornHat], ...]) -> tuple[tuple[str, WornHat], ...]:
    """The hats that one token can hold: all, or else each organisation's first, then each one's second, and so on.

    So no organisation crowds out another by what it gives; those a person came to last stand back first.
    """
    by_tenant: dict[str, list[tuple[str, WornHat]]] = {}
    for tenant, hat in hats:
        by_tenant.setdefault(tenant, []).append((tenant, hat))
    in_turns = [held for turn in zip_longest(*by_tenant.values()) for held in turn if held is not None]
    sizes = accumulate(len(json.dumps(_hat_claim(tenant, hat))) for tenant, hat in in_turns)
    fit = {held for held, size in zip(in_turns, sizes, strict=True) if size <= MOST_HAT_BYTES}
    return tuple(held for held in hats if held in fit)


def scope_in(audience: str, scope: str, holder: Holder) -> str:
    """The scope as it stands in a token: `notes` only for staff and only where notes are."""
    is_staff = any(hat.role in STAFF_ROLES for _, hat in holder.hats)
    without = set() if is_staff and audience == NOTES_AUDIENCE else {"notes"}
    return " ".join(part for part in scope.split() if part not in without | {"openid"})


def access_claims(
    holder: Holder, client: OAuthClient, *, issuer: str, audience: str, scope: str, now: int, lives_s: int
) -> dict[str, Any]:
    """The claims of an access token."""
    claims: dict[str, Any] = {
        "iss": issuer,
        "aud": audience,
        "sub": holder.subject,
        "client_id": client.client_id,
        "scope": scope_in(audience, scope, holder),
        "iat": now,
        "nbf": now,
        "exp": now + lives_s,
        "jti": new_id(),
    }
    if holder.sid is not None:
        claims |= {"sid": holder.sid, "hats": [_hat_claim(tenant, hat) for tenant, hat in holder.hats]}
    return claims


def id_claims(
    holder: Holder, client: OAuthClient, *, issuer: str, nonce: str | None, now: int, lives_s: int
) -> dict[str, Any]:
    """The claims of an OpenID Connect id token: who signed in, for the program alone."""
    claims: dict[str, Any] = {"iss": issuer, "aud": client.client_id, "sub": holder.subject}
    claims |= {"sid": holder.sid, "iat": now, "exp": now + lives_s}
    return claims | ({"nonce": nonce} if nonce else {})


def _hat_claim(tenant_id: str, hat: WornHat) -> Mapping[str, Any]:
    told = hat.model_dump(mode="json", include={"role", "school_id", "school_role", "class_id"})
    claim = {"tenant_id": tenant_id, **{name: value for name, value in told.items() if value is not None}}
    return claim | ({"supervised": True} if hat.supervised else {})
