"""Who looks at a page: the cookie's sign-in, the person's hats in each tenant, and their calls to other services."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Request, Response
from fastapi.responses import RedirectResponse

from chassis.errors import Forbidden, NotFound, Unauthenticated
from chassis.problems import problem_response
from chassis.tokens import Token
from family_portal.clients import Upstream
from family_portal.portal import Portal
from family_portal.store.web_sessions import WebArea, WebSession
from policy.caller import Caller
from policy.days import LONDON

COOKIES: dict[WebArea, str] = {"family": "__Host-kith", "staff": "__Host-kith-staff"}


class SignInFirst(Exception):
    """Nobody is signed in to this area; the page sends the browser to the door."""

    def __init__(self, area: WebArea) -> None:
        super().__init__(area)
        self.area = area


@dataclass(frozen=True)
class Visitor:
    """A signed-in person at a page of one area."""

    session: WebSession
    token: Token
    callers: tuple[Caller, ...]
    upstream: Upstream

    @property
    def person_id(self) -> str:
        """The person."""
        return self.token.subject

    def caller(self, tenant_id: str) -> Caller:
        """The person in one tenant. Raises NotFound where they have no hat."""
        found = next((c for c in self.callers if c.tenant_id == tenant_id), None)
        if found is None:
            raise NotFound()
        return found


async def visitor_of(portal: Portal, request: Request, area: WebArea) -> Visitor:
    """The visitor of a request. Raises SignInFirst."""
    cookie = request.cookies.get(COOKIES[area], "")
    session = await portal.web_sessions.find(cookie, area) if cookie else None
    if session is None:
        raise SignInFirst(area)
    try:
        token = await portal.tokens.own(session, portal.chassis.tokens)
    except Unauthenticated as ended:
        await portal.web_sessions.end(session)
        portal.tokens.forget(session)
        raise SignInFirst(area) from ended
    tenants = dict.fromkeys(tenant for tenant, _ in token.hats)
    callers = tuple(c for c in (token.caller(tenant) for tenant in tenants) if c is not None)
    request.state.known_at = await known_at(portal)
    request.state.drawn = f"{(await portal.chassis.access.now()).timestamp():.3f}"
    return Visitor(session, token, callers, Upstream(portal.chassis.peers, portal.tokens, session))


async def known_at(portal: Portal) -> str:
    """The time of day up to which the views hold what happened; empty while that is now."""
    access = portal.chassis.access
    age = await access.age_s()
    if age <= portal.settings.freshness_limit_s or age == float("inf"):
        return ""
    return f"{(await access.now() - timedelta(seconds=age)).astimezone(LONDON):%H:%M}"


async def _family(request: Request) -> Visitor:
    return await visitor_of(request.app.state.portal, request, "family")


async def _staff(request: Request) -> Visitor:
    return await visitor_of(request.app.state.portal, request, "staff")


FamilyVisitor = Annotated[Visitor, Depends(_family)]
StaffVisitor = Annotated[Visitor, Depends(_staff)]


def check_csrf(session: WebSession, sent: str) -> None:
    """Raises Forbidden unless the form carries this sign-in's own token."""
    if sent != session.csrf:
        raise Forbidden(
            "This form is not from your page.", field="csrf", fix="Open the page again and send it anew."
        )


async def to_the_door(request: Request, error: Exception) -> Response:
    """Send a browser that is not signed in to the door; a form is told to come in again, with what it said kept."""
    assert isinstance(error, SignInFirst)
    door = "/staff/sign-in" if error.area == "staff" else "/sign-in"
    if request.headers.get("HX-Request") == "true":
        return Response(status_code=401, headers={"HX-Redirect": door})
    if request.method != "GET":
        return problem_response(Unauthenticated())
    return RedirectResponse(f"{door}?{urlencode({'next': request.url.path})}", 303)
