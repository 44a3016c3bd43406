"""The therapist's editors as a browser uses them: numbers nobody can read, care-plans away, five lines to read."""

import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from html import unescape
from typing import Any

import httpx
import pytest

from chassis.clients import PeerClients
from chassis.http import bare_app
from family_portal.portal import Portal, opened
from family_portal.store.web_sessions import WebSession
from family_portal.web import staff_plan
from family_portal.web.error_pages import ErrorPages
from family_portal.web.visitor import COOKIES, SignInFirst, to_the_door

from ..conftest import LONG_AGO, House

HUGE = pytest.param("9" * 5000, id="huge")
NO_NUMBER = ("²", "--5", HUGE, "abc", "1e999", "nan", "inf", "1,000")
RATIONALE = {
    "who_asked": "Kofi and his gran",
    "client_words": "Talker: “want friend”",
    "need_behind": "To be understood",
    "others_first": "Everyone learns ten words first",
    "way_out": "The blue card ends it",
}
WORDS: dict[str, Any] = {
    "team": "Of ten loud moments he asks for a break in four.", "plain": "He asks for a break.", "school": None,
    "own": {"statement": "It is too loud.", "client_words": "loud. out."},
    "levels": ["none", "one", "two", "three", "four"], "baseline_level": -1,
    "measure": {
        "kind": "days_in_week", "min": 0.0, "max": 5.0, "window": 5.0, "rater": "Mateus", "from": "a tick",
        "also": ["Gran"], "adult_measure": None, "ranges": None,
    },
    "others_will": ["Everyone waits."], "asked_for_by": ["Kofi"],
    "assent": {"state": "refused", "how": "photos", "way": None, "came_back": None},
    "settings": ["lunch hall", "home"], "importance": 3, "difficulty": None, "audience": ["guardians"],
    "private": False, "stop_if": None, "school_link": None, "strategies": [],
    "masking": {"flagged": True, "rule": "lm_voice", "rationale": RATIONALE},
}  # fmt: skip
GOAL: dict[str, Any] = {
    "id": "g_break", "state": "active", "version": 2, "doc_version": 7, "version_at": "2026-03-02T12:00:00Z",
    "author": "ps_therapist", "read_by": None, "parties": [], "words": WORDS, "level": None,
    "level_since": None, "lint": [], "unmet": [], "answers": [],
}  # fmt: skip
ASKED: dict[str, Any] = {
    "person_id": "ps_mother", "class": "plan_plain", "answer": "ask", "words": "Why?", "version": 2, "reply": None,
}  # fmt: skip
TASK: dict[str, Any] = {
    "id": "tk_card", "goal_id": "g_break", "state": "live", "setting": "anywhere",
    "planned": {"times": 1, "per": "four_weeks"}, "text": {"title": "The card", "why": "It helps."},
    "waiting": None, "households": ["hh_a"], "assigned_to": "ps_teen", "private": True, "doc_version": 3,
    "lint": [],
}  # fmt: skip
PLAN = {"client_id": "cl_a", "version": 1, "goals": [GOAL], "tasks": [TASK]}
BASE = "/staff/clients/a"
EDIT, TASK_EDIT = f"{BASE}/plan/edit?goal=g_break", f"{BASE}/plan/tasks/edit?goal=g_break&task=tk_card"


@dataclass
class CarePlans:
    """What care-plans answers, and what it was sent."""

    plan: dict[str, Any] = field(default_factory=lambda: json.loads(json.dumps(PLAN)))
    away: bool = False
    sent: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if self.away:
            raise httpx.ConnectError("away")
        if request.method == "GET":
            return httpx.Response(200, json=self.plan)
        if request.method == "PUT" and "If-Match" not in request.headers:
            return httpx.Response(428, json={"detail": "Others change this too.", "field": "If-Match"})
        where, body = request.url.path.partition("/cl_a/")[2], json.loads(request.content)
        if len(body.get("words") or "") > 2000:
            wrong = {"field": "words", "detail": "At most 2000 characters.", "fix": "Make it shorter."}
            return httpx.Response(422, json={"title": "A value is wrong", "errors": [wrong]})
        self.sent.append((request.method, where, body))
        return httpx.Response(200, json={"id": "g_break"})


