"""Assignments and supervisions over HTTP: who of the staff works with whom, for how long."""

from datetime import datetime

from pydantic import Field

from chassis.errors import Conflict, Forbidden, Invalid
from chassis.http import Strict
from chassis.journal import Tx
from chassis.routes import Routes
from contracts.access import Role
from contracts.ids import ClientId, Id, PersonId, new_id
from identity.api.desks import AdministeringClientDep, AdministeringDep, Answer, Moment
from identity.assignments import Assignment, Supervision, check_supervision
from identity.clock import now
from identity.memberships import CLINICAL
from identity.store.desk import Desk
from identity.store.publishing import publish_access

router = Routes(prefix="/tenants/{tenant_id}", tags=["assignments"])


class NewAssignment(Strict):
    """A staff member who is to work with the client."""

    id: Id = Field(default_factory=new_id)
    person_id: PersonId
    purpose: Id
    lead: bool = False


class NewSupervision(Strict):
    """One staff member's oversight of another, with an end."""

    id: Id = Field(default_factory=new_id)
    supervisee_id: PersonId
    supervisor_id: PersonId
    begins: Moment
    ends: Moment


@router.post("/clients/{client_id}/assignments", status_code=201)
async def assign(client_id: ClientId, body: NewAssignment, admin: AdministeringClientDep) -> Answer:
    """Assign a therapist or supervisor to the client; nobody assigns oneself."""
    if body.person_id == admin.caller.person_id:
        raise Forbidden("Another administrator has to assign you.")
    moment = now()
    assignment = Assignment(**body.model_dump(), client_id=client_id, begins=moment)

    async def work(tx: Tx, desk: Desk) -> Answer:
        await desk.clients.get(client_id)
        await _check_clinical(desk, body.person_id, CLINICAL, "person_id", moment)
        await _check_once(desk, assignment, moment)
        await desk.assignments.add(assignment)
        document = await publish_access(tx, desk, client_id, moment)
        tx.audit("assigned", client_id, detail_id=assignment.id)
        return {"id": assignment.id, "version": assignment.version, "rev": document.rev}

    return await admin.write(work)


@router.post("/clients/{client_id}/assignments/{assignment_id}/end")
async def end_assignment(client_id: ClientId, assignment_id: Id, admin: AdministeringClientDep) -> Answer:
    """End an assignment; what the person signed stays in the record."""
    moment = now()

    async def work(tx: Tx, desk: Desk) -> Answer:
        ended = (await desk.assignments.of(client_id, assignment_id)).ended(moment)
        await desk.assignments.save(ended)
        document = await publish_access(tx, desk, client_id, moment)
        tx.audit("assignment_ended", client_id, detail_id=ended.id)
        return {"id": ended.id, "version": ended.version, "rev": document.rev}

    return await admin.write(work)


@router.post("/supervisions", status_code=201)
async def supervise(body: NewSupervision, admin: AdministeringDep) -> Answer:
    """Start an oversight: the supervisor reaches every client assigned to the supervisee meanwhile."""
    if body.supervisor_id == admin.caller.person_id:
        raise Forbidden("Another administrator has to make you a supervisor of somebody.")
    supervision = Supervision(**body.model_dump())
    check_supervision(supervision)
    moment = now()

    async def work(tx: Tx, desk: Desk) -> Answer:
        await _check_clinical(desk, body.supervisee_id, CLINICAL, "supervisee_id", moment)
        await _check_clinical(desk, body.supervisor_id, frozenset({Role.SUPERVISOR}), "supervisor_id", moment)
        await desk.supervisions.add(supervision)
        for client_id in sorted(await desk.assignments.clients_of([body.supervisee_id], moment)):
            await publish_access(tx, desk, client_id, moment)
        return {"id": supervision.id, "version": supervision.version}

    return await admin.write(work)


async def _check_once(desk: Desk, assignment: Assignment, moment: datetime) -> None:
    others = await desk.assignments.of_client(assignment.client_id)
    if any(other.person_id == assignment.person_id and not other.over(moment) for other in others):
        raise Conflict("This person is assigned already.", field="person_id", fix="End that one first.")


async def _check_clinical(
    desk: Desk, person_id: PersonId, roles: frozenset[Role], field: str, moment: datetime
) -> None:
    membership = await desk.memberships.find(person_id)
    if membership is None or not membership.wears(roles, moment):
        raise Invalid(
            "Nobody of this id has the clinical role for it here.",
            field=field,
            fix="Give them the role first.",
        )
