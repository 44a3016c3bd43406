"""The requests and answers of the authorization server, free of any web framework."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from authlib.oauth2.rfc6749 import OAuth2Error, OAuth2Payload, OAuth2Request

from contracts.classes import SERVICES

Pairs = Iterable[tuple[str, str]]


class InvalidTargetError(OAuth2Error):  # type: ignore[misc]
    """The `resource` is none of this deployment's services (RFC 8707)."""

    error = "invalid_target"
    description = "The resource is the name of one service."


class RepeatedError(OAuth2Error):  # type: ignore[misc]
    """A parameter was sent more than once (RFC 6749 §3.1, §3.2)."""

    error = "invalid_request"
    description = "Each parameter may be sent once."


class Payload(OAuth2Payload):  # type: ignore[misc]
    """Parameters by name; one without a value counts as not sent."""

    def __init__(self, pairs: Pairs) -> None:
        self._lists: defaultdict[str, list[str]] = defaultdict(list)
        for name, value in pairs:
            if value:
                self._lists[name].append(value)

    @property
    def data(self) -> dict[str, str]:
        """The first value of each."""
        return {name: values[0] for name, values in self._lists.items()}

    @property
    def datalist(self) -> defaultdict[str, list[str]]:
        """All values of each."""
        return self._lists


class OAuthRequest(OAuth2Request):  # type: ignore[misc]
    """One request as Authlib reads it. Transport security is the ingress's, so the address is nominal."""

    def __init__(self, method: str, pairs: Pairs, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(method, "https://identity/auth", headers=headers or {})
        self.payload = Payload(pairs)

    @property
    def form(self) -> dict[str, str]:
        """The parameters."""
        data: dict[str, str] = self.payload.data
        return data

    def audience(self, default: str) -> str:
        """The one service the token is for. Raises InvalidTargetError."""
        named = self.payload.datalist.get("resource", [])
        if len(named) > 1 or (named and named[0] not in SERVICES):
            raise InvalidTargetError()
        return named[0] if named else default

    def refuse_repeats(self) -> None:
        """Raises RepeatedError when a parameter other than `resource` came twice."""
        for name, values in self.payload.datalist.items():
            if len(values) > 1 and name != "resource":
                raise RepeatedError()


@dataclass
class Answer:
    """What the server answers."""

    status: int
    body: Any
    headers: dict[str, str]
