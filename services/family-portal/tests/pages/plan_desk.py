"""A therapist at the plan pages as a browser uses them, before a care-plans that keeps what it is sent."""

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from html import unescape
from typing import Any

import httpx

from chassis.clients import PeerClients
from chassis.http import bare_app
from family_portal.portal import Portal, opened
from family_portal.store.web_sessions import WebSession
from family_portal.web import staff_goal_end, staff_plan, staff_task_words
from family_portal.web.detours import add_detours
from family_portal.web.error_pages import ErrorPages
from family_portal.web.visitor import COOKIES

House = Any
"""The fixture's class in conftest.py, which no test can import."""

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
    "author": "ps_therapist", "read_by": None, "parties": ["guardians", "school"], "words": WORDS, "level": None,
    "level_since": None, "lint": [], "unmet": [], "answers": [],
}  # fmt: skip
ASKED: dict[str, Any] = {
    "person_id": "ps_mother", "class": "plan_plain", "answer": "ask", "words": "Why?", "version": 2, "reply": None,
    "at": "2026-03-02T12:00:00Z",
}  # fmt: skip
TASK: dict[str, Any] = {
    "id": "tk_card", "goal_id": "g_break", "state": "live", "setting": "anywhere",
    "planned": {"times": 1, "per": "four_weeks"}, "text": {"title": "The card", "why": "It helps."},
    "waiting": None, "households": ["hh_a"], "assigned_to": "ps_teen", "private": True, "doc_version": 7,
    "lint": [],
}  # fmt: skip
WISH: dict[str, Any] = {
    "id": "pr_look", "state": "open", "words": "He looks at the speaker.", "at": "2026-03-02T12:00:00Z",
    "answer": None, "answered_at": None, "doc_version": 1, "person_id": "ps_teacher", "class": "plan_school",
    "lint": [{"rule": "lm_gaze", "level": "rationale", "field": "words", "tell": "Looking at faces can hurt."}],
    "client_said": None, "became": None, "goal_id": None, "answered_by": None,
}  # fmt: skip
EVIDENCE: dict[str, Any] = {
    "goal_id": "g_break", "held_since": "2026-02-02", "places": ["household:hh_a", "school"],
    "parts": [
        {"name": "places", "found": 2, "needed": 2, "holds": True},
        {"name": "people", "found": 1, "needed": 2, "holds": False},
        {"name": "occasions", "found": 14, "needed": 3, "holds": True},
        {"name": "weeks", "found": 3, "needed": 3, "holds": True},
    ],
}  # fmt: skip
PLAN = {"client_id": "cl_a", "version": 1, "goals": [GOAL], "tasks": [TASK], "next": None}
VERSIONED = ("/discard", "/tasks/tk_card/end", "/tasks/tk_card/pause", "/tasks/tk_card/resume")
"""What is asked for the version that was seen, besides what is written anew."""
BASE = "/staff/clients/a"
EDIT, TASK_EDIT = f"{BASE}/plan/edit?goal=g_break", f"{BASE}/plan/tasks/edit?goal=g_break&task=tk_card"


@dataclass
class CarePlans:
    """What care-plans answers, and what it was sent."""

    plan: dict[str, Any] = field(default_factory=lambda: json.loads(json.dumps(PLAN)))
    wishes: list[dict[str, Any]] = field(default_factory=list)
    evidence: dict[str, Any] = field(default_factory=lambda: json.loads(json.dumps(EVIDENCE)))
    away: bool = False
    refuses: tuple[int, dict[str, Any]] | None = None
    """How every command is answered, if it is refused."""
    sent: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if self.away:
            raise httpx.ConnectError("away")
        if request.method == "GET" and request.url.path.endswith("/proposals"):
            return httpx.Response(200, json={"items": self.wishes, "next": None})
        if request.url.path.endswith("/evidence"):
            return httpx.Response(200, json=self.evidence)
        if request.method == "GET":
            return httpx.Response(200, json=self.plan)
        versioned = request.method == "PUT" or request.url.path.endswith(VERSIONED)
        if versioned and "If-Match" not in request.headers:
            return httpx.Response(428, json={"detail": "Others change this too.", "field": "If-Match"})
        if "/translations/" in request.url.path:
            return self._translated(request)
        if versioned and (now := self._version_of(request)) != request.headers["If-Match"]:
            return httpx.Response(
                409, json={"detail": f"It is at version {now} now.", "field": "If-Match", "version": now}
            )
        if self.refuses:
            return httpx.Response(self.refuses[0], json=self.refuses[1])
        where, body = request.url.path.partition("/cl_a/")[2], json.loads(request.content)
        if len(body.get("words") or "") > 2000:
            wrong = {"field": "words", "detail": "At most 2000 characters.", "fix": "Make it shorter."}
            return httpx.Response(422, json={"title": "A value is wrong", "errors": [wrong]})
        if request.method == "POST" and where in ("goals", "tasks"):
            return self._made(where, body)
        self.sent.append((request.method, where, body))
        return httpx.Response(200, json={"id": "g_break", "doc_version": 7})

    def _translated(self, request: httpx.Request) -> httpx.Response:
        """A translation that was written, or checked."""
        if self.refuses:
            return httpx.Response(self.refuses[0], json=self.refuses[1])
        where = request.url.path.partition("/cl_a/")[2]
        self.sent.append((request.method, where, json.loads(request.content)))
        return httpx.Response(200, json={"id": "tk_card"})

    def _made(self, where: str, body: dict[str, Any]) -> httpx.Response:
        """Something new under the id its form made; that of another is taken."""
        made = {b["id"]: b for method, w, b in self.sent if (method, w) == ("POST", where)}
        before = made.get(body["id"])
        if before is None:
            self.sent.append(("POST", where, body))
        elif before != body:
            return httpx.Response(409, json={"detail": "This id is taken.", "field": "id"})
        return httpx.Response(200, json={"id": body["id"], "doc_version": 1})

    def _version_of(self, request: httpx.Request) -> str:
        """The version at which that which is written anew or thrown away is now, as If-Match would name it."""
        *_, one, last = request.url.path.split("/")
        wanted = last if request.method == "PUT" else one
        rows = [*self.plan["goals"], *self.plan["tasks"]]
        return next(f'"{row["doc_version"]}"' for row in rows if row["id"] == wanted)


