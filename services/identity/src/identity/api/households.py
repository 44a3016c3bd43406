"""Households over HTTP."""

from typing import Annotated

from pydantic import Field

from chassis.errors import Invalid
from chassis.http import Strict
from chassis.journal import Tx
from chassis.routes import Routes
from contracts.ids import Id, PersonId
from identity.api.desks import AdministeringDep, Answer
from identity.households import Household
from identity.store.desk import Desk

router = Routes(prefix="/tenants/{tenant_id}/households", tags=["households"])


class NewHousehold(Strict):
    """A home, who lives in it, and how many live tasks it can carry."""

    id: Id
    label: Annotated[str, Field(max_length=100)] = ""
    members: Annotated[list[PersonId], Field(min_length=1, max_length=20)]
    live_task_cap: Annotated[int, Field(ge=0, le=20)] = 3


@router.post("", status_code=201)
async def add_household(body: NewHousehold, admin: AdministeringDep) -> Answer:
    """Add a home; its members are people of this organisation."""
    home = Household(
        id=body.id,
        members=tuple(dict.fromkeys(body.members)),
        live_task_cap=body.live_task_cap,
        label=body.label,
    )

    async def work(tx: Tx, desk: Desk) -> Answer:
        await check_members(desk, home.members, "members")
        await desk.households.add(home)
        return {"id": home.id, "version": home.version}

    return await admin.write(work)


async def check_members(desk: Desk, person_ids: tuple[str, ...], field: str) -> None:
    """Whether all these people belong to the tenant. Raises Invalid naming the first that does not."""
    for place, person_id in enumerate(person_ids):
        if await desk.memberships.find(person_id) is None:
            raise Invalid(
                "Nobody of this id belongs to the organisation.",
                field=f"{field}.{place}",
                fix="Add the person first.",
            )
