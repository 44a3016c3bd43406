"""Consents over HTTP: given, taken back with receipts, given again; the policy says who may answer."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends
from pydantic import Field

from chassis.auth import CallerDep
from chassis.cursors import After, Limit, page_of
from chassis.errors import Forbidden, Invalid, NotFound
from chassis.http import SeenVersion, Strict, require_version
from chassis.journal import Tx
from chassis.routes import Routes
from chassis.versions import Seen
from contracts.access import Role
from contracts.classes import DataClass
from contracts.identity import ConsentChanged
from contracts.ids import ClientId, GoalId, Id, PersonId, new_id
from identity.access_documents import AccessState, access_document
from identity.api.consent_views import is_known, is_told, outline_view, view_for
from identity.api.desks import Answer, ChassisDep, DeskDep, Moment, Writing, WritingDep
from identity.clock import now
from identity.consents import Consent, ConsentWords, Scope, check_giver, check_room, check_scope, deciders
from identity.memberships import OUTSIDE
from identity.receipts import Withdrawal
from identity.store.desk import Desk
from identity.store.publishing import publish_access
from policy.caller import Caller
from policy.grants import Grants, grants

router = Routes(prefix="/tenants/{tenant_id}/clients/{client_id}/consents", tags=["consents"])

Words = Annotated[str, Field(max_length=2000)]
SeenDep = Annotated[Seen, Depends(SeenVersion(needed=False))]
"""The version of the consent that was read, where the one who answers says it: nobody says yes to what they
have not read."""


class Assent(Strict):
    """How the client was asked, and what came back."""

    state: Id
    how: Words = ""
    words: Words = ""


class NewConsent(Strict):
    """Who may see which classes, for what purpose, until when."""

    id: Id
    recipients: Annotated[list[PersonId], Field(max_length=50)]
    classes: Annotated[list[DataClass], Field(max_length=50)]
    only_goals: Annotated[list[GoalId], Field(min_length=1, max_length=100)] | None = None
    purpose: Annotated[str, Field(min_length=1, max_length=500)]
    begins: Moment | None = None
    expires: Moment
    needs_acceptance: bool | None = None
    assent: Assent | None = None


class GrantAgain(Strict):
    """A new end for a consent that is given again; everything else stays as it was."""

    expires: Moment | None = None


@dataclass(frozen=True)
class Answering:
    """One person about to answer one client's consents, with the state their answer meets."""

    state: AccessState
    granted: Grants
    moment: datetime

    @property
    def weighed(self) -> frozenset[PersonId]:
        """Whose answers count."""
        return deciders(self.state.client, self.state.relationships, self.moment)

    def check_giver(self, scope: Scope, by: PersonId) -> None:
        """Raises Invalid for a scope that this person cannot give."""
        check_giver(scope, by, self.state.client, self.state.relationships, self.moment)

    def check_room(self, consent: Consent) -> None:
        """Raises Conflict when the client has no room for one more."""
        check_room(self.state.consents, consent)


Step = Callable[[Consent, Answering], Consent]


@router.post("", status_code=201)
async def add_consent(client_id: ClientId, body: NewConsent, writing: WritingDep) -> Answer:
    """Give a consent, or, as a therapist or administrator, lay one before those who may give it."""
    moment = now()
    scope = _scope(body, moment)
    check_scope(scope, moment)
    assent = body.assent.model_dump() if body.assent else {}
    words = ConsentWords(purpose=body.purpose, assent=assent)

    _check_may_add(await _granted(writing.desk, writing.caller, client_id, moment))

    async def work(tx: Tx, desk: Desk) -> Answer:
        answering = await _answering(desk, writing.caller, client_id, moment)
        signs = _check_may_add(answering.granted)
        needs = await _needs_acceptance(desk, scope, body.needs_acceptance, moment)
        draft = Consent(id=body.id, client_id=client_id, scope=scope, needs_acceptance=needs, words=words)
        by = writing.caller.person_id
        if signs:
            answering.check_giver(scope, by)
        consent = draft.granted(by, answering.weighed, moment) if signs else draft.presented()
        answering.check_room(consent)
        await desk.consents.add(consent)
        return await _told(tx, desk, consent, moment)

    return await writing.write(work)


