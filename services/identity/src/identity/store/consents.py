"""Consents: a row each, the purpose and what was said about it under the client's key."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chassis.handles import Change
from contracts.classes import DataClass
from identity.consents import Consent
from identity.store.rows import NounStore


class ConsentStore(NounStore[Consent]):
    """The consents of a tenant's clients."""

    collection = "consents"
    noun = Consent
    data_class = DataClass.CONSENT

    def subject_of(self, fields: Mapping[str, Any]) -> str:
        """The client's key."""
        return str(fields["client_id"])

    def words_of(self, noun: Consent) -> dict[str, Any]:
        """The purpose, and how the client was asked."""
        return noun.words.model_dump(mode="json")

    def with_words(self, fields: dict[str, Any], words: dict[str, Any]) -> Consent:
        """The consent with its words."""
        return Consent.model_validate({**fields, "words": words})

    async def of_client(self, client_id: str) -> list[Consent]:
        """All consents of one client, ended ones included."""
        return await self.select({"client_id": client_id})


def receipt(withdrawal_id: str, service: str, at: datetime) -> Change:
    """The change that files a service's receipt; the first one stands, a repeated one changes nothing."""
    place = f"withdrawal.receipts.{service}"
    return Change(
        {"withdrawal.id": withdrawal_id, place: {"$exists": False}}, {"$set": {place: at.isoformat()}}
    )
