"""Organisations over HTTP: sign-up with a first administrator, and the settings that pages show."""

import time
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import available_timezones

from fastapi import Request, Response
from pydantic import Field, SecretStr

from chassis.errors import Forbidden, Invalid
from chassis.http import IfMatch, OpenCommandDep, Strict, require_version
from chassis.journal import Tx
from chassis.positions import HEADER
from chassis.routes import Routes
from chassis.visitors import visitor_address
from contracts.access import Role
from contracts.duty import ZoneName
from contracts.identity import TenantProvisioned
from contracts.ids import Id, PersonId, TenantId, new_id
from identity.api.desks import AdministeringDep, Answer, ChassisDep, CredentialsDep, DeskDep, SubjectKeysDep
from identity.clock import now
from identity.jurisdictions import pack_named
from identity.memberships import CLINICAL, Membership, WornHat
from identity.people import Email, Person, PersonWords, typed_logins
from identity.settings import Settings
from identity.sign_ups import SignUpLimit
from identity.store.desk import Desk
from identity.store.publishing import publish_person, publish_tenant
from identity.store.rows import taken
from identity.store.tenants import shown
from identity.tenants import (
    CrisisLine,
    Duty,
    Label,
    OfficeHours,
    SenderName,
    Site,
    Team,
    Tenant,
    TenantWords,
)

router = Routes(tags=["organisations"])
ON_DUTY = CLINICAL | {Role.ORG_ADMIN}
"""Who may stand on a rota: staff of the organisation itself."""


class TenantSettings(Strict):
    """What an organisation may change about itself; the law it works under is not among it."""

    name: Label
    languages: Annotated[tuple[Id, ...], Field(min_length=1, max_length=20)] = ("en",)
    timezone: ZoneName = "Europe/London"
    neutral_sender: SenderName | None = None
    """Whom messages are from, with no word of what they are about; without it they come from Kith."""
    terminology: dict[Id, Label] = Field(default_factory=dict, max_length=50)
    crisis_lines: tuple[CrisisLine, ...] = Field(default=(), max_length=50)
    duty: Duty | None = None
    office_hours: OfficeHours | None = None
    sites: tuple[Site, ...] = Field(default=(), max_length=100)
    teams: tuple[Team, ...] = Field(default=(), max_length=100)
    features: dict[Id, bool] = Field(default_factory=dict, max_length=50)


class NewTenant(TenantSettings):
    """An organisation: what it is called, under which law it works, and how it is reached."""

    id: TenantId
    type: Id
    jurisdiction_pack: Id


class FirstAdministrator(Strict):
    """Who runs the organisation at first."""

    id: PersonId = Field(default_factory=new_id)
    name: Label
    email: Email
    password: SecretStr


class NewOrganisation(Strict):
    """An organisation and its first administrator."""

    tenant: NewTenant
    administrator: FirstAdministrator


def _tenant(body: NewTenant, first: PersonId) -> Tenant:
    pack_named(body.jurisdiction_pack)
    _check_zone(body.timezone)
    for field, person in body.duty.named() if body.duty else ():
        if person != first:
            raise _not_staff(f"tenant.{field}")
    return Tenant.model_validate({**body.model_dump(by_alias=True), "words": _words(body)})


def _words(body: TenantSettings) -> dict[str, Any]:
    fields = body.model_dump(by_alias=True)
    return {name: value for name, value in fields.items() if name in TenantWords.model_fields}


def _check_zone(name: str) -> None:
    if name not in available_timezones():
        raise Invalid("This is no time zone.", "timezone", "Write it as in Europe/London.")


async def _check_duty(desk: Desk, duty: Duty | None, moment: datetime) -> None:
    """Raises Invalid, with the field, for somebody who is not of the staff now."""
    worn: dict[PersonId, bool] = {}
    for field, person in duty.named() if duty else ():
        if person not in worn:
            membership = await desk.memberships.find(person)
            worn[person] = membership is not None and membership.wears(ON_DUTY, moment)
        if not worn[person]:
            raise _not_staff(field)


