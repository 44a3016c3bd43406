"""Who am I: the signed-in person and the hats of this sign-in."""

from chassis.auth import TokenDep
from chassis.errors import NotFound
from chassis.routes import Routes
from identity.api.desks import Answer, ChassisDep
from identity.store.desk import Desk
from identity.store.people import PeopleStore

router = Routes(tags=["me"])


@router.get("/me")
async def me(token: TokenDep, chassis: ChassisDep) -> Answer:
    """The person, and each hat with the name of its organisation."""
    if token.service is not None:
        raise NotFound()
    person = await PeopleStore.reading(chassis.mongo, chassis.keys).get(token.subject)
    names: dict[str, str] = {}
    for tenant_id in sorted({tenant for tenant, _ in token.hats}):
        tenant = await Desk.reading(chassis.mongo, chassis.keys, tenant_id).tenants.own()
        names[tenant_id] = tenant.words.name
    hats = [
        {
            "tenant_id": tenant_id,
            "tenant_name": names[tenant_id],
            "role": hat.role.value,
            "school_id": hat.school_id,
            "school_role": hat.school_role,
            "class_id": hat.class_id,
            "supervised": hat.supervised,
        }
        for tenant_id, hat in token.hats
    ]
    words = person.words
    shown = {"id": person.id, "name": words.name, "pronouns": words.pronouns, "title": words.title}
    contact = words.model_dump(include={"email", "phone", "username", "languages", "channels"})
    return {"person": {**shown, **contact}, "area": token.area, "hats": hats}
