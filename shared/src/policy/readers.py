"""Who reads something: everybody the access facts name, each decided as if they asked; and who may know of whom."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from contracts.access import AccessDocument, ConsentFact, Role
from contracts.classes import DataClass
from policy.caller import Caller, Hat
from policy.filters import shows
from policy.grants import Grants, grants

_INNER = frozenset({"client", "team"})
"""Whoever belongs here knows all facts; a consent that opens a private part exists for nobody else."""
_STAFF = (Hat(Role.THERAPIST), Hat(Role.SUPERVISOR))
_OUTSIDE = (Hat(Role.SCHOOL_STAFF), Hat(Role.NETWORK_MEMBER))


def known_to(reader: Grants, doc: AccessDocument) -> AccessDocument:
    """The facts as far as this reader may know them; two that are equal read the same to them.

    Whoever may not read consents knows of those that name them, of nobody else in these, and of no ticks but
    their own. None of these readers knows the care days: they would tell one home those of the other. School
    knows of school and team: of no family, neither by their ties nor by a consent that names them, for without
    its tie a court's wall would not stand.
    """
    if reader.labels & _INNER:
        return doc
    facts: dict[str, Any] = {"rev": 1, "next_change_at": None, "receipts_for": ()}
    facts |= {"care_days": (), "handover_at": "00:00"}
    facts["consents"] = tuple(_known_consents(reader, doc))
    if "guardians" not in reader.labels:
        facts |= {"client_person_id": None, "households": (), "relationships": ()}
    elif not reader.may(DataClass.CONSENT):
        facts["relationships"] = tuple(
            tie if tie.person_id == reader.person_id else tie.model_copy(update={"ticked": ()})
            for tie in doc.relationships
        )
    return doc.model_copy(update=facts)


def _known_consents(reader: Grants, doc: AccessDocument) -> Iterator[ConsentFact]:
    """The consents the reader may know of, each with those of its recipients whom the reader may know of."""
    whole = reader.may(DataClass.CONSENT)
    family = {doc.client_person_id, *(tie.person_id for tie in doc.relationships)}
    for consent in doc.consents:
        if DataClass.PLAN_PRIVATE in consent.classes:
            continue
        if whole:
            yield consent
            continue
        known = {reader.person_id}
        if "school" in reader.labels and DataClass.PLAN_SCHOOL in consent.classes:
            known |= set(consent.recipients) - family
        if not known.isdisjoint(consent.recipients):
            yield _naming(consent, known)


def _naming(consent: ConsentFact, known: Collection[str]) -> ConsentFact:
    """The consent as if it named these alone."""
    recipients, accepted = (
        tuple(person for person in persons if person in known)
        for persons in (consent.recipients, consent.accepted_by)
    )
    return consent.model_copy(update={"recipients": recipients, "accepted_by": accepted})


def everybody(doc: AccessDocument, now: datetime) -> dict[str, tuple[Grants, ...]]:
    """What everybody the facts name may do with the record at `now`: family, client, team, then the others."""
    found: dict[str, list[Grants]] = {}
    for caller in _callers(doc):
        decided = grants(caller, doc, now)
        if not decided.nothing:
            found.setdefault(caller.person_id, []).append(decided)
    return {person: tuple(held) for person, held in found.items()}


def readers(
    everyone: Mapping[str, Iterable[Grants]],
    data_class: DataClass,
    parties: Collection[str],
    goal_id: str | None = None,
) -> list[str]:
    """Who of `everyone` reads an item of this class and these parties; see `policy.filters.shows`."""
    return [
        person
        for person, held in everyone.items()
        if any(shows(each, data_class, parties, goal_id) for each in held)
    ]


def _callers(doc: AccessDocument) -> Iterator[Caller]:
    """Everybody named, as they would sign in.

    The facts hold no hats: who is named in a consent counts as school and as network, family too, for a
    relative may work at the school. So one may be named who does not read; nobody who reads is left out.
    """
    family = [tie.person_id for tie in doc.relationships]
    own = [doc.client_person_id] if doc.client_person_id else []
    team = [*(a.person_id for a in doc.assignments), *(s.person_id for s in doc.supervisions)]
    others = [person for consent in doc.consents for person in consent.recipients]
    for person in dict.fromkeys([*family, *own]):
        yield Caller(doc.tenant_id, person, (), "family", "", frozenset())
    for person in dict.fromkeys(team):
        yield Caller(doc.tenant_id, person, _STAFF, "staff", "", frozenset({"notes"}))
    for person in dict.fromkeys(others):
        if person not in own:
            yield Caller(doc.tenant_id, person, _OUTSIDE, "family", "", frozenset())