@dataclass
class Desk:
    """A person of staff at their pages, with care-plans behind them."""

    web: httpx.AsyncClient
    session: WebSession
    care_plans: CarePlans

    async def open(self, address: str) -> httpx.Response:
        """Open a page."""
        return await self.web.get(address, headers=self._headers)

    async def send(self, address: str, **typed: Any) -> httpx.Response:
        """Send a form of a page."""
        hidden = {"csrf": self.session.csrf, "command_id": "k1", "version": "7"}
        return await self.web.post(address, data={**hidden, **typed}, headers=self._headers)

    @property
    def _headers(self) -> dict[str, str]:
        return {"Accept": "text/html", "Cookie": f"{COOKIES['staff']}={self.session.cookie}"}


async def _signed_in(house: House, portal: Portal, person_id: str) -> WebSession:
    session = await portal.web_sessions.start("staff", person_id, f"sid_{person_id}", "refresh")
    token = house._headers(person_id)["Authorization"].removeprefix("Bearer ")
    for audience in ("family-portal", "care-plans"):
        portal.tokens.hold(session, audience, {"access_token": token, "expires_in": 300})
    return session


@pytest.fixture
async def desks(house: House) -> AsyncIterator[Any]:
    """Desks of people of staff, by person id, over one care-plans."""
    care_plans, settings = CarePlans(), house.portal.settings
    peers = PeerClients(settings, {"care-plans": httpx.MockTransport(care_plans)})
    portal = opened(settings, replace(house.chassis, peers=peers))
    app = bare_app(settings.name, [staff_plan.router])
    app.state.chassis, app.state.portal = portal.chassis, portal
    app.add_middleware(ErrorPages)
    app.add_exception_handler(SignInFirst, to_the_door)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://portal") as web:

        async def desk(person_id: str) -> Desk:
            return Desk(web, await _signed_in(house, portal, person_id), care_plans)

        yield desk
    await peers.aclose()


@pytest.fixture
async def desk(desks: Any) -> Desk:
    """The therapist's desk."""
    made: Desk = await desks("ps_therapist")
    return made


def said(answer: httpx.Response, name: str) -> str:
    """What the page says to do about a field, which its summary leads to."""
    assert f'href="#{name}"' in answer.text
    found = re.search(rf'id="{name}-error"[^>]*>(?:\s*<span[^>]*>[^<]*</span>)?([^<]*)<', answer.text)
    assert found, f"nothing is said at {name}"
    return unescape(found[1]).strip()


@pytest.mark.parametrize("number", NO_NUMBER)
@pytest.mark.parametrize("name", ["baseline", "importance", "difficulty", "measure_min", "measure_max"])
async def test_a_goal_is_not_kept_with_what_is_no_number(desk: Desk, name: str, number: str) -> None:
    answer = await desk.send(EDIT, team="Half a thought", measure_kind="days_in_week", **{name: number})
    assert answer.status_code == 422
    assert "Half a thought</textarea>" in answer.text
    assert "number" in said(answer, name)
    if name.startswith("measure"):
        assert f'value="{number}"' in answer.text
    assert desk.care_plans.sent == []


@pytest.mark.parametrize("number", [*NO_NUMBER, "6.5", "6,5"])
@pytest.mark.parametrize("name", ["times", "takes_minutes"])
async def test_a_task_is_not_kept_with_what_is_no_whole_number(desk: Desk, name: str, number: str) -> None:
    answer = await desk.send(TASK_EDIT, **{"title": "Half a thought", "times": "2", name: number})
    assert answer.status_code == 422
    assert 'value="Half a thought"' in answer.text and f'value="{number}"' in answer.text
    assert "number" in said(answer, name)
    assert desk.care_plans.sent == []


async def test_a_task_says_how_often_and_never_becomes_once_by_itself(desk: Desk) -> None:
    answer = await desk.send(TASK_EDIT, title="The card", why="It helps.", times="")
    assert answer.status_code == 422 and said(answer, "times")


