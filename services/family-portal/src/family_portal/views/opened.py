"""Opened parts and items: what a stored row says once its words are open, held as long as their key is."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from weakref import WeakKeyDictionary

from chassis.mongo import Doc
from chassis.seal import ClassKey, KeyName, Keyring
from contracts.classes import DataClass

_HELD = 5_000


@dataclass(frozen=True)
class Entry:
    """One opened part or item of a client's view."""

    record_id: str
    data_class: DataClass
    type: str
    body: Mapping[str, Any]
    meta: Mapping[str, Any]
    goal_id: str | None
    by: str | None
    at: datetime
    happened_at: datetime
    parties: tuple[str, ...] = field(default=())


class OpenedEntries:
    """Opens rows. A row that was opened before is not opened again while it is the same and its key is held."""

    def __init__(self, keys: Keyring) -> None:
        self._keys = keys
        self._held: WeakKeyDictionary[ClassKey, dict[str, tuple[Doc, Entry]]] = WeakKeyDictionary()
        self._count = 0

    async def of(self, tenant_id: str, client_id: str, rows: Iterable[tuple[DataClass, Doc]]) -> list[Entry]:
        """The entries of one client's rows, in order, without those whose key is gone.

        Raises BrokenSeal, Unavailable.
        """
        named = [(KeyName(tenant_id, client_id, data_class), row) for data_class, row in rows]
        keys = await self._keys.found(name for name, row in named if row["box"])
        entries = []
        for name, row in named:
            if not row["box"]:
                entries.append(_entry(name.data_class, row, {}))
            elif name in keys:
                entries.append(self._opened(keys[name], name.data_class, row))
        return entries

    def _opened(self, key: ClassKey, data_class: DataClass, row: Doc) -> Entry:
        record_id = str(row["event_id"])
        held = self._held.get(key, {}).get(record_id)
        if held is not None and held[0] == row:
            return held[1]
        entry = _entry(data_class, row, key.open(record_id, str(row["box"])))
        if self._count >= _HELD:
            self._held.clear()
            self._count = 0
        self._held.setdefault(key, {})[record_id] = (row, entry)
        self._count += 1
        return entry


def _entry(data_class: DataClass, row: Doc, body: Mapping[str, Any]) -> Entry:
    return Entry(
        record_id=row["record_id"],
        data_class=data_class,
        type=row["type"],
        body=body,
        meta=row["meta"],
        goal_id=row["goal_id"],
        by=row["by"],
        at=_moment(row["at"]),
        happened_at=_moment(row["happened_at"]),
        parties=tuple(row["parties"]),
    )


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
