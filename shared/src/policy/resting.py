"""Whose practice somebody may let rest for a week: of a home whoever decides for it, and one's own oneself."""

from contracts.classes import DataClass
from policy.filters import shows
from policy.grants import Grants


def rested_by(grants: Grants) -> frozenset[str]:
    """The labels of the practice that this caller may let rest, of that which they log.

    A client has their own, and no home they live in: it is of those who care for them. A home's is for its
    guardians of full authority: who was opened its logs may say how practice went, and decides nothing for it.
    """
    if "client" in grants.labels:
        named = frozenset({"client"})
    elif "guardian" in grants.roles:
        named = frozenset(label for label in grants.labels if label.startswith("household:"))
    else:
        named = frozenset()
    return frozenset(label for label in named if shows(grants, DataClass.TASK_LOG, (label,), None, "write"))
