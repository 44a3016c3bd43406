"""What a caller may do with one client's record: all classes decided at once, while the facts hold."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from contracts.access import AccessDocument
from contracts.classes import DataClass
from policy import cedar
from policy.attributes import standing
from policy.caller import Caller
from policy.cedar import Action, Decisions, Policies

AUTHOR_ONLY = frozenset({DataClass.NOTE_PSYCHOTHERAPY, DataClass.NOTE_REFLECTIVE})
"""Classes whose items only their author sees; belonging to the team opens none of them."""


@dataclass(frozen=True, slots=True)
class Grants:
    """Allowed actions by class; labels and goals narrow single items (policy.filters)."""

    tenant_id: str
    client_id: str
    person_id: str
    classes: Mapping[DataClass, frozenset[Action]]
    labels: frozenset[str]
    narrowed: Mapping[DataClass, frozenset[str]]
    """Classes opened for some goals only, with those goals."""
    reasons: Mapping[DataClass, tuple[str, ...]]
    until: datetime
    rev: int
    roles: frozenset[str] = field(default=frozenset())
    age_band: str = "unknown"
    consent_ids: tuple[str, ...] = ()
    """Consents in force that name the caller; with `policy_hash` for the audit."""
    policy_hash: str = ""

    def may(self, data_class: DataClass, action: Action = "read") -> bool:
        """Whether the class as a whole is open for the action; items may be narrower."""
        return action in self.classes.get(data_class, frozenset())

    @property
    def reads_nothing(self) -> bool:
        """True when no class may be read: for every service that holds words the client does not exist."""
        return not any("read" in actions for actions in self.classes.values())

    @property
    def nothing(self) -> bool:
        """True when no class is open for any action: the client does not exist for this caller."""
        return not self.classes


def grants(caller: Caller, doc: AccessDocument, now: datetime, policies: Policies | None = None) -> Grants:
    """Decide every class of the client of `doc` for `caller` at `now` (aware datetime).

    `policies` stands in for the shipped ones when a text is under test.
    """
    found = standing(caller, doc, now)
    decide = policies.decide if policies else cedar.decide
    decided = decide(found.attributes) if found.attributes.roles else Decisions({}, {})
    return Grants(
        tenant_id=doc.tenant_id,
        client_id=doc.client_id,
        person_id=caller.person_id,
        classes=decided.classes,
        labels=found.labels if decided.classes else frozenset(),
        narrowed={c: goals for c, goals in found.only_goals.items() if c in decided.classes},
        reasons=decided.reasons,
        until=found.until,
        rev=doc.rev,
        roles=found.attributes.roles if decided.classes else frozenset(),
        age_band=found.attributes.age_band,
        consent_ids=found.consent_ids,
        policy_hash=(policies or cedar.shipped()).hash,
    )
