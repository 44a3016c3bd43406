"""Records a series for a client through the public API: one session for each observation, one a day."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from kith_local.program import Kith, Person
from kith_local.series_file import Observation, Series

UNIT = "measured"
"""A series is counted on its own scale, and not as the goal is that it stands beside."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the values go."""

    url: str
    tenant_id: str
    client_id: str
    goal_id: str

    @property
    def path(self) -> str:
        """The client's sessions."""
        return f"/tenants/{self.tenant_id}/clients/{self.client_id}/sessions"

    def key(self, series: Series, number: int) -> str:
        """An id that is the same each time, so that recording a series twice records it once."""
        named = (self.tenant_id, self.client_id, self.goal_id, series.case, series.series or "", str(number))
        return sha256("|".join(named).encode()).hexdigest()[:24]


@dataclass(frozen=True, slots=True)
class Stored:
    """How far a session has come that is in the calendar already."""

    recorded: bool = False
    signed: bool = False


def record(place: Place, who: str, password: str, series: Series) -> str:
    """Record and sign every observation; the last one was yesterday. Returns a sentence. Raises Refused.

    Called again, it goes on where it broke off: the ids come from the series.
    """
    person = Kith(place.url).sign_in(who, password)
    stored = _stored(person, place)
    last = datetime.now(UTC).replace(hour=14, minute=0, second=0, microsecond=0) - timedelta(days=1)
    new = 0
    for number, observation in enumerate(series.observations):
        session_id = f"se_{place.key(series, number)}"
        at = last - timedelta(days=len(series.observations) - 1 - number)
        if session_id not in stored:
            planned = {"id": session_id, "kind": "individual", "scheduled_for": at.isoformat()}
            person.post("sessions", place.path, planned)
        known = stored.get(session_id, Stored())
        if not known.recorded:
            held = _held(place, series, observation, number, at)
            person.post("sessions", f"{place.path}/{session_id}/record", held)
            new += 1
        if not known.signed:
            person.post("sessions", f"{place.path}/{session_id}/sign", {})
    kept = len(series.observations) - new
    return f"{new} values recorded" + (f", {kept} were there already." if kept else ".")


def _stored(person: Person, place: Place) -> dict[str, Stored]:
    """Sessions of the client by id, and how far each has come."""
    found: dict[str, Stored] = {}
    after = ""
    while True:
        page = person.get("sessions", f"{place.path}?limit=200{after}")
        for row in page["items"]:
            found[row["id"]] = Stored(row.get("outcome") is not None, row["state"] == "signed")
        if not page["next"]:
            return found
        after = f"&after={page['next']}"


def _held(
    place: Place, series: Series, observation: Observation, number: int, at: datetime
) -> dict[str, Any]:
    trial: dict[str, Any] = {
        "id": f"tr_{place.key(series, number)}",
        "goal_id": place.goal_id,
        "value": observation.value,
        "unit": UNIT,
        "phase": observation.phase or "baseline",
        "happened_at": at.isoformat(),
    }
    if series.series:
        trial["label"] = series.series
    return {"state": "held", "attendance": {"status": "attended"}, "trials": [trial]}
