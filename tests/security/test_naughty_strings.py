"""Every naughty string in every free-text field: kept as it is, or refused by name; never taken for markup."""

import json
import secrets
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import pytest

from kith_local.acting import until
from kith_local.browsing import Browser
from kith_local.founding import goal, in_days, task
from kith_local.home import ROOT
from kith_local.program import Person
from kith_local.small_family import ROLES, SmallFamily, settle
from kith_local.testing import Product
from kith_local.transcripts import crawl

pytestmark = pytest.mark.stack

LIST = ROOT.parent / "shared" / "data" / "bad-input" / "blns.json"
BETWEEN = "\u241e"
"""Stands between strings that travel together in one text."""


def _strings() -> list[str]:
    if not LIST.exists():
        pytest.skip(f"the list of naughty strings is not at {LIST.name}")
    found: list[str] = json.loads(LIST.read_text(encoding="utf-8"))
    return found


def _packed(most: int) -> Iterator[str]:
    """All strings in texts of at most `most` characters; a longer one stands cut, as a form would cut it."""
    text = ""
    for string in _strings():
        whole = string[: most - 2]
        if text and len(text) + len(whole) + 1 > most:
            yield text
            text = ""
        text = f"{text}{BETWEEN}{whole}" if text else whole
    yield text


def _legal(text: str) -> bool:
    """Whether a text can be kept: characters, and no NUL among them."""
    return "\0" not in text and not any("\ud800" <= c <= "\udfff" for c in text)


@pytest.fixture(scope="module")
def odd(product: Product) -> SmallFamily:
    """An organisation of its own, because it is full of strange words afterwards."""
    return settle(product.url, product.home)


def _kept_or_refused(answer: httpx.Response, text: str, *fields: str) -> bool:
    """True where it was kept; else asserts that the refusal names the field and that the text gave a reason."""
    if answer.is_success:
        return True
    assert answer.status_code in (400, 409, 422), (answer.status_code, text[:80], answer.text[:300])
    problem = answer.json()
    named = [str(problem.get("field")), *(str(row.get("field")) for row in problem.get("errors", ()))]
    assert not text.strip() or not _legal(text) or any(f in n for f in fields for n in named), (
        text[:80],
        problem,
    )
    return False


def test_a_log_keeps_each_string_as_it_was_typed(odd: SmallFamily) -> None:
    """One by one: a text that is nothing but the string."""
    parent, path = odd.program("ps_parent"), f"{odd.path}/tasks/t_one/logs"
    typed: dict[str, str] = {}
    for place, text in enumerate(_strings()):
        log = {"id": f"lg_odd_{place}", "result": "did", "words": text}
        answer = parent.ask("family-portal", "POST", path, json=log)
        if _kept_or_refused(answer, text, "words"):
            typed[log["id"]] = text.strip()
    assert len(typed) > 400
    kept = {
        row["id"]: row["words"] for row in _all(parent, f"{odd.path}/items?class=task_log&limit=200", typed)
    }
    assert {name: kept.get(name) for name in typed} == typed


def _all(person: Person, address: str, wanted: dict[str, str]) -> list[dict[str, Any]]:
    """Every item of a list once the wanted ones have arrived, over all its pages."""

    def look() -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        after = ""
        while True:
            page = person.get("family-portal", f"{address}{after}")
            rows += page["items"]
            if not page["next"]:
                return rows if set(wanted) <= {row["id"] for row in rows} else []
            after = f"&after={page['next']}"

    return until(look, "all of them to arrive")


def test_a_goal_and_a_task_keep_every_string_in_every_field(odd: SmallFamily) -> None:
    writer, path = odd.program("ps_therapist"), odd.path
    goals, tasks = dict[str, dict[str, Any]](), dict[str, dict[str, Any]]()
    for place, text in enumerate(_packed(180)):
        words = dict.fromkeys(("team", "plain", "school", "stop_if", "school_link"), text)
        lists = {name: [text, "x"] for name in ("others_will", "asked_for_by", "settings", "strategies")}
        said = {"own": {"statement": text, "client_words": text}, "levels": [f"{n}{text}" for n in "abcde"]}
        asked = {"assent": {"state": "agreed", "how": text, "way": text, "came_back": text}}
        measured = {
            "measure": {"kind": "count", "rater": text, "from": text, "adult_measure": text, "also": [text]}
        }
        lines = ("who_asked", "client_words", "need_behind", "others_first", "way_out")
        masking = {"masking": {"rationale": dict.fromkeys(lines, text)}}
        body = goal("odd", **words, **lists, **said, **asked, **measured, **masking, id=f"g_odd_{place}")
        answer = writer.ask("care-plans", "POST", f"{path}/goals", json=body)
        if _kept_or_refused(answer, text, *body):
            goals[f"g_odd_{place}"] = body
        one = ("title", "why", "if_nothing_comes", "easier", "stop_when", "look_for", "thanks", "who")
        told = {**dict.fromkeys(one, text), "you_need": [text], "steps": [text]}
        told["planned"] = {"times": 1, "per": "week", "when": text}
        body = task("g_draft", "odd", **told, id=f"t_odd_{place}")
        answer = writer.ask("care-plans", "POST", f"{path}/tasks", json=body)
        if _kept_or_refused(answer, text, *body):
            tasks[f"t_odd_{place}"] = told
    plan = writer.get("care-plans", f"{path}/plan?limit=200")
    for name, typed in goals.items():
        _same_in(plan["goals"], name, "words", typed)
    for name, typed in tasks.items():
        _same_in(plan["tasks"], name, "text", typed)


