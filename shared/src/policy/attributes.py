"""What a caller is to a client right now: roles, labels and consents, computed from the access document."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from contracts.access import AccessDocument, Authority, ConsentFact, RelationshipFact, Role
from contracts.classes import DataClass
from policy.caller import Caller
from policy.days import day_of, midnight
from policy.facts import in_force, is_walled, opens_to, runs, ties_of

AgeBand = Literal["child", "adolescent", "adult", "unknown"]
LONGEST = timedelta(seconds=60)
"""A decision is asked again after this time at the latest."""
_STAFF_AREAS = frozenset({"staff", "api"})
_FAMILY_AREAS = frozenset({"family", "api"})


@dataclass(frozen=True, slots=True)
class Attributes:
    """Everything the policies may look at; two callers with equal attributes get equal decisions."""

    tenant: str
    record_tenant: str
    roles: frozenset[str]
    area: str
    scopes: frozenset[str]
    age_band: AgeBand
    consents_alone: bool
    ticked: frozenset[str]
    """Classes the client agreed to show to this guardian."""
    school: frozenset[str]
    """Classes that consents in force open to this member of school staff."""
    network: frozenset[str]
    """Classes that consents in force, accepted by this person, open to them."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Attributes for the policies, and what narrows single items afterwards."""

    attributes: Attributes
    labels: frozenset[str]
    only_goals: dict[DataClass, frozenset[str]]
    until: datetime
    consent_ids: tuple[str, ...]
    """The consents in force that name the caller, for the audit."""


def standing(caller: Caller, doc: AccessDocument, now: datetime) -> Standing:
    """What `caller` is to the client of `doc` at `now` (aware). Pure; never raises for valid input."""
    named = [c for c in doc.consents if caller.person_id in c.recipients and in_force(c, now)]
    held = list(ties_of(caller.person_id, doc, now))
    ties = held if caller.area in _FAMILY_AREAS else []
    opened = [c for c in named if opens_to(c, caller.person_id)]
    school = _for_school(caller, opened)
    network = _for_network(caller, opened)
    roles = frozenset[str]()
    if not doc.closed:
        roles = frozenset(_roles(caller, doc, now, ties, bool(school), bool(network)))
        if is_walled(caller.person_id, doc, now):
            roles |= {_GUARDIAN[Authority.COURT_RESTRICTED]}  # this wall stands in every area
    attributes = Attributes(
        tenant=caller.tenant_id,
        record_tenant=doc.tenant_id,
        roles=roles,
        area=caller.area,
        scopes=caller.scopes,
        age_band=age_band(doc, day_of(now)),
        consents_alone=doc.consents_from is not None and doc.consents_from <= day_of(now),
        ticked=_ticked(ties, opened),
        school=_classes(school),
        network=_classes(network),
    )
    labels = frozenset(_labels(caller, doc, roles, ties)) if roles else frozenset[str]()
    narrowed = (
        {} if "team" in labels else _only_goals([*school, *network]) | _ticked_goals(roles, ties, opened)
    )
    return Standing(attributes, labels, narrowed, _until(doc, now), tuple(c.id for c in named))


def age_band(doc: AccessDocument, today: date) -> AgeBand:
    """Child, adolescent or adult by the thresholds of the jurisdiction pack; unknown opens least."""
    if doc.majority_from is None or doc.privacy_from is None:
        return "adult" if doc.majority_from is not None and doc.majority_from <= today else "unknown"
    if doc.majority_from <= today:
        return "adult"
    return "adolescent" if doc.privacy_from <= today else "child"


def _for_school(caller: Caller, opened: list[ConsentFact]) -> list[ConsentFact]:
    return opened if caller.area in _FAMILY_AREAS and caller.wears(Role.SCHOOL_STAFF) else []


def _for_network(caller: Caller, opened: list[ConsentFact]) -> list[ConsentFact]:
    """Those that this person has accepted; nobody is drawn into a network unasked."""
    if caller.area not in _FAMILY_AREAS or not caller.wears(Role.NETWORK_MEMBER):
        return []
    return [c for c in opened if caller.person_id in c.accepted_by]


_GUARDIAN = {
    Authority.FULL: "guardian",
    Authority.LIMITED: "guardian_limited",
    Authority.COURT_RESTRICTED: "guardian_court_restricted",
}


