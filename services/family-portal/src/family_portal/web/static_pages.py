"""Pages that need nothing but this process: the doors, help now, offline, looks, language, the built files.

They stay open whatever else is down: the doors, help now and offline know nobody; the others name who is signed
in where that can be told, and open without a name where it cannot.
"""

from functools import cache
from pathlib import Path
from typing import Literal, cast

from fastapi import Request
from fastapi.responses import FileResponse, RedirectResponse, Response

from chassis.errors import NotFound
from chassis.routes import Routes
from family_portal import assets
from family_portal.web.frame import LOOK_COOKIE, POLICY, is_ours, look_cookie, look_of, render
from family_portal.web.known import look_who
from family_portal.web.models import CrisisLine, Form, HelpPage, Look, LooksPage, SignInPage

router = Routes(include_in_schema=False)

ENGLAND = (
    CrisisLine("Ring 999", "Danger now: police or ambulance", "tel:999"),
    CrisisLine(
        "Text SHOUT to 85258",
        "Shout, by text message",
        "sms:85258?body=SHOUT",
        "message",
        "good if speaking is hard",
    ),
    CrisisLine("Ring 111, then 2", "Mental health, speak to a nurse", "tel:111"),
    CrisisLine("Ring 0800 1111", "Childline, for anyone under 19", "tel:08001111"),
    CrisisLine("Ring 116 123", "Samaritans", "tel:116123"),
)
"""The public crisis lines of England, part of the page itself: they must open when nothing else does."""

ELSEWHERE = "https://www.bbc.co.uk/weather"
"""Where *Leave* goes: a page anybody could have been looking at."""

FETCHES_ITSELF = {"Content-Security-Policy": POLICY}
"""A service worker may fetch what the policy of its own file allows; under none at all it could keep nothing."""
FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
SAID = {"signed-out": "You are signed out, everywhere.", "ended": "Your sign-in has ended. Come in again."}


@router.get("/")
async def door(request: Request, said: str = "") -> Response:
    """The door for families, young people and schools; who is signed in goes through it."""
    if "__Host-kith" in request.cookies and not said:
        return RedirectResponse("/start", 303)
    return render(request, "open/sign_in.html", page=SignInPage("family", "/sign-in", SAID.get(said, "")))


@router.get("/staff")
async def staff_door(request: Request, said: str = "") -> Response:
    """The door for staff."""
    if "__Host-kith-staff" in request.cookies and not said:
        return RedirectResponse("/staff/today", 303)
    return render(
        request, "open/sign_in.html", page=SignInPage("staff", "/staff/sign-in", SAID.get(said, ""))
    )


@router.get("/help-now")
async def help_now(request: Request) -> Response:
    """Who answers now. The same page for everyone, signed in or not; nobody is told that it was opened."""
    page = HelpPage(ENGLAND)
    return render(
        request, "open/help_now.html", signed_out=True, headers={"Cache-Control": "no-cache"}, page=page
    )


@router.get("/offline")
async def offline(request: Request) -> Response:
    """What the service worker shows without signal."""
    return render(request, "open/offline.html", signed_out=True, headers={"Cache-Control": "no-cache"})


@router.get("/language")
async def language(request: Request) -> Response:
    """Which languages there are."""
    await look_who(request, _came_from(request))
    return render(request, "open/language.html")


@router.get("/signed-in")
async def signed_in(request: Request) -> Response:
    """Somebody came in again, in a window of its own, to send what waits in another."""
    await look_who(request, _came_from(request))
    return render(request, "open/signed_in.html")


@router.get("/how-kith-keeps-things")
async def keeps(request: Request) -> Response:
    """What is kept, how, and who sees it."""
    await look_who(request, _came_from(request))
    return render(request, "open/keeps.html")


@router.get("/leave")
async def leave() -> Response:
    """Leave quickly, to a page that says nothing."""
    return RedirectResponse(
        ELSEWHERE, 303, headers={"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    )


@router.get("/looks")
async def looks(request: Request, saved: bool = False, back: str = "") -> Response:
    """How pages look: light or dark, contrast, calm, size of the text."""
    look = look_of(request)
    chosen = {
        "theme": look.theme,
        "contrast": "more" if look.contrast else "usual",
        "calm": "calm" if look.calm else "usual",
        "text": look.text,
    }
    page = LooksPage(look, Form("/looks", chosen), _inside(back or _came_from(request)), saved)
    await look_who(request, page.back)
    return render(request, "open/looks.html", page=page)


@router.post("/looks")
async def keep_look(request: Request) -> Response:
    """Keep the choice in a cookie that says nothing about the person. Another site's form is not obeyed."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise NotFound()
    form = await request.form(max_fields=10)
    back = _inside(str(form.get("back", "/")))
    answer = RedirectResponse(f"/looks?saved=1&back={back}", 303)
    secure = request.url.scheme == "https"
    value = look_cookie(_chosen({name: str(value) for name, value in form.items()}))
    answer.set_cookie(LOOK_COOKIE, value, max_age=31_536_000, httponly=True, samesite="lax", secure=secure)
    return answer


def _chosen(form: dict[str, str]) -> Look:
    theme, text = form.get("theme"), form.get("text")
    return Look(
        cast(Literal["auto", "light", "dark"], theme if theme in ("light", "dark") else "auto"),
        form.get("contrast") == "more",
        form.get("calm") == "calm",
        cast(Literal["usual", "large", "larger"], text if text in ("large", "larger") else "usual"),
    )


def _came_from(request: Request) -> str:
    """The page of ours the person came from."""
    host, came = f"//{request.url.netloc}", request.headers.get("Referer", "")
    return came.partition(host)[2] if host in came else "/"


def _inside(address: str) -> str:
    """The address if it is one of ours, else the start page."""
    path = address.partition("?")[0]
    return path if is_ours(path) and path != "/looks" else "/"


@cache
def _files() -> dict[str, Path]:
    """Every built file by its name below /assets/{stamp}/."""
    root = assets.DIST / "assets"
    return {str(path.relative_to(root)): path for path in root.rglob("*") if path.is_file()}


@router.get("/assets/kith.css")
async def newest_stylesheet() -> Response:
    """For identity's pages, which do not know this build: on to the stylesheet of today."""
    return RedirectResponse(f"/assets/{assets.built()}/kith.css", 307, headers={"Cache-Control": "no-cache"})


@router.get("/assets/{stamp}/{name:path}")
async def asset_file(stamp: str, name: str) -> Response:
    """A built file; its address holds the build's stamp, so it never changes.

    A page from before the last build, which asks for a file of that one, gets today's and does not keep it.
    """
    path = _files().get(name)
    if path is None:
        raise NotFound()
    kept = FOR_EVER if stamp == assets.built() else {"Cache-Control": "no-store"}
    return FileResponse(path, headers={**kept, "X-Content-Type-Options": "nosniff"})


@router.get("/sw.js")
async def service_worker() -> Response:
    """The service worker, which keeps help now."""
    headers = {**FETCHES_ITSELF, "Cache-Control": "no-cache", "Service-Worker-Allowed": "/"}
    return FileResponse(assets.DIST / "sw.js", media_type="text/javascript", headers=headers)


@router.get("/manifest.webmanifest")
async def manifest() -> Response:
    """What a phone needs to put Kith on its start screen."""
    headers = {"Cache-Control": "no-cache"}
    return FileResponse(
        assets.DIST / "manifest.webmanifest", media_type="application/manifest+json", headers=headers
    )
