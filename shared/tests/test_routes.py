"""Routers that are passed by in one look answer as FastAPI's own do."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import APIRouter

from chassis.http import bare_app
from chassis.routes import Routes


def _filled(router: APIRouter) -> APIRouter:
    @router.get("/a/{one}")
    async def read(one: str) -> dict[str, str]:
        """Read."""
        return {"one": one}

    @router.post("/a/{one}")
    async def write(one: str) -> dict[str, str]:
        """Write."""
        return {"wrote": one}

    @router.get("/a/{one}/b/{two:int}")
    async def deep(one: str, two: int) -> dict[str, str | int]:
        """A second parameter, and one with a convertor."""
        return {"one": one, "two": two}

    return router


@pytest.fixture(params=[Routes, APIRouter])
async def client(request: pytest.FixtureRequest) -> AsyncIterator[httpx.AsyncClient]:
    """An app of two routers, of our kind or of FastAPI's."""
    beside = request.param()

    @beside.get("/{anything}/only")
    async def other(anything: str) -> dict[str, str]:
        """Another router's."""
        return {"other": anything}

    app = bare_app("test", [request.param(), _filled(request.param()), beside])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as opened:
        yield opened


@pytest.mark.parametrize(
    ("method", "path", "status", "body"),
    [
        ("GET", "/a/x", 200, {"one": "x"}),
        ("POST", "/a/x", 200, {"wrote": "x"}),
        ("GET", "/a/x/b/3", 200, {"one": "x", "two": 3}),
        ("GET", "/a/only", 200, {"one": "only"}),
        ("GET", "/b/only", 200, {"other": "b"}),
    ],
)
async def test_an_address_leads_to_its_route(
    client: httpx.AsyncClient, method: str, path: str, status: int, body: object
) -> None:
    answer = await client.request(method, path)
    assert (answer.status_code, answer.json()) == (status, body)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/a", 404),
        ("GET", "/a/", 404),
        ("GET", "/a/x/b/three", 404),
        ("GET", "/a/x%2Fb%2F3/only/more", 404),
        ("DELETE", "/a/x", 405),
    ],
)
async def test_an_address_that_leads_nowhere_says_so(
    client: httpx.AsyncClient, method: str, path: str, status: int
) -> None:
    assert (await client.request(method, path)).status_code == status


@pytest.mark.parametrize(
    ("path", "takes"),
    [("/a/x", "GET, HEAD, POST"), ("/a/x/b/3", "GET, HEAD"), ("/openapi.json", "GET, HEAD")],
)
async def test_a_wrong_method_is_told_every_one_that_the_address_takes(
    client: httpx.AsyncClient, path: str, takes: str
) -> None:
    answer = await client.delete(path)
    assert (answer.status_code, answer.headers.get_list("allow")) == (405, [takes])


async def test_a_route_added_later_is_found() -> None:
    router = Routes()
    app = bare_app("test", [router])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        assert (await client.get("/a/x")).status_code == 404
        _filled(router)
        assert (await client.get("/a/x")).status_code == 200
