"""Who can see: everybody whom this reader may know of, and in plain words what the policy opens to each of them."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from fastapi import Request, Response

from chassis.routes import Routes
from contracts.access import Authority, ConsentFact
from contracts.classes import DataClass
from family_portal.portal import Portal, PortalDep
from family_portal.views.reader import Reach
from family_portal.web.consents import WHAT, consent_reach
from family_portal.web.frame import render
from family_portal.web.heads import base_of, day, head
from family_portal.web.models import Link, Live, PersonSees, WhoCanSeePage
from family_portal.web.models.pieces import Area
from family_portal.web.visitor import FamilyVisitor
from family_portal.web.words import agreeing, joined, to_you
from policy.facts import in_force, is_walled
from policy.readers import known_to

router = Routes(include_in_schema=False)

Words = Mapping[DataClass, tuple[str, str]]
"""What a class is called: on a guardian's page, and on the person's own. Empty: nothing is said of it there."""
ABOUT = ("the page “about me”", "the page “about me”")
HOME: Words = {
    DataClass.PLAN_PLAIN: ("the plan in plain words", "the goals you share with home"),
    DataClass.TASK: ("practice for their home", "practice for their home"),
    DataClass.TASK_LOG: ("what is noted in their own home", "what is noted in their own home"),
    DataClass.SESSION_SUMMARY: ("what is shared after sessions", "what is shared after sessions"),
    DataClass.ATTENDANCE: ("when appointments are", "when appointments are"),
    DataClass.ABOUT_ME: ABOUT,
}
TEAM: Words = {
    DataClass.PLAN_TEAM: ("the plan", "every goal"),
    DataClass.PLAN_PRIVATE: ("", "the private ones too"),
    DataClass.TASK_LOG: ("what is noted about practice", "what is noted about practice"),
    DataClass.OBSERVATION: ("what school notes", "what school notes"),
    DataClass.MEASURE: ("results over time", "results over time"),
    DataClass.SESSION_SUMMARY: ("what is shared after sessions", "what is shared after sessions"),
    DataClass.ATTENDANCE: ("when appointments are", "when appointments are"),
    DataClass.ABOUT_ME: ABOUT,
    DataClass.CONSENT: ("who can see what", "who can see what"),
}
OUTSIDE: Words = {DataClass(name): (text, text) for name, text in WHAT.items()}


@router.get("/home/{child}/who-can-see")
async def who_can_see(child: str, request: Request, visitor: FamilyVisitor, portal: PortalDep) -> Response:
    """People in plain words, why, until when."""
    reach = await consent_reach(request, portal, visitor, "family", child)
    return render(request, "family/who_can_see.html", page=await who_page(portal, reach, "family"))


@router.get("/home/{child}/fragments/who")
async def who_fragment(child: str, request: Request, visitor: FamilyVisitor, portal: PortalDep) -> Response:
    """The people alone."""
    reach = await consent_reach(request, portal, visitor, "family", child)
    return render(request, "fragments/who_people.html", page=await who_page(portal, reach, "family"))


@router.get("/mine/who-can-see")
async def who_sees_mine(request: Request, visitor: FamilyVisitor, portal: PortalDep) -> Response:
    """Who sees what is mine."""
    reach = await consent_reach(request, portal, visitor, "mine", "")
    return render(request, "family/who_can_see.html", page=await who_page(portal, reach, "mine"))


@router.get("/mine/fragments/who")
async def who_mine_fragment(request: Request, visitor: FamilyVisitor, portal: PortalDep) -> Response:
    """The people alone."""
    reach = await consent_reach(request, portal, visitor, "mine", "")
    return render(request, "fragments/who_people.html", page=await who_page(portal, reach, "mine"))


async def who_page(portal: Portal, reach: Reach, area: Area) -> WhoCanSeePage:
    """Everybody and what they see, family first, then the team, then those whom a consent names."""
    people = {person.id: person for person in _people(reach, area == "mine")}
    names = await portal.names.persons(people)
    me, base = reach.caller.person_id, base_of(area, reach)
    signs = reach.grants.may(DataClass.CONSENT, "sign")
    return WhoCanSeePage(
        child=await head(portal, reach, area),
        lead="Everyone who sees something here, and what."
        if reach.grants.may(DataClass.CONSENT)
        else "You, and those who work here.",
        people=tuple(
            person.shown("You" if key == me else names[key].name, you=key == me)
            for key, person in people.items()
        ),
        live=Live("who", f"{base}/fragments/who", (f"who-{reach.client_id}",)),
        change=Link("Change a permission", f"{base}/consents") if signs else None,
        mine=area == "mine",
    )


class _Person:
    """One person on the page: why they are there, what is open to them, and what was agreed for later."""

    def __init__(self, person: str, icon: str, why: str, opened: list[str], later: list[str], until: str):
        self.id, self.icon, self.why = person, icon, why
        self.opened, self.later, self.until = opened, later, until

    def shown(self, name: str, *, you: bool) -> PersonSees:
        """The person in words."""
        verb = agreeing([name], "sees", "see").removeprefix(f"{name} ")
        seen = f"{verb} {joined(self.opened) or 'nothing here yet'}."
        later = f" Agreed as well, and not there yet: {joined(self.later)}." if self.later else ""
        why = f"{self.why}, and " if self.why and not you else ""
        said = f"{why}{seen}{later}"
        return PersonSees(name, to_you(said) if you else said, self.icon, self.until)


def _people(reach: Reach, own: bool) -> Iterator[_Person]:
    now = datetime.now(UTC)
    document = known_to(reach.grants, reach.document)
    named: dict[str, list[ConsentFact]] = {}
    for consent in document.consents:
        for person in consent.recipients if in_force(consent, now) else ():
            if not is_walled(person, reach.document, now):
                named.setdefault(person, []).append(consent)
    unseen = [tie.person_id for tie in document.relationships if own and tie.authority is Authority.LIMITED]
    for person in dict.fromkeys([*reach.everyone, *unseen, *named]):
        labels = {label for held in reach.everyone.get(person, ()) for label in held.labels}
        if "client" in labels and own:
            continue
        yield _person(reach, person, labels, named.get(person, []), own)


def _person(reach: Reach, person: str, labels: set[str], consents: list[ConsentFact], own: bool) -> _Person:
    opened = {c for held in reach.everyone.get(person, ()) for c in held.classes if held.may(c)}
    given = dict.fromkeys(c for consent in consents for c in consent.classes)
    later = [WHAT.get(c.value, c.value.replace("_", " ")) for c in given if c not in opened]
    if "team" in labels:
        return _Person(person, "session", _works(reach, person, own), _called(TEAM, opened, own), [], "")
    if "client" in labels:
        return _Person(person, "people", "", ["what is theirs, in their own words"], [], "")
    at_home = "guardians" in labels or not consents
    words = HOME if at_home else OUTSIDE
    if at_home and labels & {"school", "network"}:
        words = {**OUTSIDE, **HOME}  # a relative who may be there in another capacity too
    icon = "people" if at_home else "school"
    return _Person(person, icon, "", _called(words, opened, own), later, _until(consents))


def _called(words: Words, opened: set[DataClass], own: bool) -> list[str]:
    """What is open, in words: the phrases of the classes that the policy opens, and of no other."""
    return [called[own] for data_class, called in words.items() if data_class in opened and called[own]]


def _works(reach: Reach, person: str, own: bool) -> str:
    whom = "you" if own else "your child"
    assigned = person in {fact.person_id for fact in reach.document.assignments}
    return f"works with {whom}" if assigned else f"advises those who work with {whom}"


def _until(consents: list[ConsentFact]) -> str:
    ends = [consent.expires for consent in consents]
    known = [moment for moment in ends if moment]
    return f"until {day(max(known))}" if known and len(known) == len(ends) else ""