@dataclass
class Desk:
    """A person of staff at their pages, with care-plans behind them."""

    web: httpx.AsyncClient
    session: WebSession
    care_plans: CarePlans

    async def open(self, address: str) -> httpx.Response:
        """Open a page; a new form has an address of its own."""
        answer = await self.web.get(address, headers=self._headers)
        if answer.is_redirect:
            return await self.open(answer.headers["location"])
        return answer

    async def send(self, address: str, **typed: Any) -> httpx.Response:
        """Send a form of a page."""
        hidden = {"csrf": self.session.csrf, "command_id": "k1", "version": "7"}
        return await self.web.post(
            address, data={**hidden, **typed}, headers={**self._headers, "Sec-Fetch-Site": "same-origin"}
        )

    @property
    def _headers(self) -> dict[str, str]:
        return {"Accept": "text/html", "Cookie": f"{COOKIES['staff']}={self.session.cookie}"}


async def _signed_in(house: House, portal: Portal, person_id: str) -> WebSession:
    session = await portal.web_sessions.start(
        "staff", person_id, f"sid_{person_id}", "refresh", timedelta(hours=1)
    )
    token = house._headers(person_id)["Authorization"].removeprefix("Bearer ")
    for audience in ("family-portal", "care-plans"):
        portal.tokens.hold(session, audience, {"access_token": token, "expires_in": 300})
    return session


@asynccontextmanager
async def desks_of(house: House) -> AsyncIterator[Callable[[str], Awaitable[Desk]]]:
    """Desks of people of staff, by person id, over one care-plans; in the twin they work with nobody."""
    await house.knows(house.twin, rev=2, assignments=[])
    care_plans, settings = CarePlans(), house.portal.settings
    peers = PeerClients(settings, {"care-plans": httpx.MockTransport(care_plans)})
    portal = opened(settings, replace(house.chassis, peers=peers))
    app = bare_app(settings.name, [staff_goal_end.router, staff_task_words.router, staff_plan.router])
    app.state.chassis, app.state.portal = portal.chassis, portal
    app.add_middleware(ErrorPages)
    add_detours(app)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://portal") as web:

        async def desk(person_id: str) -> Desk:
            return Desk(web, await _signed_in(house, portal, person_id), care_plans)

        yield desk
    await peers.aclose()


def said(answer: httpx.Response, name: str) -> str:
    """What the page says to do about a field, which its summary leads to."""
    assert f'href="#{name}"' in answer.text
    found = re.search(rf'id="{name}-error"[^>]*>(?:\s*<span[^>]*>[^<]*</span>)?([^<]*)<', answer.text)
    assert found, f"nothing is said at {name}"
    return unescape(found[1]).strip()


def summary(answer: httpx.Response) -> list[tuple[str, str]]:
    """What the summary on top says, and where each line leads; every place is on the page."""
    text = unescape(answer.text)
    top = text.index("nhsuk-error-summary")
    assert top < text.index("<h1"), "the summary does not stand on top"
    listed = text[top : text.index("</ul>", top)]
    found = re.findall(r'<a href="#([^"]+)">([^<]+)</a>', listed)
    assert all(f'id="{place}"' in text for place, _ in found), found
    return [(place, told.strip()) for place, told in found]
