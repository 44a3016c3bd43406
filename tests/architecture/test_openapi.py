"""Each service describes its API in OpenAPI 3.1, failures included; built without a database."""

import json
import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from contracts.classes import SERVICES

FAILURES = {"400", "401", "403", "404", "409", "413", "422", "428", "503"}
METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture(scope="module")
def root_key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("keys") / "root"
    file.write_text("0f" * 32)
    return file


@cache
def _app(service: str, root_key: Path) -> FastAPI:
    module = import_module(f"{service.replace('-', '_')}.app")
    given = {
        "mongo_uri": "mongodb://127.0.0.1:1",
        "mongo_db": "none",
        "kafka_bootstrap": "127.0.0.1:1",
        "position_key": "0f" * 32,
        "family_client_secret": "unused",
        "staff_client_secret": "unused",
        "root_key_file": root_key,
    }
    taken = {name: value for name, value in given.items() if name in module.Settings.model_fields}
    app = module.create_app(module.Settings(**taken))
    assert isinstance(app, FastAPI)
    return app


async def _description(service: str, root_key: Path) -> dict[str, Any]:
    transport = httpx.ASGITransport(app=_app(service, root_key))
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as http:
        response = await http.get("/openapi.json")
    assert response.status_code == 200
    described: dict[str, Any] = response.json()
    return described


def _operations(described: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, verbs in described["paths"].items():
        for verb in METHODS & set(verbs):
            yield f"{verb.upper()} {path}", verbs[verb]


@pytest.mark.parametrize("service", SERVICES)
async def test_every_operation_says_how_it_fails(service: str, root_key: Path) -> None:
    described = await _description(service, root_key)
    assert described["openapi"].startswith("3.1")
    operations = dict(_operations(described))
    assert operations
    silent = {name for name, operation in operations.items() if not set(operation["responses"]) >= FAILURES}
    assert silent == set()
    problem = "#/components/schemas/ProblemDocument"
    assert all(problem in json.dumps(operation["responses"]["404"]) for operation in operations.values())


@pytest.mark.parametrize("service", SERVICES)
async def test_every_operation_says_what_it_does(service: str, root_key: Path) -> None:
    operations = _operations(await _description(service, root_key))
    assert [name for name, operation in operations if not operation.get("description")] == []


@pytest.mark.parametrize("service", SERVICES)
async def test_an_operation_about_a_client_is_an_operation_of_a_tenant(service: str, root_key: Path) -> None:
    described = await _description(service, root_key)
    about_clients = [path for path in described["paths"] if "{client_id}" in path]
    assert [path for path in about_clients if not path.startswith("/tenants/{tenant_id}/clients/")] == []


@pytest.mark.parametrize("service", SERVICES)
async def test_every_part_of_an_address_is_described(service: str, root_key: Path) -> None:
    operations = dict(_operations(await _description(service, root_key)))
    missing = {
        name: asked
        for name, operation in operations.items()
        if (
            asked := set(re.findall(r"{(\w+)}", name))
            - {each["name"] for each in operation.get("parameters", ()) if each["in"] == "path"}
        )
    }
    assert missing == {}
