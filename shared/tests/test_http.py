"""What every service's edge does with a request before any handler sees it, and with an error after."""

import json
import logging
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from chassis.http import bare_app

from .edge_app import EXISTS, router


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(bare_app("things", [router]))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as opened:
        yield opened


@pytest.fixture(scope="module")
def spans() -> InMemorySpanExporter:
    """What this process traces."""
    kept = InMemorySpanExporter()
    provider = trace.get_tracer_provider()
    if not isinstance(provider, TracerProvider):
        provider = TracerProvider()
        trace.set_tracer_provider(provider)
    provider.add_span_processor(SimpleSpanProcessor(kept))
    return kept


GOOD = {"id": "a1", "count": 3, "done": True}
KEY = {"Idempotency-Key": "k-1"}


async def post(client: httpx.AsyncClient, body: Any, path: str = f"/things/{EXISTS}") -> httpx.Response:
    return await client.post(path, json=body, headers=KEY)


async def test_a_whole_body_arrives(client: httpx.AsyncClient) -> None:
    answer = await post(client, {**GOOD, "day": "2026-03-01", "words": " hello ", "lines": [{"label": "x"}]})
    assert answer.status_code == 200
    assert answer.json()["words"] == "hello"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"count": "3"}, "count"),
        ({"count": 3.5}, "count"),
        ({"count": True}, "count"),
        ({"count": 11}, "count"),
        ({"count": {"$gt": 0}}, "count"),
        ({"done": "true"}, "done"),
        ({"done": 1}, "done"),
        ({"id": {"$ne": None}}, "id"),
        ({"id": "UPPER"}, "id"),
        ({"id": None}, "id"),
        ({"words": ["a"]}, "words"),
        ({"words": 5}, "words"),
        ({"words": "x" * 41}, "words"),
        ({"day": "yesterday"}, "day"),
        ({"at": "2026-03-01T12:00:00"}, "at"),
        ({"at": "0001-01-01T00:00:00+14:00"}, "at"),
        ({"at": "9999-12-31T23:59:59-14:00"}, "at"),
        ({"sender": "a\nb"}, "sender"),
        ({"sender": "a\u0085b"}, "sender"),
        ({"lines": {"0": "x"}}, "lines"),
        ({"lines": [{"label": "x", "weight": "1"}]}, "lines.0.weight"),
        ({"lines": [{"label": "x", "$where": "1"}]}, "lines.0.$where"),
        ({"unknown": 1}, "unknown"),
        ({"tenant_id": "other"}, "tenant_id"),
    ],
)
async def test_a_wrong_value_is_named_and_never_repeated(
    client: httpx.AsyncClient, change: dict[str, Any], field: str
) -> None:
    answer = await post(client, {**GOOD, **change})
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert [error["field"] for error in problem["errors"]] == [field]
    assert problem["field"] == field
    assert problem["errors"][0]["detail"]
    assert problem["errors"][0]["fix"]


@pytest.mark.parametrize(
    ("asked", "detail", "fix"),
    [
        ("limit=many", "`limit` is not a whole number.", "Send a whole number."),
        ("limit=", "`limit` is not a whole number.", "Send a whole number."),
        ("limit=0", "`limit` is too small.", "Give 1 or more."),
        ("limit=51", "`limit` is too large.", "Give 50 or less."),
        ("since=lately", "`since` is not a time.", "Send a time such as 2026-03-01T09:00:00Z."),
        ("all=perhaps", "`all` is neither true nor false.", "Send true or false."),
    ],
)
async def test_a_wrong_question_is_answered_in_sentences(
    client: httpx.AsyncClient, asked: str, detail: str, fix: str
) -> None:
    answer = await client.get(f"/things?{asked}")
    assert answer.status_code == 422
    assert (answer.json()["detail"], answer.json()["fix"]) == (detail, fix)


@pytest.mark.parametrize(
    ("change", "detail", "fix"),
    [
        ({"count": None}, "`count` is not a whole number.", "Send a whole number without quotation marks."),
        ({"day": "soon"}, "`day` is not a day.", "Send a day such as 2026-03-01."),
        ({"note": ""}, "`note` is empty.", "Write something."),
        ({"mark": "🐞"}, "`mark` is too short.", "Write at least 2 characters."),
        ({"mark": "abcd"}, "`mark` is too long.", "Write at most 3 characters."),
        ({"words": "x" * 41}, "`words` is too long.", "Write at most 40 characters."),
        ({"lines": [{"label": "a"}] * 2}, "`lines` holds too many.", "Give at most 1."),
        ({"roads": []}, "`roads` is empty.", "Give at least one."),
        ({"tags": []}, "`tags` holds too few.", "Give at least 2."),
        ({"lines": ["a"]}, "`lines.0` is not an object with the documented fields.", None),
        ({"lines": [{}]}, "`lines.0.label` is needed and was not sent.", "Add it."),
    ],
)
async def test_a_wrong_value_is_told_in_sentences(
    client: httpx.AsyncClient, change: dict[str, Any], detail: str, fix: str | None
) -> None:
    problem = (await post(client, {**GOOD, **change})).json()
    assert problem["detail"] == detail
    assert fix is None or problem["fix"] == fix


