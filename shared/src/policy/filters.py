"""From grants to items: the one maker of list filters, and the same decision for a single item."""

from collections.abc import Collection
from typing import Any

from contracts.classes import DataClass
from policy.cedar import Action
from policy.grants import AUTHOR_ONLY, Grants


def filter(grants: Grants, action: Action = "read") -> dict[str, Any]:
    """A Mongo filter over `class`, `parties` and `goal_id` that finds exactly the items `shows` allows.

    It says nothing of tenant and client; the store adds them.
    """
    shared = sorted(c.value for c in _open(grants, action) - AUTHOR_ONLY if c not in grants.narrowed)
    narrowed = sorted(c for c in _open(grants, action) - AUTHOR_ONLY if c in grants.narrowed)
    authored = sorted(c.value for c in _open(grants, action) & AUTHOR_ONLY)
    labelled = {} if "team" in grants.labels else {"parties": {"$in": sorted(grants.labels)}}
    ways: list[dict[str, Any]] = [{"class": {"$in": shared}, **labelled}] if shared else []
    ways += [{"class": c.value, "goal_id": {"$in": sorted(grants.narrowed[c])}, **labelled} for c in narrowed]
    if authored:
        ways.append({"class": {"$in": authored}, "parties": f"person:{grants.person_id}"})
    if not ways:
        return {"class": {"$in": []}}
    return ways[0] if len(ways) == 1 else {"$or": ways}


def shows(
    grants: Grants,
    data_class: DataClass,
    parties: Collection[str],
    goal_id: str | None = None,
    action: Action = "read",
) -> bool:
    """Whether one item is open. `goal_id` is the goal it hangs on; for a goal's own part, the goal itself."""
    if not grants.may(data_class, action):
        return False
    if data_class in AUTHOR_ONLY:
        return f"person:{grants.person_id}" in parties
    if data_class in grants.narrowed and goal_id not in grants.narrowed[data_class]:
        return False
    return "team" in grants.labels or not grants.labels.isdisjoint(parties)


def _open(grants: Grants, action: Action) -> set[DataClass]:
    return {data_class for data_class in grants.classes if grants.may(data_class, action)}
