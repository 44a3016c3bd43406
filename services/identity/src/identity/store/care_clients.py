"""Clients: one row each, under the client's own key."""

from collections.abc import Mapping
from typing import Any

from identity.care_clients import CareClient
from identity.store.rows import NounStore


class CareClientStore(NounStore[CareClient]):
    """The clients of a tenant."""

    collection = "clients"
    noun = CareClient

    def subject_of(self, fields: Mapping[str, Any]) -> str:
        """The client's own key."""
        return str(fields["id"])

    def words_of(self, noun: CareClient) -> dict[str, Any]:
        """Names by audience, pronouns, mark, birth month."""
        return noun.words.model_dump(mode="json")

    def with_words(self, fields: dict[str, Any], words: dict[str, Any]) -> CareClient:
        """The client with their names."""
        return CareClient.model_validate({**fields, "words": words})
