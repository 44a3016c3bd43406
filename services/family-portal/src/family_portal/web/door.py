"""The door: where signing in begins and comes back, signing out everywhere, and the way to identity's own pages."""

import hashlib
from base64 import urlsafe_b64encode
from contextlib import suppress
from datetime import timedelta
from urllib.parse import quote, urlencode

import httpx
from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from chassis.errors import BadRequest, NotFound, Unavailable
from chassis.routes import Routes
from chassis.visitors import told_address
from family_portal.clients import SCOPES
from family_portal.portal import Portal, PortalDep
from family_portal.store.web_sessions import WebArea
from family_portal.web.frame import LOOK_COOKIE, is_ours
from family_portal.web.visitor import COOKIES, check_csrf

router = Routes(include_in_schema=False)

LANDING: dict[WebArea, str] = {"family": "/start", "staff": "/staff/today"}
PASSWORD_S = 10.0
"""Checking a password is slow on purpose, and slower while many come in at once."""
_HOP = {
    "connection",
    "keep-alive",
    "transfer-encoding",
    "content-length",
    "content-encoding",
    "host",
    "date",
    "server",
    "kith-visitor",
    "x-forwarded-for",
}


@router.get("/.well-known/kith")
async def discovery(portal: PortalDep) -> dict[str, object]:
    """Where every service of this Kith answers, for programs that know only this address."""
    settings = portal.settings
    services = {**settings.peers, "identity": settings.identity_url, "family-portal": settings.public_url}
    return {"services": services, "issuer": f"{settings.public_url}/auth", "clients": {"program": "kith-api"}}


@router.get("/sign-in")
async def sign_in(portal: PortalDep, next: str = "") -> Response:
    """Begin signing in as family, young person, school or network member."""
    return await _begin(portal, "family", next)


@router.get("/staff/sign-in")
async def staff_sign_in(portal: PortalDep, next: str = "") -> Response:
    """Begin signing in as staff."""
    return await _begin(portal, "staff", next)


async def _begin(portal: PortalDep, area: WebArea, next: str) -> Response:
    flow = await portal.web_sessions.begin(area, next if is_ours(next) else LANDING[area])
    client_id, _ = portal.tokens.client(area)
    challenge = urlsafe_b64encode(hashlib.sha256(flow.verifier.encode()).digest()).decode().rstrip("=")
    asked = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": portal.tokens.redirect_uri(area),
        "scope": SCOPES[area],
        "state": flow.state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    answer = RedirectResponse(f"/auth/authorize?{urlencode(asked)}", 303)
    answer.set_cookie("__Host-kith-flow", flow.state, max_age=600, secure=True, httponly=True, samesite="lax")
    return answer


@router.get("/auth/callback/{area}")
async def came_back(
    area: WebArea, request: Request, portal: PortalDep, state: str = "", code: str = ""
) -> Response:
    """Identity sends the browser back here; only the browser that began the flow may finish it."""
    flow = await portal.web_sessions.take_flow(state) if state else None
    if flow is None or flow.area != area or request.cookies.get("__Host-kith-flow") != state:
        return RedirectResponse("/sign-in" if area == "family" else "/staff/sign-in", 303)
    if not code:
        raise BadRequest("Signing in was not finished.", field="code", fix="Begin again at the door.")
    found = await portal.tokens.exchange(area, code, flow.verifier)
    token = await portal.chassis.tokens.verify(found["access_token"])
    lasts_s = int(found["refresh_expires_in"])
    session = await portal.web_sessions.start(
        area, token.subject, token.sid, found["refresh_token"], timedelta(seconds=lasts_s)
    )
    portal.tokens.hold(session, "family-portal", found)
    answer = RedirectResponse(flow.next, 303)
    answer.set_cookie(
        COOKIES[area], session.cookie, max_age=lasts_s, secure=True, httponly=True, samesite="lax", path="/"
    )
    answer.delete_cookie("__Host-kith-flow", secure=True, httponly=True, samesite="lax")
    return answer


@router.post("/sign-out")
async def sign_out(request: Request, portal: PortalDep) -> Response:
    """End this sign-in everywhere."""
    return await _sign_out(request, portal, "family")


@router.post("/staff/sign-out")
async def staff_sign_out(request: Request, portal: PortalDep) -> Response:
    """End this sign-in everywhere."""
    return await _sign_out(request, portal, "staff")


async def _sign_out(request: Request, portal: Portal, area: WebArea) -> Response:
    """Here first, needing nobody; then at identity, which the worker tells again where it does not answer.

    Raises Forbidden for a form that is not this sign-in's own.
    """
    cookie = request.cookies.get(COOKIES[area], "")
    session = await portal.web_sessions.find(cookie, area) if cookie else None
    if session is not None:
        form = await request.form()
        check_csrf(session, str(form.get("csrf", "")))
        left = await portal.web_sessions.leave(session)
        portal.tokens.forget(session)
        with suppress(Unavailable):
            await portal.tokens.revoke(left)
            await portal.web_sessions.told(left)
    answer = RedirectResponse("/?said=signed-out", 303)
    answer.delete_cookie(COOKIES[area], secure=True, httponly=True, samesite="lax")
    return answer


@router.api_route("/auth/{path:path}", methods=["GET", "POST"])
async def forward(path: str, request: Request, portal: PortalDep) -> Response:
    """Hand `/auth/` on to identity, as an ingress does in production. Raises NotFound for a way out of it."""
    if _leads_elsewhere(path):
        raise NotFound()
    headers = {name: value for name, value in request.headers.items() if name not in _HOP}
    headers |= told_address(portal.settings, request.client.host if request.client else "unknown")
    cookies = "; ".join(f"{k}={v}" for k, v in request.cookies.items() if k == LOOK_COOKIE)
    headers["cookie"] = cookies
    try:
        answer = await portal.chassis.peers.get("identity").request(
            request.method,
            f"/auth/{quote(path)}",
            params=request.query_params,
            content=await request.body(),
            headers=headers,
            timeout=PASSWORD_S,
        )
    except httpx.InvalidURL as error:
        raise NotFound from error
    except httpx.HTTPError as error:
        raise Unavailable("Sign-in is not available right now.") from error
    passed = Response(answer.content, answer.status_code)
    for name, value in answer.headers.multi_items():
        if name.lower() not in _HOP:
            passed.headers.append(name, value)
    return passed


def _leads_elsewhere(path: str) -> bool:
    """Whether a reader of a path might go up in it; nothing behind the door is escaped twice or has a backslash."""
    return "%" in path or "\\" in path or bool({".", ".."} & set(path.split("/")))
