"""The page to come in by: works without scripts, on the browser's one origin."""

import hmac
import math
import time
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import parse_qsl, urlencode, urlsplit

from authlib.common.urls import add_params_to_uri
from authlib.oauth2.rfc6749 import OAuth2Error
from fastapi import Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from chassis.routes import Routes
from chassis.visitors import visitor_address
from identity.oauth_clients import OAuthClient
from identity.pages import said_page, sign_in_page
from identity.parts import SignInParts, sign_in_parts
from identity.sign_in import Refusal
from identity.store.tries import Pause

router = Routes(prefix="/auth", include_in_schema=False)
PartsDep = Annotated[SignInParts, Depends(sign_in_parts)]

FORM_LIVES_S = 1800
LOOK = "kith-look"
"""The web tier's cookie that says how pages look."""
_STATUS = {Refusal.WRONG: 422, Refusal.OTHER_DOOR: 403}
_LOOPBACK = " http://127.0.0.1:* http://[::1]:*"


@router.get("/authorize")
async def page(request: Request, parts: PartsDep) -> Response:
    """Show the page for a program's request; a broken request goes back to the program, or ends here."""
    asked = await _asked(request, parts)
    return asked if isinstance(asked, Response) else _page(asked)


@router.post("/authorize")
async def come_in(request: Request, parts: PartsDep) -> Response:
    """Check what was typed and send the browser back to the program with a code."""
    asked = await _asked(request, parts)
    if isinstance(asked, Response):
        return asked
    form = await request.form()
    who, password = str(form.get("who", ""))[:200], str(form.get("password", ""))
    if not _same_origin(asked) or not _is_fresh(asked, str(form.get("form", ""))):
        return _page(asked, who=who, error="stale", status=400)
    address = visitor_address(request, parts.settings)
    found = await parts.door.come_in(asked.client, who, password, address)
    if isinstance(found, Pause):
        return _wait(asked, who, found)
    if isinstance(found, Refusal):
        return _page(asked, who=who, error=found.value, status=_STATUS[found])
    answer = await parts.server.admit(asked.pairs, found)
    return _back(parts, answer.headers["Location"])


@router.get("/done")
async def done(request: Request) -> Response:
    """For programs that cannot listen: the code, to be copied."""
    code, look = request.query_params.get("code"), request.cookies.get(LOOK, "")
    if not code:
        text = "The program was not let in. Start again there."
        return _html(said_page("That did not work", text, look=look), 400)
    text = "Copy this code into the program that asked for it."
    return _html(said_page("You are in", text, look=look, code=code))


@dataclass(frozen=True)
class Asked:
    """An authorization request that holds."""

    request: Request
    parts: SignInParts
    client: OAuthClient
    pairs: list[tuple[str, str]]


async def _asked(request: Request, parts: SignInParts) -> Asked | Response:
    """The request, or the answer to a broken one: back to its program where that is certain, else a page."""
    pairs = parse_qsl(request.url.query)
    try:
        client, _ = await parts.server.asked(pairs)
    except OAuth2Error as error:
        return _refused(request, parts, error, dict(pairs).get("state"))
    return Asked(request, parts, client, pairs)


def _refused(request: Request, parts: SignInParts, error: OAuth2Error, state: str | None) -> Response:
    if error.redirect_uri:
        error.state = state
        _, _, headers = error()
        return _back(parts, dict(headers)["Location"])
    text = "The program that sent you here asked in a way that cannot be answered. Start again from its page."
    look = request.cookies.get(LOOK, "")
    return _html(said_page("This way does not lead in", text, look=look), 400)


def _page(
    asked: Asked, *, who: str = "", error: str | None = None, minutes: int = 1, status: int = 200
) -> Response:
    text = sign_in_page(
        area=asked.client.area,
        query=urlencode(asked.pairs),
        form=_form_token(asked, int(time.time()) + FORM_LIVES_S),
        look=asked.request.cookies.get(LOOK, ""),
        who=who,
        error=error,
        minutes=minutes,
    )
    return _html(text, status, loopback=asked.client.rotates)


def _wait(asked: Asked, who: str, pause: Pause) -> Response:
    response = _page(
        asked, who=who, error=pause.over.value, minutes=math.ceil(pause.seconds / 60), status=429
    )
    response.headers["Retry-After"] = str(pause.seconds)
    return response


def _html(text: str, status: int = 200, *, loopback: bool = False) -> Response:
    policy = (
        "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self' data:; "
        f"form-action 'self'{_LOOPBACK if loopback else ''}; base-uri 'none'; frame-ancestors 'none'"
    )
    return HTMLResponse(text, status, headers={"Content-Security-Policy": policy})


def _back(parts: SignInParts, location: str) -> Response:
    """To the program, naming who answers (RFC 9207); 303, so that a password is never sent on."""
    return RedirectResponse(add_params_to_uri(location, [("iss", parts.settings.issuer)]), 303)


def _form_token(asked: Asked, until: int) -> str:
    """Binds a page to the request it was made for, for half an hour."""
    said = urlencode(sorted(asked.pairs))
    return f"{until}.{asked.parts.root.digest(f'form|{until}|{said}')}"


def _is_fresh(asked: Asked, token: str) -> bool:
    until, _, _ = token.partition(".")
    if not (until.isascii() and until.isdigit() and int(until[:12]) > time.time()):
        return False
    return hmac.compare_digest(token.encode(), _form_token(asked, int(until[:12])).encode())


def _same_origin(asked: Asked) -> bool:
    """Browsers say where a form came from; programs say nothing."""
    headers, ours = asked.request.headers, urlsplit(asked.parts.settings.public_url)
    site = headers.get("sec-fetch-site", "same-origin")
    return site in ("same-origin", "none") and headers.get("origin") in (
        None,
        f"{ours.scheme}://{ours.netloc}",
    )
