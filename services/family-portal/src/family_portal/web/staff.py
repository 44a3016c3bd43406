"""Pages of therapists: today, caseload, one client."""

from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import APIRouter, Request, Response

from chassis.errors import NotFound, Problem
from contracts.classes import DataClass
from family_portal.portal import Portal, PortalDep
from family_portal.views.reader import Entry, Reach
from family_portal.web.frame import render
from family_portal.web.goals import active, proposed, sort_entries
from family_portal.web.heads import LONDON, base_of, clock, day, head, seat, slug
from family_portal.web.models import (
    CaseloadPage,
    CaseloadRow,
    ClientPage,
    Empty,
    Line,
    Link,
    Live,
    NextSession,
    Part,
    PracticeLine,
    ToAnswer,
    TodayPage,
)
from family_portal.web.session_rows import notes_part, session_rows
from family_portal.web.staff_goals import goal_panels
from family_portal.web.staff_reach import staff_reach
from family_portal.web.visitor import StaffVisitor, Visitor

router = APIRouter(prefix="/staff", include_in_schema=False)
RESULT = {
    "did": "did it",
    "part": "part of it",
    "couldnt": "tried, couldn’t",
    "not_this_week": "not this week",
}
ICON = {"did": "did", "part": "part", "couldnt": "tried", "not_this_week": "notnow"}
FELT = ("hard going", "a bit hard", "okay", "good", "really good")
RECENT = timedelta(days=14)


async def _caseload(portal: Portal, visitor: Visitor) -> list[Reach]:
    return [r for r in await portal.reader.clients(visitor.callers) if "team" in r.grants.labels]


@router.get("/today")
async def today(request: Request, visitor: StaffVisitor, portal: PortalDep) -> Response:
    """What waits: the next session, words to answer, what is due."""
    await seat(request, portal, visitor, "staff")
    return render(request, "staff/today.html", page=await _today(portal, visitor))


@router.get("/fragments/to-answer")
async def to_answer_fragment(request: Request, visitor: StaffVisitor, portal: PortalDep) -> Response:
    """What waits for an answer, alone."""
    await seat(request, portal, visitor, "staff")
    return render(request, "fragments/to_answer.html", page=await _today(portal, visitor))


async def _today(portal: Portal, visitor: Visitor) -> TodayPage:
    reached = await _caseload(portal, visitor)
    answers = [line for reach in reached for line in await _to_answer(portal, reach)]
    coming = [pair for reach in reached for pair in await _coming(portal, visitor, reach)]
    coming.sort(key=lambda pair: pair[0])
    moved = tuple(f"{group}-{reach.client_id}" for reach in reached for group in ("log", "plan"))
    now = datetime.now(LONDON)
    return TodayPage(
        day=f"{now:%A} {now.day} {now:%B}",
        answers=tuple(answers),
        answers_live=Live("to-answer", "/staff/fragments/to-answer", moved),
        stream="/staff/live",
        next=coming[0][1] if coming else None,
        due=tuple([line for reach in reached for line in await _due(portal, reach)]),
    )


async def _coming(portal: Portal, visitor: Visitor, reach: Reach) -> list[tuple[datetime, NextSession]]:
    named = await head(portal, reach, "staff")
    found = []
    for row in await session_rows(visitor, reach, limit=20):
        at = datetime.fromisoformat(row["scheduled_for"])
        if row["state"] in ("scheduled", "in_progress") and at > datetime.now(UTC) - timedelta(hours=3):
            start = Link("Start session", f"/staff/sessions/{row['id']}/after?client={slug(reach.client_id)}")
            found.append((at, NextSession(clock(at), named.name, named.mark, start)))
    return found


async def _due(portal: Portal, reach: Reach) -> list[Line]:
    goals = sort_entries(await portal.reader.parts(reach, (DataClass.PLAN_TEAM,))).goals
    if not any(proposed(goal) for goal in goals):
        return []
    named = await head(portal, reach, "staff")
    return [Line(f"{named.name}, a plan waits for answers", "", "flag", f"{named.href}/plan")]


async def _to_answer(portal: Portal, reach: Reach) -> list[ToAnswer]:
    since = {"happened_at": {"$gt": (datetime.now(UTC) - RECENT).isoformat()}}
    classes = (DataClass.TASK_LOG, DataClass.OBSERVATION, DataClass.PLAN_PLAIN, DataClass.PLAN_SCHOOL)
    page = await portal.reader.items(reach, (*classes, DataClass.PLAN_PRIVATE), limit=20, match=since)
    spoken = [entry for entry in page.entries if entry.body.get("words") and not entry.body.get("reply")]
    named = await head(portal, reach, "staff")
    names = await portal.names.persons([entry.by for entry in spoken if entry.by])
    return [
        ToAnswer(
            id=entry.record_id,
            client=named.name,
            mark=named.mark,
            who=f"{names[entry.by].name if entry.by else 'Somebody'}, {day(entry.happened_at)}",
            felt=_how(entry),
            words=entry.body["words"],
            links=(Link(f"Open {named.name}’s plan", f"{named.href}/plan"),),
        )
        for entry in spoken
    ]


def _how(entry: Entry) -> str:
    body = entry.body
    if "answer" in body:
        return {"approve": "said yes to a goal", "ask": "asks about a goal", "no": "says no to a goal"}[
            body["answer"]
        ]
    if "result" in body:
        felt = body.get("felt")
        return RESULT[body["result"]] + (f", {FELT[felt]}" if felt is not None else "")
    return str(body.get("saw", "")).replace("_", " ")


