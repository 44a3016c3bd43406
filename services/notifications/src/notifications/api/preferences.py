"""HTTP in: how a person wants to be told; only they themselves read and change it."""

from typing import Annotated, Any, Literal

from fastapi import Request, Response
from pydantic import Field

from chassis.auth import CallerDep
from chassis.errors import NotFound
from chassis.http import CommandDep, IfMatch, Strict, answer_written, require_version
from chassis.journal import Tx
from chassis.routes import Routes
from contracts.ids import Id
from notifications.deliveries import in_order
from notifications.store.contacts import ContactStore
from notifications.store.preferences import PreferenceStore

router = Routes(prefix="/tenants/{tenant_id}/people/{person_id}/preferences", tags=["preferences"])


class PreferencesIn(Strict):
    """The channels in the order they are tried; `page` alone means: only on my next page."""

    channels: Annotated[list[Literal["email", "sms", "page"]], Field(min_length=1, max_length=3)]


@router.get("")
async def read(request: Request, person_id: Id, caller: CallerDep) -> dict[str, Any]:
    """The channels that hold for the caller, whether they chose them, and the version of their choice.

    Before the first choice (version 0) those hold that the organisation gave them.
    """
    if person_id != caller.person_id:
        raise NotFound()
    chassis = request.app.state.chassis
    choice = await PreferenceStore(chassis.mongo).choice(person_id)
    told = [] if choice.channels else (await ContactStore(chassis).of_person(person_id)).channels
    return {
        "channels": in_order(choice.channels, told),
        "chosen": bool(choice.channels),
        "version": choice.version,
    }


@router.put("")
async def change(
    request: Request,
    response: Response,
    person_id: Id,
    body: PreferencesIn,
    caller: CallerDep,
    command: CommandDep,
    if_match: IfMatch,
) -> dict[str, object]:
    """Choose the channels; they hold for all organisations of the person."""
    if person_id != caller.person_id:
        raise NotFound()
    chassis = request.app.state.chassis
    store = PreferenceStore(chassis.mongo)

    async def work(tx: Tx) -> None:
        version = (await store.choice(person_id)).version
        require_version(version, if_match)
        await store.save(tx, person_id, list(body.channels), version + 1)
        tx.answer({"person_id": person_id, "version": version + 1})

    written = await chassis.journal.write(work, tenant_id=caller.tenant_id, by=person_id, command=command)
    return answer_written(response, written)
