"""The page of one client for the team, and its parts, each of which asks for itself when something moved."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from fastapi import Request, Response

from chassis.errors import NotFound, Problem
from chassis.routes import Routes
from contracts.access import Authority, RelationshipFact
from contracts.classes import DataClass
from contracts.family_portal import ObservationRecorded, TaskLogged
from family_portal.portal import Portal, PortalDep
from family_portal.views.reader import Reach
from family_portal.web.about import about_card
from family_portal.web.consents import until_of
from family_portal.web.frame import render
from family_portal.web.heads import base_of, clock, day, head
from family_portal.web.models import (
    ClientPage,
    GoalsPart,
    Line,
    Link,
    Live,
    NotesPart,
    Part,
    PracticeLine,
    PracticePart,
    Seen,
)
from family_portal.web.seen import seen_shared
from family_portal.web.session_rows import notes_part
from family_portal.web.session_times import last_held, planned
from family_portal.web.staff_episode import episode_part
from family_portal.web.staff_goals import goal_panels
from family_portal.web.staff_reach import staff_reach
from family_portal.web.staff_rests import paused_lines
from family_portal.web.staff_words import ICON, RECENT, how
from family_portal.web.visitor import StaffVisitor, Visitor
from family_portal.web.words import counted

router = Routes(prefix="/staff/clients/{client}", include_in_schema=False)


@router.get("")
async def one_client(client: str, request: Request, visitor: StaffVisitor, portal: PortalDep) -> Response:
    """One person: goals with three settings, this week's practice, last session, people."""
    reach = await staff_reach(request, portal, visitor, client)
    return render(request, "staff/client.html", page=await _client(portal, visitor, reach))


@router.get("/fragments/{part}")
async def client_fragment(
    client: str, part: str, request: Request, visitor: StaffVisitor, portal: PortalDep
) -> Response:
    """One part of the client's page alone: goals, practice, safety, notes, sessions, how far it is."""
    reach = await staff_reach(request, portal, visitor, client)
    if part not in PARTS:
        raise NotFound()
    return render(
        request, f"fragments/{part}.html", part=await PARTS[part](portal, visitor, reach), alone=True
    )


async def _client(portal: Portal, visitor: Visitor, reach: Reach) -> ClientPage:
    base = base_of("staff", reach)
    goals = await _goals(portal, visitor, reach)
    safety, notes, sessions = await asyncio.gather(
        _safety(portal, visitor, reach),
        _notes(portal, visitor, reach),
        _sessions(portal, visitor, reach),
    )
    return ClientPage(
        client=await head(portal, reach, "staff", seen=await _seen(portal, reach)),
        start=Link("Start session", f"{base}/sessions/new")
        if reach.grants.may(DataClass.ATTENDANCE, "write")
        else None,
        plan=Link("Open the plan", f"{base}/plan"),
        about=await about_card(portal, reach),
        practice=await _practice(portal, visitor, reach),
        goals=goals,
        safety=safety,
        sessions=sessions if reach.knows_when else None,
        people=await _people(portal, reach),
        notes=notes,
        episode=await episode_part(portal, visitor, reach),
        before_plan=() if goals.panels else (_before_plan(reach),),
    )


def _before_plan(reach: Reach) -> Line:
    """What comes before a plan, with the way to it for who writes one."""
    writes = reach.grants.may(DataClass.PLAN_TEAM, "write")
    href = f"{base_of('staff', reach)}/plan/edit" if writes else ""
    return Line("No goal yet. Ask first what they want.", href=href)


async def _seen(portal: Portal, reach: Reach) -> Seen:
    """Who else reads the shared plan; the people around the client stand further down this page."""
    return replace(await seen_shared(portal, reach, "staff"), href="#people", link="The people")


async def _sessions(portal: Portal, visitor: Visitor, reach: Reach) -> Part[tuple[str, ...]]:
    url = f"{base_of('staff', reach)}/fragments/last_session"
    held, coming = await asyncio.gather(last_held(visitor, reach), planned(visitor, reach))
    said = None if held is None or coming is None else tuple(filter(None, (_last(held), _next(coming))))
    return Part("last-session", "Last and next session", url, said)


def _last(held: list[dict[str, Any]]) -> str:
    return f"Last session: {clock(datetime.fromisoformat(held[0]['scheduled_for']))}." if held else ""


AUTHORITY = {
    Authority.LIMITED: "limited authority",
    Authority.COURT_RESTRICTED: "restricted by a court: reads nothing here and is told nothing",
    Authority.NONE: "no authority",
}
"""What the team has to know of somebody before they say anything to them."""


