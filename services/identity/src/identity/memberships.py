"""Memberships: the hats a person wears in one tenant, given by an administrator or derived from a tie."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict

from chassis.errors import Forbidden, Invalid
from contracts.access import Role
from contracts.ids import Id, PersonId

MOST_HATS = 20
"""So many an administrator may give one person: all of them stand in each of that person's tokens."""
SAFEGUARDING_LEAD = "safeguarding_lead"
"""What a hat of school staff says of whoever looks after worries about safety there."""
CLINICAL = frozenset({Role.THERAPIST, Role.SUPERVISOR})
OUTSIDE = frozenset({Role.SCHOOL_STAFF, Role.NETWORK_MEMBER, Role.GUARDIAN})
"""Roles a consent may name as recipients: they are not part of the care team."""


class WornHat(BaseModel):
    """One role in one tenant; a hat `derived` from a relationship or a client row ends with it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    role: Role
    school_id: Id | None = None
    school_role: Id | None = None
    class_id: Id | None = None
    supervised: bool = False
    valid_until: datetime | None = None
    derived: bool = False

    def worn(self, now: datetime) -> bool:
        """Whether the hat counts at that moment."""
        return self.valid_until is None or now < self.valid_until


class Membership(BaseModel):
    """A person in one tenant."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    person_id: PersonId
    version: int = 1
    hats: tuple[WornHat, ...] = ()

    def wears(self, roles: frozenset[Role], now: datetime) -> bool:
        """Whether any hat of these roles counts at that moment."""
        return any(hat.role in roles and hat.worn(now) for hat in self.hats)

    def with_hats(self, added: tuple[WornHat, ...]) -> "Membership":
        """The membership with these hats; an equal hat is not doubled, the one given last holds."""
        hats = {_place(hat): hat for hat in (*self.hats, *added)}
        return self.model_copy(update={"hats": tuple(hats.values()), "version": self.version + 1})

    def given(self, added: tuple[WornHat, ...], now: datetime) -> "Membership":
        """The membership with these hats of an administrator, those that have ended left out. Raises Invalid."""
        worn = tuple(hat for hat in self.hats if hat.worn(now))
        changed = self.model_copy(update={"hats": worn}).with_hats(added)
        if sum(not hat.derived for hat in changed.hats) > MOST_HATS:
            raise Invalid(
                f"One person wears at most {MOST_HATS} hats in an organisation.",
                field="hats",
                fix="Give fewer. A hat without school_role and class_id is for the whole school.",
            )
        return changed

    def with_derived(self, role: Role) -> "Membership":
        """The membership with a hat that follows from a tie to a client."""
        if any(hat.role == role and hat.valid_until is None for hat in self.hats):
            return self
        return self.with_hats((WornHat(role=role, derived=True),))

    def without_derived(self, role: Role) -> "Membership":
        """The membership without the hat that followed from a tie that has ended."""
        kept = tuple(hat for hat in self.hats if not (hat.derived and hat.role == role))
        return self.model_copy(update={"hats": kept, "version": self.version + 1})


def _place(hat: WornHat) -> tuple[Role, Id | None, Id | None, Id | None]:
    return (hat.role, hat.school_id, hat.school_role, hat.class_id)


def check_given(hats: tuple[WornHat, ...], person_id: PersonId, given_by: PersonId) -> None:
    """Whether an administrator may give these hats; raises Invalid or Forbidden.

    Nobody gives oneself a clinical hat, and nobody in a tenant makes an operator of the platform.
    """
    for place, hat in enumerate(hats):
        if hat.role == Role.PLATFORM_OPERATOR:
            raise Invalid(
                "An organisation cannot make platform operators.",
                field=f"hats.{place}.role",
                fix="Leave this hat out.",
            )
        if hat.role in CLINICAL and person_id == given_by:
            raise Forbidden("Another administrator has to give you a clinical role.")
        if hat.role == Role.SCHOOL_STAFF and not hat.school_id:
            raise Invalid(
                "A school role needs its school.",
                field=f"hats.{place}.school_id",
                fix="Name the school by its id.",
            )
