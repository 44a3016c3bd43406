"""Two organisations in which every id is the same: nobody of one reads, guesses or moves anything of the other."""

import secrets
import time
from dataclasses import replace
from typing import Any

import httpx
import pytest

from kith_local.acting import until
from kith_local.every_write import WRITES
from kith_local.founding import in_days
from kith_local.program import Kith, Person
from kith_local.small_family import ROLES, SmallFamily
from kith_local.transcripts import ITEMS, crawl

pytestmark = pytest.mark.stack

NOWHERE = "tn_nowhere"
UNMADE = {"item_id": "it_none"}
"""Ids that Kith chooses itself, in a house where it has not."""
PEOPLE = (*ROLES, "ps_admin")
LISTS = (
    "/goals",
    "/tasks",
    "/proposals",
    "/about",
    "/progress",
    "/rests",
    "/sessions",
    *(f"/items?class={each}" for each in ITEMS),
)
SERVICE_OF = {
    "goals": "care-plans",
    "tasks": "care-plans",
    "proposals": "care-plans",
    "about": "care-plans",
    "progress": "care-plans",
    "rests": "care-plans",
    "sessions": "sessions",
}
Reads = list[tuple[str, str]]


def _reads(family: SmallFamily) -> Reads:
    """Every read of every service, with this family's ids in it, as the services themselves list them."""
    kith = Kith(family.house.url)
    known = {
        "tenant_id": family.house.id, "client_id": family.client, "goal_id": "g_one", "session_id": "s_one",
        "consent_id": "cn_one", "person_id": family.house.own("ps_parent"), "task_id": "t_one", "school_id": "sch_one",
        "note_id": "n_progress",
    }  # fmt: skip
    found: Reads = []
    for service, base in kith.services.items():
        paths = kith.http.get(f"{base}/openapi.json").json()["paths"]
        named = [path for path, does in paths.items() if "get" in does and "{tenant_id}" in path]
        found += [(service, path.format_map(known)) for path in named]
    found += [("family-portal", f"{family.path}/items?class={each}") for each in ITEMS]
    found += [("care-plans", f"{family.path}/progress?goal=g_one&limit=1")]
    found += [("identity", f"/internal/journal/{family.house.id}/{family.client}")]
    return [
        (service, path + ("?class=task_log" if path.endswith("/items") else "")) for service, path in found
    ]


def _bytes(answer: httpx.Response) -> tuple[int, dict[str, str], bytes]:
    """The whole answer, its date aside."""
    headers = {name: value for name, value in answer.headers.items() if name != "date"}
    return answer.status_code, headers, answer.content


def _page_after(person: Person, family: SmallFamily, address: str) -> str:
    """The cursor of a list's first page of one."""
    joined = f"{family.path}{address}{'&' if '?' in address else '?'}limit=1"
    answer = person.ask(SERVICE_OF.get(address[1:], "family-portal"), "GET", joined)
    return str(answer.json().get("next") or "") if answer.is_success else ""


def _may_ask(name: str, path: str) -> bool:
    """Notes are refused wherever they may be to a token that was not given that scope."""
    return "/notes" not in path.replace("/strategies/notes", "") or name in ("ps_therapist", "ps_admin")


def _no_trace(text: str, of: SmallFamily) -> bool:
    return of.words not in text and of.house.id not in text


def test_every_read_is_somebodys(family: SmallFamily) -> None:
    """The control: what is replayed below answers the family's own people."""
    reads = [read for read in _reads(family) if "/internal/" not in read[1]]
    for service, path in reads:
        answers = [family.program(name).ask(service, "GET", path) for name in PEOPLE]
        assert any(answer.is_success for answer in answers), (service, path, answers)


@pytest.mark.parametrize("name", PEOPLE)
def test_anothers_paths_are_as_if_they_were_not(family: SmallFamily, twin: SmallFamily, name: str) -> None:
    person = twin.program(name)
    for service, path in _reads(family):
        there = person.ask(service, "GET", path)
        nowhere = person.ask(service, "GET", path.replace(family.house.id, NOWHERE))
        assert there.status_code == (404 if _may_ask(name, path) else 403), (service, path, there.text)
        assert _bytes(there) == _bytes(nowhere), (service, path)


@pytest.mark.parametrize("name", PEOPLE)
def test_nothing_is_written_on_anothers_paths(family: SmallFamily, twin: SmallFamily, name: str) -> None:
    person = twin.program(name)
    for write in (write for write in WRITES if "{tenant_id}" in write.route):
        address, body = replace(write, ids={**UNMADE, **write.ids}).path(family), write.sent(family)
        sent: dict[str, Any] = {"headers": {"If-Match": '"1"'}, **({"json": body} if body else {})}
        there = person.ask(write.service, write.method, address, **sent)
        nowhere = person.ask(write.service, write.method, address.replace(family.house.id, NOWHERE), **sent)
        assert there.status_code == (404 if _may_ask(name, address) else 403), (write.name, there.text)
        assert _bytes(there) == _bytes(nowhere), write.name


