"""Family ties over HTTP: starting one may make a guardian, ending it ends the access at once."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from chassis.errors import Conflict, Forbidden, Invalid
from chassis.http import Strict
from chassis.journal import Tx
from chassis.routes import Routes
from contracts.access import Authority, Role
from contracts.classes import DataClass
from contracts.ids import ClientId, Id, PersonId
from identity.api.desks import AdministeringClientDep, Answer
from identity.clock import now
from identity.consents import NEVER_BY_CONSENT
from identity.relationships import Relationship
from identity.store.desk import Desk
from identity.store.publishing import publish_access

router = Routes(prefix="/tenants/{tenant_id}/clients/{client_id}/relationships", tags=["relationships"])


class NewRelationship(Strict):
    """A person's tie to the client: what it is, what it decides, and the home it belongs to."""

    id: Id
    person_id: PersonId
    kind: Id
    authority: Authority
    household_id: Id | None = None
    evidence: Annotated[str, Field(max_length=500)] = ""
    ticked: Annotated[list[DataClass], Field(default_factory=list, max_length=50)]
    private_by_agreement: bool = False


@router.post("", status_code=201)
async def start_relationship(
    client_id: ClientId, body: NewRelationship, admin: AdministeringClientDep
) -> Answer:
    """Start a tie; any authority but `none` gives the person a guardian's hat."""
    if body.person_id == admin.caller.person_id:
        raise Forbidden("Another administrator has to record your own tie to a client.")
    moment = now()
    tie = Relationship(
        **body.model_dump(exclude={"ticked"}),
        client_id=client_id,
        begins=moment,
        ticked=tuple(dict.fromkeys(body.ticked)),
    )
    _check_ticked(tie)

    async def work(tx: Tx, desk: Desk) -> Answer:
        await desk.clients.get(client_id)
        await _check_tie(desk, tie, moment)
        await desk.relationships.add(tie)
        await _wear_guardian_hat(desk, tie, moment)
        document = await publish_access(tx, desk, client_id, moment)
        tx.audit("relationship_started", client_id, DataClass.CONTACT_NAMES, tie.id)
        return {"id": tie.id, "version": tie.version, "rev": document.rev}

    return await admin.write(work)


@router.post("/{relationship_id}/end")
async def end_relationship(client_id: ClientId, relationship_id: Id, admin: AdministeringClientDep) -> Answer:
    """End a tie: its access ends everywhere, the guardian's hat too when it was the last one."""
    moment = now()

    async def work(tx: Tx, desk: Desk) -> Answer:
        tie = await desk.relationships.of(client_id, relationship_id)
        ended = tie.ended(moment)
        await desk.relationships.save(ended)
        await _take_off_guardian_hat(desk, ended.person_id, moment)
        document = await publish_access(tx, desk, client_id, moment)
        tx.audit("relationship_ended", client_id, DataClass.CONTACT_NAMES, tie.id)
        return {"id": ended.id, "version": ended.version, "rev": document.rev}

    return await admin.write(work)


def _check_ticked(tie: Relationship) -> None:
    closed = sorted(set(tie.ticked) & (NEVER_BY_CONSENT | {DataClass.PLAN_PRIVATE}))
    if closed:
        raise Invalid(
            f"These cannot be shown to a guardian: {', '.join(closed)}.",
            field="ticked",
            fix="Leave them out.",
        )


async def _check_tie(desk: Desk, tie: Relationship, moment: datetime) -> None:
    if await desk.memberships.find(tie.person_id) is None:
        raise Invalid(
            "Nobody of this id belongs to the organisation.", field="person_id", fix="Add the person first."
        )
    others = await desk.relationships.of_client(tie.client_id)
    if any(other.person_id == tie.person_id and not other.over(moment) for other in others):
        raise Conflict(
            "This person already has a tie to the client.", field="person_id", fix="End that one first."
        )
    if tie.household_id:
        home = await desk.households.find(tie.household_id)
        if home is None or tie.person_id not in home.members:
            raise Invalid(
                "The person does not live in a home of this id.",
                field="household_id",
                fix="Add the home with its members first.",
            )


async def _wear_guardian_hat(desk: Desk, tie: Relationship, moment: datetime) -> None:
    if not tie.makes_guardian(moment):
        return
    membership = await desk.memberships.get(tie.person_id)
    hatted = membership.with_derived(Role.GUARDIAN)
    if hatted is not membership:
        await desk.memberships.save(hatted)


async def _take_off_guardian_hat(desk: Desk, person_id: PersonId, moment: datetime) -> None:
    ties = await desk.relationships.of_person(person_id)
    if any(tie.makes_guardian(moment) for tie in ties):
        return
    membership = await desk.memberships.find(person_id)
    if membership is not None:
        await desk.memberships.save(membership.without_derived(Role.GUARDIAN))