@router.post("/{consent_id}/withdraw", status_code=202)
async def withdraw_consent(client_id: ClientId, consent_id: Id, writing: WritingDep) -> Answer:
    """Take a consent back. It is effective once the receipt of every service is in; read it to see."""
    withdrawal_id = new_id()

    def step(consent: Consent, answering: Answering) -> Consent:
        withdrawal = Withdrawal(id=withdrawal_id, at=answering.moment)
        return consent.withdrawn(writing.caller.person_id, withdrawal)

    return await _answer(writing, client_id, consent_id, step)


@router.post("/{consent_id}/grant")
async def grant_consent(
    client_id: ClientId,
    consent_id: Id,
    writing: WritingDep,
    seen: SeenDep,
    body: GrantAgain | None = None,
) -> Answer:
    """Give a presented consent, or give a withdrawn one again with the very same scope."""

    def step(consent: Consent, answering: Answering) -> Consent:
        require_version(consent.version, seen)
        again = consent.ending(body.expires) if body and body.expires else consent
        answering.check_giver(again.scope, writing.caller.person_id)
        answering.check_room(again)
        return again.granted(writing.caller.person_id, answering.weighed, answering.moment)

    return await _answer(writing, client_id, consent_id, step)


@router.post("/{consent_id}/refuse")
async def refuse_consent(client_id: ClientId, consent_id: Id, writing: WritingDep, seen: SeenDep) -> Answer:
    """Say no; where another guardian said yes the consent is disputed, and what all had agreed to stays."""

    def step(consent: Consent, answering: Answering) -> Consent:
        require_version(consent.version, seen)
        return consent.refused(writing.caller.person_id, answering.weighed)

    return await _answer(writing, client_id, consent_id, step)


@router.post("/{consent_id}/accept")
async def accept_consent(client_id: ClientId, consent_id: Id, writing: WritingDep) -> Answer:
    """Say yes to one's own part, as a person the consent names."""
    moment = now()
    person_id = writing.caller.person_id

    async def named(desk: Desk) -> Consent:
        consent = await desk.consents.of(client_id, consent_id)
        if not is_told(consent, person_id, await desk.document(client_id), moment):
            raise NotFound()
        return consent

    await named(writing.desk)

    async def work(tx: Tx, desk: Desk) -> Answer:
        consent = await named(desk)
        accepted = consent.accepted(person_id)
        if accepted is consent:
            return outline_view(consent)
        await desk.consents.save(accepted)
        return await _told(tx, desk, accepted, moment)

    return await writing.write(work)


@router.get("")
async def list_consents(
    client_id: ClientId,
    caller: CallerDep,
    desk: DeskDep,
    chassis: ChassisDep,
    limit: Limit = 50,
    after: After = None,
) -> Answer:
    """The client's consents by id for those who decide them; for a recipient, the ones that name them."""
    moment = now()
    document = await desk.document(client_id)
    granted = grants(caller, document, moment)
    consents = await desk.consents.of_client(client_id)
    views = [view for one in consents if (view := view_for(one, caller, granted, document, moment))]
    if not views and granted.nothing:
        raise NotFound()
    await chassis.audit.read(caller, client_id, [DataClass.CONSENT])
    page, more = page_of(views, lambda view: (view["id"],), limit=limit, after=after)
    return {"items": page, "next": more}


@router.get("/{consent_id}")
async def read_consent(
    client_id: ClientId, consent_id: Id, caller: CallerDep, desk: DeskDep, chassis: ChassisDep
) -> Answer:
    """One consent: its state, whether a withdrawal is effective, and each service's receipt with its time."""
    moment, document = now(), await desk.document(client_id)
    consent = await desk.consents.of(client_id, consent_id)
    view = view_for(consent, caller, grants(caller, document, moment), document, moment)
    if view is None:
        raise NotFound()
    await chassis.audit.read(caller, client_id, [DataClass.CONSENT])
    return view


