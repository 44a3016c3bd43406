"""Pages of school staff: my pupils, one pupil, the plan to answer, I saw something."""

from datetime import UTC, datetime
from itertools import groupby

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from chassis.errors import Invalid, NotFound, Problem
from chassis.routes import Routes
from contracts.access import Role
from contracts.classes import DataClass
from family_portal.observations import MY_PART, SAW
from family_portal.portal import Portal, PortalDep
from family_portal.store.written import Shown
from family_portal.views.opened import Entry
from family_portal.views.reader import Reach
from family_portal.web.answering import plan_seen, plan_to_answer, post_answer, waiting
from family_portal.web.boxes import box_of
from family_portal.web.family_cards import summaries
from family_portal.web.forms import Typed, form_id, remembering, sent_before, typed
from family_portal.web.frame import render
from family_portal.web.goals import active, now_sentence, resting_text, sort_entries, worked_on
from family_portal.web.heads import base_of, day, find_reach, head, seat
from family_portal.web.models import (
    Choice,
    Form,
    Line,
    Link,
    Live,
    NoticesPart,
    ObservePage,
    PupilGroup,
    PupilPage,
    PupilRow,
    SchoolGoal,
    SchoolPage,
    Seen,
    SummariesPage,
)
from family_portal.web.notices import notices_for
from family_portal.web.seen import seen_by, seen_goals
from family_portal.web.start import elsewhere
from family_portal.web.strategies import this_week
from family_portal.web.visitor import FamilyVisitor, Visitor
from family_portal.web.worry import CHANGE, worry_first
from family_portal.write_back import ObservationWords
from policy.facts import in_force, opens_to
from policy.filters import shows

router = Routes(prefix="/school", include_in_schema=False)
SAW_WORDS = {
    "did_not": "not this time", "another_way": "another way", "joined_in": "joined in", "wrote": "wrote it",
    "walked": "walked there", "message": "sent a message",
}  # fmt: skip
LATEST = 3
"""Summaries on the pupil's own page; all of them have one of their own."""
PART_WORDS = {
    "got_to_it": "I got to my part",
    "partly": "partly got to my part",
    "did_not": "did not get to my part",
}


async def _reach(request: Request, portal: Portal, visitor: Visitor, pupil: str) -> Reach:
    reach = await find_reach(request, portal, visitor, pupil)
    if "school" not in reach.grants.labels:
        raise NotFound()
    await seat(request, portal, visitor, "school")
    return reach


@router.get("")
async def pupils(request: Request, visitor: FamilyVisitor, portal: PortalDep) -> Response:
    """My pupils, of all organisations in one list."""
    if away := elsewhere(visitor, Role.SCHOOL_STAFF):
        return away
    await seat(request, portal, visitor, "school")
    page = await _pupils(portal, visitor, await notices_for(portal, visitor))
    return render(request, "school/pupils.html", page=page)


@router.get("/fragments/pupils")
async def pupils_fragment(request: Request, visitor: FamilyVisitor, portal: PortalDep) -> Response:
    """The list alone."""
    await seat(request, portal, visitor, "school")
    return render(request, "fragments/pupils.html", page=await _pupils(portal, visitor))


async def _pupils(portal: Portal, visitor: Visitor, notices: NoticesPart | None = None) -> SchoolPage:
    reached = [r for r in await portal.reader.clients(visitor.callers) if "school" in r.grants.labels]
    rows = sorted(
        [(r.document.class_id or "", await _row(portal, r)) for r in reached], key=lambda x: (x[0], x[1].name)
    )
    groups = [
        PupilGroup(
            class_id.removeprefix("cs_").replace("_", " ").upper() or "My pupils",
            tuple(row for _, row in found),
        )
        for class_id, found in groupby(rows, key=lambda pair: pair[0])
    ]
    names = tuple(f"plan-{r.client_id}" for r in reached) or ("access",)
    return SchoolPage(tuple(groups), Live("pupils", "/school/fragments/pupils", names), notices)