def _roles(
    caller: Caller,
    doc: AccessDocument,
    now: datetime,
    ties: list[RelationshipFact],
    school: bool,
    network: bool,
) -> Iterator[str]:
    if caller.area in _STAFF_AREAS:
        yield from _staff_roles(caller, doc, now)
    yield from (_GUARDIAN[tie.authority] for tie in ties if tie.authority in _GUARDIAN)
    if school:
        yield "school_staff"
    if network:
        yield "network_member"
    if caller.area in _FAMILY_AREAS and doc.client_person_id == caller.person_id:
        band = age_band(doc, day_of(now))
        yield f"client_{'child' if band == 'unknown' else band}"


def _staff_roles(caller: Caller, doc: AccessDocument, now: datetime) -> Iterator[str]:
    """Assigned, or supervising somebody assigned; all other staff are nothing to this client."""
    assigned = {a.person_id for a in doc.assignments if runs(a.begins, a.ends, now)}
    if caller.person_id in assigned and caller.wears(Role.THERAPIST):
        yield "therapist"
    supervises = any(
        s.person_id == caller.person_id and s.supervisee_id in assigned and runs(s.begins, s.ends, now)
        for s in doc.supervisions
    )
    if supervises and caller.wears(Role.SUPERVISOR):
        yield "supervisor"
    for role in (Role.ORG_ADMIN, Role.AUDITOR):
        if caller.wears(role):
            yield role.value


def _labels(
    caller: Caller, doc: AccessDocument, roles: frozenset[str], ties: list[RelationshipFact]
) -> Iterator[str]:
    yield f"person:{caller.person_id}"
    if roles & {"therapist", "supervisor"}:
        yield "team"
    if roles & {"guardian", "guardian_limited"}:
        yield "guardians"
        yield from (f"household:{tie.household_id}" for tie in ties if tie.household_id)
    if "client_adult" in roles:
        yield from (f"household:{home.id}" for home in doc.households if caller.person_id in home.members)
    if any(role.startswith("client_") for role in roles):
        yield "client"
    if "school_staff" in roles:
        yield "school"
    if "network_member" in roles:
        yield "network"


def _ticked(ties: list[RelationshipFact], opened: list[ConsentFact]) -> frozenset[str]:
    """What the young person opened to a guardian: ticks on the relationship, and consents that name them."""
    return frozenset(c.value for tie in ties for c in tie.ticked) | _classes(opened if ties else ())


def _ticked_goals(
    roles: frozenset[str], ties: list[RelationshipFact], opened: list[ConsentFact]
) -> dict[DataClass, frozenset[str]]:
    """The goals that a consent opens to a guardian who reads only what was opened; a tick opens a class whole."""
    if "guardian" in roles or "guardian_limited" not in roles:
        return {}
    whole = {c for tie in ties for c in tie.ticked}
    return {c: goals for c, goals in _only_goals(opened).items() if c not in whole}


def _classes(consents: Iterable[ConsentFact]) -> frozenset[str]:
    return frozenset(c.value for consent in consents for c in consent.classes)


def _only_goals(consents: list[ConsentFact]) -> dict[DataClass, frozenset[str]]:
    """Class by class the goals it is narrowed to; a class that any consent opens whole is absent."""
    whole = {c for consent in consents if consent.only_goals is None for c in consent.classes}
    narrowed: dict[DataClass, frozenset[str]] = {}
    for consent in consents:
        for data_class in consent.classes:
            if data_class not in whole:
                goals = frozenset(consent.only_goals or ())
                narrowed[data_class] = narrowed.get(data_class, frozenset()) | goals
    return narrowed


def _until(doc: AccessDocument, now: datetime) -> datetime:
    """The earliest moment at which anything decided here may turn out otherwise."""
    moments = [moment for moment in _moments(doc) if moment > now]
    return min([now + LONGEST, *moments])


def _moments(doc: AccessDocument) -> Iterator[datetime]:
    spans: list[tuple[datetime, datetime | None]] = [
        *((r.begins, r.ends) for r in doc.relationships),
        *((a.begins, a.ends) for a in doc.assignments),
        *((s.begins, s.ends) for s in doc.supervisions),
        *((c.begins, c.expires) for c in doc.consents),
    ]
    yield from (moment for span in spans for moment in span if moment)
    if doc.next_change_at:
        yield doc.next_change_at
    for day in (doc.privacy_from, doc.consents_from, doc.majority_from):
        if day:
            yield midnight(day)
