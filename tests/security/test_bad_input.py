"""Every request that changes something, broken in every way: each flaw gets its own problem and leaves nothing."""

import json
import secrets
import urllib.error
import urllib.request
from collections.abc import Collection, Iterator
from typing import Any

import httpx
import pytest

from kith_local.every_write import WRITES, Write, enlarge
from kith_local.home import SERVICES
from kith_local.small_family import SmallFamily, settle
from kith_local.testing import Product
from kith_local.transcripts import READS

pytestmark = pytest.mark.stack

OPERATORS: tuple[Any, ...] = ({"$ne": None}, {"$gt": ""}, {"$where": "sleep(1000)"}, {"$regex": "^(a+)+$"})
"""What a query language would obey; no field of ours takes an object with such a name."""
STRANGE_NAMES = ("surprise", "$set", "a.b", "a[$ne]", "__proto__", "tenant_id.$gt", "")
Described = dict[tuple[str, str, str], dict[str, Any]]


@pytest.fixture(scope="module")
def family(product: Product) -> SmallFamily:
    """A house of this module's own, with something for every request to change, and nothing on its way."""
    settled = enlarge(settle(product.url, product.home))
    product.wait_until_quiet()
    return settled


@pytest.fixture(scope="module")
def described(family: SmallFamily) -> Described:
    """What each service says of its requests that are no reads, by service, method and address."""
    kith, found = family.house.kith, {}
    for service, url in kith.services.items():
        told = kith.http.get(f"{url.rstrip('/')}/openapi.json").raise_for_status().json()
        for route, requests in told["paths"].items():
            for method in requests.keys() - {"get", "head", "parameters"}:
                found[service, method.upper(), route] = requests[method]
    return found


def test_every_request_that_is_no_read_has_its_case_here(described: Described) -> None:
    """A new write without a row in `every_write` stops here."""
    cases = [(write.service, write.method, write.route) for write in WRITES]
    assert sorted(cases) == sorted(described)
    for write in WRITES:
        takes_fields = "requestBody" in described[write.service, write.method, write.route]
        assert takes_fields is (write.body is not None), write.name


def _header(described: Described, write: Write, name: str) -> bool | None:
    """Whether the service says that a request needs a header; None where it takes none of that name."""
    rows = described[write.service, write.method, write.route].get("parameters", ())
    return next((row["required"] for row in rows if row["in"] == "header" and row["name"] == name), None)


def _needs_body(described: Described, write: Write) -> bool:
    told = described[write.service, write.method, write.route].get("requestBody", {})
    return bool(told.get("required"))


def _standing(family: SmallFamily, services: Collection[str]) -> dict[str, str]:
    """All that these services hold of the house, as those read it who may."""
    house, parent = f"/tenants/{family.house.id}", family.house.own("ps_parent")
    kept = ("", "/people?limit=200", "/schools", "/clients", f"/clients/{family.client}")
    reads = [("ps_admin", "identity", f"{house}{each}") for each in kept]
    reads += [("ps_parent", "identity", f"{house}/people/{parent}")]
    reads += [("ps_parent", "notifications", f"{house}/people/{parent}/preferences")]
    reads += [("ps_parent", "notifications", f"{house}/notices")]
    reads += [
        ("ps_therapist", service, f"{family.path}{at}") for service, all_ in READS.items() for at in all_
    ]
    return {
        f"{who} {at}": family.program(who).ask(service, "GET", at).text
        for who, service, at in reads
        if service in services
    }


@pytest.fixture(scope="module")
def before(family: SmallFamily) -> dict[str, str]:
    """What the house holds before any of these requests."""
    return _standing(family, SERVICES)


def _stands(family: SmallFamily, before: dict[str, str], services: Collection[str] = SERVICES) -> None:
    now = _standing(family, services)
    assert now == {at: before[at] for at in now}, "something was half-written"