async def _row(portal: Portal, reach: Reach) -> PupilRow:
    named = await head(portal, reach, "school")
    week = await _strategies(portal, reach)
    asked = await waiting(portal, reach, "school")
    base = base_of("school", reach)
    return PupilRow(
        name=named.name,
        mark=named.mark,
        href=base,
        week=week[0] if week else "",
        until=_until(reach),
        asked=Link(f"Read {named.name}’s new goal", f"{base}/plan") if asked else None,
    )


def _until(reach: Reach) -> str:
    now, me = datetime.now(UTC), reach.caller.person_id
    mine = [fact for fact in reach.document.consents if in_force(fact, now) and opens_to(fact, me)]
    ends = [fact.expires for fact in mine if fact.expires]
    return f"shared until {day(min(ends))}" if ends else "shared"


async def _goals(portal: Portal, reach: Reach) -> list[Entry]:
    found = await portal.reader.parts(reach, (DataClass.PLAN_SCHOOL,))
    return [goal for goal in sort_entries(found).goals if active(goal)]


async def _strategies(portal: Portal, reach: Reach) -> tuple[str, ...]:
    goals = [goal for goal in await _goals(portal, reach) if worked_on(goal)]
    return this_week((goal.meta["version_at"], goal.body.get("strategies", ())) for goal in goals).seen


@router.get("/pupils/{pupil}")
async def one_pupil(pupil: str, request: Request, visitor: FamilyVisitor, portal: PortalDep) -> Response:
    """About me, this week, the shared goals, who to ask."""
    reach = await _reach(request, portal, visitor, pupil)
    return render(request, "school/pupil.html", page=await _pupil(portal, reach))


@router.get("/pupils/{pupil}/fragments/seen")
async def seen_fragment(pupil: str, request: Request, visitor: FamilyVisitor, portal: PortalDep) -> Response:
    """Who sees the goals of the pupil's page, alone."""
    reach = await _reach(request, portal, visitor, pupil)
    return render(request, "fragments/seen.html", line=(await _pupil(portal, reach)).seen)


@router.get("/pupils/{pupil}/fragments/plan-seen")
async def plan_seen_fragment(
    pupil: str, request: Request, visitor: FamilyVisitor, portal: PortalDep
) -> Response:
    """Who sees the goals of the whole plan, alone."""
    reach = await _reach(request, portal, visitor, pupil)
    return render(request, "fragments/seen.html", line=await plan_seen(portal, reach, "school"))


@router.get("/pupils/{pupil}/fragments/goals")
async def goals_fragment(pupil: str, request: Request, visitor: FamilyVisitor, portal: PortalDep) -> Response:
    """The goals alone."""
    reach = await _reach(request, portal, visitor, pupil)
    return render(request, "fragments/pupil_goals.html", page=await _pupil(portal, reach))


@router.get("/pupils/{pupil}/fragments/week")
async def week_fragment(pupil: str, request: Request, visitor: FamilyVisitor, portal: PortalDep) -> Response:
    """This week alone."""
    reach = await _reach(request, portal, visitor, pupil)
    return render(request, "fragments/pupil_week.html", page=await _pupil(portal, reach))


@router.get("/pupils/{pupil}/fragments/noted")
async def noted_fragment(pupil: str, request: Request, visitor: FamilyVisitor, portal: PortalDep) -> Response:
    """What this reader noted, alone."""
    reach = await _reach(request, portal, visitor, pupil)
    if not _notes(reach):
        raise NotFound()
    return render(request, "fragments/pupil_noted.html", page=await _pupil(portal, reach))


@router.get("/pupils/{pupil}/sessions")
async def sessions(
    pupil: str, request: Request, visitor: FamilyVisitor, portal: PortalDep, after: str | None = None
) -> Response:
    """What was released to school after sessions."""
    reach = await _told_of_sessions(request, portal, visitor, pupil)
    return render(request, "family/sessions.html", page=await summaries(portal, reach, "school", after))


@router.get("/pupils/{pupil}/fragments/sessions")
async def sessions_fragment(
    pupil: str, request: Request, visitor: FamilyVisitor, portal: PortalDep
) -> Response:
    """The summaries alone."""
    reach = await _told_of_sessions(request, portal, visitor, pupil)
    return render(request, "fragments/summaries.html", page=await summaries(portal, reach, "school", None))


