"""Pages that need no database, no service and no sign-in; and errors in words that say what to do."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException

from chassis.errors import Conflict, NotFound, Problem, Unavailable
from chassis.problems import problem_response
from family_portal import assets
from family_portal.web.error_pages import ErrorPages
from family_portal.web.static_pages import router

PERSON = {"Accept": "text/html,application/xhtml+xml"}
PART = {**PERSON, "HX-Request": "true", "HX-Source": "section#today-noor"}


def site() -> FastAPI:
    """The static router alone, and three addresses where something goes wrong."""
    app = FastAPI(redirect_slashes=False)
    app.include_router(router)
    app.add_middleware(ErrorPages)

    @app.get("/breath")
    async def breath() -> None:
        raise Unavailable("secret detail")

    @app.get("/conflict")
    async def conflict() -> None:
        raise Conflict("It is at version 4 now.", fix="Read it again.")

    @app.exception_handler(Problem)
    async def on_problem(request: Request, error: Problem) -> object:
        return problem_response(error)

    @app.exception_handler(HTTPException)
    async def on_http(request: Request, error: HTTPException) -> object:
        return problem_response(NotFound())

    return app


@pytest.fixture
async def web() -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(site())
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8080") as client:
        yield client


async def test_help_now_opens_for_anyone_and_names_the_lines(web: httpx.AsyncClient) -> None:
    answer = await web.get("/help-now", headers=PERSON)
    assert answer.status_code == 200
    numbers = re.findall(r'href="((?:tel|sms):[^"]+)"', answer.text)
    assert numbers == ["tel:999", "sms:85258?body=SHOUT", "tel:111", "tel:08001111", "tel:116123"]
    assert "Sign out" not in answer.text
    assert 'href="/leave"' in answer.text and 'href="/leave"' not in (await web.get("/looks")).text


async def test_every_address_a_page_of_the_frame_leads_to_exists(web: httpx.AsyncClient) -> None:
    seen, todo = set[str](), ["/", "/staff", "/help-now", "/offline", "/looks"]
    while todo:
        path = todo.pop()
        answer = await web.get(path, headers=PERSON)
        assert answer.status_code == 200, path
        seen.add(path)
        found = (
            re.findall(r'(?:href|src)="(/[^"#]*)"', answer.text)
            if "html" in answer.headers["content-type"]
            else []
        )
        todo += [p for p in found if p not in seen and p not in todo and "sign-in" not in p and p != "/leave"]
    assert {"/language", "/how-kith-keeps-things", "/manifest.webmanifest"} <= seen


async def test_built_files_stay_for_ever_and_other_addresses_do_not_exist(web: httpx.AsyncClient) -> None:
    sheet = await web.get(f"/assets/{assets.built()}/kith.css")
    assert sheet.headers["cache-control"].endswith("immutable")
    before = await web.get("/assets/0/kith.css")
    assert (before.content, before.headers["cache-control"]) == (sheet.content, "no-store"), (
        "of another build"
    )
    for path in (
        f"/assets/{assets.built()}/../stamp",
        "/assets/0/stamp",
        f"/assets/{assets.built()}/%2e%2e/sw.js",
    ):
        assert (await web.get(path)).status_code == 404


async def test_looks_are_kept_without_script_and_lead_back_only_inside(web: httpx.AsyncClient) -> None:
    form = {"theme": "dark", "contrast": "more", "calm": "calm", "text": "larger", "back": "//evil.example"}
    answer = await web.post("/looks", data=form)
    assert answer.status_code == 303 and answer.headers["location"] == "/looks?saved=1&back=/"
    assert "kith-look=dark.more.calm.larger" in answer.headers["set-cookie"]
    page = await web.get("/looks", headers={**PERSON, "Cookie": "kith-look=dark.more.calm.larger"})
    assert 'data-theme="dark"' in page.text
    assert (await web.post("/looks", data=form, headers={"Sec-Fetch-Site": "cross-site"})).status_code == 404


async def test_leaving_quickly_says_nothing_about_where_one_was(web: httpx.AsyncClient) -> None:
    answer = await web.get("/leave")
    assert answer.status_code == 303 and answer.headers["referrer-policy"] == "no-referrer"


async def test_not_found_is_one_page_for_everything(web: httpx.AsyncClient) -> None:
    first, second = (
        await web.get("/home/kofi", headers=PERSON),
        await web.get("/nothing/at/all", headers=PERSON),
    )
    assert first.status_code == second.status_code == 404
    assert first.content == second.content
    assert (await web.get("/home/kofi")).headers["content-type"] == "application/problem+json"


async def test_a_stale_page_shows_nothing_and_a_part_comes_back_by_itself(web: httpx.AsyncClient) -> None:
    page = await web.get("/breath", headers=PERSON)
    assert page.status_code == 503 and "taking a breath" in page.text and "secret" not in page.text
    assert page.headers["retry-after"] == "2"
    part = await web.get("/breath", headers=PART)
    assert "<html" not in part.text and 'id="today-noor"' in part.text and 'hx-get="/breath"' in part.text


async def test_a_part_that_has_ended_says_so_and_never_why(web: httpx.AsyncClient) -> None:
    part = await web.get("/home/fragments/today/noor", headers=PART)
    assert part.status_code == 404 and "Something here has ended" in part.text


async def test_a_conflict_says_what_to_do(web: httpx.AsyncClient) -> None:
    answer = await web.get("/conflict", headers=PERSON)
    assert answer.status_code == 409 and "It is at version 4 now. Read it again." in answer.text
