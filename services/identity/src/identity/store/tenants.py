"""Tenants: one row each, under the tenant's own key."""

from typing import Any

from identity.store.rows import NounStore
from identity.tenants import Tenant


class TenantStore(NounStore[Tenant]):
    """The tenant's own row."""

    collection = "tenants"
    noun = Tenant

    def key_of(self, noun: Tenant) -> str:
        """A tenant has one row."""
        return "tenant"

    def words_of(self, noun: Tenant) -> dict[str, Any]:
        """Name, sender, duty rota, lines, terminology."""
        return noun.words.model_dump(mode="json", by_alias=True)

    def with_words(self, fields: dict[str, Any], words: dict[str, Any]) -> Tenant:
        """The tenant with its settings."""
        return Tenant.model_validate({**fields, "words": words})

    async def own(self) -> Tenant:
        """The tenant itself. Raises NotFound."""
        return await self.get("tenant")


def shown(tenant: Tenant) -> dict[str, Any]:
    """The settings that pages and messages of an organisation show."""
    clear = tenant.model_dump(mode="json", exclude={"words"})
    return {**clear, **tenant.words.model_dump(mode="json", by_alias=True)}