def _scope(body: NewConsent, moment: datetime) -> Scope:
    return Scope(
        recipients=tuple(dict.fromkeys(body.recipients)),
        classes=tuple(dict.fromkeys(body.classes)),
        only_goals=tuple(dict.fromkeys(body.only_goals)) if body.only_goals else None,
        begins=body.begins or moment,
        expires=body.expires,
    )


async def _answering(desk: Desk, caller: Caller, client_id: ClientId, moment: datetime) -> Answering:
    state = await desk.state(await desk.clients.get(client_id))
    document = access_document(state, max(state.client.rev, 1), moment)
    return Answering(state, grants(caller, document, moment), moment)


async def _granted(desk: Desk, caller: Caller, client_id: ClientId, moment: datetime) -> Grants:
    return grants(caller, await desk.document(client_id), moment)


def _check_may_add(granted: Grants) -> bool:
    """Whether this one signs what they add, or else proposes it; raises NotFound or Forbidden."""
    if not granted.may(DataClass.CONSENT, "propose"):
        _check_may_sign(granted)
    return granted.may(DataClass.CONSENT, "sign")


def _check_may_sign(granted: Grants) -> None:
    """Raises Forbidden for somebody who may see consents but not answer them, else NotFound."""
    if granted.may(DataClass.CONSENT, "sign"):
        return
    if granted.nothing:
        raise NotFound()
    raise Forbidden("Only a guardian with full authority, or the young person themself, answers this.")


async def _answerable(desk: Desk, granted: Grants, client_id: ClientId, consent_id: Id) -> Consent:
    """The consent, for somebody who may answer it; raises NotFound or Forbidden."""
    _check_may_sign(granted)
    consent = await desk.consents.of(client_id, consent_id)
    if not is_known(consent, granted):
        raise NotFound()
    return consent


async def _needs_acceptance(desk: Desk, scope: Scope, asked: bool | None, moment: datetime) -> bool:
    """Whether recipients have to say yes first; network members always have to. Raises Invalid."""
    network = frozenset({Role.NETWORK_MEMBER})
    waits = False
    for place, person_id in enumerate(scope.recipients):
        membership = await desk.memberships.find(person_id)
        if membership is None or not membership.wears(OUTSIDE, moment):
            raise Invalid(
                "Nobody of this id can be given a consent here.",
                field=f"recipients.{place}",
                fix="Name school staff, network members or guardians of this organisation.",
            )
        waits = waits or membership.wears(network, moment)
    return waits if asked is None else asked or waits


async def _answer(writing: Writing, client_id: ClientId, consent_id: Id, step: Step) -> Answer:
    moment = now()
    granted = await _granted(writing.desk, writing.caller, client_id, moment)
    await _answerable(writing.desk, granted, client_id, consent_id)

    async def work(tx: Tx, desk: Desk) -> Answer:
        answering = await _answering(desk, writing.caller, client_id, moment)
        found = await _answerable(desk, answering.granted, client_id, consent_id)
        consent = step(found, answering)
        await desk.consents.save(consent)
        return await _told(tx, desk, consent, moment)

    return await writing.write(work)


async def _told(tx: Tx, desk: Desk, consent: Consent, moment: datetime) -> Answer:
    document = await publish_access(tx, desk, consent.client_id, moment)
    tx.record(
        ConsentChanged(
            tenant_id=tx.tenant_id,
            client_id=consent.client_id,
            consent_id=consent.id,
            state=consent.state.value,
            access_rev=document.rev,
        )
    )
    tx.audit(f"consent_{consent.state.value}", consent.client_id, DataClass.CONSENT, consent.id)
    return outline_view(consent)