async def test_a_problem_holds_no_value_that_was_sent(client: httpx.AsyncClient) -> None:
    answer = await post(client, {"id": "SECRET WORDS", "count": "SECRET WORDS", "done": "SECRET WORDS"})
    assert answer.status_code == 422
    assert "SECRET" not in answer.text
    assert len(answer.json()["errors"]) == 3


async def test_a_missing_field_is_named(client: httpx.AsyncClient) -> None:
    answer = await post(client, {"id": "a1", "done": True})
    assert [error["field"] for error in answer.json()["errors"]] == ["count"]


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"not json",
        b'{"id": "a\xff"}',
        b'{"id": NaN}',
        b'{"count": 1e999}',
        b'{"count": 99999999999999999999999999}',
        b'{"words": "a\\u0000b"}',
        b'{"a\\u0000b": 1}',
        b'{"words": "\\ud800"}',
        b"[" * 100_000,
        b'{"a":' * 40 + b"1" + b"}" * 40,
        b"9" * 5000,
    ],
)
async def test_what_is_not_storable_json_is_refused(client: httpx.AsyncClient, body: bytes) -> None:
    headers = {**KEY, "content-type": "application/json"}
    answer = await client.post(f"/things/{EXISTS}", content=body, headers=headers)
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "kind",
    [
        "application/a!b+json",
        "APPLICATION/x+JSON",
        " application/json ;x=1",
        "application/json;charset=utf-16",
    ],
)
@pytest.mark.parametrize("body", [b'{"words": "a\\u0000b"}', json.dumps(GOOD).encode("utf-16")])
async def test_what_a_handler_would_read_as_json_is_looked_at_as_json(
    client: httpx.AsyncClient, kind: str, body: bytes
) -> None:
    headers = {**KEY, "content-type": kind}
    assert (await client.post(f"/things/{EXISTS}", content=body, headers=headers)).status_code == 400
    whole = await client.post(f"/things/{EXISTS}", json=GOOD, headers=headers)
    assert whole.status_code == 200


@pytest.mark.parametrize(
    ("charset", "words"),
    [("", b"a\x00b"), (";charset=utf-7", b"+AAA-"), (";charset=UTF-16", "a".encode("utf-16-le") + b"b")],
)
async def test_no_form_in_parts_carries_a_nul(client: httpx.AsyncClient, charset: str, words: bytes) -> None:
    kind = f"multipart/form-data;boundary=x{charset}"
    body = b'--x\r\nContent-Disposition: form-data; name="words"\r\n\r\n%s\r\n--x--\r\n'
    refused = await client.post("/form", content=body % words, headers={"content-type": kind})
    assert refused.status_code == 400
    plain = await client.post(
        "/form",
        content=body % b"100%00",
        headers={"content-type": "multipart/form-data;boundary=x;charset=utf-8"},
    )
    assert plain.json() == {"words": "100%00"}


async def test_a_large_body_is_refused_whether_it_says_so_or_not(client: httpx.AsyncClient) -> None:
    big = b'{"words": "' + b"x" * 5_000_000 + b'"}'

    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(big), 65_536):
            yield big[start : start + 65_536]

    headers = {**KEY, "content-type": "application/json"}
    for content in (big, chunks()):
        answer = await client.post(f"/things/{EXISTS}", content=content, headers=headers)
        assert answer.status_code == 413
        assert answer.json()["fix"]