def test_a_foreign_id_on_ones_own_path_is_a_nonexistent_one(family: SmallFamily, twin: SmallFamily) -> None:
    """An id that only the other organisation has, where one's own people may look."""
    mark = secrets.token_hex(4)
    writer = family.program("ps_therapist")
    writer.post("care-plans", f"{family.path}/goals", {"id": f"g_{mark}", "team": "Begun"})
    writer.post("sessions", f"{family.path}/sessions", {"id": f"s_{mark}", "scheduled_for": in_days(1)})
    reads = (
        ("care-plans", f"{twin.path}/goals/g_{{}}"),
        ("care-plans", f"{twin.path}/progress?goal=g_{{}}"),
        ("sessions", f"{twin.path}/sessions/s_{{}}"),
        ("sessions", f"{twin.path}/sessions/s_{{}}/notes"),
    )
    for name in PEOPLE:
        person = twin.program(name)
        for service, path in reads:
            there = person.ask(service, "GET", path.format(mark))
            nowhere = person.ask(service, "GET", path.format(mark[::-1] + "0"))
            assert _bytes(there) == _bytes(nowhere), (name, service, path)
        theirs = family.house.own("ps_parent")
        there, nowhere = (
            person.ask("identity", "GET", f"/tenants/{twin.house.id}/people/{each}")
            for each in (theirs, f"{theirs[:-4]}0000")
        )
        assert there.status_code == 404 and _bytes(there) == _bytes(nowhere), name


@pytest.mark.parametrize("name", sorted(ROLES))
def test_pages_of_one_show_nothing_to_people_of_the_other(
    family: SmallFamily, twin: SmallFamily, name: str
) -> None:
    """Page addresses hold no organisation: the same address shows each what is theirs."""
    here, there = family.browser(name), twin.browser(name)
    own = crawl(here)
    shown = [address for address, answer in own.items() if family.words in answer.text]
    assert shown, "the control: the family's own pages show what is theirs"
    for address in own:
        answer = there.open(address)
        assert answer.status_code in (200, 404, 405), (address, answer.status_code)
        assert _no_trace(answer.text + str(answer.headers), family), address


def test_cursors_of_one_lead_the_other_nowhere(family: SmallFamily, twin: SmallFamily) -> None:
    used = 0
    family.log("ps_parent", "t_one", f"lg_{secrets.token_hex(4)}")
    family.log("ps_parent", "t_one", f"lg_{secrets.token_hex(4)}")
    for address in LISTS:
        service = SERVICE_OF.get(address[1:], "family-portal")
        cursor = _page_after(family.program("ps_therapist"), family, address)
        if not cursor:
            continue
        used += 1
        for name in PEOPLE:
            person = twin.program(name)
            joined = httpx.QueryParams({"after": cursor})
            query = f"{address}{'&' if '?' in address else '?'}{joined}"
            own = person.ask(service, "GET", f"{twin.path}{query}")
            assert own.status_code in (200, 400, 404, 422) and _no_trace(own.text, family), (name, address)
            theirs = person.ask(service, "GET", f"{family.path}{query}")
            nowhere = person.ask(service, "GET", f"{twin.path}{query}".replace(twin.house.id, NOWHERE))
            assert theirs.status_code == 404 and _bytes(theirs) == _bytes(nowhere), (name, address)
    assert used >= 2, "the control: there are lists of more than one page"


def test_a_place_token_of_one_opens_nothing_to_the_other(family: SmallFamily, twin: SmallFamily) -> None:
    log = {"result": "did", "id": f"lg_{secrets.token_hex(4)}"}
    path = f"{family.path}/tasks/t_one/logs"
    place = family.program("ps_parent").ask("family-portal", "POST", path, json=log).headers["Kith-Position"]
    assert family.house.id not in place and family.client not in place
    person = twin.program("ps_parent")
    plain = person.ask("family-portal", "GET", f"{twin.path}/view")
    for token in (place, place[:-2] + "AA", "nonsense", "x" * 3000):
        headers = {"Kith-Position": token}
        own = person.ask("family-portal", "GET", f"{twin.path}/view", headers=headers)
        assert own.status_code in (200, 400, 422), own.text
        assert own.text == plain.text or not own.is_success
        theirs = person.ask("family-portal", "GET", f"{family.path}/view", headers=headers)
        assert theirs.status_code == 404 and _no_trace(theirs.text, family)


def test_homes_of_the_same_id_do_not_fill_each_other(family: SmallFamily, twin: SmallFamily) -> None:
    """Each home carries one live task; what happens in one frees and fills no place in the other."""
    mark = secrets.token_hex(4)
    states = [each.add_task(f"t_{mark}", "g_one", households=["hh_one"]) for each in (family, twin)]
    assert states == ["queued", "queued"]
    try:
        _move(twin, "t_one", "pause")
        until(lambda: _state(twin, f"t_{mark}") == "live", "the waiting task of the home that became free")
        end = time.monotonic() + 3
        while time.monotonic() < end:
            assert _state(family, f"t_{mark}") == "queued" and _state(family, "t_one") == "live"
            time.sleep(0.2)
    finally:
        for each in (family, twin):
            _move(each, f"t_{mark}", "end")
        _move(twin, "t_one", "resume")
    assert _state(twin, "t_one") == "live"


def _move(family: SmallFamily, task_id: str, verb: str) -> None:
    where, seen = f"{family.path}/tasks/{task_id}/{verb}", _task(family, task_id)["doc_version"]
    family.program("ps_therapist").post("care-plans", where, {}, version=seen)


def _state(family: SmallFamily, task_id: str) -> str:
    return str(_task(family, task_id)["state"])


def _task(family: SmallFamily, task_id: str) -> dict[str, Any]:
    tasks = family.program("ps_therapist").get("care-plans", f"{family.path}/tasks?limit=200")["items"]
    return next(task for task in tasks if task["id"] == task_id)
