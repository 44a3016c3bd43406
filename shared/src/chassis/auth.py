"""Turns the bearer token of a request into a typed caller; a handler asks by annotation alone."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Path, Request

from chassis.errors import Forbidden, NotFound, Unauthenticated
from chassis.tokens import Token, TokenVerifier
from contracts.ids import ID_PATTERN
from policy.caller import Area, Caller, Hat

__all__ = [
    "Area",
    "Caller",
    "CallerDep",
    "Hat",
    "Scope",
    "ServiceCaller",
    "ServiceDep",
    "Token",
    "TokenDep",
    "TokenVerifier",
]


@dataclass(frozen=True, slots=True)
class ServiceCaller:
    """Another service, by its own client-credentials token."""

    name: str


async def token(request: Request) -> Token:
    """The verified token of this request, for routes that name no tenant. Raises Unauthenticated."""
    kind, _, text = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not text:
        raise Unauthenticated()
    verifier: TokenVerifier = request.app.state.chassis.tokens
    return await verifier.verify(text.strip())


TokenDep = Annotated[Token, Depends(token)]


async def caller(request: Request, tenant_id: Annotated[str, Path(pattern=ID_PATTERN)]) -> Caller:
    """The caller in the path's tenant. NotFound without a hat there, as if it did not exist."""
    held = await token(request)
    found = held.caller(tenant_id)
    if found is None:
        raise NotFound()
    if "care" not in held.scopes:
        raise Forbidden("This token was not given the scope care.", fix="Ask for the scope care.")
    return found


CallerDep = Annotated[Caller, Depends(caller)]


async def service(token: TokenDep) -> ServiceCaller:
    """The calling service. A person's token sees no internal route: NotFound."""
    if token.service is None or "internal" not in token.scopes:
        raise NotFound()
    return ServiceCaller(token.service)


ServiceDep = Annotated[ServiceCaller, Depends(service)]


class Scope:
    """A dependency that lets through only tokens of one more scope: `Depends(Scope("notes"))`."""

    def __init__(self, name: str) -> None:
        self.name = name

    async def __call__(self, token: TokenDep) -> None:
        """NotFound for family tokens, which can never hold it, else Forbidden with the way to get it."""
        if self.name in token.scopes:
            return
        if token.area == "family":
            raise NotFound()
        raise Forbidden(
            f"This token was not given the scope {self.name}.", fix=f"Ask for the scope {self.name}."
        )
