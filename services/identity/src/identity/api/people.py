"""People over HTTP: an administrator adds them or gives a known person another hat."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Annotated, Literal

from fastapi import Depends, Query
from pydantic import Field, SecretStr

from chassis.auth import CallerDep
from chassis.errors import Conflict, Invalid, NotFound
from chassis.http import SeenVersion, Strict, require_version
from chassis.journal import Tx
from chassis.routes import Routes
from chassis.versions import Seen
from contracts.access import Role
from contracts.ids import ClientId, Id, PersonId, new_id
from identity.api.desks import (
    AdministeringDep,
    AdministratorDep,
    Answer,
    CredentialsDep,
    DeskDep,
    SignInsDep,
    Writing,
    WritingDep,
    is_administrator,
)
from identity.clock import now
from identity.memberships import CLINICAL, Membership, WornHat, check_given
from identity.people import Email, Person, PersonWords, Phone, Username, typed_logins
from identity.store.desk import Desk
from identity.store.publishing import publish_access, publish_person
from identity.store.rows import taken
from identity.tenants import Label, SenderName
from policy.caller import Caller

router = Routes(prefix="/tenants/{tenant_id}/people", tags=["people"])

STAFF = CLINICAL | {Role.ORG_ADMIN}
OWN_PEOPLE = STAFF | {Role.AUDITOR, Role.SCHOOL_STAFF}
"""Whose names an administrator reads; families and their circle are for the people around them."""

SeenDep = Annotated[Seen, Depends(SeenVersion("rev"))]
"""The `rev` of a person that a change of them starts from."""

Channels = Annotated[list[Literal["email", "sms", "push", "page"]], Field(default_factory=list, max_length=4)]


class NewHat(Strict):
    """One role in this organisation."""

    role: Role
    title: Label | None = None
    school_id: Id | None = None
    school_role: Id | None = None
    class_id: Id | None = None
    supervised: bool = False
    valid_days: Annotated[int, Field(ge=1, le=3660)] | None = None

    def worn(self, moment: datetime) -> WornHat:
        """The hat as it is worn from that moment on."""
        until = moment + timedelta(days=self.valid_days) if self.valid_days else None
        return WornHat(**self.model_dump(exclude={"title", "valid_days"}), valid_until=until)


class NewPerson(Strict):
    """A person, how to reach them, how they sign in, and the hats they wear here."""

    id: PersonId = Field(default_factory=new_id)
    name: Label
    pronouns: Label | None = None
    title: Label | None = None
    email: Email | None = None
    phone: Phone | None = None
    username: Username | None = None
    password: SecretStr | None = None
    languages: Annotated[list[Id], Field(default_factory=list, max_length=20)]
    channels: Channels
    sender_name: SenderName | None = None
    hats: Annotated[list[NewHat], Field(default_factory=list, max_length=20)]

    def words(self) -> PersonWords:
        """What is sealed."""
        titles = [hat.title for hat in self.hats if hat.title]
        fields = self.model_dump(exclude={"id", "password", "hats", "title"})
        return PersonWords(**fields, title=self.title or next(iter(titles), None))


@router.post("", status_code=201)
async def add_person(body: NewPerson, admin: AdministeringDep, credentials: CredentialsDep) -> Answer:
    """Add a person; one whom Kith knows already, by id and a way to reach them, only gets the hats."""
    moment = now()
    hats = tuple(hat.worn(moment) for hat in body.hats)
    check_given(hats, body.id, admin.caller.person_id)
    words = body.words()
    logins = typed_logins(words)
    hashed = await _hashed(body, logins, credentials.passwords.hash)
    fresh = Person(id=body.id, handles=tuple({credentials.digest(one) for one in logins}), words=words)
    await admin.subject_keys.ensure("-", body.id)

    async def work(tx: Tx, desk: Desk) -> Answer:
        await _check_schools(desk, hats)
        membership = await desk.memberships.find(body.id)
        known = await desk.people.find(body.id)
        if known is None:
            await desk.people.add(person := fresh.known_to(tx.tenant_id))
            if hashed:
                await credentials.put_hashed(tx, body.id, logins, hashed)
            await publish_person(tx, admin.chassis.keys, person)
        elif membership is None:
            await _let_in(tx, desk, known, fresh)
        changed = (membership or Membership(person_id=body.id, version=0)).given(hats, moment)
        await desk.memberships.put(changed)
        tx.audit("person_added", None, detail_id=body.id)
        return {"id": body.id, "version": changed.version, "known": known is not None}

    return await admin.write(work)


class OwnDetails(Strict):
    """What people change about themselves; what they sign in by changes at the door."""

    name: Label
    pronouns: Label | None = None
    languages: Annotated[list[Id], Field(default_factory=list, max_length=20)]
    channels: Channels
    sender_name: SenderName | None = None


class OwnContact(Strict):
    """Where messages to oneself go; what is left out stays."""

    email: Email | None = None
    phone: Phone | None = None


@router.put("/{person_id}")
async def change_oneself(person_id: PersonId, body: OwnDetails, writing: WritingDep, seen: SeenDep) -> Answer:
    """Change one's own name and how one wants to be reached, in all organisations at once."""
    return await _change(person_id, body.model_dump(), writing, seen)


@router.put("/{person_id}/contact")
async def change_contact(person_id: PersonId, body: OwnContact, writing: WritingDep, seen: SeenDep) -> Answer:
    """Change the address and number one is told by, in all organisations; one signs in with the same as before."""
    return await _change(person_id, body.model_dump(exclude_none=True), writing, seen)