async def test_a_measure_may_have_decimals(desk: Desk) -> None:
    await desk.send(EDIT, measure_kind="out_of_n", measure_min="0.5", measure_max="6,5")
    measure = desk.care_plans.sent[0][2]["measure"]
    assert (measure["min"], measure["max"]) == (0.5, 6.5)


@pytest.mark.parametrize("version", ["²", "--5", HUGE, "abc", ""])
async def test_a_form_without_its_version_comes_back_with_what_was_typed(desk: Desk, version: str) -> None:
    answer = await desk.send(EDIT, team="Half a thought", version=version)
    assert answer.status_code == 409
    assert "Half a thought</textarea>" in answer.text and "Others change this too." in answer.text


async def test_a_level_that_is_no_number_leaves_what_was_typed_beside_it(desk: Desk) -> None:
    answer = await desk.send(
        f"{BASE}/goals/g_break/ratings", level="²", on="2026-03-01", source="Friday club"
    )
    assert answer.status_code == 422
    assert 'value="Friday club"' in answer.text and 'value="2026-03-01"' in answer.text
    assert "whole number" in unescape(answer.text)
    assert desk.care_plans.sent == []


async def test_an_answer_that_is_too_long_stays_where_it_was_typed(desk: Desk) -> None:
    desk.care_plans.plan["goals"][0]["answers"] = [ASKED]
    words = "A whole evening of words. " * 80
    answer = await desk.send(f"{BASE}/goals/g_break/answers/ps_mother/reply", words=words)
    assert answer.status_code == 422
    assert f"{words}</textarea>" in answer.text
    assert "At most 2000 characters. Make it shorter." in answer.text
    assert desk.care_plans.sent == []


async def test_a_goal_is_sent_with_all_that_the_page_does_not_ask_for(desk: Desk) -> None:
    await desk.send(EDIT, team="Anew", settings=["lunch hall", "home"], audience="guardians")
    (method, where, body) = desk.care_plans.sent[0]
    assert (method, where) == ("PUT", "goals/g_break")
    assert body == {name: value for name, value in {**WORDS, "team": "Anew"}.items() if value is not None} | {
        "measure": {k: v for k, v in WORDS["measure"].items() if v is not None}
    }


@pytest.mark.parametrize(("typed", "private"), [({}, True), ({"asks_private": "yes"}, False)])
async def test_a_private_goal_is_shared_only_where_the_page_asks(
    desk: Desk, typed: dict[str, str], private: bool
) -> None:
    desk.care_plans.plan["goals"][0]["words"]["private"] = True
    await desk.send(EDIT, team="Anew", **typed)
    assert desk.care_plans.sent[0][2]["private"] is private


async def test_a_task_keeps_whose_it_is_and_that_it_is_private(desk: Desk) -> None:
    page = (await desk.open(TASK_EDIT)).text
    assert 'value="anywhere" checked' in page and 'value="four_weeks" selected' in page
    await desk.send(TASK_EDIT, title="The blue card")
    body = desk.care_plans.sent[0][2]
    assert (body["private"], body["assigned_to"], body["setting"]) == (True, "ps_teen", "anywhere")
    assert (body["title"], body["why"], body["planned"]["per"]) == (
        "The blue card",
        "It helps.",
        "four_weeks",
    )


@pytest.mark.parametrize("address", [EDIT, TASK_EDIT, f"{BASE}/plan/tasks/edit?goal=g_break"])
async def test_an_editor_is_not_opened_on_nothing(desk: Desk, address: str) -> None:
    desk.care_plans.away = True
    assert (await desk.open(address)).status_code == 503


