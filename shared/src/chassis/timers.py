"""Timers that survive a restart: a row with its due time, one lease holder, an effect that happens once."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from chassis.tenancy import Doc


def due_row(tenant_id: str, name: str, id: str, due_at: datetime, payload: Mapping[str, Any]) -> Doc:
    """The row of a timer. Ids only in the payload: it is stored in the clear. Raises ValueError on a naive time."""
    if due_at.tzinfo is None:
        raise ValueError("a due time has a time zone")
    return {
        "_id": f"{tenant_id}:{name}:{id}",
        "tenant_id": tenant_id,
        "name": name,
        "id": id,
        "due_at": due_at.astimezone(UTC),
        "payload": dict(payload),
        "tries": 0,
    }
