"""The page to come in by: works without scripts, on the browser's one origin."""

import hmac
import time
from typing import Annotated
from urllib.parse import parse_qsl, urlencode, urlsplit

from authlib.common.urls import add_params_to_uri
from authlib.oauth2.rfc6749 import OAuth2Error
from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from identity.api.visitors import visitor_address
from identity.oauth_clients import OAuthClient
from identity.pages import said_page, sign_in_page
from identity.parts import SignInParts, sign_in_parts
from identity.sign_in import Refusal

router = APIRouter(prefix="/auth", include_in_schema=False)
PartsDep = Annotated[SignInParts, Depends(sign_in_parts)]

FORM_LIVES_S = 1800
_STATUS = {Refusal.WRONG: 422, Refusal.TOO_MANY: 429, Refusal.OTHER_DOOR: 403}
_LOOPBACK = " http://127.0.0.1:* http://[::1]:*"


@router.get("/authorize")
async def page(request: Request, parts: PartsDep) -> Response:
    """Show the page for a program's request; a broken request goes back to the program, or ends here."""
    pairs = _pairs(request)
    try:
        client, _ = await parts.server.asked(pairs)
    except OAuth2Error as error:
        return _refused(parts, error, pairs)
    return _page(parts, client, pairs)


@router.post("/authorize")
async def come_in(request: Request, parts: PartsDep) -> Response:
    """Check what was typed and send the browser back to the program with a code."""
    pairs = _pairs(request)
    try:
        client, _ = await parts.server.asked(pairs)
    except OAuth2Error as error:
        return _refused(parts, error, pairs)
    form = await request.form()
    who, password = str(form.get("who", ""))[:200], str(form.get("password", ""))
    if not _same_origin(request, parts) or not _is_fresh(parts, str(form.get("form", "")), pairs):
        return _page(parts, client, pairs, who=who, error="stale", status=400)
    address = visitor_address(request, parts.settings.proxies)
    found = await parts.door.come_in(client, who, password, address)
    if isinstance(found, Refusal):
        return _page(parts, client, pairs, who=who, error=found.value, status=_STATUS[found])
    answer = await parts.server.admit(pairs, found)
    return _back(parts, answer.headers["Location"])


@router.get("/done")
async def done(request: Request) -> Response:
    """For programs that cannot listen: the code, to be copied."""
    code = request.query_params.get("code")
    if not code:
        return _html(said_page("That did not work", "The program was not let in. Start again there."), 400)
    return _html(said_page("You are in", "Copy this code into the program that asked for it.", code=code))


def _page(
    parts: SignInParts,
    client: OAuthClient,
    pairs: list[tuple[str, str]],
    *,
    who: str = "",
    error: str | None = None,
    status: int = 200,
) -> Response:
    form = _form_token(parts, pairs, int(time.time()) + FORM_LIVES_S)
    text = sign_in_page(area=client.area, query=urlencode(pairs), form=form, who=who, error=error)
    response = _html(text, status, loopback=client.rotates)
    if status == 429:
        response.headers["Retry-After"] = "60"
    return response


def _html(text: str, status: int = 200, *, loopback: bool = False) -> Response:
    policy = (
        "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self' data:; "
        f"form-action 'self'{_LOOPBACK if loopback else ''}; base-uri 'none'; frame-ancestors 'none'"
    )
    return HTMLResponse(text, status, headers={"Content-Security-Policy": policy})


def _refused(parts: SignInParts, error: OAuth2Error, pairs: list[tuple[str, str]]) -> Response:
    if error.redirect_uri:
        error.state = dict(pairs).get("state")
        _, _, headers = error()
        return _back(parts, dict(headers)["Location"])
    text = "The program that sent you here asked in a way that cannot be answered. Start again from its page."
    return _html(said_page("This way does not lead in", text), 400)


def _back(parts: SignInParts, location: str) -> Response:
    """To the program, naming who answers (RFC 9207); 303, so that a password is never sent on."""
    return RedirectResponse(add_params_to_uri(location, [("iss", parts.settings.issuer)]), 303)


def _pairs(request: Request) -> list[tuple[str, str]]:
    return parse_qsl(request.url.query)


def _form_token(parts: SignInParts, pairs: list[tuple[str, str]], until: int) -> str:
    """Binds a page to the request it was made for, for half an hour."""
    return f"{until}.{parts.root.digest(f'form|{until}|{urlencode(sorted(pairs))}')}"


def _is_fresh(parts: SignInParts, token: str, pairs: list[tuple[str, str]]) -> bool:
    until, _, _ = token.partition(".")
    if not (until.isascii() and until.isdigit() and int(until[:12]) > time.time()):
        return False
    return hmac.compare_digest(token.encode(), _form_token(parts, pairs, int(until)).encode())


def _same_origin(request: Request, parts: SignInParts) -> bool:
    """Browsers say where a form came from; programs say nothing."""
    origin = request.headers.get("origin")
    site = request.headers.get("sec-fetch-site", "same-origin")
    ours = urlsplit(parts.settings.public_url)
    return site in ("same-origin", "none") and origin in (None, f"{ours.scheme}://{ours.netloc}")
