"""What programs ask of the authorization server: tokens, keys, metadata, revocation, the end of a sign-in."""

from typing import Annotated, Any
from urllib.parse import parse_qsl

from authlib.oauth2.rfc6749 import OAuth2Error
from fastapi import Depends, Request
from starlette.responses import JSONResponse, Response

from chassis.auth import Token
from chassis.errors import Unauthenticated
from chassis.routes import Routes
from contracts.classes import SERVICES
from identity.oauth_requests import Answer, Payload
from identity.oauth_server import SCOPES
from identity.parts import SignInParts, sign_in_parts

router = Routes(prefix="/auth", include_in_schema=False)
PartsDep = Annotated[SignInParts, Depends(sign_in_parts)]
_WAYS = ["client_secret_basic", "client_secret_post", "none"]


@router.post("/token")
async def token(request: Request, parts: PartsDep) -> Response:
    """Trade a code, a refresh token or a service's secret for an access token."""
    return _send(await parts.server.token(await _form(request), request.headers))


@router.get("/jwks.json")
async def jwks(parts: PartsDep) -> Response:
    """The public keys of all tokens that may still be valid."""
    return JSONResponse(await parts.issuer.keys.jwks(), headers={"Cache-Control": "public, max-age=60"})


@router.get("/.well-known/openid-configuration")
@router.get("/.well-known/oauth-authorization-server")
async def metadata(parts: PartsDep) -> dict[str, Any]:
    """What this server can do (RFC 8414, OpenID Connect Discovery)."""
    issuer = parts.settings.issuer
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "token_endpoint": f"{issuer}/token",
        "jwks_uri": f"{issuer}/jwks.json",
        "revocation_endpoint": f"{issuer}/revoke",
        "end_session_endpoint": f"{issuer}/sign-out",
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "token_endpoint_auth_methods_supported": _WAYS,
        "revocation_endpoint_auth_methods_supported": _WAYS,
        "code_challenge_methods_supported": ["S256"],
        "scopes_supported": [scope for scope in SCOPES if scope != "internal"],
        "authorization_response_iss_parameter_supported": True,
        "resource_indicators_supported": True,
        "protected_resources": list(SERVICES),
    }


@router.post("/revoke")
async def revoke(request: Request, parts: PartsDep) -> Response:
    """End the sign-in a refresh token belongs to (RFC 7009); an unknown token is answered alike."""
    pairs = await _form(request)
    try:
        client = await parts.server.client_of(pairs, request.headers)
    except OAuth2Error as error:
        return _send(Answer(*error()))
    found = await parts.issuer.sign_ins.find_refresh(Payload(pairs).data.get("token", ""))
    if found and found.check_client(client):
        await parts.issuer.sign_ins.end(found.sign_in)
    return JSONResponse({})


@router.post("/sign-out", status_code=204)
async def sign_out(request: Request, parts: PartsDep) -> None:
    """End this sign-in everywhere, by its own access token for identity. Doing it twice is once."""
    kind, _, text = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer":
        raise Unauthenticated()
    held: Token = await request.app.state.chassis.tokens.verify(text.strip())
    if held.service:
        raise Unauthenticated()
    await parts.issuer.sign_out(held)


async def _form(request: Request) -> list[tuple[str, str]]:
    try:
        return parse_qsl((await request.body()).decode("utf-8"))
    except UnicodeDecodeError:
        return []


def _send(answer: Answer) -> Response:
    return JSONResponse(answer.body, answer.status, headers=dict(answer.headers))
