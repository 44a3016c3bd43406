"""Between the page after a session and what the sessions service takes."""

from collections.abc import Mapping, Sequence
from typing import Any

from chassis.errors import Invalid
from family_portal.views.reader import Reach
from family_portal.web.forms import Typed
from family_portal.web.heads import address_of
from family_portal.web.session_results import TypedResult, check_no_results

AFTER_FIELDS: Mapping[str, str] = {
    "attendance.status": "attendance", "attendance.minutes": "minutes", "summary.text": "summary",
    "summary.try_at_home": "try_at_home", "text": "note", "note_class": "note_class", "state": "attendance",
}  # fmt: skip
SUMMARY_FIELDS: Mapping[str, str] = {**AFTER_FIELDS, "text": "summary"}
"""The same where the summary is all that is sent."""
MISSED = frozenset({"no_show", "cancelled"})
"""Answers to who came that say what became of the whole session: it has no attendance and no results."""
LONGEST_MINUTES = 1440


def session_path(reach: Reach) -> str:
    """The client's sessions at the sessions service."""
    return f"/tenants/{reach.caller.tenant_id}/clients/{reach.client_id}/sessions"


def session_page(reach: Reach, session_id: str, what: str = "after") -> str:
    """The address of a session's page, or of one of its forms."""
    return f"/staff/sessions/{session_id}/{what}?client={address_of(reach)}"


def record_body(form: Typed, results: Sequence[TypedResult] = ()) -> dict[str, Any]:
    """What was typed, as the sessions service takes it. Raises Invalid for what cannot be.

    An emptied summary is sent as none, so that no words that were erased are shared.
    """
    came = form.text("attendance")
    body: dict[str, Any] = {
        "state": came if came in MISSED else "held",
        "release_to_school": form.text("release_to_school") == "yes",
    }
    if came in MISSED:
        check_no_results(form)
    else:
        body["trials"] = [result.trial for result in results if result.trial]
        if came:
            body["attendance"] = {"status": came, "minutes": minutes_of(form)}
    if removed := [result.removed for result in results if result.removed]:
        body["removed_trials"] = removed
    summary = summary_of(form)
    if summary or "summary" in form.values:
        body["summary"] = summary or None
    return body


def check_summary_of_missed(form: Typed, found: dict[str, Any]) -> None:
    """Raises Invalid where words that wait from when it was held still stand in the form of a missed session."""
    stored = found.get("summary") or {}
    waits = stored and found.get("outcome") == "held" and not found.get("summary_shared")
    if form.text("attendance") in MISSED and waits and form.text("summary") == stored["text"]:
        raise Invalid(
            "You wrote this about a session that took place.",
            field="summary",
            fix="Take it out, or write what the family is to read now.",
        )


def summary_of(form: Typed) -> dict[str, str]:
    """What the family is to read; nothing where nothing was written. Raises Invalid for half of it."""
    said = {"text": form.text("summary"), "try_at_home": form.text("try_at_home")}
    if said["try_at_home"] and not said["text"]:
        raise Invalid(
            "What to try at home goes along with what you did.", field="summary", fix="Write that, too."
        )
    return {name: words for name, words in said.items() if words}


def minutes_of(form: Typed) -> int | None:
    """How long it is or was; None where nobody said. Raises Invalid for what is longer than a day, or nothing."""
    minutes = form.number("minutes")
    if minutes is not None and not 0 < minutes <= LONGEST_MINUTES:
        raise Invalid(
            "This is no length of a session.", field="minutes", fix="Write minutes, for example 40."
        )
    return minutes


def after_values(found: dict[str, Any]) -> dict[str, str]:
    """What the form holds of a session as the sessions service shows it."""
    came, summary = found.get("attendance") or {}, found.get("summary") or {}
    return {
        "attendance": found["outcome"] if found.get("outcome") in MISSED else came.get("status") or "",
        "minutes": str(came.get("minutes") or ""),
        "summary": summary.get("text") or "",
        "try_at_home": summary.get("try_at_home") or "",
        "release_to_school": "yes" if found.get("released_to_school") else "",
        "note_class": "progress",
    }