def _tie(fact: RelationshipFact) -> str:
    kind = fact.kind.replace("_", " ")
    return f"{kind}, {AUTHORITY[fact.authority]}" if fact.authority in AUTHORITY else kind


def _next(rows: list[dict[str, Any]]) -> str:
    """The soonest session in the calendar that is to come."""
    times = (datetime.fromisoformat(row["scheduled_for"]) for row in rows)
    soonest = min((at for at in times if at > datetime.now(UTC)), default=None)
    return f"Next session: {clock(soonest)}." if soonest else ""


async def _people(portal: Portal, reach: Reach) -> tuple[Line, ...]:
    kinds = {fact.person_id: _tie(fact) for fact in reach.document.relationships}
    team = [fact.person_id for fact in reach.document.assignments]
    names = await portal.names.persons([*kinds, *team])
    return tuple(
        Line(names[person].name, kinds.get(person, names[person].title).replace("_", " "), "people")
        for person in dict.fromkeys([*kinds, *team])
    )


LOGS = 8
"""So many of what was noted lately stand on the page; all of it is a page of its own."""
CHARTS_WAIT_MS = 150
"""What somebody wrote is on the page first; the charts of hundreds of marks follow."""


async def _goals(portal: Portal, visitor: Visitor, reach: Reach) -> GoalsPart:
    moved = (f"plan-{reach.client_id}", f"log-{reach.client_id}")
    where = f"{base_of('staff', reach)}/fragments/goal_panels"
    live = Live("goals", where, moved, after_ms=CHARTS_WAIT_MS)
    return GoalsPart(live, await goal_panels(portal, reach))


async def _practice(portal: Portal, visitor: Visitor, reach: Reach) -> PracticePart:
    noted = {"type": {"$in": [TaskLogged.TYPE, ObservationRecorded.TYPE]}}
    since = {**noted, "happened_at": {"$gt": (datetime.now(UTC) - RECENT).isoformat()}}
    classes = (DataClass.TASK_LOG, DataClass.OBSERVATION, DataClass.PLAN_PRIVATE)
    page = await portal.reader.items(reach, classes, limit=LOGS, match=since)
    names = await portal.names.persons([entry.by for entry in page.entries if entry.by])
    moved = (f"log-{reach.client_id}", f"task-{reach.client_id}")
    return PracticePart(
        Live("practice", f"{base_of('staff', reach)}/fragments/practice", moved),
        tuple(
            PracticeLine(
                id=entry.record_id,
                icon=ICON.get(entry.body.get("result", ""), "school"),
                title=f"{names[entry.by].name if entry.by else 'Somebody'}: {how(entry)}",
                soft=day(entry.happened_at),
                words=entry.body.get("words") or "",
            )
            for entry in page.entries
        ),
        all=f"{base_of('staff', reach)}/written",
        paused=await paused_lines(portal, reach),
    )


async def _safety(portal: Portal, visitor: Visitor, reach: Reach) -> Part[tuple[Line, ...]]:
    path = f"/tenants/{reach.caller.tenant_id}/clients/{reach.client_id}/consents"
    url = f"{base_of('staff', reach)}/fragments/safety"
    try:
        found = await visitor.upstream.find_every("identity", path)
    except Problem:
        found = None
    if found is None:
        return Part("safety", "Consents", url, None)
    lines = tuple(
        Line(
            f"{counted(len(row['recipients']), 'person', 'people')}: {row['state'].replace('_', ' ')}",
            until_of(row),
            "shield",
        )
        for row in found
    )
    return Part("safety", "Consents", url, lines, Live("safety", url, (f"who-{reach.client_id}",)))


async def _notes(portal: Portal, visitor: Visitor, reach: Reach) -> Part[NotesPart]:
    base = base_of("staff", reach)
    part = await notes_part(portal, visitor, reach, base)
    if part.body is None:
        return part
    live = Live(part.id, part.url, (f"note-{reach.client_id}",))
    return replace(part, body=replace(part.body, live=live))


MakePart = Callable[[Portal, Visitor, Reach], Awaitable[object]]


async def _about(portal: Portal, visitor: Visitor, reach: Reach) -> object:
    if (card := await about_card(portal, reach)) is None:
        raise NotFound()
    return card


PARTS: dict[str, MakePart] = {
    "about_card": _about,
    "goal_panels": _goals,
    "practice": _practice,
    "safety": _safety,
    "notes": _notes,
    "last_session": _sessions,
    "episode": episode_part,
}
"""The parts of the page that ask for themselves, by their address."""