@pytest.mark.parametrize(
    ("address", "name"),
    [
        (EDIT, "team"),
        (TASK_EDIT, "title"),
        (f"{BASE}/plan/tasks/edit?goal=g_break", "title"),
        (f"{BASE}/goals/g_break/answers/ps_mother/reply", "words"),
        (f"{BASE}/goals/g_break/ratings", "source"),
    ],
)
async def test_what_was_typed_outlives_care_plans(desk: Desk, address: str, name: str) -> None:
    desk.care_plans.away = True
    answer = await desk.send(address, times="2", level="1", **{name: "A whole evening of words"})
    assert answer.status_code == 503
    assert "A whole evening of words" in answer.text and f'action="{address}"' in unescape(answer.text)
    desk.care_plans.away = False
    again = await desk.send(address, times="2", level="1", **{name: "A whole evening of words"})
    assert again.status_code == 303
    assert "A whole evening of words" in str(desk.care_plans.sent)


async def test_a_new_goal_is_shown_again_when_care_plans_is_away(desk: Desk) -> None:
    desk.care_plans.away = True
    answer = await desk.send(f"{BASE}/plan/edit", team="A whole evening of words")
    assert "A whole evening of words</textarea>" in answer.text


async def test_the_five_lines_stand_open_where_a_rule_asks_for_them(desk: Desk) -> None:
    goal = desk.care_plans.plan["goals"][0]
    goal["words"]["masking"] = {"flagged": False, "rule": None, "rationale": None}
    assert not re.search(r'<details[^>]*id="rationale"[^>]*\sopen', (await desk.open(EDIT)).text)
    goal["lint"] = [{"rule": "lm_gaze", "level": "rationale", "field": "school", "tell": "Looking can hurt."}]
    unmet = {"field": "masking.rationale", "detail": "Looking can hurt.", "fix": "Fill in all five lines."}
    goal["unmet"] = [unmet]
    asked = await desk.open(f"{EDIT}&settle=1")
    assert re.search(r'<details[^>]*id="rationale"[^>]*\sopen', asked.text)
    assert said(asked, "rationale_who_asked") == "Looking can hurt. Fill in all five lines."
    for name in RATIONALE:
        assert f'name="rationale_{name}"' in asked.text


async def test_all_five_lines_are_sent_or_none(desk: Desk) -> None:
    desk.care_plans.plan["goals"][0]["words"]["masking"]["rationale"] = None
    lines = {f"rationale_{name}": text for name, text in RATIONALE.items()}
    half = await desk.send(EDIT, **{**lines, "rationale_way_out": ""})
    assert half.status_code == 422 and "still empty" in said(half, "rationale_way_out")
    assert "Everyone learns ten words first</textarea>" in half.text
    await desk.send(EDIT, **lines)
    masking = {"flagged": True, "rule": "lm_voice", "rationale": RATIONALE}
    assert [body["masking"] for _, _, body in desk.care_plans.sent] == [masking]


@pytest.fixture
async def supervised(house: House) -> None:
    """Somebody supervises the therapist."""
    tie = {"id": "s1", "person_id": "ps_supervisor", "supervisee_id": "ps_therapist", "begins": LONG_AGO}
    await house.knows(supervisions=[tie])


async def test_a_supervisor_reads_the_lines_and_says_so(supervised: None, desks: Any) -> None:
    supervisor = await desks("ps_supervisor")
    page = (await supervisor.open(f"{BASE}/plan")).text
    assert all(text in page for text in RATIONALE.values())
    assert "Nobody else has read these lines yet." in page
    action = f"{BASE}/goals/g_break/read"
    assert f'action="{action}"' in page
    assert (await supervisor.send(action)).status_code == 303
    assert supervisor.care_plans.sent == [("POST", "goals/g_break/rationale/read", {})]
    supervisor.care_plans.plan["goals"][0]["read_by"] = "ps_supervisor"
    page = (await supervisor.open(f"{BASE}/plan")).text
    assert "A second person has read these lines." in page and action not in page


async def test_nobody_reads_their_own_lines_as_the_second_person(
    supervised: None, desks: Any, desk: Desk
) -> None:
    page = (await desk.open(f"{BASE}/plan")).text
    assert RATIONALE["way_out"] in page and "/goals/g_break/read" not in page
    supervisor = await desks("ps_supervisor")
    supervisor.care_plans.plan["goals"][0]["author"] = "ps_supervisor"
    assert "/goals/g_break/read" not in (await supervisor.open(f"{BASE}/plan")).text