async def test_every_not_found_is_the_same_bytes_and_headers(client: httpx.AsyncClient) -> None:
    answers = [
        await post(client, GOOD, "/things/no-such-thing"),
        await post(client, GOOD, "/things/..%2Fother"),
        await post(client, GOOD, "/things/UPPER"),
        await post(client, GOOD, "/things/%24ne"),
        await post(client, GOOD, "/things/a%00b"),
        await post(client, GOOD, "/nothing/here"),
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert len({str(sorted(answer.headers.items())) for answer in answers}) == 1


async def test_a_change_needs_its_own_key(client: httpx.AsyncClient) -> None:
    answer = await client.post(f"/things/{EXISTS}", json=GOOD)
    assert answer.status_code == 400
    assert answer.json()["field"] == "Idempotency-Key"
    bad = await client.post(f"/things/{EXISTS}", json=GOOD, headers={"Idempotency-Key": "a b"})
    assert bad.status_code == 400


async def test_the_fingerprint_tells_requests_apart(client: httpx.AsyncClient) -> None:
    one, same = await post(client, GOOD), await post(client, GOOD)
    other = await post(client, {**GOOD, "count": 4})
    assert one.json()["fingerprint"] == same.json()["fingerprint"] != other.json()["fingerprint"]


@pytest.mark.parametrize("body", [b"", b"{}", b"null"])
async def test_what_takes_no_fields_is_content_with_none(client: httpx.AsyncClient, body: bytes) -> None:
    headers = {**KEY, "Content-Type": "application/json"}
    answer = await client.post(f"/things/{EXISTS}/end", content=body, headers=headers)
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"only": ["plan_school"]}, "only"),
        ({"$ne": 1, "b": 2}, "$ne"),
        ([], "body"),
        ("", "body"),
        (0, "body"),
    ],
)
async def test_a_field_sent_where_none_is_taken_is_named(
    client: httpx.AsyncClient, body: Any, field: str
) -> None:
    answer = await post(client, body, f"/things/{EXISTS}/end")
    assert answer.status_code == 422, answer.text
    assert answer.json()["field"] == field and answer.json()["fix"]


async def test_a_stale_version_is_a_conflict_that_says_the_current_one(client: httpx.AsyncClient) -> None:
    missing = await client.put("/things/g_1")
    stale = await client.put("/things/g_1", headers={"If-Match": '"2"'})
    broken = await client.put("/things/g_1", headers={"If-Match": "two"})
    good = await client.put("/things/g_1", headers={"If-Match": '"3"'})
    assert [missing.status_code, stale.status_code, broken.status_code] == [428, 409, 400]
    assert stale.json()["version"] == 3
    assert good.json() == {"version": 4}
    assert all("doc_version" in answer.json()["fix"] for answer in (missing, stale, broken))


@pytest.mark.parametrize("tag", ['W/"3"', '"3', '3"', '"3", "4"', "*", '""'])
async def test_a_version_is_one_strong_tag(client: httpx.AsyncClient, tag: str) -> None:
    answer = await client.put("/things/g_1", headers={"If-Match": tag})
    problem = answer.json()
    assert (answer.status_code, problem["field"]) == (400, "If-Match")
    assert "doc_version" in problem["fix"]
    assert ("weak" in problem["detail"]) is tag.startswith("W/")


async def test_an_unforeseen_error_shows_and_logs_no_word_of_itself(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        answer = await client.get("/breaks")
    assert answer.status_code == 500
    assert set(answer.json()) == {"type", "title", "status", "detail", "trace_id"}
    assert "must not leave" not in answer.text + caplog.text
    assert "RuntimeError" in caplog.text


async def test_a_problem_keeps_its_members_and_headers(client: httpx.AsyncClient) -> None:
    assert (await client.get("/conflict")).json()["version"] == 3
    assert (await client.get("/busy")).headers["retry-after"] == "60"
    away = await client.get("/away")
    assert away.status_code == 503
    assert "words" not in away.text


async def test_a_wrong_method_is_a_problem_too(client: httpx.AsyncClient) -> None:
    answer = await client.delete(f"/things/{EXISTS}")
    assert answer.status_code == 405
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["allow"] == "POST, PUT"


async def test_every_answer_carries_the_security_headers(client: httpx.AsyncClient) -> None:
    for path in ("/conflict", "/breaks", "/nothing"):
        headers = (await client.get(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
        assert "default-src 'none'" in headers["content-security-policy"]


async def test_a_request_is_one_span_named_by_its_route_and_carries_the_trace_on(
    client: httpx.AsyncClient, spans: InMemorySpanExporter
) -> None:
    trace_id = "4bf92f3577b34da6a3ce929d0e0e4736"
    headers = {**KEY, "traceparent": f"00-{trace_id}-00f067aa0ba902b7-01"}
    await client.post(f"/things/{EXISTS}?words=secret", json=GOOD, headers=headers)
    await client.get("/nothing/here", headers=headers)
    told = [span for span in spans.get_finished_spans() if span.context.trace_id == int(trace_id, 16)]
    assert [span.name for span in told] == ["POST /things/{thing_id}", "GET (none)"]
    assert "secret" not in str([dict(span.attributes or {}) for span in told])


async def test_the_api_describes_itself(client: httpx.AsyncClient) -> None:
    described = (await client.get("/openapi.json")).json()
    assert described["openapi"].startswith("3.1")
    answers = described["paths"]["/things/{thing_id}"]["post"]["responses"]
    assert {"400", "404", "409", "413", "422"} <= set(answers)
