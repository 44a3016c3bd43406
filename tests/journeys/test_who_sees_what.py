"""Each reads what is theirs, and cannot tell what else there is."""

import httpx
import pytest

from kith_local.acting import Cast, bare
from kith_local.program import Kith, Person, Refused

pytestmark = pytest.mark.stack

LANTERN = "/tenants/tn_lantern/clients"
READS = (
    ("identity", "/consents"),
    ("care-plans", "/plan"),
    ("care-plans", "/goals"),
    ("care-plans", "/tasks"),
    ("care-plans", "/progress?goal=g_kofi_break"),
    ("sessions", "/sessions"),
    ("family-portal", "/view"),
    ("family-portal", "/items?class=task_log"),
    ("family-portal", "/items?class=session_summary"),
)


def _items(person: Person, client: str, data_class: str) -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = {}
    after = ""
    while True:
        path = f"/tenants/{client}/items?class={data_class}&limit=200{after}"
        page = person.get("family-portal", path)
        found |= {row["id"]: row for row in page["items"]}
        if not page["next"]:
            return found
        after = f"&after={page['next']}"


def _answer(person: Person, service: str, path: str) -> str:
    try:
        return str(person.get(service, path))
    except Refused as refused:
        return f"{refused.status} {str(refused).replace(path, '')}"


def test_one_home_does_not_read_the_logs_of_the_other(cast: Cast) -> None:
    noor = "tn_lantern/clients/cl_noor"
    samira = _items(cast.program("ps_samira", "care"), noor, "task_log")
    erik = _items(cast.program("ps_erik", "care"), noor, "task_log")
    assert samira, "the demo has logs of hers"
    assert not set(samira) & set(erik)
    team = _items(cast.program("ps_mateus"), noor, "task_log")
    assert set(samira) | set(erik) <= set(team)


def test_both_homes_read_the_same_goals_in_the_same_version(cast: Cast) -> None:
    views = [
        cast.program(p, "care").get("family-portal", f"{LANTERN}/cl_noor/view")
        for p in ("ps_samira", "ps_erik")
    ]
    goals = [{goal["id"]: (goal["version"], goal["statement"]) for goal in view["goals"]} for view in views]
    assert goals[0] and goals[0] == goals[1]


def test_a_guardian_of_limited_authority_reads_what_was_ticked_and_no_more(cast: Cast) -> None:
    keiko = cast.program("ps_keiko", "care")
    for service, path in READS:
        answer = _answer(keiko, service, f"{LANTERN}/cl_jun{path}")
        assert "Jun" not in answer and "statement" not in answer, (service, path, answer)
    view = keiko.get("family-portal", f"{LANTERN}/cl_jun/view")
    assert view["goals"] == [] and view["tasks"] == []


def test_a_guardian_for_whom_nothing_was_ticked_cannot_tell_that_there_is_anything(cast: Cast) -> None:
    daniel, pages = cast.program("ps_daniel", "care"), cast.browser("ps_daniel")
    for service, path in READS:
        there, nowhere = (_answer(daniel, service, f"{LANTERN}/{c}{path}") for c in ("cl_jun", "cl_nobody"))
        assert there == nowhere and there.startswith("404")
    assert bare(pages.open("/home/jun").text) == bare(pages.open("/home/nobody").text)
    assert pages.page.status_code == 404
    assert "Jun" not in (pages.open("/home") and pages.text)


def test_the_court_restricted_mother_sees_nothing_and_no_sign_of_it(cast: Cast) -> None:
    renee, pages = cast.program("ps_renee", "care"), cast.browser("ps_renee")
    for service, path in READS:
        there, nowhere = (_answer(renee, service, f"{LANTERN}/{c}{path}") for c in ("cl_kofi", "cl_nobody"))
        assert there == nowhere and there.startswith("404")
    for tail in ("", "/plan", "/sessions", "/consents", "/who-can-see", "/tasks/tk_kofi_card"):
        there = pages.open(f"/home/kofi{tail}")
        assert there.status_code == 404
        assert bare(there.text) == bare(pages.open(f"/home/nobody{tail}").text)
    pages.open("/home")
    assert pages.page.status_code == 200
    assert "Kofi" not in pages.text and "blocked" not in pages.text


def test_a_therapist_without_assignment_is_told_the_same_as_of_nobody(cast: Cast) -> None:
    leilani, pages = cast.program("ps_leilani"), cast.browser("ps_leilani")
    for service, path in (*READS, ("sessions", "/notes")):
        there, nowhere = (_answer(leilani, service, f"{LANTERN}/{c}{path}") for c in ("cl_kofi", "cl_nobody"))
        assert there == nowhere and there.startswith("404")
    for tail in ("", "/plan", "/plan/edit", "/sessions/new", "/fragments/notes"):
        there_page = pages.open(f"/staff/clients/kofi{tail}")
        assert there_page.status_code == 404
        assert bare(there_page.text) == bare(pages.open(f"/staff/clients/nobody{tail}").text)
    assert "Kofi" not in (pages.open("/staff/caseload") and pages.text)
    assert "Kofi" not in (pages.open("/staff/today") and pages.text)


@pytest.mark.parametrize("person", ["ps_tariq", "ps_bronwen", "ps_ewa", "ps_hannah", "ps_elias"])
def test_people_of_the_other_organisation_are_told_the_same_as_of_nobody(cast: Cast, person: str) -> None:
    program = cast.program(person, "care")
    for service, path in READS:
        answers = {
            _answer(program, service, f"/tenants/{where}{path}")
            for where in (
                "tn_lantern/clients/cl_kofi",
                "tn_lantern/clients/cl_nobody",
                "tn_nowhere/clients/cl_kofi",
                "tn_nowhere/clients/cl_nobody",
            )
        }
        assert len(answers) == 1 and answers.pop().startswith("404"), (service, path)


def test_an_answer_of_not_found_is_the_same_to_the_last_header(cast: Cast) -> None:
    tariq = cast.program("ps_tariq", "care")
    http, services = httpx.Client(timeout=30), Kith(cast.url).services
    for service, path in READS:
        seen = set()
        for client in ("cl_kofi", "cl_nobody"):
            answer = http.get(
                f"{services[service].rstrip('/')}{LANTERN}/{client}{path}",
                headers={"Authorization": f"Bearer {tariq.token(service)}"},
            )
            kept = {k: v for k, v in answer.headers.items() if k not in ("date", "traceparent", "x-trace-id")}
            seen.add((answer.status_code, answer.content, tuple(sorted(kept.items()))))
        assert len(seen) == 1, (service, path, seen)
