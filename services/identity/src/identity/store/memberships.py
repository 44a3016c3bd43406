"""Memberships: one row per person and tenant."""

from identity.memberships import Membership
from identity.store.rows import NounStore


class MembershipStore(NounStore[Membership]):
    """Who wears which hats in a tenant."""

    collection = "memberships"
    noun = Membership

    def key_of(self, noun: Membership) -> str:
        """A person has one membership in a tenant."""
        return noun.person_id

    async def put(self, membership: Membership) -> None:
        """Insert the first version, or replace the one before. Raises Conflict."""
        if membership.version == 1:
            await self.add(membership)
        else:
            await self.save(membership)
