"""What home, school and the client wrote, each where it can be found however much was written since."""

from collections.abc import Iterable
from dataclasses import asdict, replace

from fastapi import Request, Response

from chassis.errors import Invalid, NotFound
from chassis.routes import Routes
from contracts.about_me import AboutMeChanged, LineState
from contracts.care_plans import PlanAnswered, ProposalChanged, StrategyNoted
from contracts.classes import DataClass
from contracts.family_portal import ObservationRecorded, TaskLogged
from contracts.ids import Id
from family_portal.portal import Portal, PortalDep
from family_portal.views.opened import Entry
from family_portal.views.reader import Reach
from family_portal.web.about import all_lines, how_asked
from family_portal.web.frame import render
from family_portal.web.heads import base_of, clock, head
from family_portal.web.models import Link, Live, PracticeLine, WrittenPage
from family_portal.web.staff_reach import staff_reach
from family_portal.web.staff_words import ICON, how
from family_portal.web.visitor import StaffVisitor

router = Routes(prefix="/staff/clients/{client}/written", include_in_schema=False)
NOTED = (DataClass.TASK_LOG, DataClass.OBSERVATION, DataClass.PLAN_PRIVATE)
ANYWHERE = (*NOTED, DataClass.PLAN_PLAIN, DataClass.PLAN_SCHOOL, DataClass.PLAN_OWN)
"""The classes of what people write; an answer stands in each wording it answers."""
PLACES = {
    ProposalChanged.TYPE: "/plan#wish-{record_id}",
    PlanAnswered.TYPE: "/plan#goal-{goal_id}",
    StrategyNoted.TYPE: "/plan#said-{record_id}",
    TaskLogged.TYPE: "/tasks/{task_id}/logs/{record_id}/answer",
    AboutMeChanged.TYPE: "/about#line-{record_id}",
}
"""Where each is answered, or changed, as long as it stands there."""
SAME_ID = 20
"""More than one of each kind and class there cannot be."""
ANSWERED = "Where it stands, and is answered"
STANDS = {AboutMeChanged.TYPE: "Where it stands"}
"""What leads there; a line about somebody is answered nowhere."""
TOLD_ANEW = (PlanAnswered.TYPE, ProposalChanged.TYPE, StrategyNoted.TYPE)
"""What is its writer's own, whoever of the team has answered it and so told it last."""
KINDS = [ObservationRecorded.TYPE, TaskLogged.TYPE]


@router.get("")
async def everything(
    client: str, request: Request, visitor: StaffVisitor, portal: PortalDep, after: str | None = None
) -> Response:
    """Every log and observation, newest first, a page at a time."""
    reach = await staff_reach(request, portal, visitor, client)
    return render(request, "staff/written.html", page=await _page(portal, reach, after))


@router.get("/fragments/lines")
async def lines_alone(client: str, request: Request, visitor: StaffVisitor, portal: PortalDep) -> Response:
    """The newest of them alone."""
    reach = await staff_reach(request, portal, visitor, client)
    return render(request, "fragments/written_lines.html", page=await _page(portal, reach, None))


@router.get("/{record_id}")
async def one(
    client: str, record_id: Id, request: Request, visitor: StaffVisitor, portal: PortalDep
) -> Response:
    """One of them, by itself: whoever was called because of it reads it here, whatever was written since."""
    reach = await staff_reach(request, portal, visitor, client)
    found = await _found(portal, reach, record_id)
    if not found:
        raise NotFound()
    child, base = await head(portal, reach, "staff"), base_of("staff", reach)
    lines = [line for entry in found for line in await _all_of(portal, reach, entry, child.name)]
    page = WrittenPage(
        client=child,
        title="What was written",
        lines=tuple(replace(line, id=f"{n}-{line.id}") for n, line in enumerate(lines)),
        there=next((link for entry in found if (link := _there(base, entry))), None),
        older=Link("All that was noted", f"{base}/written"),
    )
    return render(request, "staff/written.html", page=page)


async def _page(portal: Portal, reach: Reach, after: str | None) -> WrittenPage:
    match = {"type": {"$in": KINDS}}
    try:
        found = await portal.reader.items(reach, NOTED, limit=20, after=after, match=match)
    except Invalid:  # an address kept from another day: the list begins anew
        found, after = await portal.reader.items(reach, NOTED, limit=20, match=match), None
    base = f"{base_of('staff', reach)}/written"
    return WrittenPage(
        client=await head(portal, reach, "staff"),
        title="All that was noted",
        lines=tuple([await _line(portal, entry) for entry in found.entries]),
        live=None if after else Live("written", f"{base}/fragments/lines", (f"log-{reach.client_id}",)),
        older=Link("Older ones", f"{base}?after={found.next}") if found.next else None,
    )


async def _found(portal: Portal, reach: Reach, record_id: str) -> list[Entry]:
    """Everything of this id: ids are made by clients, and a log and a wish may have the same."""
    match = {"record_id": record_id, "type": {"$in": [*PLACES, *KINDS]}}
    page = await portal.reader.items(reach, ANYWHERE, limit=SAME_ID, match=match)
    return [*page.entries, *(line for line in await all_lines(portal, reach) if line.record_id == record_id)]


def _there(base: str, entry: Entry) -> Link | None:
    """Where it stands, as long as it stands there."""
    place = PLACES.get(entry.type)
    if place is None or entry.meta.get("state") == LineState.TAKEN_OFF:
        return None
    named = {**asdict(entry), "task_id": entry.meta.get("task_id")}
    return Link(STANDS.get(entry.type, ANSWERED), base + place.format_map(named))


async def _all_of(portal: Portal, reach: Reach, entry: Entry, name: str) -> list[PracticeLine]:
    """What was written, with what belongs to it."""
    line = await _line(portal, entry)
    return [line, *_before(line, entry), *await _asked(portal, reach, entry, name)]


def _before(line: PracticeLine, entry: Entry) -> Iterable[PracticeLine]:
    """Words of worry that the same person wrote before, which stay beside what they said next."""
    for number, said in enumerate(entry.body.get("worries") or ()):
        if said["words"] != line.words:
            yield PracticeLine(f"{line.id}-{number}", "message", "Written before that", "", said["words"])


async def _asked(portal: Portal, reach: Reach, entry: Entry, name: str) -> list[PracticeLine]:
    """How the person was asked before a line about them: what came back calls whoever is on duty as the line does."""
    if entry.type != AboutMeChanged.TYPE:
        return []
    said = await how_asked(portal, reach, entry.record_id, name)
    return [
        PracticeLine(f"{entry.record_id}-asked-{n}", "message", title, "", words)
        for n, (title, words) in enumerate(said)
    ]


def _author(entry: Entry) -> str | None:
    """Who wrote it: the team's answer, and somebody else's yes, tell the whole of it anew."""
    people = [party.removeprefix("person:") for party in entry.parties if party.startswith("person:")]
    return people[0] if people and entry.type in TOLD_ANEW else entry.meta.get("author") or entry.by


async def _line(portal: Portal, entry: Entry) -> PracticeLine:
    by = _author(entry)
    name = (await portal.names.person(by)).name if by else "Somebody"
    if entry.type == AboutMeChanged.TYPE and entry.meta["version"] > 1 and not entry.meta.get("author"):
        name = "On the page “about me”"  # an earlier release told who said yes to it, and not who wrote it
    return PracticeLine(
        id=entry.record_id,
        icon=ICON.get(entry.body.get("result", ""), "school" if "saw" in entry.body else "message"),
        title=f"{name}: {how(entry)}".rstrip(": "),
        soft=clock(entry.happened_at),
        words=entry.body.get("words") or "",
    )
