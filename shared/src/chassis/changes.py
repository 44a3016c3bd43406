"""One change stream over several of a service's collections, for fanning out to open pages."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from chassis.mongo import DatabaseError, Doc, Mongo

_PAUSE_S = 0.5


@dataclass(frozen=True)
class Changed:
    """One committed change: which document, what it holds now, which fields were set or taken out.

    `document` is None after a delete; `fields` is None where the whole document is new.
    """

    collection: str
    key: str
    document: Doc | None
    fields: tuple[str, ...] | None = None
    removed: tuple[str, ...] = ()
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    """When it was committed, by the database's clock."""


async def changes(mongo: Mongo, collections: Sequence[str]) -> AsyncIterator[Changed | None]:
    """Changes of these collections from now on, for ever; None after a break in which some may have been missed,
    or when a whole collection took another's place."""
    pipeline = [{"$match": {"ns.coll": {"$in": list(collections)}}}]
    broken = False
    while True:
        try:
            async with mongo.watch_all(pipeline) as stream:
                while True:
                    found = await stream.batch()
                    if broken:  # the stream is open from here on
                        broken = False
                        yield None
                    for change in found:
                        yield _changed(change.told) if "documentKey" in change.told else None
        except DatabaseError:
            broken = True
            await asyncio.sleep(_PAUSE_S)


def _changed(change: dict[str, Any]) -> Changed:
    described = change.get("updateDescription")
    return Changed(
        collection=change["ns"]["coll"],
        key=str(change["documentKey"]["_id"]),
        document=change.get("fullDocument"),
        fields=tuple(described["updatedFields"]) if described else None,
        removed=tuple(described["removedFields"]) if described else (),
        at=change.get("wallTime") or datetime.now(UTC),
    )
