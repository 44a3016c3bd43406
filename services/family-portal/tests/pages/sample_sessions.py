"""A sessions service that keeps the API's promises in memory: one effect for each key, ids used once."""

import json
from dataclasses import dataclass, field
from typing import Any

import httpx

SCHEDULED = {"id": "se_one", "scheduled_for": "2026-03-02T12:00:00+00:00", "state": "scheduled", "trials": []}
WRONG_PLACE = "belongs elsewhere"
"""Words that no note of this service may hold."""


class Refusal(Exception):
    """A problem document: status, field, what is wrong."""

    def __init__(self, status: int, name: str, detail: str) -> None:
        super().__init__(detail)
        self.answer = httpx.Response(status, json={"field": name, "detail": detail, "fix": "Change it."})


@dataclass
class SampleSessions:
    """Sessions by id, notes by id, and what was asked."""

    sessions: dict[str, dict[str, Any]] = field(default_factory=lambda: {"se_one": {**SCHEDULED}})
    notes: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    away: set[str] = field(default_factory=set)
    """Ends of paths that do their work and whose answer is lost."""
    _done: dict[str, tuple[str, Any]] = field(default_factory=dict)

    def handle(self, request: httpx.Request) -> httpx.Response:
        """One request, as httpx.MockTransport asks it."""
        path = "/".join(request.url.path.strip("/").split("/")[4:])  # below the client
        if request.method == "GET":
            return self._read(path)
        self.asked.append(path)
        try:
            answer = self._once(request, path)
        except Refusal as refusal:
            return refusal.answer
        lost = any(path.endswith(end) for end in self.away)
        return httpx.Response(503) if lost else httpx.Response(200, json=answer)

    def _read(self, path: str) -> httpx.Response:
        what, *which = path.split("/")
        if what == "notes":
            return httpx.Response(200, json={"items": [], "next": None})
        if not which:
            return httpx.Response(200, json={"items": list(self.sessions.values()), "next": None})
        return httpx.Response(200, json=self.sessions[which[0]])

    def _once(self, request: httpx.Request, path: str) -> Any:
        key, said = request.headers["idempotency-key"], f"{path} {request.content.decode()}"
        if key in self._done:
            if self._done[key][0] != said:
                raise Refusal(409, "Idempotency-Key", "This Idempotency-Key was used for another request.")
            return self._done[key][1]
        answer = self._do(path, json.loads(request.content))
        self._done[key] = (said, answer)
        return answer

    def _do(self, path: str, body: dict[str, Any]) -> Any:
        what, *rest = path.split("/")
        if what == "sessions" and not rest:
            return self._plan(body)
        if what == "notes":
            self.notes[rest[0]]["status"] = "signed"
            return {"id": rest[0]}
        session = self.sessions[rest[0]]
        return self._note(session, body) if rest[1] == "notes" else self._record(session, body)

    def _plan(self, body: dict[str, Any]) -> Any:
        if body["id"] in self.sessions:
            raise Refusal(409, "id", "This id is taken.")
        self.sessions[body["id"]] = {**body, "state": "scheduled", "trials": []}
        return {"id": body["id"]}

    def _record(self, session: dict[str, Any], body: dict[str, Any]) -> Any:
        kept = {trial["id"] for trial in session["trials"]}
        fresh = body.get("trials", [])
        if kept & {trial["id"] for trial in fresh}:
            raise Refusal(409, "trials", "A result with this id exists.")
        session["trials"] = [*session["trials"], *fresh]
        session |= {
            "outcome": body["state"],
            "attendance": body.get("attendance"),
            "summary": body.get("summary"),
        }
        session["recorded"] = session.get("recorded", 0) + 1
        return {"id": session["id"]}

    def _note(self, session: dict[str, Any], body: dict[str, Any]) -> Any:
        if WRONG_PLACE in body["text"]:
            raise Refusal(422, "text", "This does not belong into a note.")
        if body["id"] in self.notes:
            raise Refusal(409, "id", "This id is taken.")
        if body["status"] == "signed" and not session.get("outcome"):
            raise Refusal(409, "attendance", "Nobody has said yet who came.")
        self.notes[body["id"]] = body
        return {"id": body["id"]}
