"""Everybody whom one reader may know of, and what each may do with one client's record."""

from collections.abc import Collection, Mapping
from functools import cached_property

from contracts.classes import DataClass
from policy.grants import Grants
from policy.readers import readers

_ANSWERS_HELD = 500


class Everyone(dict[str, tuple[Grants, ...]]):
    """Persons and their grants, which never change; what was asked of them is kept as long as they are."""

    def __init__(self, held: Mapping[str, tuple[Grants, ...]]) -> None:
        super().__init__(held)
        self._read: dict[object, tuple[str, ...]] = {}

    @cached_property
    def goals_differ(self) -> bool:
        """Whether somebody may read some goals only: who reads one is then no answer for another."""
        return any(each.narrowed for held in self.values() for each in held)

    @cached_property
    def labels(self) -> dict[str, frozenset[str]]:
        """What each belongs to."""
        return {
            person: frozenset(label for each in held for label in each.labels)
            for person, held in self.items()
        }

    def readers(
        self, data_class: DataClass, parties: Collection[str], goal_id: str | None = None
    ) -> tuple[str, ...]:
        """Who of them reads an item of this class and these parties."""
        key = (data_class, frozenset(parties), goal_id)
        found = self._read.get(key)
        if found is None:
            if len(self._read) >= _ANSWERS_HELD:
                self._read.clear()
            found = self._read[key] = tuple(readers(self, data_class, parties, goal_id))
        return found
