"""HTTP in: everything a caller may see of one client, and pages of its long lists."""

from typing import Annotated, Any

from fastapi import Query, Request

from chassis.auth import CallerDep
from chassis.positions import HEADER
from chassis.routes import Routes
from contracts.about_me import AboutMeChanged, LineState
from contracts.classes import DataClass
from contracts.ids import Id
from family_portal.portal import PortalDep
from family_portal.views.opened import Entry
from family_portal.views.reader import PLAN_CLASSES, Reach

router = Routes(prefix="/tenants/{tenant_id}/clients/{client_id}", tags=["view"])

ITEM_CLASSES = (
    DataClass.TASK_LOG,
    DataClass.OBSERVATION,
    DataClass.MEASURE,
    DataClass.SESSION_SUMMARY,
    DataClass.ATTENDANCE,
    DataClass.PLAN_PLAIN,
    DataClass.PLAN_SCHOOL,
    DataClass.PLAN_OWN,
    DataClass.PLAN_PRIVATE,
)
OWN = frozenset({"first_at", "begun_at", "asks", "author"})
"""What orders the pages and is told to nobody: when a goal was first put to others, whom it may not name; when a
line was begun. Whose words they are the team reads on its own page."""
UNREAD = {DataClass.PLAN_PRIVATE: frozenset({"achievement"})}
"""How far a private goal came is for the team; an earlier release told it among what the person reads as well."""
POSITIONED = {
    "parameters": [
        {
            "name": HEADER,
            "in": "header",
            "required": False,
            "description": "Where one's own last change stands, as its answer said; the read waits until it shows it.",
            "schema": {"type": "string"},
        }
    ]
}
"""The header as the description says it. All reads take it by hand: FastAPI’s own way is a tenth of a whole read."""


@router.get("/view", openapi_extra=POSITIONED)
async def view(client_id: Id, request: Request, caller: CallerDep, portal: PortalDep) -> dict[str, Any]:
    """Goals and tasks in the caller's own wording. Send `Kith-Position` back to see one's own last change."""
    await portal.wait(request.headers.get(HEADER), caller.tenant_id, client_id)
    reach = await portal.reader.reach(caller, client_id)
    entries = await portal.reader.parts(reach, (*PLAN_CLASSES, DataClass.TASK))
    goals = [_shown(e) for e in entries if "goal_changed" in e.type]
    tasks = [_shown(e) for e in entries if "task_changed" in e.type]
    return {"tenant_id": caller.tenant_id, "client_id": client_id, "goals": goals, "tasks": tasks}


@router.get("/about", openapi_extra=POSITIONED)
async def about(client_id: Id, request: Request, caller: CallerDep, portal: PortalDep) -> dict[str, Any]:
    """The lines of the page “about me” that the caller may read, at most as many as a page holds: school reads
    those that the person said yes to, where a consent carries the page."""
    await portal.wait(request.headers.get(HEADER), caller.tenant_id, client_id)
    reach = await portal.reader.reach(caller, client_id)
    entries = await portal.reader.parts(reach, (DataClass.ABOUT_ME,))
    lines = [e for e in entries if e.type == AboutMeChanged.TYPE and e.meta["state"] != LineState.TAKEN_OFF]
    return {"items": [_shown(line) for line in lines], "next": None}


@router.get("/items", openapi_extra=POSITIONED)
async def items(
    client_id: Id,
    request: Request,
    caller: CallerDep,
    portal: PortalDep,
    data_class: Annotated[DataClass, Query(alias="class")],
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    after: Annotated[str | None, Query(max_length=400)] = None,
) -> dict[str, Any]:
    """A page of logs, observations, results or summaries, newest first; `next` leads on.

    A summary has no time for whoever may not know when the client comes.
    """
    await portal.wait(request.headers.get(HEADER), caller.tenant_id, client_id)
    reach = await portal.reader.reach(caller, client_id)
    page = await portal.reader.items(reach, (data_class,), limit=limit, after=after)
    return {"items": [_item(reach, e) for e in page.entries], "next": page.next}


def _item(reach: Reach, entry: Entry) -> dict[str, Any]:
    shown = _shown(entry)
    if entry.data_class is DataClass.SESSION_SUMMARY and not reach.knows_when:
        del shown["happened_at"]
    return shown


def _shown(entry: Entry) -> dict[str, Any]:
    hidden = UNREAD.get(entry.data_class, frozenset())
    return {
        "id": entry.record_id,
        "class": entry.data_class.value,
        "goal_id": entry.goal_id,
        "happened_at": entry.happened_at.isoformat(),
        **{name: value for name, value in entry.meta.items() if name not in OWN},
        **{name: value for name, value in entry.body.items() if name not in hidden},
    }