@pytest.fixture
def unchanged(family: SmallFamily, before: dict[str, str]) -> Iterator[None]:
    """Whatever is sent meanwhile, nothing may have changed afterwards."""
    yield
    _stands(family, before)


@pytest.fixture(params=WRITES, ids=lambda write: write.name)
def write(request: pytest.FixtureRequest, family: SmallFamily, before: dict[str, str]) -> Iterator[Write]:
    """One of the writes; where it is sent, it leaves nothing."""
    yield request.param
    _stands(family, before, [request.param.service])


def _send(family: SmallFamily, write: Write, raw: bytes | str, **headers: str) -> httpx.Response:
    """One request with this body; `headers` beside a fresh key and the version 1."""
    path, known = write.path(family), {"Content-Type": "application/json", "If-Match": '"1"', **headers}
    if write.who:
        return family.program(write.who).ask(write.service, write.method, path, content=raw, headers=known)
    kith, key = family.house.kith, {"Idempotency-Key": secrets.token_hex(16)}
    base = kith.services[write.service].rstrip("/")
    return kith.http.request(write.method, base + path, content=raw, headers={**key, **known})


def _problem(answer: httpx.Response, *statuses: int) -> dict[str, Any]:
    """The problem of a refusal: with a name, without an inside."""
    assert answer.status_code in statuses, (answer.status_code, answer.text[:300])
    assert answer.headers["content-type"].startswith("application/problem+json"), answer.headers
    body: dict[str, Any] = answer.json()
    assert body["status"] == answer.status_code and body["title"] and "Traceback" not in answer.text
    return body


def _named(problem: dict[str, Any]) -> str:
    """Every field the problem names."""
    return " ".join([str(problem.get("field")), *(str(row["field"]) for row in problem.get("errors", ()))])


def test_a_name_nobody_knows_is_named(family: SmallFamily, write: Write) -> None:
    for name in STRANGE_NAMES:
        problem = _problem(_send(family, write, json.dumps({**write.sent(family), name: {"$ne": None}})), 422)
        assert name in _named(problem), (name, problem)


def test_an_operator_is_no_value_of_any_field(family: SmallFamily, write: Write) -> None:
    for name in write.body or ():
        for operator in OPERATORS:
            problem = _problem(_send(family, write, json.dumps({**write.sent(family), name: operator})), 422)
            assert name in _named(problem), (name, operator, problem)


def test_a_value_of_another_kind_is_named(family: SmallFamily, write: Write) -> None:
    for name, value in write.sent(family).items():
        other: Any = [value] if not isinstance(value, list) else "text"
        problem = _problem(_send(family, write, json.dumps({**write.sent(family), name: other})), 422)
        assert name in _named(problem), (name, problem)
        deep = value[0] if isinstance(value, list) and value else value
        if isinstance(deep, dict):
            odd = {**deep, "$gt": ""}
            broken = [odd] if isinstance(value, list) else odd
            problem = _problem(_send(family, write, json.dumps({**write.sent(family), name: broken})), 422)
            assert name in _named(problem), (name, problem)


def _texts(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, str):
        yield at
    elif isinstance(value, dict):
        for name, part in value.items():
            yield from _texts(part, (*at, name))
    elif isinstance(value, list):
        for place, part in enumerate(value):
            yield from _texts(part, (*at, place))


def _with(body: dict[str, Any], at: tuple[Any, ...], text: str) -> dict[str, Any]:
    changed: dict[str, Any] = json.loads(json.dumps(body))
    part: Any = changed
    for step in at[:-1]:
        part = part[step]
    part[at[-1]] = text
    return changed