def _same_in(rows: list[dict[str, Any]], name: str, under: str, typed: dict[str, Any]) -> None:
    """What is kept under a name is what was typed, spaces at the ends aside."""
    kept = next(row for row in rows if row["id"] == name)[under]
    for field, value in typed.items():
        if field in kept:
            assert _covers(kept[field], value), (field, kept[field], value)


def _covers(kept: Any, typed: Any) -> bool:
    if isinstance(typed, dict):
        return all(_covers(kept[name], value) for name, value in typed.items())
    if isinstance(typed, list):
        return len(kept) == len(typed) and all(_covers(k, t) for k, t in zip(kept, typed, strict=True))
    if isinstance(typed, str):
        return bool(kept == typed.strip())
    return bool(kept == typed)


def test_sessions_keep_every_string(odd: SmallFamily) -> None:
    writer, path = odd.program("ps_therapist"), odd.path
    labels, texts = dict[str, str](), dict[str, str]()
    for place, text in enumerate(_packed(110)):
        trial = {
            "goal_id": "g_one",
            "value": 1,
            "label": text,
            "unit": text,
            "phase": text,
            "id": f"tr_odd_{place}",
        }
        answer = writer.ask("sessions", "POST", f"{path}/sessions/s_one/trials", json={"trials": [trial]})
        if _kept_or_refused(answer, text, "label", "unit", "phase"):
            labels[f"tr_odd_{place}"] = text.strip()
    for text in _packed(3900):
        words = {"text": text, "try_at_home": text}
        answer = writer.ask("sessions", "PUT", f"{path}/sessions/s_one/summary", json=words)
        if _kept_or_refused(answer, text, "text", "try_at_home"):
            assert writer.get("sessions", f"{path}/sessions/s_one")["summary"]["text"] == text.strip()
        note = {"note_class": "progress", "text": text, "id": f"n_{secrets.token_hex(4)}"}
        answer = writer.ask("sessions", "POST", f"{path}/sessions/s_one/notes", json=note)
        if _kept_or_refused(answer, text, "text"):
            texts[note["id"]] = text.strip()
    trials = {row["id"]: row for row in writer.get("sessions", f"{path}/sessions/s_one")["trials"]}
    for name, text in labels.items():
        assert [trials[name][field] for field in ("label", "unit", "phase")] == [text] * 3
    notes = {row["id"]: row["text"] for row in writer.get("sessions", f"{path}/notes?limit=200")["items"]}
    assert {name: notes.get(name) for name in texts} == texts


