"""What the endpoints share: who asks, the stores they may use, and one way to write."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from pydantic import BeforeValidator

from chassis.auth import CallerDep
from chassis.errors import Forbidden, NotFound
from chassis.http import CommandDep
from chassis.journal import Command, Tx
from chassis.positions import HEADER
from chassis.runtime import Chassis
from chassis.strict import Moment as NearMoment
from contracts.access import Role
from identity.parts import sign_in_parts
from identity.store.credentials import Credentials
from identity.store.desk import Desk
from identity.store.sign_ins import SignIns
from identity.store.subject_keys import SubjectKeys
from policy.caller import Caller

Answer = dict[str, Any]
DeskWork = Callable[[Tx, Desk], Awaitable[Answer]]


def _whole_day(value: object) -> object:
    return f"{value}T00:00:00Z" if isinstance(value, str) and len(value) == len("2026-01-31") else value


Moment = Annotated[NearMoment, BeforeValidator(_whole_day)]
"""A time with its zone, or a day, which begins at midnight UTC."""


async def chassis_of(request: Request) -> Chassis:
    """The opened parts of this process."""
    chassis: Chassis = request.app.state.chassis
    return chassis


async def subject_keys_of(request: Request) -> SubjectKeys:
    """The keys of all subjects."""
    keys: SubjectKeys = request.app.state.subject_keys
    return keys


async def credentials_of(request: Request) -> Credentials:
    """Logins and passwords."""
    return (await sign_in_parts(request)).credentials


async def sign_ins_of(request: Request) -> SignIns:
    """Who is signed in."""
    return (await sign_in_parts(request)).issuer.sign_ins


ChassisDep = Annotated[Chassis, Depends(chassis_of)]
SubjectKeysDep = Annotated[SubjectKeys, Depends(subject_keys_of)]
SignInsDep = Annotated[SignIns, Depends(sign_ins_of)]
CredentialsDep = Annotated[Credentials, Depends(credentials_of)]


@dataclass(frozen=True)
class Writing:
    """One request that changes something: who asks, and the way to commit it once."""

    chassis: Chassis
    subject_keys: SubjectKeys
    caller: Caller
    command: Command
    response: Response

    @property
    def desk(self) -> Desk:
        """The stores of the caller's tenant, for what has to be known before the transaction."""
        return Desk.reading(self.chassis.mongo, self.chassis.keys, self.caller.tenant_id)

    async def write(self, work: DeskWork) -> Answer:
        """Run `work` in one transaction and answer what it returns, or what it returned the first time."""

        async def run(tx: Tx) -> None:
            tx.answer(await work(tx, Desk.writing(tx, self.chassis.keys)))

        written = await self.chassis.journal.write(
            run, tenant_id=self.caller.tenant_id, by=self.caller.person_id, command=self.command
        )
        self.response.headers[HEADER] = written.position
        return written.answer


async def writing(request: Request, response: Response, caller: CallerDep, command: CommandDep) -> Writing:
    """A change by anybody with a hat in the tenant; the endpoint decides whether they may."""
    about = replace(command, client_id=request.path_params.get("client_id"))
    chassis, subject_keys = await chassis_of(request), await subject_keys_of(request)
    return Writing(chassis, subject_keys, caller, about, response)


WritingDep = Annotated[Writing, Depends(writing)]


def is_administrator(caller: Caller) -> bool:
    """Whether the caller administers the tenant, from the staff area or by its API."""
    return caller.area in {"staff", "api"} and caller.wears(Role.ORG_ADMIN)


async def administrator(caller: CallerDep) -> Caller:
    """The caller as the tenant's administrator. Raises Forbidden."""
    if not is_administrator(caller):
        raise Forbidden("An administrator of the organisation has to do this.")
    return caller


AdministratorDep = Annotated[Caller, Depends(administrator)]


async def administering(writing: WritingDep) -> Writing:
    """A change by an administrator. Raises Forbidden."""
    await administrator(writing.caller)
    return writing


AdministeringDep = Annotated[Writing, Depends(administering)]


async def administering_client(writing: WritingDep) -> Writing:
    """A change around one client by an administrator. Raises NotFound: others learn nothing of the client."""
    if not is_administrator(writing.caller):
        raise NotFound()
    return writing


AdministeringClientDep = Annotated[Writing, Depends(administering_client)]


async def reading(chassis: ChassisDep, caller: CallerDep) -> Desk:
    """The stores of the caller's tenant, for reads."""
    return Desk.reading(chassis.mongo, chassis.keys, caller.tenant_id)


DeskDep = Annotated[Desk, Depends(reading)]
