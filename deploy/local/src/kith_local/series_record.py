"""Records a series for a client through the public API: one session for each observation, one a day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import quote

import httpx

from kith_local.program import Kith, Person, Refused
from kith_local.series_file import Observation, Series, SeriesError

UNIT = "measured"
"""A series is counted on its own scale, and not as the goal is that it stands beside."""
TAKES_RESULTS = ("proposed", "active", "on_hold")
"""The states of a goal in which a session may keep results for it."""
LONGEST, LARGEST = 120, 1e9
"""Characters of a phase or a series, and the size of a value, that sessions take."""


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

    def session_id(self, series: Series, number: int) -> str:
        """The id of the session that keeps an observation."""
        return f"se_{self.key(series, number)}"

    def key(self, series: Series, number: int) -> str:
        """An id that is the same each time, so that recording a series twice records it once."""
        named = (self.tenant_id, self.client_id, self.goal_id, series.case, series.series or "", str(number))
        return sha256("|".join(named).encode()).hexdigest()[:24]


@dataclass(frozen=True, slots=True)
class Stored:
    """How far a session has come that is in the calendar already."""

    version: int
    recorded: bool = False
    signed: bool = False


def record(place: Place, who: str, password: str, series: Series) -> str:
    """Record and sign every observation; the last one was yesterday. Returns a sentence.

    Called again, it goes on where it broke off: the ids come from the series. Nothing is written unless all of it
    can be: Raises SeriesError for what is too long or too large, Refused for a goal that takes no results.
    """
    check_sizes(series)
    person = Kith(place.url).sign_in(who, password)
    stored = _stored(person, place)
    ids = [place.session_id(series, number) for number in range(len(series.observations))]
    if not all(session_id in stored and stored[session_id].recorded for session_id in ids):
        _check_goal(person, place)
    new = 0
    for number in range(len(ids)):
        try:
            new += keep(person, place, series, number, stored)
        except (Refused, httpx.HTTPError) as error:
            raise Refused(f"{error} {_so_far(number)}") from error
    kept = len(ids) - new
    return f"{new} values recorded" + (f", {kept} were there already." if kept else ".")


def keep(person: Person, place: Place, series: Series, number: int, stored: Mapping[str, Stored]) -> bool:
    """Plan, record and sign the session of one observation, as far as that is not `stored`; True where it was recorded.

    One that cannot be recorded does not stay planned. Raises Refused, which says so, or httpx.HTTPError.
    """
    session_id = place.session_id(series, number)
    at = _yesterday() - timedelta(days=len(series.observations) - 1 - number)
    known = stored.get(session_id)
    if known is None:
        planned = {"id": session_id, "kind": "individual", "scheduled_for": at.isoformat()}
        known = Stored(person.post("sessions", place.path, planned)["version"])
    if not known.recorded:
        held = _held(place, series, series.observations[number], number, at)
        try:
            person.post("sessions", f"{place.path}/{session_id}/record", held, version=known.version)
        except (Refused, httpx.HTTPError) as error:
            raise Refused(f"{error} {_cancelled(person, place, session_id, known.version)}") from error
    if not known.signed:
        person.post("sessions", f"{place.path}/{session_id}/sign", {})
    return not known.recorded


def check_sizes(series: Series) -> None:
    """Raises SeriesError for words and values that sessions do not take."""
    phases = {observation.phase: None for observation in series.observations}
    for name, words in (("series", series.series or ""), *(("phase", phase) for phase in phases)):
        if len(words) > LONGEST:
            raise SeriesError(f"a {name} has at most {LONGEST} characters to be recorded, not {len(words)}")
    for observation in series.observations:
        if abs(observation.value) > LARGEST:
            raise SeriesError(
                f"an outcome lies between ±{LARGEST:g} to be recorded, and {observation.value:g} does not"
            )


def _cancelled(person: Person, place: Place, session_id: str, version: int) -> str:
    """Cancel a session as it was before its record was refused; what became of it, as a sentence."""
    day = f"The session {session_id} was planned, and"
    try:
        person.post("sessions", f"{place.path}/{session_id}/record", {"state": "cancelled"}, version=version)
    except (Refused, httpx.HTTPError) as error:
        return f"{day} may still stand in the calendar, because cancelling it failed: {error}"
    return f"{day} is cancelled again."


def _so_far(number: int) -> str:
    before = f"Recorded before it: {number}. " if number else ""
    return f"{before}Once this is put right, the same command goes on from here."


def _check_goal(person: Person, place: Place) -> None:
    """Raises Refused unless sessions may keep results for the goal."""
    path = f"/tenants/{place.tenant_id}/clients/{place.client_id}/goals/{quote(place.goal_id, safe='')}"
    try:
        state = person.get("care-plans", path)["state"]
    except Refused as refused:
        if refused.status not in (404, 422):
            raise
        state = "unknown"
    if state not in TAKES_RESULTS:
        raise Refused(
            f"The goal {place.goal_id!r} takes no results, so nothing was recorded. "
            "Name a goal of the client's active plan with --goal."
        )


def _yesterday() -> datetime:
    return datetime.now(UTC).replace(hour=14, minute=0, second=0, microsecond=0) - timedelta(days=1)


def _stored(person: Person, place: Place) -> dict[str, Stored]:
    """Sessions of the client by id, and how far each has come; a cancelled one can still be recorded."""
    found: dict[str, Stored] = {}
    after = ""
    while True:
        page = person.get("sessions", f"{place.path}?limit=200{after}")
        for row in page["items"]:
            recorded = row.get("outcome") not in (None, "cancelled")
            found[row["id"]] = Stored(row.get("version", 0), recorded, row.get("state") == "signed")
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
