"""Schools over HTTP."""

from typing import Annotated

from pydantic import Field

from chassis.cursors import After, Limit
from chassis.http import Strict
from chassis.routes import Routes
from contracts.ids import Id, PersonId
from identity.api.desks import AdministeringDep, Answer, DeskDep
from identity.clock import now
from identity.schools import School, SchoolClass, SchoolWords
from identity.store.desk import Desk

router = Routes(prefix="/tenants/{tenant_id}/schools", tags=["schools"])


class NewSchool(Strict):
    """A school and its classes."""

    id: Id
    name: Annotated[str, Field(min_length=1, max_length=200)]
    phase: Id
    classes: Annotated[list[SchoolClass], Field(default_factory=list, max_length=300)]


@router.post("", status_code=201)
async def add_school(body: NewSchool, admin: AdministeringDep) -> Answer:
    """Add a school the organisation works with."""
    school = School(
        id=body.id,
        phase=body.phase,
        class_ids=tuple(item.id for item in body.classes),
        words=SchoolWords(name=body.name, classes=tuple(body.classes)),
    )

    async def work(tx: object, desk: Desk) -> Answer:
        await desk.schools.add(school)
        return {"id": school.id, "version": school.version}

    return await admin.write(work)


@router.get("")
async def list_schools(desk: DeskDep, limit: Limit = 50, after: After = None) -> Answer:
    """The schools with their classes, by id, for everybody with a hat in the organisation."""
    schools, more = await desk.schools.page(limit, after)
    leads = await desk.memberships.safeguarding_leads(now())
    return {"items": [_shown(school, leads) for school in schools], "next": more}


@router.get("/{school_id}")
async def read_school(school_id: Id, desk: DeskDep) -> Answer:
    """One school with its classes and who its safeguarding leads are, for everybody with a hat in the organisation."""
    school = await desk.schools.get(school_id)
    return _shown(school, await desk.memberships.safeguarding_leads(now()))


def _shown(school: School, leads: dict[Id, list[PersonId]]) -> Answer:
    classes = [item.model_dump() for item in school.words.classes]
    return {
        "id": school.id,
        "name": school.words.name,
        "phase": school.phase,
        "classes": classes,
        "safeguarding_leads": leads.get(school.id, []),
    }
