"""The event every service publishes: ids, enums and times in the clear, every word in a sealed section."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field

from contracts.classes import DataClass
from contracts.ids import Box, ClientId, Id, Party, PersonId, TenantId, new_id

REGISTRY: dict[str, type["Event"]] = {}
"""Every event type this release knows, by its CloudEvents type."""


class Section(BaseModel):
    """The open form of a sealed section; its fields may hold words, it never travels unsealed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @classmethod
    def read(cls, words: Mapping[str, Any]) -> Self:
        """Build from opened words; fields this release does not know are ignored. Raises ValidationError."""
        return cls.model_validate({name: words[name] for name in cls.model_fields if name in words})


class Event(BaseModel):
    """One thing that happened. Written strictly (unknown fields refused), read tolerantly."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    TYPE: ClassVar[str] = ""
    SECTIONS: ClassVar[dict[DataClass, type[Section]]] = {}

    event_id: Id = Field(default_factory=new_id)
    tenant_id: TenantId
    client_id: ClientId | None = None
    by: PersonId | None = None
    at: datetime = Field(default_factory=lambda: datetime.now(UTC))
    sections: dict[DataClass, Box] = Field(default_factory=dict)
    words: dict[DataClass, Section] = Field(default_factory=dict, exclude=True, repr=False)
    """The open sections of an event about to be recorded; the journal seals them, none is published."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if not cls.__dict__.get("TYPE"):
            return
        if cls.TYPE in REGISTRY:
            raise TypeError(f"event type {cls.TYPE} is declared twice")
        REGISTRY[cls.TYPE] = cls

    @classmethod
    def producer(cls) -> str:
        """The service that alone may publish this type, for example `care-plans`."""
        return cls.TYPE.split(".", 1)[0].replace("_", "-")

    @classmethod
    def read(cls, body: dict[str, Any]) -> "Event":
        """Build from a published body; fields unknown to this release are ignored. Raises ValidationError."""
        known = _published(cls)
        return cls.model_validate({name: value for name, value in body.items() if name in known})


@cache
def _published(event: type[Event]) -> frozenset[str]:
    return frozenset(event.model_fields) - {"words"}


class Part(Event):
    """An event that replaces one part of a client's view: the parts of a class are kept in one document."""

    record_id: Id
    parties: tuple[Party, ...] = ()
    ended: bool = False
    """True takes the part out of every view."""


class Item(Part):
    """An event that adds or replaces one item of a long list; items are paged, never embedded."""

    goal_id: Id | None = None
    happened_at: datetime
