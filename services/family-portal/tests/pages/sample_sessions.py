"""A sessions service that keeps the API's promises in memory: one effect for each key, ids used once."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx

SCHEDULED = {
    "id": "se_one", "scheduled_for": "2026-03-02T12:00:00+00:00", "state": "scheduled", "trials": [], "version": 1,
}  # fmt: skip
WRONG_PLACE = "belongs elsewhere"
"""Words that no note of this service may hold."""

AFTER = "/staff/sessions/se_one/after?client=a"
NOTE = "He led, and asked for two breaks."
HELD = {
    "attendance": "attended",
    "minutes": "40",
    "trial-g_one-0-value": "6",
    "trial-g_one-0-out_of": "10",
    "summary": "We built a den.",
    "note_class": "progress",
    "note": NOTE,
}
"""Where a session is written down, and what is written of one that was held."""


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
    duty: list[dict[str, Any]] = field(default_factory=list)
    """What waits for whoever is on duty."""
    away: set[str] = field(default_factory=set)
    """Ends of paths that do their work and whose answer is lost."""
    _done: dict[str, tuple[str, Any]] = field(default_factory=dict)

    def handle(self, request: httpx.Request) -> httpx.Response:
        """One request, as httpx.MockTransport asks it."""
        path = "/".join(request.url.path.strip("/").split("/")[4:])  # below the client
        if request.url.path.endswith("/duty-items"):
            return httpx.Response(200, json={"items": self.duty, "next": None})
        if request.method == "GET":
            return self._read(path, request.url.params)
        self.asked.append(path)
        try:
            answer = self._once(request, path)
        except Refusal as refusal:
            return refusal.answer
        lost = any(path.endswith(end) for end in self.away)
        return httpx.Response(503) if lost else httpx.Response(200, json=answer)

    def _read(self, path: str, asked: httpx.QueryParams) -> httpx.Response:
        what, *which = path.split("/")
        if what == "notes" and which:
            note = self.notes.get(which[0])
            return httpx.Response(200, json=_shown(note)) if note else httpx.Response(404)
        if what == "notes" or which[1:] == ["notes"]:
            return httpx.Response(200, json={"items": [_shown(n) for n in self.notes.values()], "next": None})
        if not which:
            return httpx.Response(200, json=self._page(asked))
        return httpx.Response(200, json=self.sessions[which[0]])

    def _page(self, asked: httpx.QueryParams) -> dict[str, Any]:
        """Sessions between two moments, newest first where nothing else is asked for, a page at a time."""
        since, until = (
            datetime.fromisoformat(asked.get(name, usual))
            for name, usual in (("since", "1900-01-01T00:00Z"), ("until", "2200-01-01T00:00Z"))
        )
        rows = [(datetime.fromisoformat(row["scheduled_for"]), row) for row in self.sessions.values()]
        there = sorted((row for row in rows if since <= row[0] < until), key=lambda row: row[0])
        ordered = there if asked.get("order") == "soonest" else there[::-1]
        begin, limit = int(asked.get("after", "0")), int(asked.get("limit", "50"))
        page = [row for _, row in ordered[begin : begin + limit]]
        more = len(ordered) > begin + limit
        return {"items": page, "next": str(begin + limit) if more else None}

    def _once(self, request: httpx.Request, path: str) -> Any:
        key, said = request.headers["idempotency-key"], f"{path} {request.content.decode()}"
        if key in self._done:
            if self._done[key][0] != said:
                raise Refusal(409, "Idempotency-Key", "This Idempotency-Key was used for another request.")
            return self._done[key][1]
        self._check_seen(request.headers.get("if-match"), path)
        answer = self._do(path, json.loads(request.content))
        self._done[key] = (said, answer)
        return answer

    def _check_seen(self, seen: str | None, path: str) -> None:
        if seen is None:
            return
        what, which = path.split("/")[:2]
        stored = self.notes if what == "notes" else self.sessions
        if seen != f'"{stored[which].get("version", 1)}"':
            raise Refusal(409, "If-Match", "It has moved on since you read it.")

    def _do(self, path: str, body: dict[str, Any]) -> Any:
        what, *rest = path.split("/")
        if what == "sessions" and not rest:
            return self._plan(body)
        if what == "notes":
            return self._noted(self.notes[rest[0]], rest[1:], body)
        session = self.sessions[rest[0]]
        does = {"notes": self._note, "sign": self._sign, "summary": self._share, "record": self._record}
        return does[rest[1]](session, body)

    def _plan(self, body: dict[str, Any]) -> Any:
        if body["id"] in self.sessions:
            raise Refusal(409, "id", "This id is taken.")
        self.sessions[body["id"]] = {**body, "state": "scheduled", "trials": [], "version": 1}
        return {"id": body["id"]}

    def _record(self, session: dict[str, Any], body: dict[str, Any]) -> Any:
        if session["state"] == "signed":
            raise Refusal(409, "state", "A signed session is closed.")
        for n, trial in enumerate(body.get("trials", [])):
            if trial["value"] > trial.get("out_of", 5):
                raise Refusal(422, f"trials.{n}.value", "A result of this goal lies from 0 to 5.")
        kept = {trial["id"]: trial for trial in (*session["trials"], *body.get("trials", []))}
        session["trials"] = [t for t in kept.values() if t["id"] not in body.get("removed_trials", ())]
        session |= {
            "outcome": body["state"],
            "attendance": body.get("attendance"),
            "summary": body["summary"] if "summary" in body else session.get("summary"),
        }
        session["state"] = "cancelled" if body["state"] == "cancelled" else "documented"
        session["recorded"] = session.get("recorded", 0) + 1
        return self._changed(session)

    def _sign(self, session: dict[str, Any], body: dict[str, Any]) -> Any:
        session |= {"state": "signed", "summary_shared": bool(session.get("summary"))}
        return self._changed(session)

    def _share(self, session: dict[str, Any], body: dict[str, Any]) -> Any:
        session |= {"summary": {"text": body["text"]}, "summary_shared": True}
        return self._changed(session)

    def _changed(self, session: dict[str, Any]) -> Any:
        session["version"] += 1
        return {"id": session["id"], "version": session["version"]}

    def _note(self, session: dict[str, Any], body: dict[str, Any]) -> Any:
        if WRONG_PLACE in body["text"]:
            raise Refusal(422, "text", "This does not belong into a note.")
        if body["id"] in self.notes:
            raise Refusal(409, "id", "This id is taken.")
        if body["status"] == "signed" and not session.get("outcome"):
            raise Refusal(409, "attendance", "Nobody has said yet who came.")
        self.notes[body["id"]] = body
        return {"id": body["id"]}

    def _noted(self, note: dict[str, Any], what: list[str], body: dict[str, Any]) -> Any:
        if WRONG_PLACE in body.get("text", ""):
            raise Refusal(422, "text", "This does not belong into a note.")
        if what == ["sign"]:
            note["status"] = "signed"
        elif what == ["amendments"]:
            note.setdefault("added", []).append(body["text"])
        elif note["status"] == "signed":
            raise Refusal(409, "text", "A signed note does not change.")
        else:
            note["text"] = body["text"]
        note["version"] = note.get("version", 1) + 1
        return {"id": note["id"]}


def _shown(note: dict[str, Any]) -> dict[str, Any]:
    signed = note["status"] == "signed"
    return {
        "id": note["id"],
        "note_class": note["note_class"],
        "author": note.get("author", "ps_therapist"),
        "version": note.get("version", 1),
        "text": note["text"],
        "state": note["status"],
        "written_at": "2026-03-02T13:00:00+00:00",
        "signed_at": "2026-03-02T13:00:00+00:00" if signed else None,
        "amendments": [{"text": text, "at": "2026-03-03T09:00:00+00:00"} for text in note.get("added", ())],
    }
