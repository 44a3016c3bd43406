"""Which hats a person wears in which tenant right now: what sign-in puts into tokens."""

from datetime import datetime

from chassis.mongo import Mongo
from chassis.seal import Keyring
from identity.memberships import WornHat
from identity.store.memberships import MembershipStore
from identity.store.people import PeopleStore


async def hats_of(mongo: Mongo, keys: Keyring, person_id: str, now: datetime) -> list[tuple[str, WornHat]]:
    """The person's hats as (tenant id, hat), those past their validity left out. Raises NotFound."""
    person = await PeopleStore.reading(mongo, keys).get(person_id)
    worn: list[tuple[str, WornHat]] = []
    for tenant_id in person.tenant_ids:
        store = MembershipStore(lambda name, t=tenant_id: mongo.tenant(name, t), keys, tenant_id)  # type: ignore[misc]
        membership = await store.find(person_id)
        if membership is not None:
            worn += [(tenant_id, hat) for hat in membership.hats if hat.worn(now)]
    return worn
