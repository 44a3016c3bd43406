"""Which rows there are, and the indexes they are found by."""

from chassis.mongo import Mongo

_INDEXES: dict[str, list[list[tuple[str, int]]]] = {
    "sessions": [[("tenant_id", 1), ("client_id", 1), ("scheduled_for", -1), ("_id", -1)]],
    "trials": [[("tenant_id", 1), ("client_id", 1), ("session_id", 1), ("happened_at", 1)]],
    "goals": [[("tenant_id", 1), ("client_id", 1)]],
    "note_progress": [[("tenant_id", 1), ("client_id", 1), ("session_id", 1), ("written_at", -1)]],
    "note_psychotherapy": [
        [("tenant_id", 1), ("client_id", 1), ("author", 1), ("session_id", 1), ("written_at", -1)]
    ],
}


async def prepare(mongo: Mongo) -> None:
    """Create the collections and their indexes."""
    for collection, indexes in _INDEXES.items():
        await mongo.ensure(collection, indexes)