def test_answers_observations_consents_and_names_keep_every_string(odd: SmallFamily) -> None:
    own, here, there = odd.house.own, odd.path, f"/tenants/{odd.house.id}"
    school = {"role": "school_staff", "school_id": "sch_one"}

    def replied() -> str:
        """What the teacher reads now: a reply takes the place of the one that is named."""
        goals = odd.program("ps_therapist").get("care-plans", f"{here}/plan?lint_of=none")["goals"]
        said = next(goal["answers"] for goal in goals if goal["id"] == "g_one")
        return next(str(each["reply"]) for each in said if each["person_id"] == own("ps_teacher"))

    rows: tuple[tuple[str, str, str, int, Callable[[str, str], dict[str, Any]]], ...] = (
        ("ps_parent", "care-plans", f"{here}/goals/g_one/answers", 1900,
         lambda t, n: {"party": "guardian", "answer": "ask", "words": t}),
        ("ps_therapist", "care-plans", f"{here}/goals/g_one/answers/{own('ps_teacher')}/reply", 1900,
         lambda t, n: {"words": t, "instead_of": replied()}),
        ("ps_teacher", "care-plans", f"{here}/goals/g_one/strategies/notes", 1900,
         lambda t, n: {"strategy": f"Say yes, {odd.words}-strategy.", "works": False, "words": t}),
        ("ps_therapist", "care-plans", f"{here}/goals/g_one/ratings", 450,
         lambda t, n: {"level": 0, "on": in_days(-1)[:10], "source": t}),
        ("ps_teacher", "care-plans", f"{here}/proposals", 1900,
         lambda t, n: {"id": f"pr_{n}", "party": "school", "words": t}),
        ("ps_teacher", "family-portal", f"{here}/observations", 1900,
         lambda t, n: {"goal_id": "g_one", "saw": "card", "my_part": "partly", "words": t}),
        ("ps_parent", "identity", f"{here}/consents", 490,
         lambda t, n: {"id": f"cn_{n}", "recipients": [own("ps_teacher")], "classes": ["observation"], "purpose": t,
                       "expires": in_days(9), "assent": {"state": "agreed", "how": t, "words": t}}),
        ("ps_admin", "identity", f"{there}/people", 95,
         lambda t, n: {"id": f"ps_{n}", "name": t, "pronouns": t, "title": t, "hats": [school]}),
        ("ps_admin", "identity", f"{there}/clients", 95,
         lambda t, n: {"id": f"cl_{n}", "names": {"everyone": t}, "pronouns": t, "age": 9}),
        ("ps_admin", "identity", f"{there}/households", 95,
         lambda t, n: {"id": f"hh_{n}", "label": t, "members": [own("ps_parent")]}),
        ("ps_admin", "identity", f"{there}/schools", 190,
         lambda t, n: {"id": f"sch_{n}", "name": t, "phase": "primary"}),
    )  # fmt: skip
    for who, service, path, most, body in rows:
        person, kept = odd.program(who), 0
        for text in _packed(most):
            sent = body(text, secrets.token_hex(5))
            kept += _kept_or_refused(person.ask(service, "POST", path, json=sent), text, *sent)
        assert kept, (service, path)
    consents = odd.program("ps_parent").get("identity", f"{here}/consents?limit=200")["items"]
    assert {text.strip() for text in _packed(490)} <= {row["purpose"] for row in consents}


class _Live(HTMLParser):
    """Collects whatever on a page could run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            address = (value or "").strip().lower()
            if name.startswith("on") or (
                name in ("href", "src", "action", "srcdoc", "formaction", "data")
                and address.startswith(("javascript", "data:text", "vbscript", "//", "\\"))
            ):
                self.found.append(f"{tag} {name}={value}")
        if tag in ("script", "iframe", "object", "embed", "base", "marquee", "svg:script", "foreignobject"):
            source = dict(attrs).get("src") or ""
            if tag != "script" or not source.startswith("/assets/"):
                self.found.append(f"{tag} {attrs}")


def _there(browser: Browser, address: str) -> httpx.Response | None:
    """A page once every part of it has answered in time: this plan is far longer than anybody's."""
    answer = browser.open(address)
    return None if answer.status_code == 503 else answer


@pytest.mark.parametrize("name", sorted(ROLES))
def test_no_page_takes_a_string_for_markup(odd: SmallFamily, name: str) -> None:
    """Strings that would run stand in names, plans, logs and summaries; every page is read as a browser reads it."""
    _strings()
    browser = odd.browser(name)
    pages = crawl(browser)
    assert len(pages) > 5
    for address, first in pages.items():
        answer = first if first.status_code != 503 else until(lambda a=address: _there(browser, a), address)
        assert answer.status_code in (200, 404, 405), (address, answer.status_code)
        live = _Live()
        live.feed(answer.text)
        assert live.found == [], (address, live.found[:3])
        if "text/html" in answer.headers.get("content-type", ""):
            assert "'unsafe" not in answer.headers["content-security-policy"], address


def test_a_form_shows_strange_words_again_as_they_were_typed(odd: SmallFamily) -> None:
    """A form that is refused comes back with what was typed in it, escaped."""
    marked = [text for text in _strings() if "<" in text and _legal(text)]
    text = BETWEEN.join(marked)[:1900]
    browser = odd.browser("ps_parent")
    browser.open("/home/one/tasks/t_one/log")
    form = browser.forms("/log")[0]
    answer = browser.send(
        form.action or browser.at, {**form.fields, "words": text, "result": "no such answer"}
    )
    assert answer.status_code in (400, 422), answer.status_code
    live = _Live()
    live.feed(answer.text)
    assert live.found == []
    again = browser.forms("/log")[0].fields["words"]
    assert str(again).strip().replace("\r\n", "\n") == text.strip().replace("\r\n", "\n")


def test_the_list_is_the_whole_one() -> None:
    assert len(_strings()) > 500 and Path(LIST).suffix == ".json"
