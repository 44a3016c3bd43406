"""Every request that changes something, broken in every way: each flaw gets its own problem and leaves nothing."""

import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from kith_local.founding import goal, in_days, task
from kith_local.program import Person
from kith_local.small_family import SmallFamily
from kith_local.transcripts import read_all

pytestmark = pytest.mark.stack

OPERATORS: tuple[Any, ...] = ({"$ne": None}, {"$gt": ""}, {"$where": "sleep(1000)"}, {"$regex": "^(a+)+$"})
"""What a query language would obey; no field of ours takes an object with such a name."""
STRANGE_NAMES = ("surprise", "$set", "a.b", "a[$ne]", "__proto__", "tenant_id.$gt", "")


@dataclass(frozen=True)
class Write:
    """One request that changes something, whole and right, and who may send it."""

    name: str
    who: str
    service: str
    method: str
    path: str
    body: dict[str, Any] = field(default_factory=dict)
    versioned: bool = False


def _writes(family: SmallFamily) -> list[Write]:
    here, there, own = family.house.path(family.client), f"/tenants/{family.house.id}", family.house.own
    school = {"role": "school_staff", "school_id": "sch_one"}
    seen = {"goal_id": "g_one", "saw": "card", "my_part": "partly", "words": "Nice"}
    span = {"begins": in_days(0), "ends": in_days(9)}
    consent = {"id": "cn_x", "recipients": [own("ps_teacher")], "classes": ["observation"], "purpose": "Try"}
    assent = {"assent": {"state": "agreed", "how": "asked", "words": "yes"}}
    note, trial = {"note_class": "progress", "text": "Fine"}, {"goal_id": "g_one", "value": 1, "label": "a"}
    pair = {"supervisee_id": own("ps_therapist"), "supervisor_id": own("ps_therapist")}
    tie = {
        "id": "rl_x",
        "person_id": own("ps_teacher"),
        "kind": "aunt",
        "authority": "limited",
        "evidence": "a",
    }
    rows = (
        ("person", "ps_admin", "identity", "POST", f"{there}/people", {"id": "ps_x", "name": "X", "hats": [school]}),
        ("household", "ps_admin", "identity", "POST", f"{there}/households",
         {"id": "hh_x", "label": "Home", "members": [own("ps_parent")], "live_task_cap": 3}),
        ("school", "ps_admin", "identity", "POST", f"{there}/schools",
         {"id": "sch_x", "name": "S", "phase": "primary"}),
        ("client", "ps_admin", "identity", "POST", f"{there}/clients",
         {"id": "cl_x", "names": {"everyone": "X"}, "age": 9}),
        ("relationship", "ps_admin", "identity", "POST", f"{here}/relationships", tie),
        ("assignment", "ps_admin", "identity", "POST", f"{here}/assignments",
         {"id": "as_x", "person_id": own("ps_therapist"), "purpose": "lead", "lead": True}),
        ("supervision", "ps_admin", "identity", "POST", f"{there}/supervisions", {**pair, **span}),
        ("consent", "ps_parent", "identity", "POST", f"{here}/consents", {**consent, **assent, "expires": in_days(9)}),
        ("goal", "ps_therapist", "care-plans", "POST", f"{here}/goals", {"id": "g_x", **goal("a")}),
        ("goal again", "ps_therapist", "care-plans", "PUT", f"{here}/goals/g_draft", {"team": "Begun"}, True),
        ("answer", "ps_parent", "care-plans", "POST", f"{here}/goals/g_one/answers",
         {"party": "guardian", "answer": "ask", "words": "When?"}),
        ("reply", "ps_therapist", "care-plans", "POST", f"{here}/goals/g_one/answers/{own('ps_teacher')}/reply",
         {"words": "Soon"}),
        ("rating", "ps_therapist", "care-plans", "POST", f"{here}/goals/g_one/ratings",
         {"level": 1, "on": in_days(0)[:10], "source": "a tally"}),
        ("proposal", "ps_therapist", "care-plans", "POST", f"{here}/plan/propose", {"goals": ["g_draft"]}),
        ("task", "ps_therapist", "care-plans", "POST", f"{here}/tasks", {"id": "t_x", **task("g_draft", "a")}),
        ("session", "ps_therapist", "sessions", "POST", f"{here}/sessions", {"id": "s_x", "scheduled_for": in_days(1)}),
        ("record", "ps_therapist", "sessions", "POST", f"{here}/sessions/s_one/record",
         {"state": "held", "attendance": {"status": "attended", "minutes": 4}, "summary": {"text": "a"}}),
        ("trials", "ps_therapist", "sessions", "POST", f"{here}/sessions/s_one/trials", {"trials": [trial]}),
        ("summary", "ps_therapist", "sessions", "PUT", f"{here}/sessions/s_one/summary", {"text": "We played"}),
        ("note", "ps_therapist", "sessions", "POST", f"{here}/sessions/s_one/notes", note),
        ("log", "ps_parent", "family-portal", "POST", f"{here}/tasks/t_one/logs", {"result": "did", "words": "Nice"}),
        ("observation", "ps_teacher", "family-portal", "POST", f"{here}/observations", seen),
        ("channels", "ps_parent", "notifications", "PUT", f"{there}/people/{own('ps_parent')}/preferences",
         {"channels": ["email"]}, True),
        ("contact", "ps_parent", "identity", "PUT", f"{there}/people/{own('ps_parent')}/contact",
         {"email": "a@b.example", "phone": "07700 900123"}, True),
    )  # fmt: skip
    return [Write(*row) for row in rows]


