"""What stands at the top of pages: the viewer and the person a page is about; days and names as people say them."""

import re
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache

from fastapi import Request

from chassis.errors import NotFound
from contracts.access import AccessDocument, Role
from contracts.classes import DataClass
from contracts.ids import ID_PATTERN
from family_portal.portal import Portal
from family_portal.views.names import Named
from family_portal.views.reader import Reach
from family_portal.web.models import ClientHead, Seen, Viewer
from family_portal.web.models.pieces import Area
from family_portal.web.visitor import Visitor
from family_portal.web.words import joined
from policy.caller import Caller
from policy.days import LONDON
from policy.facts import in_force, is_walled, opens_to

HATS: dict[Role, str] = {
    Role.THERAPIST: "therapist",
    Role.SUPERVISOR: "supervisor",
    Role.ORG_ADMIN: "administrator",
    Role.AUDITOR: "auditor",
    Role.SCHOOL_STAFF: "at school",
    Role.GUARDIAN: "parent or carer",
    Role.CLIENT: "this is yours",
    Role.NETWORK_MEMBER: "one of the people",
    Role.PLATFORM_OPERATOR: "platform",
}


_ROOTS: dict[Area, str] = {"family": "/home", "school": "/school/pupils", "staff": "/staff/clients"}

ID = re.compile(ID_PATTERN)


def slug(client_id: str) -> str:
    """How a client stands in a page's address: by the short form of an id, and `~` after one that has none."""
    return client_id.removeprefix("cl_") if client_id.startswith("cl_") else f"{client_id}~"


def address_of(reach: Reach) -> str:
    """The same, with the organisation where the person knows two clients by the same id."""
    return slug(reach.client_id) if reach.alone else f"{reach.client_id}~{reach.caller.tenant_id}"


def base_of(area: Area, reach: Reach) -> str:
    """The address of a client's page in an area."""
    return "/mine" if area == "mine" else f"{_ROOTS[area]}/{address_of(reach)}"


async def find_reach(
    request: Request, portal: Portal, visitor: Visitor, name: str, *, however_old: bool = False
) -> Reach:
    """The caller's reach into the client of an address, in whichever of their tenants it is. Raises NotFound.

    `however_old`: by facts of any age, for a page on which identity decides about everything that is shown.
    """
    client, exact, tenant = name.partition("~")
    named = [id for id in ((client,) if exact else (f"cl_{client}", client)) if ID.fullmatch(id)]
    for caller in visitor.callers:
        for client_id in named if tenant in ("", caller.tenant_id) else ():
            try:
                reach = await _reach(request, portal, caller, client_id, however_old=however_old)
            except NotFound:
                continue
            return await beside_others(portal, visitor.callers, reach, however_old=however_old)
    raise NotFound()


async def beside_others(
    portal: Portal, callers: Iterable[Caller], reach: Reach, *, however_old: bool = False
) -> Reach:
    """The reach, which knows then whether another of the person's organisations has a client of the same id."""
    elsewhere = [caller for caller in callers if caller.tenant_id != reach.caller.tenant_id]
    others = [
        await portal.reader.reach_or_none(caller, reach.client_id, however_old=however_old)
        for caller in elsewhere
    ]
    reach.alone = not any(others)
    return reach


async def own_reach(request: Request, portal: Portal, visitor: Visitor) -> Reach:
    """The person's reach into their own record. Raises NotFound where they are no client."""
    found = await portal.reader.own(visitor.callers)
    if found is None:
        raise NotFound()
    return await _reach(request, portal, *found)


async def _reach(
    request: Request, portal: Portal, caller: Caller, client_id: str, *, however_old: bool = False
) -> Reach:
    """Decided and read once this service knows what this browser changed before."""
    await portal.wait(request.cookies.get("kith-position"), caller.tenant_id, client_id)
    return await portal.reader.reach(caller, client_id, however_old=however_old)


async def seat(request: Request, portal: Portal, visitor: Visitor, area: Area) -> None:
    """Put the viewer on the request: who looks, in which hat, for which organisations."""
    person = await portal.names.person(visitor.person_id)
    roles = [hat.role for caller in visitor.callers for hat in caller.hats]
    role = next((r for r in _usual(area) if r in roles), roles[0])
    request.state.viewer = Viewer(
        area=area,
        name=person.name,
        hat=person.title if area in ("staff", "school") and person.title else HATS[role],
        organisation=joined(await _organisations(portal, visitor)),
        csrf=visitor.session.csrf,
        sign_out="/staff/sign-out" if area == "staff" else "/sign-out",
    )


async def _organisations(portal: Portal, visitor: Visitor) -> list[str]:
    keys = [(caller.tenant_id, caller.tenant_id) for caller in visitor.callers]
    return [named.name for named in (await portal.names.clients(keys)).values()]


def _usual(area: Area) -> tuple[Role, ...]:
    return {
        "family": (Role.GUARDIAN,),
        "mine": (Role.CLIENT,),
        "school": (Role.SCHOOL_STAFF,),
        "staff": (Role.THERAPIST, Role.SUPERVISOR, Role.ORG_ADMIN, Role.AUDITOR),
    }.get(area, ())


async def head(
    portal: Portal, reach: Reach, area: Area, line: str = "", seen: Seen | None = None
) -> ClientHead:
    """The top of a page about one client."""
    named = await portal.names.client(reach.caller.tenant_id, reach.client_id)
    return ClientHead(named.name, named.mark, base_of(area, reach), line or named.pronouns, seen)


def school_now(document: AccessDocument, goal_id: str, now: datetime) -> list[str]:
    """Whom consents in force open this goal in school wording to."""
    facts = [fact for fact in document.consents if DataClass.PLAN_SCHOOL in fact.classes]
    return list(
        dict.fromkeys(
            person
            for fact in facts
            if in_force(fact, now) and (fact.only_goals is None or goal_id in fact.only_goals)
            for person in fact.recipients
            if opens_to(fact, person) and not is_walled(person, document, now)
        )
    )


def day(moment: datetime) -> str:
    """A day as people say it: Tuesday 3 March; with its year where it is not this one."""
    return _day(moment, datetime.now(LONDON).year)


@lru_cache(4096)
def _day(moment: datetime, this_year: int) -> str:
    local = moment.astimezone(LONDON)
    said = f"{local:%A} {local.day} {local:%B}"
    return said if local.year == this_year else f"{said} {local.year}"


def clock(moment: datetime) -> str:
    """Day and time: Tuesday 3 March, 14:10; Tuesday 3 March 2020, 14:10."""
    return f"{day(moment)}, {moment.astimezone(LONDON):%H:%M}"


def called(named: Named) -> str:
    """A person's first name, as a family says it."""
    return named.name.split(" ")[0] if not named.name.startswith("Dr ") else named.name