def _not_staff(field: str) -> Invalid:
    return Invalid("This is nobody of your staff.", field, "Name a therapist, supervisor or administrator.")


@router.post("/organisations", status_code=201)
async def found_organisation(
    body: NewOrganisation,
    command: OpenCommandDep,
    chassis: ChassisDep,
    keys: SubjectKeysDep,
    credentials: CredentialsDep,
    request: Request,
    response: Response,
) -> Answer:
    """Found an organisation with its first administrator, where sign-up is open."""
    _check_door(request, chassis.settings)
    first = body.administrator
    tenant = _tenant(body.tenant, first.id)
    person = _person(first, tenant.id, credentials.digest)
    hashed = await credentials.passwords.hash(first.password.get_secret_value())
    await keys.ensure(tenant.id, tenant.id)
    await keys.ensure("-", person.id)

    async def work(tx: Tx) -> None:
        desk = Desk.writing(tx, chassis.keys)
        if await desk.tenants.find("tenant"):
            raise taken("tenant.id")
        await desk.tenants.add(tenant)
        await desk.people.add(person)
        hat = WornHat(role=Role.ORG_ADMIN)
        await desk.memberships.add(Membership(person_id=person.id, hats=(hat,)))
        await credentials.put_hashed(tx, person.id, typed_logins(person.words), hashed)
        await publish_person(tx, chassis.keys, person)
        await publish_tenant(tx, chassis.keys, tenant)
        tx.record(TenantProvisioned(tenant_id=tenant.id))
        tx.audit("organisation_founded", None, detail_id=tenant.id)
        tx.answer({"tenant_id": tenant.id, "administrator_id": person.id, "version": tenant.version})

    written = await chassis.journal.write(work, tenant_id=tenant.id, by=person.id, command=command)
    response.headers[HEADER] = written.position
    return written.answer


@router.get("/tenants/{tenant_id}")
async def read_organisation(desk: DeskDep) -> Answer:
    """The organisation's settings, for everybody with a hat in it; the rota by ids."""
    return shown(await desk.tenants.own())


@router.put("/tenants/{tenant_id}")
async def change_organisation(body: TenantSettings, admin: AdministeringDep, seen: IfMatch) -> Answer:
    """Change the settings, for example name who is on duty: while nobody's hours stand on the rota, no words are
    taken from families, schools and clients. What is left out is as if it had never been set."""
    _check_zone(body.timezone)

    async def work(tx: Tx, desk: Desk) -> Answer:
        before = await desk.tenants.own()
        require_version(before.version, seen)
        await _check_duty(desk, body.duty, now())
        changed = {"languages": body.languages, "timezone": body.timezone, "version": before.version + 1}
        words = TenantWords.model_validate(_words(body))
        after = before.model_copy(update={**changed, "words": words})
        await desk.tenants.save(after)
        await publish_tenant(tx, admin.chassis.keys, after)
        tx.audit("organisation_changed", None, detail_id=tx.tenant_id)
        return {"id": before.id, "version": before.version + 1}

    return await admin.write(work)


def _check_door(request: Request, settings: Any) -> None:
    assert isinstance(settings, Settings)
    if not settings.open_sign_up:
        raise Forbidden("Organisations cannot sign up here by themselves.", fix="Ask who runs this Kith.")
    limit: SignUpLimit = request.app.state.sign_up_limit
    limit.take(visitor_address(request, settings), time.monotonic())


def _person(first: FirstAdministrator, tenant_id: TenantId, digest: Any) -> Person:
    words = PersonWords(name=first.name, email=first.email, channels=("email",))
    handles = tuple(digest(login) for login in typed_logins(words))
    return Person(id=first.id, handles=handles, tenant_ids=(tenant_id,), words=words)
