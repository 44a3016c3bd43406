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
from notifications.store.preferences import PreferenceStore

router = Routes(prefix="/tenants/{tenant_id}/people/{person_id}/preferences", tags=["preferences"])


class PreferencesIn(Strict):
    """The channels in the order they are tried; `page` alone means: only on my next page."""

    channels: Annotated[list[Literal["email", "sms", "page"]], Field(min_length=1, max_length=3)]


@router.get("")
async def read(request: Request, person_id: Id, caller: CallerDep) -> dict[str, Any]:
    """The caller's own channels and their version (0 before the first choice)."""
    if person_id != caller.person_id:
        raise NotFound()
    store = PreferenceStore(request.app.state.chassis.mongo)
    return {"channels": await store.channels(person_id), "version": await store.version(person_id)}


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
        version = await store.version(person_id)
        require_version(version, if_match)
        await store.save(tx, person_id, list(body.channels), version + 1)
        tx.answer({"person_id": person_id, "version": version + 1})

    written = await chassis.journal.write(work, tenant_id=caller.tenant_id, by=person_id, command=command)
    return answer_written(response, written)
