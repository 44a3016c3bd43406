"""How a row with a client-made id comes into being, and which rows and indexes there are."""

from chassis.errors import Conflict
from chassis.mongo import Doc, Duplicate, Mongo, TenantCollection

_INDEXES: dict[str, list[list[tuple[str, int]]]] = {
    "goals": [[("tenant_id", 1), ("client_id", 1), ("created_at", 1)]],
    "answers": [[("tenant_id", 1), ("client_id", 1), ("goal_id", 1), ("at", 1)]],
    "strategy_notes": [[("tenant_id", 1), ("client_id", 1), ("goal_id", 1), ("waits", 1), ("at", 1)]],
    "tasks": [
        [("tenant_id", 1), ("client_id", 1), ("created_at", 1)],
        [("tenant_id", 1), ("client_id", 1), ("goal_id", 1)],
        [("tenant_id", 1), ("stage", 1), ("homes", 1), ("queued_at", 1)],
        [("stage", 1), ("queued_at", 1)],
    ],
    "points": [[("tenant_id", 1), ("client_id", 1), ("goal_id", 1), ("happened_at", 1)]],
    "rests": [[("tenant_id", 1), ("client_id", 1), ("rest_id", 1)]],
    "plans": [],
    "episodes": [],
    "proposals": [[("tenant_id", 1), ("client_id", 1), ("at", 1)]],
    "about_lines": [[("tenant_id", 1), ("client_id", 1), ("begun_at", 1)]],
    "about_pages": [],
    "household_load": [],
}

_ACROSS = frozenset({"tasks"})
"""Looked through for all tenants at once, by the worker that finds free places."""


async def insert_new(rows: TenantCollection, row: Doc) -> None:
    """Insert a row under an id the client made. Raises Conflict when that id is taken."""
    try:
        await rows.insert_one(row)
    except Duplicate as error:
        raise Conflict("This id is taken.", "id", "Make a fresh one.") from error


async def prepare(mongo: Mongo) -> None:
    """Create our collections and their indexes; transactions cannot."""
    for collection, indexes in _INDEXES.items():
        await mongo.ensure(collection, indexes, across=collection in _ACROSS)
