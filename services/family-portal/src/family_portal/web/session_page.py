"""The page after a session: the form while it is open, and what may still be done once it is signed."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from fastapi import Request, Response

from contracts.classes import DataClass
from contracts.sessions import EARLY
from family_portal.portal import Portal
from family_portal.views.opened import Entry
from family_portal.views.reader import Reach
from family_portal.web.frame import render
from family_portal.web.goals import active, sort_entries
from family_portal.web.heads import base_of, clock, head
from family_portal.web.models import ATTENDANCES, AfterPage, FieldError, Form, SignedPage, TrialGoal
from family_portal.web.session_changed import (
    beside_what_is_kept,
    beside_what_the_family_reads,
    without_a_place,
)
from family_portal.web.session_record import after_values, session_page, session_path
from family_portal.web.session_results import result_lines, result_values, trial_goal
from family_portal.web.session_rows import notes_part
from family_portal.web.visitor import Visitor
from policy.facts import in_force

STILL = frozenset({"summary", "try_at_home", "note", "note_class"})
"""What can still be written about a signed session."""
SAVED = {
    "waits": "Saved. Only the team reads it until you sign.",
    "shared": "Saved. The family reads the summary already.",
    "signed": "Saved.",
    "cancelled": "Saved. It was cancelled, so there is nothing to sign.",
}


async def show(
    request: Request,
    portal: Portal,
    visitor: Visitor,
    reach: Reach,
    session_id: str,
    *,
    form: Form | None = None,
    changed: bool = False,
    saved: str | None = "",
    status: int = 200,
) -> Response:
    """The page of a session. `form`: one shown again with its errors; `saved` None: say what has become of it.

    `changed`: somebody else saved while that form was being written, and what they wrote stands beside it.
    """
    found = await visitor.upstream.get("sessions", f"{session_path(reach)}/{session_id}")
    at = session_page(reach, session_id)
    said = SAVED[_stands(found)] if saved is None else saved
    if found.get("state") == "signed":
        page = await _signed(portal, visitor, reach, found, form, said)
        if form and changed:
            page = beside_what_the_family_reads(page, form, found)
        if form:
            page = replace(page, left=without_a_place(page, form, found))
        return render(request, "staff/session_signed.html", page=page, status=status, at=at)
    after = await _after(portal, visitor, reach, found, form, said)
    if form and changed:
        after = beside_what_is_kept(after, form, found)
    return render(request, "staff/session_after.html", page=after, status=status, at=at)


def has_begun(scheduled_for: datetime) -> bool:
    """Whether somebody may be said to have come to a session of this time."""
    return datetime.now(UTC) >= scheduled_for - EARLY


def _stands(found: dict[str, Any]) -> str:
    if found.get("state") == "signed" or found.get("outcome") == "cancelled":
        return "signed" if found["state"] == "signed" else "cancelled"
    return "shared" if found.get("summary_shared") else "waits"


async def _after(
    portal: Portal, visitor: Visitor, reach: Reach, found: dict[str, Any], form: Form | None, saved: str
) -> AfterPage:
    goals = [goal for goal in await _goals(portal, reach) if active(goal)]
    values = {**after_values(found), **result_values(goals, found["trials"])}
    shown = form or Form(session_page(reach, found["id"], "after"), values, version=found.get("version"))
    begins = datetime.fromisoformat(found["scheduled_for"])
    begun = has_begun(begins)
    return AfterPage(
        client=await head(portal, reach, "staff"),
        when=clock(begins),
        form=shown,
        trials=tuple(trial_goal(goal, found["trials"], shown) for goal in goals) if begun else (),
        saved=saved,
        school_name="School" if _school_reads(reach) else "",
        shared=bool(found.get("summary_shared")),
        begun=begun,
        attendances=ATTENDANCES if begun else ATTENDANCES[-1:],
        notes=await notes_part(portal, visitor, reach, base_of("staff", reach)),
        writes=reach.grants.may(DataClass.SESSION_SUMMARY, "write"),
    )


async def _signed(
    portal: Portal, visitor: Visitor, reach: Reach, found: dict[str, Any], form: Form | None, saved: str
) -> SignedPage:
    typed = form or Form("", {})
    if "summary" not in typed.values:
        typed = replace(typed, values={**after_values(found), **typed.values}, version=found.get("version"))
    errors = tuple(each if each.field in STILL else FieldError("", each.text) for each in typed.errors)
    came = after_values(found)["attendance"]
    said = next((choice.text for choice in ATTENDANCES if choice.value == came), "")
    minutes = (found.get("attendance") or {}).get("minutes")
    again = Form("", typed.values, errors, typed.command_id, came_back=typed.came_back)
    return SignedPage(
        client=await head(portal, reach, "staff"),
        when=clock(datetime.fromisoformat(found["scheduled_for"])),
        came=f"{said}, {minutes} minutes" if minutes else said,
        results=tuple(_read(goal, found["trials"]) for goal in await _goals(portal, reach)),
        summary=replace(again, action=session_page(reach, found["id"], "summary"), version=typed.version),
        note=replace(again, action=session_page(reach, found["id"], "note")),
        saved=saved,
        school_name="School" if _school_reads(reach) else "",
        notes=await notes_part(portal, visitor, reach, base_of("staff", reach)),
        writes=reach.grants.may(DataClass.SESSION_SUMMARY, "write"),
    )


def _read(goal: Entry, trials: list[dict[str, Any]]) -> TrialGoal:
    mine = [trial for trial in trials if trial["goal_id"] == goal.record_id]
    return TrialGoal(goal.record_id, goal.body["statement"], "", rows=0, recorded=result_lines(mine))


async def _goals(portal: Portal, reach: Reach) -> list[Entry]:
    return sort_entries(await portal.reader.parts(reach, (DataClass.PLAN_TEAM, DataClass.PLAN_PRIVATE))).goals


def _school_reads(reach: Reach) -> bool:
    """Whether a consent opens summaries now; one for single goals opens none, as a summary hangs on no goal."""
    now = datetime.now(UTC)
    return any(
        in_force(fact, now) and DataClass.SESSION_SUMMARY in fact.classes and fact.only_goals is None
        for fact in reach.document.consents
    )
