"""What every page model is: a dataclass whose fields nobody sets again."""

from dataclasses import dataclass, field
from typing import TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def model(kind: type[T]) -> type[T]:
    """A dataclass that the type checker keeps frozen.

    Python itself would set each field of a frozen one by a call, and a page makes hundreds of these for one reader.
    """
    return dataclass(slots=True, unsafe_hash=True)(kind)
