"""The programs that may ask for tokens: the web tier's two areas, other programs, and each service."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from authlib.oauth2.rfc6749 import ClientMixin
from pydantic import SecretStr

from contracts.access import Role
from contracts.classes import SERVICES
from policy.caller import Area

FAMILY_ROLES = frozenset({Role.GUARDIAN, Role.CLIENT, Role.SCHOOL_STAFF, Role.NETWORK_MEMBER})
STAFF_ROLES = frozenset(Role) - FAMILY_ROLES
ROLES_OF: dict[Area, frozenset[Role]] = {
    "family": FAMILY_ROLES,
    "staff": STAFF_ROLES,
    "api": frozenset(Role),
    "service": frozenset(),
}
"""Which hats a token of an area carries; a person with both kinds comes in by two doors."""

_PERSON_GRANTS = frozenset({"authorization_code", "refresh_token"})
_LOOPBACK = frozenset({"127.0.0.1", "[::1]"})
_LOOPBACK_PATHS = frozenset({"/", "/callback"})


@dataclass(frozen=True)
class OAuthClient(ClientMixin):  # type: ignore[misc]
    """One registered program."""

    client_id: str
    area: Area
    grants: frozenset[str]
    scopes: frozenset[str]
    redirect_uris: tuple[str, ...] = ()
    secret: SecretStr | None = None
    stays: timedelta = timedelta(0)
    """How long one sign-in lasts."""

    @property
    def rotates(self) -> bool:
        """A program without a secret gets a new refresh token at each use (RFC 9700)."""
        return self.secret is None

    def get_client_id(self) -> str:
        """The id."""
        return self.client_id

    def get_default_redirect_uri(self) -> None:
        """There is none: every request names where it goes back to."""
        return

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """What was asked for, `care` when nothing was; None when any of it is not for this program."""
        asked = (scope or "care").split()
        return " ".join(dict.fromkeys(asked)) if set(asked) <= self.scopes else None

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Exactly a registered address; a public program may also listen on its own machine, on any port."""
        return redirect_uri in self.redirect_uris or (self.rotates and _is_loopback(redirect_uri))

    def check_client_secret(self, client_secret: str) -> bool:
        """Whether the secret fits, compared in constant time."""
        kept = self.secret.get_secret_value() if self.secret else ""
        return bool(kept) and hmac.compare_digest(kept.encode(), client_secret.encode())

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """With a secret only by the secret, without one only without."""
        return (method == "none") == (self.secret is None)

    def check_response_type(self, response_type: str) -> bool:
        """Codes alone."""
        return response_type == "code" and "authorization_code" in self.grants

    def check_grant_type(self, grant_type: str) -> bool:
        """Whether this program may use the grant."""
        return grant_type in self.grants


def _is_loopback(uri: str) -> bool:
    try:
        parts = urlsplit(uri)
        port = parts.port
    except ValueError:
        return False
    host = parts.netloc.removesuffix(f":{port}") if port else parts.netloc
    plain = uri == f"http://{parts.netloc}{parts.path}"
    return plain and host in _LOOPBACK and parts.path in _LOOPBACK_PATHS


def known_clients(
    public_url: str,
    *,
    family_secret: SecretStr,
    staff_secret: SecretStr,
    service_secrets: Mapping[str, SecretStr],
    family_stays: timedelta,
    staff_stays: timedelta,
    program_stays: timedelta,
) -> dict[str, OAuthClient]:
    """Every program by its id."""

    def person(client_id: str, area: Area, scopes: str, **more: Any) -> OAuthClient:
        return OAuthClient(client_id, area, _PERSON_GRANTS, frozenset(scopes.split()), **more)

    back = f"{public_url}/auth/callback"
    own: dict[str, Any] = {
        "family": {"redirect_uris": (f"{back}/family",), "secret": family_secret, "stays": family_stays},
        "staff": {"redirect_uris": (f"{back}/staff",), "secret": staff_secret, "stays": staff_stays},
        "api": {"redirect_uris": (f"{public_url}/auth/done",), "stays": program_stays},
    }
    clients = [
        person("kith-family", "family", "openid care", **own["family"]),
        person("kith-staff", "staff", "openid care notes", **own["staff"]),
        person("kith-api", "api", "openid care notes", **own["api"]),
    ]
    grants, scopes = frozenset({"client_credentials"}), frozenset({"internal"})
    for name in SERVICES:
        if name in service_secrets:
            clients.append(OAuthClient(name, "service", grants, scopes, secret=service_secrets[name]))
    return {client.client_id: client for client in clients}
