"""A journey in numbered chapters through the public API, told again until each command has been acknowledged."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from kith_local.founding import goal, in_days, task
from kith_local.program import Refused
from kith_local.small_family import SmallFamily

PATIENCE_S = 120.0
NOT_NOW = (0, 404, 429, 502, 503)
"""Not here yet, busy, or away; anything else is an answer, and a 500 is a mistake of ours."""
NOT_HEARD = "This goal takes no results."
"""What sessions says of a goal that care-plans' worker, being killed, has not told it of yet."""
HOME, SCHOOL, STAFF = "ps_parent", "ps_teacher", "ps_therapist"


@dataclass
class Story:
    """What was acknowledged, in the order in which it was."""

    family: SmallFamily
    mark: str = field(default_factory=lambda: secrets.token_hex(3))
    made: dict[str, list[str]] = field(default_factory=dict)
    statements: dict[str, str] = field(default_factory=dict)
    """The last acknowledged plain wording of each goal."""

    def chapter(self, number: int) -> None:
        """A goal proposed, answered, revised and activated, a task, logs, an observation, a session."""
        goal_id = self._id("g", number)
        self._goal(goal_id)
        self._tell(STAFF, "care-plans", "/plan/activate", {"goals": [goal_id]})
        self._note("goals", goal_id)
        task_id = self._id("t", number)
        made = {"id": task_id, **task(goal_id, self._words(task_id), setting="school")}
        self._tell(STAFF, "care-plans", "/tasks", made)
        self._note("tasks", task_id)
        for part in range(3):
            log_id = self._id("lg", number, part)
            self._tell(HOME, "family-portal", "/tasks/t_one/logs", {"id": log_id, "result": "part"})
            self._note("task_log", log_id)
        self._observation(number)
        self._session(number, goal_id)

    def _goal(self, goal_id: str) -> None:
        body = goal(self._words(goal_id), audience=["guardians", "school"])
        self._tell(STAFF, "care-plans", "/goals", {"id": goal_id, **body})
        self._tell(STAFF, "care-plans", "/plan/propose", {"goals": [goal_id]})
        said = f"Can ask for a break, {self._words(goal_id)}, put better."
        self._tell(
            STAFF, "care-plans", f"/goals/{goal_id}", {**body, "plain": said}, method="PUT", version=True
        )
        self.statements[goal_id] = said
        answers = f"/goals/{goal_id}/answers"
        self._tell(HOME, "care-plans", answers, {"party": "guardian", "answer": "approve"})

    def _observation(self, number: int) -> None:
        record_id = self._id("ob", number)
        seen = {"id": record_id, "goal_id": "g_one", "saw": "card", "my_part": "got_to_it"}
        self._tell(SCHOOL, "family-portal", "/observations", seen)
        self._note("observation", record_id)

    def _session(self, number: int, goal_id: str) -> None:
        session_id, trial_id = self._id("se", number), self._id("tr", number)
        begin = {"id": session_id, "scheduled_for": in_days(-1)}
        self._tell(STAFF, "sessions", "/sessions", begin)
        record = {
            "state": "held",
            "attendance": {"status": "attended", "minutes": 45},
            "trials": [{"id": trial_id, "goal_id": goal_id, "value": 4}],
            "summary": {"text": f"We played, {self._words(session_id)}."},
            "share_summary": True,
        }
        self._tell(STAFF, "sessions", f"/sessions/{session_id}/record", record)
        for data_class, made in (("attendance", session_id), ("session_summary", session_id)):
            self._note(data_class, made)
        self._note("measure", trial_id)

    def _tell(
        self,
        who: str,
        service: str,
        path: str,
        body: dict[str, Any],
        *,
        method: str = "POST",
        version: bool = False,
    ) -> None:
        """One command, under one key, until it is acknowledged."""
        key = f"{self.mark}-{secrets.token_hex(8)}"

        def once() -> None:
            person = self.family.program(who)
            headers = {"Idempotency-Key": key}
            if version:
                headers["If-Match"] = f'"{self._version(path)}"'
            answer = person.ask(service, method, self.family.path + path, json=body, headers=headers)
            if not answer.is_success:
                raise Refused(f"{who} {path}: {answer.status_code} {answer.text}", answer.status_code)

        insist(once)

    def _version(self, path: str) -> int:
        return int(self.family.program(STAFF).get("care-plans", self.family.path + path)["doc_version"])

    def _note(self, kind: str, made: str) -> None:
        self.made.setdefault(kind, []).append(made)

    def _id(self, kind: str, *parts: int) -> str:
        return "_".join((kind, self.mark, *map(str, parts)))

    def _words(self, made: str) -> str:
        return f"{self.family.words}-{made}"


def insist(ask: Callable[[], None], within_s: float = PATIENCE_S) -> None:
    """Ask again until it is acknowledged, as a phone would. Raises what is an answer, and the last refusal."""
    end = time.monotonic() + within_s
    while True:
        try:
            return ask()
        except (httpx.TransportError, Refused) as error:
            refused = error.status if isinstance(error, Refused) else 0
            waits = refused in NOT_NOW or NOT_HEARD in str(error)
            if not waits or time.monotonic() > end:
                raise
        time.sleep(0.3)