@router.get("/pupils/{pupil}/fragments/latest")
async def latest_fragment(
    pupil: str, request: Request, visitor: FamilyVisitor, portal: PortalDep
) -> Response:
    """The newest summaries alone."""
    reach = await _told_of_sessions(request, portal, visitor, pupil)
    return render(request, "fragments/summaries.html", page=await _latest(portal, reach))


async def _told_of_sessions(request: Request, portal: Portal, visitor: Visitor, pupil: str) -> Reach:
    reach = await _reach(request, portal, visitor, pupil)
    if not _hears_of_sessions(reach):
        raise NotFound()
    return reach


def _hears_of_sessions(reach: Reach) -> bool:
    """Whether a summary that is released to school reaches this reader; it hangs on no goal."""
    return shows(reach.grants, DataClass.SESSION_SUMMARY, ("school",))


async def _latest(portal: Portal, reach: Reach) -> SummariesPage | None:
    if not _hears_of_sessions(reach):
        return None
    return await summaries(portal, reach, "school", None, limit=LATEST, part="latest")


async def _pupil(portal: Portal, reach: Reach) -> PupilPage:
    base, moved = base_of("school", reach), (f"plan-{reach.client_id}",)
    noted = await portal.reader.items(reach, (DataClass.OBSERVATION,), limit=5)
    asked = await waiting(portal, reach, "school")
    goals = await _goals(portal, reach)
    seen = await seen_goals(portal, reach, "school", goals)
    team = [fact.person_id for fact in reach.document.assignments if fact.lead]
    return PupilPage(
        pupil=await head(portal, reach, "school", line=_until(reach)),
        about=(),
        about_by="",
        strategies=await _strategies(portal, reach),
        week_live=Live("week", f"{base}/fragments/week", moved),
        goals=tuple(_school_goal(goal, seen.each.get(goal.record_id)) for goal in goals),
        goals_live=Live("goals", f"{base}/fragments/goals", moved),
        observe=f"{base}/observe" if any(map(worked_on, goals)) else "",
        ask=tuple(Line(n.name, n.title, "message") for n in (await portal.names.persons(team)).values()),
        asked=Link("Read the new goal", f"{base}/plan") if asked else None,
        noted=tuple(_noted(entry) for entry in noted.entries),
        noted_live=_noted_live(reach),
        sessions=await _latest(portal, reach),
        seen=seen.page,
    )


def _notes(reach: Reach) -> bool:
    """Whether this reader may say what they saw."""
    return reach.grants.may(DataClass.OBSERVATION, "write")


def _noted_live(reach: Reach) -> Live | None:
    where = f"{base_of('school', reach)}/fragments/noted"
    return Live("noted", where, (f"log-{reach.client_id}",)) if _notes(reach) else None


def _school_goal(goal: Entry, seen: Seen | None) -> SchoolGoal:
    return SchoolGoal(
        id=goal.record_id,
        title=goal.body["statement"],
        now=now_sentence(goal),
        link=goal.body.get("school_link") or "",
        version=goal.meta["version"],
        resting=resting_text(goal),
        seen=seen,
    )


def _noted(entry: Entry) -> Line:
    saw = SAW_WORDS.get(entry.body["saw"], entry.body["saw"])
    return Line(
        f"{saw.capitalize()}, {PART_WORDS.get(entry.body['my_part'], '')}",
        day(entry.happened_at),
        "school",
        words=entry.body.get("words") or "",
    )


@router.get("/pupils/{pupil}/plan")
async def plan(pupil: str, request: Request, visitor: FamilyVisitor, portal: PortalDep) -> Response:
    """The goals in school wording, to approve, ask about or say no to."""
    reach = await _reach(request, portal, visitor, pupil)
    return render(request, "plan/answer.html", page=await plan_to_answer(portal, reach, "school"))


@router.get("/pupils/{pupil}/fragments/plan")
async def plan_fragment(pupil: str, request: Request, visitor: FamilyVisitor, portal: PortalDep) -> Response:
    """The goals to answer alone."""
    reach = await _reach(request, portal, visitor, pupil)
    return render(request, "fragments/plan_answer.html", page=await plan_to_answer(portal, reach, "school"))


