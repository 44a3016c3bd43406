"""Each service describes its API in OpenAPI 3.1, failures included; built without a database."""

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

FAILURES = {"400", "401", "403", "404", "408", "409", "413", "422", "428", "503"}
METHODS = {"get", "post", "put", "patch", "delete"}
CLIENT = "/tenants/{tenant_id}/clients/{client_id}"
KEYLESS = {"care-plans": {f"POST {CLIENT}/lint"}}
"""What is no GET and needs no key: it keeps nothing."""
VERSIONED = {
    "identity": {
        "PUT /tenants/{tenant_id}": ("version", True),
        "PUT /tenants/{tenant_id}/people/{person_id}": ("rev", True),
        "PUT /tenants/{tenant_id}/people/{person_id}/contact": ("rev", True),
        f"PUT {CLIENT}": ("version", True),
        f"PUT {CLIENT}/care-days": ("version", True),
        f"POST {CLIENT}/consents/{{consent_id}}/grant": ("version", False),
        f"POST {CLIENT}/consents/{{consent_id}}/refuse": ("version", False),
    },
    "care-plans": {
        f"PUT {CLIENT}/goals/{{goal_id}}": ("doc_version", True),
        f"PUT {CLIENT}/tasks/{{task_id}}": ("doc_version", True),
        f"POST {CLIENT}/goals/{{goal_id}}/discard": ("doc_version", True),
        f"POST {CLIENT}/goals/{{goal_id}}/end": ("doc_version", True),
        f"POST {CLIENT}/goals/{{goal_id}}/again": ("doc_version", True),
        f"POST {CLIENT}/tasks/{{task_id}}/end": ("doc_version", True),
        f"POST {CLIENT}/tasks/{{task_id}}/pause": ("doc_version", False),
        f"POST {CLIENT}/tasks/{{task_id}}/resume": ("doc_version", False),
        f"PUT {CLIENT}/tasks/{{task_id}}/translations/{{language}}": ("doc_version", True),
        f"POST {CLIENT}/tasks/{{task_id}}/translations/{{language}}/check": ("doc_version", True),
        f"POST {CLIENT}/goals/{{goal_id}}/answers": ("version", False),
        f"POST {CLIENT}/goals/{{goal_id}}/rationale/read": ("doc_version", False),
        f"POST {CLIENT}/tasks/{{task_id}}/logs/{{log_id}}/answer": ("doc_version", False),
        f"POST {CLIENT}/goals/{{goal_id}}/strategies/notes": ("version", False),
        f"POST {CLIENT}/goals/{{goal_id}}/strategies/notes/{{note_id}}/answer": ("doc_version", True),
        f"POST {CLIENT}/proposals/{{proposal_id}}/answer": ("doc_version", True),
        f"PUT {CLIENT}/episode": ("doc_version", True),
        f"PUT {CLIENT}/about/{{line_id}}": ("version", True),
        f"POST {CLIENT}/about/{{line_id}}/approve": ("version", True),
        f"POST {CLIENT}/about/{{line_id}}/take-off": ("version", True),
        f"POST {CLIENT}/episode/moves": ("doc_version", True),
    },
    "sessions": {
        f"POST {CLIENT}/sessions/{{session_id}}/record": ("version", False),
        f"POST {CLIENT}/sessions/{{session_id}}/sign": ("version", False),
        f"PUT {CLIENT}/sessions/{{session_id}}/summary": ("version", False),
        f"PUT {CLIENT}/notes/{{note_id}}": ("version", True),
    },
    "notifications": {"PUT /tenants/{tenant_id}/people/{person_id}/preferences": ("version", True)},
}
"""Which field's number If-Match takes, and whether it is needed."""


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


def _headers(operation: dict[str, Any], name: str) -> list[dict[str, Any]]:
    return [
        each for each in operation.get("parameters", ()) if (each["in"], each["name"]) == ("header", name)
    ]


@pytest.mark.parametrize("service", SERVICES)
async def test_every_operation_says_how_it_fails(service: str, root_key: Path) -> None:
    described = await _description(service, root_key)
    assert described["openapi"].startswith("3.1")
    operations = dict(_operations(described))
    assert operations
    silent = {name for name, operation in operations.items() if not set(operation["responses"]) >= FAILURES}
    assert silent == set()
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}}
    assert all(operation["responses"]["404"]["content"] == problem for operation in operations.values())


@pytest.mark.parametrize("service", SERVICES)
async def test_a_change_asks_for_its_key_and_for_the_version_it_starts_from(
    service: str, root_key: Path
) -> None:
    operations = dict(_operations(await _description(service, root_key)))
    keyless = {name for name in operations if not _headers(operations[name], "Idempotency-Key")}
    assert {name for name in keyless if not name.startswith("GET ")} == KEYLESS.get(service, set())
    assert all(not name.startswith("GET ") for name in set(operations) - keyless)
    asked = {
        name: (named[1], header["required"])
        for name, operation in operations.items()
        for header in _headers(operation, "If-Match")
        if (named := re.search(r"`(\w+)`", header["description"]))
    }
    assert asked == VERSIONED.get(service, {})


@pytest.mark.parametrize("service", SERVICES)
async def test_a_wrong_method_is_told_all_that_the_address_takes(service: str, root_key: Path) -> None:
    described = await _description(service, root_key)
    transport = httpx.ASGITransport(app=_app(service, root_key))
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as http:
        for path, verbs in described["paths"].items():
            answer = await http.request("PROPFIND", re.sub(r"{\w+}", "1", path))
            told = set(answer.headers["allow"].split(", "))
            taken = {verb.upper() for verb in METHODS & set(verbs)}
            assert answer.status_code == 405 and told - {"HEAD"} >= taken, path
            assert ("HEAD" in told) is ("GET" in told), path


@pytest.mark.parametrize("service", SERVICES)
async def test_every_operation_says_who_may_ask(service: str, root_key: Path) -> None:
    described = await _description(service, root_key)
    assert described["components"]["securitySchemes"]["bearer"]["scheme"] == "bearer"
    open_to_all = {name for name, does in _operations(described) if does.get("security") != [{"bearer": []}]}
    assert open_to_all == ({"POST /organisations"} if service == "identity" else set())


@pytest.mark.parametrize("service", SERVICES)
async def test_every_operation_says_what_it_answers(service: str, root_key: Path) -> None:
    described = await _description(service, root_key)
    for name, operation in _operations(described):
        good = [answer for status, answer in operation["responses"].items() if status < "3"]
        (schema,) = [each["schema"] for answer in good for each in answer["content"].values()]
        kind = str(schema.get("$ref", "")).rpartition("/")[2]
        paged = any(each["name"] == "after" for each in operation.get("parameters", ()))
        assert kind == ("Page" if paged else "Thing") or schema["additionalProperties"] is not True, name
    assert set(described["components"]["schemas"]["Page"]["properties"]) == {"items", "next"}
    assert {"id", "state", "version"} <= set(described["components"]["schemas"]["Thing"]["properties"])


@pytest.mark.parametrize("service", SERVICES)
async def test_every_operation_names_a_question_it_does_not_know(service: str, root_key: Path) -> None:
    """A misspelt filter would answer with everything, and a misspelt cursor with the first page for ever."""
    operations = dict(_operations(await _description(service, root_key)))
    transport = httpx.ASGITransport(app=_app(service, root_key))
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as http:
        for name in operations:
            verb, _, path = name.partition(" ")
            answer = await http.request(verb, re.sub(r"{\w+}", "x1", path), params={"limt": "5"})
            assert (answer.status_code, answer.json().get("field")) == (422, "limt"), name


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