async def _change(person_id: PersonId, words: Answer, writing: Writing, seen: Seen) -> Answer:
    if person_id != writing.caller.person_id:
        raise NotFound()

    async def work(tx: Tx, desk: Desk) -> Answer:
        before = await desk.people.get(person_id)
        require_version(before.rev, seen)
        changed = PersonWords.model_validate({**before.words.model_dump(), **words})
        person = before.model_copy(update={"words": changed, "rev": before.rev + 1})
        await desk.people.save(person)
        await publish_person(tx, writing.chassis.keys, person)
        tx.audit("person_changed", None, detail_id=person_id)
        return {"id": person_id, "rev": person.rev}

    return await writing.write(work)


@router.post("/{person_id}/end")
async def end_membership(person_id: PersonId, admin: AdministeringDep, sign_ins: SignInsDep) -> Answer:
    """Take all hats off a person who leaves, and end their work, their supervisions and their sign-ins.

    What they signed stays; who comes back begins anew. Family ties are ended one by one.
    """
    moment = now()

    async def work(tx: Tx, desk: Desk) -> Answer:
        membership = await desk.memberships.get(person_id)
        ties = await desk.relationships.of_person(person_id)
        if any(not tie.over(moment) for tie in ties):
            raise Conflict(
                "This person still has ties to clients.", field="person_id", fix="End those first."
            )
        left = membership.model_copy(update={"hats": (), "version": membership.version + 1})
        await desk.memberships.save(left)
        for client_id in sorted(await _end_work(desk, person_id, moment)):
            await publish_access(tx, desk, client_id, moment)
        tx.audit("membership_ended", None, detail_id=person_id)
        return {"id": person_id, "version": left.version}

    answer = await admin.write(work)
    await sign_ins.end_all_of(person_id)
    return answer


async def _end_work(desk: Desk, person_id: PersonId, moment: datetime) -> set[ClientId]:
    """End what somebody does with clients, themselves or through others; answers the clients it was about."""
    overseen = {person_id}
    for oversight in await desk.supervisions.of_person(person_id):
        if not oversight.over(moment):
            await desk.supervisions.save(oversight.ended(moment))
            overseen.add(oversight.supervisee_id)
    clients = await desk.assignments.clients_of(overseen, moment)
    for item in await desk.assignments.of_person(person_id):
        if not item.over(moment):
            await desk.assignments.save(item.ended(moment))
    return clients


@router.get("")
async def list_people(
    desk: DeskDep,
    admin: AdministratorDep,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    after: Annotated[str | None, Query(max_length=500)] = None,
) -> Answer:
    """The people of the organisation with their hats; names of its own staff and of schools."""
    members, more = await desk.memberships.page(limit, after)
    people = {one.id: one for one in await desk.people.find_many([m.person_id for m in members])}
    items = [_listed(member, people[member.person_id]) for member in members if member.person_id in people]
    return {"items": items, "next": more}


@router.get("/{person_id}")
async def read_person(person_id: PersonId, caller: CallerDep, desk: DeskDep) -> Answer:
    """A person's name: one's own, those of the staff, and for staff everybody's here."""
    membership = await desk.memberships.get(person_id)
    if not _may_read_name(caller, membership, now()):
        raise NotFound()
    person = await desk.people.get(person_id)
    view = {**_listed(membership, person), "name": person.words.name}
    if caller.person_id == person_id:
        view |= {"rev": person.rev} | person.words.model_dump(
            include={"email", "phone", "username", "channels", "languages"}
        )
    return view


def _may_read_name(caller: Caller, membership: Membership, moment: datetime) -> bool:
    if caller.person_id == membership.person_id:
        return True
    if caller.area != "family" and caller.wears(*CLINICAL):
        return True
    readable = OWN_PEOPLE if is_administrator(caller) else STAFF
    return membership.wears(readable, moment)


def _listed(membership: Membership, person: Person) -> Answer:
    named = any(hat.role in OWN_PEOPLE for hat in membership.hats)
    words = person.words
    return {
        "id": membership.person_id,
        "version": membership.version,
        "name": words.name if named else None,
        "pronouns": words.pronouns if named else None,
        "title": words.title if named else None,
        "hats": [hat.model_dump(mode="json", exclude={"derived"}) for hat in membership.hats],
    }


async def _hashed(body: NewPerson, logins: list[str], hash_it: Callable[[str], Awaitable[str]]) -> str | None:
    if body.password is None:
        return None
    if not logins:
        raise Invalid(
            "A password needs something to sign in by.", field="username", fix="Add a user name or an e-mail."
        )
    return await hash_it(body.password.get_secret_value())


async def _let_in(tx: Tx, desk: Desk, known: Person, typed: Person) -> None:
    """Make a person of another organisation known here. Raises Conflict unless what was typed proves them."""
    if not known.is_same_human(frozenset(typed.handles)):
        raise taken("id")
    await desk.people.save(known.known_to(tx.tenant_id).model_copy(update={"rev": known.rev + 1}))


async def _check_schools(desk: Desk, hats: tuple[WornHat, ...]) -> None:
    for place, hat in enumerate(hats):
        if hat.school_id is None:
            continue
        school = await desk.schools.find(hat.school_id)
        if school is None:
            raise Invalid(
                "There is no school of this id.", field=f"hats.{place}.school_id", fix="Add the school first."
            )
        if hat.class_id and hat.class_id not in school.class_ids:
            raise Invalid(
                "The school has no class of this id.",
                field=f"hats.{place}.class_id",
                fix="Choose one of its classes.",
            )
