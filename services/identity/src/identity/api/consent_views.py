"""What each reader is shown of a consent."""

from datetime import datetime
from typing import Any

from contracts.access import AccessDocument, ConsentState
from contracts.classes import DataClass
from contracts.ids import PersonId
from identity.consents import Consent
from identity.receipts import receipt_rows
from policy.caller import Caller
from policy.facts import is_walled
from policy.grants import Grants

_INNER = frozenset({"client", "team"})


def is_known(consent: Consent, granted: Grants) -> bool:
    """Whether the consent exists for a reader: what opens a private part, for client and team alone."""
    return not consent.is_private or bool(_INNER & granted.labels)


def is_told(consent: Consent, person_id: PersonId, document: AccessDocument, now: datetime) -> bool:
    """Whether a consent exists for somebody it names: once it was given, and for nobody behind a court's wall.

    One that was only asked for or refused would tell them of the client, and of the family's no.
    """
    given = consent.withdrawal is not None or consent.fact() is not None
    named = person_id in consent.scope.recipients
    return given and named and not is_walled(person_id, document, now)


def view_for(
    consent: Consent, caller: Caller, granted: Grants, document: AccessDocument, now: datetime
) -> dict[str, Any] | None:
    """What the caller may read of a consent: all of it, that it names them, that it exists, or nothing."""
    known = is_known(consent, granted)
    if known and granted.may(DataClass.CONSENT, "read"):
        whole = full_view(consent, caller.person_id)
        return whole if _hears_all(granted) else _beside(whole)
    if is_told(consent, caller.person_id, document, now):
        return recipient_view(consent, caller.person_id)
    known = known or granted.may(DataClass.PLAN_PRIVATE, "metadata")
    return outline_view(consent) if known and granted.may(DataClass.CONSENT, "metadata") else None


def _hears_all(granted: Grants) -> bool:
    """Whether what the client said is for this reader: their own words, their team's to know, a small child's."""
    return bool(_INNER & granted.labels) or granted.age_band == "child"


def _beside(whole: dict[str, Any]) -> dict[str, Any]:
    """A young person's consent as their guardians read it: nothing they said when asked, and no goal by its id."""
    assent = {name: value for name, value in whole["assent"].items() if name == "state"}
    return {**whole, "assent": assent, "only_goals": None}


def is_effective(consent: Consent) -> bool:
    """A withdrawal is effective once all receipts are in; otherwise a consent is while it is granted."""
    if consent.withdrawal is not None:
        return consent.withdrawal.effective
    return consent.state == ConsentState.GRANTED


def outline_view(consent: Consent) -> dict[str, Any]:
    """That it exists, its state and receipts: for those who prepare consents."""
    return {
        "id": consent.id,
        "version": consent.version,
        "state": consent.state.value,
        "effective": is_effective(consent),
        "receipts": receipt_rows(consent.withdrawal),
    }


def recipient_view(consent: Consent, person_id: PersonId) -> dict[str, Any]:
    """What somebody it names needs to know: what they were given and until when, nobody else's name."""
    scope = consent.scope.model_dump(mode="json")
    del scope["recipients"]
    return {
        **outline_view(consent),
        **scope,
        "some_goals": consent.scope.only_goals is not None,
        "needs_acceptance": consent.needs_acceptance,
        "accepted": person_id in consent.accepted_by,
    }


def full_view(consent: Consent, person_id: PersonId) -> dict[str, Any]:
    """The whole consent for those who decide it and the care team; of the answers only the reader's own."""
    return {
        **outline_view(consent),
        **consent.scope.model_dump(mode="json"),
        "some_goals": consent.scope.only_goals is not None,
        "needs_acceptance": consent.needs_acceptance,
        "accepted_by": list(consent.accepted_by),
        "your_answer": consent.answers.get(person_id),
        "purpose": consent.words.purpose,
        "assent": consent.words.assent,
    }