@router.post("/pupils/{pupil}/plan/{goal_id}")
async def answer(
    pupil: str, goal_id: str, request: Request, visitor: FamilyVisitor, portal: PortalDep
) -> Response:
    """Send the school's answer to one goal."""
    reach = await _reach(request, portal, visitor, pupil)
    return await post_answer(request, portal, visitor, reach, goal_id, "school")


@router.get("/pupils/{pupil}/observe")
async def observe(pupil: str, request: Request, visitor: FamilyVisitor, portal: PortalDep) -> Response:
    """Three taps."""
    reach = await _reach(request, portal, visitor, pupil)
    form = Form(f"{base_of('school', reach)}/observe", command_id=form_id(request))
    return render(request, "school/observe.html", page=await _observe_page(portal, reach, form))


async def _observe_page(portal: Portal, reach: Reach, form: Form) -> ObservePage:
    goals = [goal for goal in await _goals(portal, reach) if worked_on(goal)]
    parts = {goal.record_id: next(iter(goal.body.get("strategies", ())), "") for goal in goals}
    return ObservePage(
        pupil=await head(portal, reach, "school"),
        form=form,
        goals=tuple(_seen_of(goal, parts[goal.record_id] if len(goals) > 1 else "") for goal in goals),
        part_hint=_part_hint(list(parts.values())),
        box=await box_of(portal, reach),
        seen=await _observation_seen(portal, reach, goals[0].record_id) if goals else None,
    )


async def _observation_seen(portal: Portal, reach: Reach, goal_id: str) -> Seen:
    """Who reads what this reader notes of a goal; whichever goal it is, it is theirs, the pupil's and the team's."""
    own = Shown(DataClass.OBSERVATION, (f"person:{reach.caller.person_id}", "client"))
    return await seen_by(portal, reach, "school", own, goal_id=goal_id)


def _seen_of(goal: Entry, part: str) -> Choice:
    """A goal to tap; with the adults' part in it where there are several, for each has its own."""
    return Choice(goal.record_id, goal.body["statement"], hint=f"Your part: {part}" if part else "")


def _part_hint(parts: list[str]) -> str:
    if len(parts) == 1 and parts[0]:
        return f"{parts[0]} Your tap saves it."
    return "It stands with what you tapped first. Your tap saves it." if any(parts) else "Your tap saves it."


@router.post("/pupils/{pupil}/observe")
async def save_observation(
    pupil: str, request: Request, visitor: FamilyVisitor, portal: PortalDep
) -> Response:
    """The third tap saves."""
    reach = await _reach(request, portal, visitor, pupil)
    form, action = await typed(request, visitor), f"{base_of('school', reach)}/observe"
    if form.choice == CHANGE:
        page = await _observe_page(portal, reach, form.as_it_is(action))
        return render(request, "school/observe.html", page=page)
    try:
        _check_taps(form)
        if worry := await worry_first(portal, visitor, reach, "school", form, action):
            return render(request, "told/worry.html", page=worry)
        said = ObservationWords(
            goal_id=form.text("goal_id") or "",
            saw=form.text("saw") or "",
            my_part=form.text("my_part") or "",
            observation_id=form.made_id(visitor.person_id, reach.client_id),
            words=form.text("words"),
        )
        written = await portal.write_back.observe(reach.caller, reach.client_id, said, form.command(visitor))
    except Problem as problem:
        again = form.anew(action) if sent_before(problem) else form.again(action, problem)
        page = await _observe_page(portal, reach, again)
        return render(request, "school/observe.html", page=page, status=problem.status)
    where = f"{base_of('school', reach)}?said=noted"
    return remembering(RedirectResponse(where, 303), written.position)


def _check_taps(form: Typed) -> None:
    """Raises Invalid with every tap that is missing."""
    taps = {
        "goal_id": (form.text("goal_id") is not None, "Choose what it was about."),
        "saw": (form.text("saw") in SAW, "Choose what you saw."),
        "my_part": (form.text("my_part") in MY_PART, "Choose whether you got to your part."),
    }
    missing = [(name, fix) for name, (there, fix) in taps.items() if not there]
    if missing:
        errors = [{"field": name, "detail": "This tap is missing.", "fix": fix} for name, fix in missing]
        raise Invalid("This tap is missing.", *missing[0], errors=errors)
