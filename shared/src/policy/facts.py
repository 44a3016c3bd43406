"""Which of the access facts count at a moment: consents in force, ties until majority, and who decides for a child."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Protocol

from contracts.access import AccessDocument, Authority, ConsentFact, ConsentState, RelationshipFact
from policy.days import day_of

IN_FORCE = frozenset({ConsentState.GRANTED, ConsentState.DISPUTED})
"""A disputed consent keeps the scope that was last agreed until a named person has decided."""


class Tie(Protocol):
    """A family tie: as the access document states it, or as identity keeps it."""

    @property
    def person_id(self) -> str:
        """Whose tie it is."""
        ...

    @property
    def authority(self) -> Authority:
        """What it lets its person decide and see."""
        ...

    @property
    def begins(self) -> datetime:
        """From when it counts."""
        ...

    @property
    def ends(self) -> datetime | None:
        """Until when it counts, where that is known."""
        ...


def runs(begins: datetime, ends: datetime | None, now: datetime) -> bool:
    """Whether something counts at `now`: from its first moment on, and no longer at its last."""
    return begins <= now and (ends is None or now < ends)


def in_force(consent: ConsentFact, now: datetime) -> bool:
    """Whether a consent counts at `now`; who must accept it first is asked beyond this."""
    return consent.state in IN_FORCE and runs(consent.begins, consent.expires, now)


def opens_to(consent: ConsentFact, person_id: str) -> bool:
    """Whether a consent in force opens anything to this person: it names them, and they accepted where they must."""
    accepted = not consent.needs_acceptance or person_id in consent.accepted_by
    return person_id in consent.recipients and accepted


def tie_counts(tie: Tie, majority_from: date | None, now: datetime) -> bool:
    """Whether a tie counts at `now`; one made for a minor ends with the day of majority."""
    grown_out = majority_from is not None and day_of(tie.begins) < majority_from <= day_of(now)
    return runs(tie.begins, tie.ends, now) and not grown_out


def ties_of(person_id: str, doc: AccessDocument, now: datetime) -> Iterator[RelationshipFact]:
    """A person's ties to the client that count at `now`."""
    own = (tie for tie in doc.relationships if tie.person_id == person_id)
    return (tie for tie in own if tie_counts(tie, doc.majority_from, now))


def is_walled(person_id: str, doc: AccessDocument, now: datetime) -> bool:
    """Whether a court has restricted this person's contact: they see nothing, whatever else they are."""
    return any(tie.authority is Authority.COURT_RESTRICTED for tie in ties_of(person_id, doc, now))


def full_authority(ties: Iterable[Tie], majority_from: date | None, now: datetime) -> list[str]:
    """The guardians who decide for the client at `now`, each once; nobody behind a court's wall."""
    counting = [tie for tie in ties if tie_counts(tie, majority_from, now)]
    walled = {tie.person_id for tie in counting if tie.authority is Authority.COURT_RESTRICTED}
    full = [tie.person_id for tie in counting if tie.authority is Authority.FULL]
    return [person for person in dict.fromkeys(full) if person not in walled]