@router.get("/caseload")
async def caseload(request: Request, visitor: StaffVisitor, portal: PortalDep) -> Response:
    """People with something open, then all others."""
    await seat(request, portal, visitor, "staff")
    rows = [await _row(portal, reach) for reach in await _caseload(portal, visitor)]
    page = CaseloadPage(
        waiting=tuple(row for row in rows if row.waiting),
        others=tuple(row for row in rows if not row.waiting),
        empty=Empty("Nobody is assigned to you yet.", "An administrator can assign people to you.", "people"),
    )
    return render(request, "staff/caseload.html", page=page)


async def _row(portal: Portal, reach: Reach) -> CaseloadRow:
    named = await head(portal, reach, "staff")
    goals = sort_entries(
        await portal.reader.parts(reach, (DataClass.PLAN_TEAM, DataClass.PLAN_PRIVATE))
    ).goals
    plan = "Being written"
    if any(active(goal) for goal in goals):
        plan = "Plan active"
    elif any(proposed(goal) for goal in goals):
        plan = "Waiting for answers"
    waiting = "something to answer" if await _to_answer(portal, reach) else ""
    lead = [fact.person_id for fact in reach.document.assignments if fact.lead]
    names = await portal.names.persons(lead)
    return CaseloadRow(
        name=named.name,
        mark=named.mark,
        href=named.href,
        line=named.line,
        plan=plan,
        waiting=waiting,
        lead=", ".join(each.name for each in names.values()),
    )


@router.get("/clients/{client}")
async def one_client(client: str, request: Request, visitor: StaffVisitor, portal: PortalDep) -> Response:
    """One person: goals with three settings, this week's practice, last session, people."""
    reach = await staff_reach(request, portal, visitor, client)
    return render(request, "staff/client.html", page=await _client(request, portal, visitor, reach))


@router.get("/clients/{client}/fragments/{part}")
async def client_fragment(
    client: str, part: str, request: Request, visitor: StaffVisitor, portal: PortalDep
) -> Response:
    """One part of the client's page alone: goals, practice, safety or notes."""
    reach = await staff_reach(request, portal, visitor, client)
    if part not in ("goal_panels", "practice", "safety", "notes"):
        raise NotFound()
    return render(request, f"fragments/{part}.html", page=await _client(request, portal, visitor, reach))


async def _client(request: Request, portal: Portal, visitor: Visitor, reach: Reach) -> ClientPage:
    base = base_of("staff", reach.client_id)
    panels = await goal_panels(portal, reach)
    people = [
        *(f.person_id for f in reach.document.relationships),
        *(f.person_id for f in reach.document.assignments),
    ]
    kinds = {f.person_id: f.kind for f in reach.document.relationships}
    names = await portal.names.persons(people)
    rows = await session_rows(visitor, reach, limit=20)
    held = [row for row in rows if row["state"] not in ("scheduled", "cancelled")]
    return ClientPage(
        client=await head(portal, reach, "staff"),
        start=Link("Start session", f"{base}/sessions/new"),
        plan=Link("Open the plan", f"{base}/plan"),
        about=(),
        practice=tuple(await _practice(portal, reach)),
        practice_live=Live(
            "practice", f"{base}/fragments/practice", (f"log-{reach.client_id}", f"task-{reach.client_id}")
        ),
        goals=panels,
        stream="/staff/live",
        goals_live=Live(
            "goals", f"{base}/fragments/goal_panels", (f"plan-{reach.client_id}", f"log-{reach.client_id}")
        ),
        safety=await _safety(visitor, reach, base),
        last_session=clock(datetime.fromisoformat(held[0]["scheduled_for"])) if held else "",
        people=tuple(
            Line(names[p].name, kinds.get(p, names[p].title).replace("_", " "), "people") for p in people
        ),
        notes=await notes_part(portal, visitor, reach, base),
        before_plan=()
        if panels
        else (Line("No goal yet. Ask first what they want.", href=f"{base}/plan/edit"),),
    )


async def _practice(portal: Portal, reach: Reach) -> list[PracticeLine]:
    since = {"happened_at": {"$gt": (datetime.now(UTC) - RECENT).isoformat()}}
    classes = (DataClass.TASK_LOG, DataClass.OBSERVATION, DataClass.PLAN_PRIVATE)
    page = await portal.reader.items(reach, classes, limit=20, match=since)
    names = await portal.names.persons([entry.by for entry in page.entries if entry.by])
    logs = [entry for entry in page.entries if "result" in entry.body or "saw" in entry.body]
    return [
        PracticeLine(
            id=entry.record_id,
            icon=ICON.get(entry.body.get("result", ""), "school"),
            title=f"{names[entry.by].name if entry.by else 'Somebody'}: {_how(entry)}",
            soft=day(entry.happened_at),
            words=entry.body.get("words") or "",
        )
        for entry in logs
    ]


async def _safety(visitor: Visitor, reach: Reach, base: str) -> Part[tuple[Line, ...]]:
    path = f"/tenants/{reach.caller.tenant_id}/clients/{reach.client_id}/consents"
    url = f"{base}/fragments/safety"
    try:
        found: dict[str, Any] | None = await visitor.upstream.find("identity", path)
    except Problem:
        found = None
    if found is None:
        return Part("safety", "Consents", url, None)
    lines = tuple(
        Line(
            f"{len(row['recipients'])} at school or around: {row['state'].replace('_', ' ')}",
            _until(row),
            "shield",
        )
        for row in found["items"]
    )
    return Part("safety", "Consents", url, lines)


def _until(row: dict[str, Any]) -> str:
    return f"until {day(datetime.fromisoformat(row['expires']))}" if row.get("expires") else ""
