"""The frame of every page: `render(request, template, ...)` fills a template and adds the page's headers.

    render(request, "family/child.html", page=ChildPage(...))               a whole page
    render(request, "fragments/child_goals.html", page=..., said="…")       a part that refetches itself
    render(request, "plan/answer.html", status=422, page=...)               a form again, with its errors

- Who looks comes from `request.state.viewer` (a `Viewer`, set by the dependency that opens the session);
  absent means signed out. How it looks comes from the cookie `kith-look`, set on `/looks`.
- Every page has one variable, `page`, an object of `family_portal.web.models`; fragments take the same `page`
  as the page they belong to, or what their own model says. Anything missing fails loudly (StrictUndefined);
  nhsuk-frontend's macros need the tolerant kind and live in an environment of their own (fields.py).
- `request.state.known_at` (visitor.py) is the time of a page that cannot be of this moment; the page says so.
- Every page of a signed-in person listens to the stream of its area, so that it closes when access ends,
  except those that STILL names with their reason; parts that fetch themselves anew carry a `Live`.
  `request.state.drawn` (visitor.py), the moment before the page's reads began, goes along, so that the stream
  first tells what moved since.
"""

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from family_portal import assets
from family_portal.web.chart_marks import chart_marks, chart_rows
from family_portal.web.compiling import Settled
from family_portal.web.fields import fields
from family_portal.web.macro_items import choice_items, error_items, goal_ticks
from family_portal.web.models.pieces import Area, Link, Look, NavItem, Viewer
from family_portal.web.words import counted

LOOK_COOKIE = "kith-look"

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "Content-Security-Policy": POLICY,
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Cache-Control": "no-store",
    }
)
"""What every page says to the browser; nothing about a person is ever kept in its cache."""
_RAW = [(name.lower().encode(), said.encode()) for name, said in HEADERS.items()]

NAV: Mapping[Area, tuple[NavItem, ...]] = MappingProxyType(
    {
        "family": (NavItem("Today", "/home", "sun"), NavItem("For you", "/messages-for-you", "message")),
        "mine": (
            NavItem("Mine", "/mine", "sun"),
            NavItem("Plan", "/mine/plan", "flag"),
            NavItem("For you", "/messages-for-you", "message"),
            NavItem("Who sees it", "/mine/who-can-see", "people"),
        ),
        "school": (NavItem("My pupils", "/school"), NavItem("For you", "/messages-for-you")),
        "staff": (
            NavItem("Today", "/staff/today"),
            NavItem("Caseload", "/staff/caseload", under="/staff/clients"),
            NavItem("Referrals", "/staff/referrals"),
        ),
        "part": (NavItem("For you", "/messages-for-you", "message"),),
        "open": (),
    }
)
"""The navigation of each area."""


STILL: Mapping[str, str] = MappingProxyType(
    {
        "open/error.html": "it shows nothing of anybody, and not found is the same bytes each time",
        "open/help_now.html": "it is drawn without a person and opens when nothing else does",
        "open/offline.html": "it is drawn without a person, for when there is no signal",
        "open/sign_in.html": "it is the door: nobody has come in yet",
        "open/signed_in.html": "it says only that somebody came in; what they wrote waits in another window",
        "open/language.html": "it shows nothing of a client",
        "open/looks.html": "it shows nothing of a client",
        "open/keeps.html": "it shows nothing of a client",
    }
)
"""The pages that listen to no stream, and why nothing on them has to close when access ends."""

SAID: Mapping[str, str] = MappingProxyType(
    {
        "fragments/today_card.html": "Today’s page has changed.",
        "fragments/pause.html": "The week’s rest has changed.",
        "fragments/replies.html": "The team wrote back.",
        "fragments/wishes.html": "What you wished for has changed.",
        "fragments/episode.html": "The work as a whole has changed.",
        "fragments/appointments.html": "The next appointment has changed.",
        "fragments/child_goals.html": "The goals have changed.",
        "fragments/child_practice.html": "This week’s practice has changed.",
        "fragments/child_earlier.html": "The earlier goals have changed.",
        "fragments/child_others.html": "What the others do has changed.",
        "fragments/child_changes.html": "There is something new under What changed.",
        "fragments/asked.html": "A goal to read has come or gone.",
        "fragments/seen.html": "Who sees this has changed.",
        "fragments/who_people.html": "Who sees this has changed.",
        "fragments/mine_goals.html": "The goals have changed.",
        "fragments/mine_goal.html": "The goal has changed.",
        "fragments/about_lines.html": "The page “about me” has changed.",
        "fragments/about_card.html": "The page “about me” has changed.",
        "fragments/pupil_about.html": "What stands under About me has changed.",
        "fragments/pupil_goals.html": "The goals have changed.",
        "fragments/pupil_week.html": "This week has changed.",
        "fragments/pupils.html": "Your pupils have changed.",
        "fragments/plan_answer.html": "The plan has changed.",
        "fragments/staff_plan.html": "The plan has changed.",
        "fragments/summaries.html": "There is something new about a session.",
        "fragments/to_answer.html": "Somebody has written.",
        "fragments/goal_panels.html": "Something new was noted.",
        "fragments/practice.html": "Something new was noted.",
        "fragments/written_lines.html": "Something new was noted.",
        "fragments/notes.html": "A note was signed.",
        "fragments/safety.html": "A consent has changed.",
    }
)
"""What is read out when a part of an open page has been fetched anew, where its route says nothing itself."""


