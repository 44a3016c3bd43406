"""Access documents: everything that decides who may see a client's record, computed from identity's state."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from contracts.access import AccessDocument, ConsentState
from contracts.ids import Id, TenantId
from identity.assignments import Assignment, Supervision
from identity.care_clients import CareClient
from identity.care_days import CareCalendar
from identity.consents import Consent
from identity.households import Household
from identity.relationships import OPENS_SOMETHING, Relationship
from policy.days import midnight


@dataclass(frozen=True)
class AccessState:
    """What identity knows about the people around one client, ended ties included."""

    tenant_id: TenantId
    client: CareClient
    relationships: tuple[Relationship, ...] = ()
    households: tuple[Household, ...] = ()
    assignments: tuple[Assignment, ...] = ()
    supervisions: tuple[Supervision, ...] = ()
    consents: tuple[Consent, ...] = ()
    care_days: CareCalendar | None = None


def access_document(state: AccessState, rev: int, now: datetime) -> AccessDocument:
    """The whole document at that moment, under that revision; a pure function of the state."""
    ties = tuple(tie for tie in state.relationships if not tie.over(now))
    work = tuple(item for item in state.assignments if not item.over(now))
    oversight = _supervisions_reaching(state, work, now)
    facts = tuple(fact for consent in state.consents if (fact := consent.fact()) is not None)
    client = state.client
    return AccessDocument(
        tenant_id=state.tenant_id,
        client_id=client.id,
        rev=rev,
        client_person_id=client.person_id,
        school_id=client.school_id,
        class_id=client.class_id,
        privacy_from=client.privacy_from,
        consents_from=client.consents_from,
        majority_from=client.majority_from,
        households=tuple(home.fact() for home in _homes(state, ties)),
        relationships=tuple(tie.fact() for tie in ties),
        assignments=tuple(item.fact() for item in work),
        supervisions=tuple(item.fact() for item in oversight),
        consents=facts,
        care_days=state.care_days.facts() if state.care_days else (),
        handover_at=state.care_days.handover_at if state.care_days else "00:00",
        next_change_at=next_change_at(state, now),
        receipts_for=_awaited(state.consents),
    )


def next_change_at(state: AccessState, now: datetime) -> datetime | None:
    """The earliest coming moment at which a begin, an end, an expiry or a birthday changes what holds."""
    return min((moment for moment in _moments(state) if moment > now), default=None)


def _moments(state: AccessState) -> Iterator[datetime]:
    spans: tuple[Relationship | Assignment | Supervision, ...]
    spans = (*state.relationships, *state.assignments, *state.supervisions)
    for span in spans:
        yield span.begins
        if span.ends is not None:
            yield span.ends
    for consent in state.consents:
        if consent.state in {ConsentState.GRANTED, ConsentState.DISPUTED, ConsentState.PRESENTED}:
            yield consent.scope.begins
            if consent.scope.expires is not None:
                yield consent.scope.expires
    client = state.client
    for day in (client.privacy_from, client.consents_from, client.majority_from):
        if day is not None:
            yield midnight(day)


def _supervisions_reaching(
    state: AccessState, work: tuple[Assignment, ...], now: datetime
) -> tuple[Supervision, ...]:
    assigned = {item.person_id for item in work}
    return tuple(item for item in state.supervisions if item.supervisee_id in assigned and not item.over(now))


def _homes(state: AccessState, ties: tuple[Relationship, ...]) -> tuple[Household, ...]:
    named = {tie.household_id for tie in ties if tie.authority in OPENS_SOMETHING}
    own = state.client.person_id
    return tuple(home for home in state.households if home.id in named or (own and own in home.members))


def _awaited(consents: tuple[Consent, ...]) -> tuple[Id, ...]:
    return tuple(
        consent.withdrawal.id
        for consent in consents
        if consent.withdrawal is not None and not consent.withdrawal.effective
    )
