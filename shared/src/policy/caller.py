"""Who is calling: one person in one tenant, with the hats they wear there."""

from dataclasses import dataclass
from typing import Literal

from contracts.access import Role

Area = Literal["family", "staff", "api", "service"]


@dataclass(frozen=True, slots=True)
class Hat:
    """One role of a person in the caller's tenant; the school fields are set for school staff alone."""

    role: Role
    school_id: str | None = None
    school_role: str | None = None
    class_id: str | None = None
    supervised: bool = False


@dataclass(frozen=True, slots=True)
class Caller:
    """A verified token seen from one tenant: only the hats of that tenant are here."""

    tenant_id: str
    person_id: str
    hats: tuple[Hat, ...]
    area: Area
    sid: str
    scopes: frozenset[str]

    def wears(self, *roles: Role) -> bool:
        """True when one of these roles is among the caller's hats in this tenant."""
        return any(hat.role in roles for hat in self.hats)
