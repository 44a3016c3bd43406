"""The policy texts and the one place that asks Cedar: a batch of all classes and actions at once."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from importlib.resources import files
from typing import Any, Literal, get_args

import cedarpy

from contracts.classes import DataClass
from policy.attributes import Attributes

Action = Literal["read", "write", "propose", "sign", "metadata"]
ACTIONS: tuple[Action, ...] = get_args(Action)
FEATURED = frozenset(
    {
        DataClass.CONTACT, DataClass.CONTACT_NAMES, DataClass.PLAN_TEAM, DataClass.PLAN_PLAIN,
        DataClass.PLAN_SCHOOL, DataClass.PLAN_OWN, DataClass.PLAN_PRIVATE, DataClass.TASK, DataClass.TASK_LOG,
        DataClass.OBSERVATION, DataClass.MEASURE, DataClass.ATTENDANCE, DataClass.SESSION_SUMMARY,
        DataClass.NOTE_PROGRESS, DataClass.NOTE_PSYCHOTHERAPY, DataClass.CONSENT, DataClass.ABOUT_ME,
    }
)  # fmt: skip
"""Classes this release has a feature for; of all others only reading is asked, and no policy allows it."""
_QUESTIONS: tuple[tuple[DataClass, Action], ...] = tuple(
    (data_class, action)
    for data_class in DataClass
    for action in ACTIONS
    if action == "read" or data_class in FEATURED
)
_CALLER = {"type": "Person", "id": "caller"}
_REQUESTS = [
    {
        "principal": _CALLER,
        "action": {"type": "Action", "id": action},
        "resource": {"type": "Record", "id": data_class.value},
    }
    for data_class, action in _QUESTIONS
]


@dataclass(frozen=True, slots=True)
class Decisions:
    """The allowed actions of each class, and the ids of the policies that allowed them."""

    classes: Mapping[DataClass, frozenset[Action]]
    reasons: Mapping[DataClass, tuple[str, ...]]


@dataclass(frozen=True)
class Policies:
    """Policy texts, parsed once."""

    text: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "parsed", cedarpy.PolicySet.from_str(self.text))

    parsed: Any = None

    @cached_property
    def hash(self) -> str:
        """Which version of the texts decided; stands in every audit entry of a read."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:16]

    def ids(self) -> list[str]:
        """The `@id` of every policy, in the order of the texts."""
        return re.findall(r'^@id\("([^"]+)"\)', self.text, re.MULTILINE)

    def without(self, policy_id: str) -> "Policies":
        """The same texts without one policy; what a test deletes to see a matrix row turn red."""
        blocks = re.split(r'(?=^@id\(")', self.text, flags=re.MULTILINE)
        return Policies("".join(b for b in blocks if not b.startswith(f'@id("{policy_id}")')))

    def decide(self, attributes: Attributes) -> Decisions:
        """Every class and action for these attributes, in one batch; default deny, forbid wins."""
        results = cedarpy.is_authorized_batch(_REQUESTS, self.parsed, json.dumps(_entities(attributes)))
        classes: dict[DataClass, set[Action]] = {}
        reasons: dict[DataClass, set[str]] = {}
        for (data_class, action), result in zip(_QUESTIONS, results, strict=True):
            if result.allowed:
                classes.setdefault(data_class, set()).add(action)
                reasons.setdefault(data_class, set()).update(
                    result.diagnostics.id_annotations_by_reason.values()
                )
        return Decisions(
            {data_class: frozenset(actions) for data_class, actions in classes.items()},
            {data_class: tuple(sorted(ids)) for data_class, ids in reasons.items()},
        )


@cache
def shipped() -> Policies:
    """The policies of this release. Raises ValueError when a text does not parse."""
    folder = files("policy") / "policies"
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".cedar"))
    return Policies("\n".join((folder / name).read_text("utf-8") for name in names))


@lru_cache(maxsize=20_000)
def decide(attributes: Attributes) -> Decisions:
    """What the shipped policies allow to somebody with these attributes."""
    return shipped().decide(attributes)


def schema() -> str:
    """The Cedar schema that every policy is validated against."""
    return (files("policy") / "schema.cedarschema").read_text("utf-8")


def _entities(attributes: Attributes) -> list[dict[str, Any]]:
    person = {
        "tenant": attributes.tenant,
        "area": attributes.area,
        "scopes": sorted(attributes.scopes),
        "ticked": sorted(attributes.ticked),
        "school": sorted(attributes.school),
        "network": sorted(attributes.network),
    }
    about = {
        "tenant": attributes.record_tenant,
        "age_band": attributes.age_band,
        "consents_alone": attributes.consents_alone,
    }
    roles = [{"type": "Role", "id": role} for role in sorted(attributes.roles)]
    return [
        {"uid": _CALLER, "attrs": person, "parents": roles},
        *(
            {"uid": {"type": "Record", "id": c.value}, "attrs": {"class": c.value, **about}, "parents": []}
            for c in DataClass
        ),
    ]
