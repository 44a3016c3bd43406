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

    Whoever may not read consents knows of those that name them alone, and of no ticks but their own. School
    knows of school and team.
    """
    if reader.labels & _INNER:
        return doc
    facts: dict[str, Any] = {"rev": 1, "next_change_at": None, "receipts_for": ()}
    facts["consents"] = tuple(consent for consent in doc.consents if _is_known(reader, consent))
    if "guardians" not in reader.labels:
        facts |= {"client_person_id": None, "households": (), "relationships": ()}
    elif not reader.may(DataClass.CONSENT):
        facts["relationships"] = tuple(
            tie if tie.person_id == reader.person_id else tie.model_copy(update={"ticked": ()})
            for tie in doc.relationships
        )
    return doc.model_copy(update=facts)


def _is_known(reader: Grants, consent: ConsentFact) -> bool:
    if DataClass.PLAN_PRIVATE in consent.classes:
        return False
    if reader.may(DataClass.CONSENT) or reader.person_id in consent.recipients:
        return True
    return "school" in reader.labels and DataClass.PLAN_SCHOOL in consent.classes


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

    The facts hold no hats: who is named in a consent and is no family counts as school and as network. So
    one may be named who does not read; nobody who reads is left out.
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
        if person not in family and person not in own:
            yield Caller(doc.tenant_id, person, _OUTSIDE, "family", "", frozenset())