WRITES = (
    "person", "household", "school", "client", "relationship", "assignment", "supervision", "consent", "goal",
    "goal again", "answer", "reply", "rating", "proposal", "task", "session", "record", "trials", "summary",
    "note", "log", "observation", "channels", "contact",
)  # fmt: skip


@pytest.fixture(params=WRITES)
def write(request: pytest.FixtureRequest, family: SmallFamily) -> Iterator[Write]:
    """One of the writes; whatever is done to it, nothing may have changed afterwards."""
    found = next(each for each in _writes(family) if each.name == request.param)
    before = read_all(family.program("ps_therapist"), family.path)
    yield found
    assert read_all(family.program("ps_therapist"), family.path) == before, "something was half-written"


def _send(family: SmallFamily, write: Write, raw: bytes | str, **headers: str) -> httpx.Response:
    known = {"Content-Type": "application/json", **({"If-Match": '"1"'} if write.versioned else {})}
    person = family.program(write.who)
    return person.ask(write.service, write.method, write.path, content=raw, headers={**known, **headers})


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
        problem = _problem(_send(family, write, json.dumps({**write.body, name: {"$ne": None}})), 422)
        assert name in _named(problem), (name, problem)


def test_an_operator_is_no_value_of_any_field(family: SmallFamily, write: Write) -> None:
    for name in write.body:
        for operator in OPERATORS:
            problem = _problem(_send(family, write, json.dumps({**write.body, name: operator})), 422)
            assert name in _named(problem), (name, operator, problem)


def test_a_value_of_another_kind_is_named(family: SmallFamily, write: Write) -> None:
    for name, value in write.body.items():
        other: Any = [value] if not isinstance(value, list) else "text"
        problem = _problem(_send(family, write, json.dumps({**write.body, name: other})), 422)
        assert name in _named(problem), (name, problem)
        deep = value[0] if isinstance(value, list) and value else value
        if isinstance(deep, dict):
            odd = {**deep, "$gt": ""}
            broken = [odd] if isinstance(value, list) else odd
            problem = _problem(_send(family, write, json.dumps({**write.body, name: broken})), 422)
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
    for at in _texts(write.body):
        for text in ("a\x00b", "a\ud800b", "\udfff"):
            problem = _problem(_send(family, write, json.dumps(_with(write.body, at, text))), 400)
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
def test_a_body_that_is_none_is_refused_as_such(family: SmallFamily, raw: bytes, status: int) -> None:
    for write in _writes(family):
        problem = _problem(_send(family, write, raw), status)
        assert problem["detail"] and problem["fix"], (write.name, problem)


def test_a_write_without_a_key_of_its_own_is_refused(family: SmallFamily, write: Write) -> None:
    for key in ("", "a b", "x" * 200, "{'$ne':1}"):
        sent = {"Idempotency-Key": key}
        problem = _problem(_send(family, write, json.dumps(write.body), **sent), 400)
        assert _named(problem).startswith("Idempotency-Key"), problem


@pytest.mark.parametrize("stale", ['"99"', "nonsense", "*", '"1", "2"', None])
def test_a_version_that_is_not_the_current_one_is_refused(family: SmallFamily, stale: str | None) -> None:
    writer = family.program("ps_therapist")
    before = read_all(writer, family.path)
    for write in _writes(family):
        if write.versioned:
            person, headers = family.program(write.who), {"If-Match": stale} if stale else {}
            answer = person.ask(write.service, write.method, write.path, json=write.body, headers=headers)
            problem = _problem(answer, 428 if stale is None else 409 if "9" in stale else 400)
            assert problem["field"] == "If-Match", problem
            assert answer.status_code != 409 or "version" in problem, problem
    assert read_all(writer, family.path) == before


def test_a_key_used_again_for_something_else_is_refused(family: SmallFamily) -> None:
    """Each repeats its own command to the letter and gets the same answer; another body is a conflict."""
    mark = secrets.token_hex(4)
    rows = (
        ("ps_therapist", "care-plans", "/goals", {"id": f"g_{mark}", "team": "a"}, {"id": f"g_{mark}", "team": "b"}),
        ("ps_therapist", "sessions", "/sessions", {"scheduled_for": in_days(1)}, {"scheduled_for": in_days(2)}),
        ("ps_parent", "family-portal", "/tasks/t_one/logs", {"result": "did"}, {"result": "part"}),
        ("ps_teacher", "family-portal", "/observations",
         {"goal_id": "g_one", "saw": "card", "my_part": "partly"},
         {"goal_id": "g_one", "saw": "nodded", "my_part": "partly"}),
    )  # fmt: skip
    for who, service, address, first, second in rows:
        person, headers = family.program(who), {"Idempotency-Key": f"k-{secrets.token_hex(8)}"}

        def send(body: Any, person: Person = person, service: str = service, at: str = address,
                 headers: dict[str, str] = headers) -> httpx.Response:  # fmt: skip
            return person.ask(service, "POST", f"{family.path}{at}", json=body, headers=headers)

        once, again, other = send(first), send(first), send(second)
        assert once.is_success and again.json() == once.json(), (address, once.text, again.text)
        problem = _problem(other, 409)
        assert problem["field"] == "Idempotency-Key" and problem["fix"], problem
        if service == "family-portal":
            family.arrived(once.json()["id"])


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