def test_half_characters_and_nul_are_refused_wherever_text_may_stand(
    family: SmallFamily, write: Write
) -> None:
    for at in _texts(write.sent(family)):
        for text in ("a\x00b", "a\ud800b", "\udfff"):
            problem = _problem(_send(family, write, json.dumps(_with(write.sent(family), at, text))), 400)
            assert problem["detail"], (at, text)


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"", 422),
        (b"{", 400),
        (b"nonsense", 400),
        (b'"text"', 422),
        (b"[]", 422),
        (b"null", 422),
        (b'{"a":NaN}', 400),
        (b'{"a":1e999}', 400),
        (b'{"a":"\xff\xfe"}', 400),
        (b"[" * 50_000 + b"]" * 50_000, 400),
        (b'{"a":' * 40 + b"1" + b"}" * 40, 400),
        (b'{"a":"' + b"x" * 5_000_000 + b'"}', 413),
    ],
    ids=[
        "empty",
        "open",
        "word",
        "text",
        "list",
        "null",
        "nan",
        "infinite",
        "bytes",
        "deep",
        "nested",
        "5MB",
    ],
)
def test_a_body_that_is_none_is_refused_as_such(
    family: SmallFamily, described: Described, unchanged: None, raw: bytes, status: int
) -> None:
    for write in WRITES:
        if raw in (b"", b"null") and not _needs_body(described, write):
            continue
        problem = _problem(_send(family, write, raw), status)
        assert problem["detail"] and problem["fix"], (write.name, problem)


def _said_to_all_of_it(url: str, kind: str, accept: str) -> tuple[int, str]:
    """What a client is answered that sends 5 MB whole before it reads anything, as Python's own does."""
    headers = {"Content-Type": kind, "Accept": accept}
    try:
        urllib.request.urlopen(urllib.request.Request(url, b"x" * 5_000_000, headers), timeout=15)
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()
    raise AssertionError("it was taken")


def test_who_sends_far_too_much_and_then_reads_is_told_so_by_every_service_and_page(
    family: SmallFamily,
) -> None:
    url, form = family.house.url, "application/x-www-form-urlencoded"
    urls = [f"{each.rstrip('/')}/tenants/x" for each in family.house.kith.services.values()]
    asked = [(each, "application/json", "*/*") for each in urls]
    asked += [(f"{url}/auth/token", form, "*/*"), (f"{url}/looks", form, "text/html")]
    for each, kind, accept in asked * 5:
        status, told = _said_to_all_of_it(each, kind, accept)
        assert status == 413, each
        assert ("This is too long" if accept == "text/html" else '"fix"') in told, each


def test_a_write_without_a_key_of_its_own_is_refused(
    family: SmallFamily, described: Described, unchanged: None
) -> None:
    keyed = [write for write in WRITES if _header(described, write, "Idempotency-Key")]
    assert len(keyed) > 40
    for write in keyed:
        for key in ("", "a b", "x" * 200, "{'$ne':1}"):
            raw = json.dumps(write.sent(family))
            problem = _problem(_send(family, write, raw, **{"Idempotency-Key": key}), 400)
            assert _named(problem).startswith("Idempotency-Key"), (write.name, problem)


@pytest.mark.parametrize("stale", ['"99"', "nonsense", "*", '"1", "2"', None])
def test_a_version_that_is_not_the_current_one_is_refused(
    family: SmallFamily, described: Described, unchanged: None, stale: str | None
) -> None:
    versioned = [(write, _header(described, write, "If-Match")) for write in WRITES]
    assert len([write for write, needed in versioned if needed is not None]) > 10
    for write, needed in versioned:
        if needed is None or (stale is None and not needed):
            continue
        headers = {} if stale is None else {"If-Match": stale}
        answer = family.program(write.who).ask(
            write.service, write.method, write.path(family), json=write.sent(family), headers=headers
        )
        problem = _problem(answer, 428 if stale is None else 409 if "9" in stale else 400)
        assert problem["field"] == "If-Match", (write.name, problem)
        assert answer.status_code != 409 or "version" in problem, (write.name, problem)
        assert answer.status_code != 409 or problem["title"] == "It has changed in the meantime", write.name