@cache
def environment() -> Environment:
    """Our templates, strict about everything that is missing, with nhsuk-frontend's macros as globals."""
    ours = Settled(
        loader=PackageLoader("family_portal"),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    ours.globals.update(nhsuk := fields())
    ours.filters.update(asset=asset, icon=icon, mark=mark, skipLink=nhsuk["skipLink"])
    ours.globals.update(
        chart_marks=chart_marks,
        chart_rows=chart_rows,
        choice_items=choice_items,
        counted=counted,
        goal_ticks=goal_ticks,
        error_items=error_items,
        Link=Link,
    )
    return ours


@cache
def _base() -> str:
    stamp = assets.built()
    if not stamp:
        raise assets.AssetsError("The page assets are not built: run `python -m family_portal.assets`.")
    return f"/assets/{stamp}"


def asset(name: str) -> str:
    """The address of a built file; it changes whenever the file does. Raises AssetsError before the build."""
    return f"{_base()}/{name}"


@lru_cache(1024)
def icon(name: str, classes: str = "") -> Markup:
    """A line-drawn mark (marks.html), drawn once; as a filter of a plain word it is drawn when a template loads."""
    return Markup(_marks("icon", name, classes))


@lru_cache(1024)
def mark(name: str, size: str = "") -> Markup:
    """A mark in its round field."""
    return Markup(_marks("mark", name, size))


def _marks(macro: str, *given: str) -> str:
    return str(getattr(environment().get_template("marks.html").module, macro)(*given))


def render(
    request: Request,
    template: str,
    *,
    status: int = 200,
    said: str = "",
    headers: Mapping[str, str] | None = None,
    signed_out: bool = False,
    at: str = "",
    **context: Any,
) -> HTMLResponse:
    """Fill a template for whoever looks; `signed_out` draws it without a person even if there is one.

    `at`: the page's own address, where a form of another address is answered with it: there it is read again.
    """
    viewer = None if signed_out else viewer_of(request)
    area: Area = viewer.area if viewer else "open"
    nav = NAV[area] if viewer else ()
    html = (
        environment()
        .get_template(template)
        .render(
            viewer=viewer,
            area=area,
            nav=nav,
            here=_here(nav, request.scope["path"]),
            look=look_of(request),
            known_at="" if signed_out else getattr(request.state, "known_at", ""),
            stream=_stream(template, area) if viewer else "",
            drawn=getattr(request.state, "drawn", ""),
            at=at,
            **context,
        )
    )
    aloud = said or SAID.get(template, "")
    extra = {"Kith-Said": quote(aloud)} if aloud and status == 200 else {}
    answer = HTMLResponse(html, status, headers={**extra, **(headers or {})})
    own = {name for name, _ in answer.raw_headers}
    answer.raw_headers += [header for header in _RAW if header[0] not in own]
    return answer


def _stream(template: str, area: Area) -> str:
    """Where a page hears that something moved, or that it has to close."""
    if template in STILL:
        return ""
    return "/staff/live" if area == "staff" else "/live"


def viewer_of(request: Request) -> Viewer | None:
    """Who looks, if somebody is signed in to this area."""
    viewer = getattr(request.state, "viewer", None)
    return viewer if isinstance(viewer, Viewer) else None


LONGEST_ADDRESS = 500


def is_ours(address: str) -> bool:
    """Whether a browser that is sent to this address stays here: a path, and nothing it would read otherwise."""
    plain = address.isascii() and address.isprintable() and "\\" not in address
    return plain and address[:1] == "/" and address[1:2] != "/" and len(address) <= LONGEST_ADDRESS


def is_fragment(request: Request) -> bool:
    """Whether a part of a page asks for itself: it must be answered with a fragment, errors too."""
    return request.headers.get("HX-Request") == "true"


def _here(nav: tuple[NavItem, ...], path: str) -> str:
    """The entry of the navigation that this address belongs to: the closest one above it."""
    above = [
        (len(root), item.href) for item in nav for root in (item.href, item.under) if _is_below(path, root)
    ]
    return max(above, default=(0, ""))[1]


def _is_below(path: str, root: str) -> bool:
    return bool(root) and (path == root or path.startswith(f"{root}/"))


_LOOK = re.compile(r"(auto|light|dark)\.(usual|more)\.(usual|calm)\.(usual|large|larger)")


def look_of(request: Request) -> Look:
    """How this browser wants pages to look; anything unknown in the cookie means the usual."""
    match = _LOOK.fullmatch(request.cookies.get(LOOK_COOKIE, ""))
    if match is None:
        return Look()
    theme, contrast, calm, text = match.groups()
    return Look(theme, contrast == "more", calm == "calm", text)  # type: ignore[arg-type]


def look_cookie(look: Look) -> str:
    """The cookie's value for a look: four plain words."""
    contrast, calm = "more" if look.contrast else "usual", "calm" if look.calm else "usual"
    return f"{look.theme}.{contrast}.{calm}.{look.text}"
