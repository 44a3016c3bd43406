"""What was changed on a form: a field left as the form showed it keeps what is stored, to the letter."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from family_portal.web.forms import Typed
from family_portal.web.models import Form


@dataclass(frozen=True)
class Edit:
    """A posted form beside what it showed; `shown` is None where something new is written."""

    form: Typed
    shown: Typed | None

    @classmethod
    def of(cls, form: Typed, shown: Form | None) -> "Edit":
        """What was posted beside the form of what is stored."""
        return cls(form, Typed(shown.values, "", None) if shown else None)

    def left(self, name: str) -> bool:
        """Whether a field stands as the form showed it, or was not on the form that was sent."""
        if self.shown is None:
            return False
        return name not in self.form.values or self.form.text(name) == self.shown.text(name)

    def text(self, name: str, stored: str | None) -> str | None:
        """One text."""
        return stored if self.left(name) else self.form.text(name)

    def lines(self, name: str, stored: Iterable[str]) -> list[str]:
        """One text a line."""
        return list(stored) if self.left(name) else self.form.lines(name)

    def number(self, name: str, stored: int | None) -> int | None:
        """A whole number. Raises Invalid."""
        return stored if self.left(name) else self.form.number(name)

    def decimal(self, name: str, stored: float | None) -> float | None:
        """A number. Raises Invalid."""
        return stored if self.left(name) else self.form.decimal(name)

    def ticks(self, name: str, stored: Iterable[str]) -> list[str]:
        """All ticked values: those that are stored in their order, then the new ones."""
        ticked = self.form.ticks(name)
        kept = [value for value in stored if value in ticked]
        return [*kept, *(value for value in ticked if value not in kept)]


def part(stored: dict[str, Any], name: str) -> dict[str, Any]:
    """A part of what is stored, empty where there is none yet."""
    return stored.get(name) or {}