def test_every_write_happens_once_and_its_key_serves_nothing_else(
    product: Product, described: Described
) -> None:
    """In a house of its own all of them happen, one after another: each is whole and right, as the flaws need it.

    Repeated to the letter it is answered the same; with the same key and other words it is a conflict.
    """
    house = enlarge(settle(product.url, product.home))
    product.wait_until_quiet()
    for write in WRITES:
        headers = {"Idempotency-Key": f"k-{secrets.token_hex(8)}", **_current(house, described, write)}
        same, other = write.sent(house) if write.body else None, json.dumps(write.changed(house))
        raw = json.dumps(same) if same else b""
        once = _send(house, write, raw, **headers)
        assert once.is_success, (write.name, once.text)
        if _header(described, write, "Idempotency-Key") is None:
            continue
        again, changed = _send(house, write, raw, **headers), _send(house, write, other, **headers)
        assert (again.status_code, again.json()) == (once.status_code, once.json()), (write.name, again.text)
        problem = _problem(changed, 409)
        assert problem["field"] == "Idempotency-Key" and problem["fix"], (write.name, problem)
        assert problem["title"] == "This key belongs to another request", write.name


def _current(family: SmallFamily, described: Described, write: Write) -> dict[str, str]:
    """The version that a request starts from, as the refusal of another one names it."""
    if _header(described, write, "If-Match") is None:
        return {}
    stale = _send(family, write, json.dumps(write.sent(family)), **{"If-Match": '"999"'})
    return {"If-Match": f'"{_problem(stale, 409)["version"]}"'}


QUERIES = (
    "limit=0", "limit=-1", "limit=100000", "limit=x", "limit=1e3", "limit[$ne]=1", "limit=%00", "after=%00",
    "after[$gt]=", "after=%7B%22$gt%22:%22%22%7D", "after=~", "after=$where", "after=../../etc", "after=%FF%FE",
    "class[$ne]=task_log", "class=%7B%22$ne%22:null%7D", "goal[$ne]=1", "goal=$ne", "goal=%7B%7D", "after=" + "x" * 399,
)  # fmt: skip


def test_queries_are_values_and_nothing_else(family: SmallFamily) -> None:
    """Whatever stands in a query, the answer is the caller's own list, or a problem."""
    lists = (
        ("care-plans", "/goals"), ("care-plans", "/tasks"), ("care-plans", "/progress"),
        ("sessions", "/sessions"), ("family-portal", "/items?class=task_log"),
    )  # fmt: skip
    for service, address in lists:
        for query in QUERIES:
            joined = f"{family.path}{address}{'&' if '?' in address else '?'}{query}"
            for name in ("ps_parent", "ps_therapist"):
                answer = family.program(name).ask(service, "GET", joined)
                assert answer.status_code in (200, 400, 404, 422), (joined, name, answer.text[:200])
                if not answer.is_success:
                    _problem(answer, 400, 404, 422)


@pytest.mark.parametrize(
    "odd",
    [
        "$ne",
        "{}",
        "%7B%22$ne%22:null%7D",
        "..",
        "%2e%2e",
        "a.b",
        "%00",
        "A",
        "x" * 64,
        "%F0%9F%98%80",
        "a%0Ab",
    ],
)
def test_ids_of_another_form_do_not_exist(family: SmallFamily, odd: str) -> None:
    here = family.house.id
    rows = (
        ("care-plans", f"/tenants/{here}/clients/{odd}/goals"),
        ("care-plans", f"{family.path}/goals/{odd}"),
        ("sessions", f"{family.path}/sessions/{odd}"),
        ("family-portal", f"/tenants/{odd}/clients/{family.client}/view"),
        ("identity", f"{family.path}/consents/{odd}"),
        ("notifications", f"/tenants/{here}/people/{odd}/preferences"),
    )
    for service, path in rows:
        _problem(family.program("ps_therapist").ask(service, "GET", path), 404)
