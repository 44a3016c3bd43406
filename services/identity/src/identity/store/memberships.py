"""Memberships: one row per person and tenant."""

from datetime import datetime

from contracts.ids import Id, PersonId
from identity.memberships import SAFEGUARDING_LEAD, Membership
from identity.store.rows import NounStore


class MembershipStore(NounStore[Membership]):
    """Who wears which hats in a tenant."""

    collection = "memberships"
    noun = Membership

    def key_of(self, noun: Membership) -> str:
        """A person has one membership in a tenant."""
        return noun.person_id

    async def safeguarding_leads(self, now: datetime) -> dict[Id, list[PersonId]]:
        """Who wears the hat of a school's safeguarding lead now, by school."""
        found: dict[Id, list[PersonId]] = {}
        for membership in await self.select({"hats.school_role": SAFEGUARDING_LEAD}):
            for hat in membership.hats:
                if hat.school_id and hat.school_role == SAFEGUARDING_LEAD and hat.worn(now):
                    found.setdefault(hat.school_id, []).append(membership.person_id)
        return found

    async def put(self, membership: Membership) -> None:
        """Insert the first version, or replace the one before. Raises Conflict."""
        if membership.version == 1:
            await self.add(membership)
        else:
            await self.save(membership)
