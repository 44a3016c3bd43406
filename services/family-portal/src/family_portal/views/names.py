"""Names of persons and clients, opened for showing; addresses and numbers never come here."""

import time
from collections.abc import Iterable
from dataclasses import dataclass

from chassis.runtime import Chassis
from chassis.seal import KeyName
from contracts.classes import DataClass
from contracts.identity import HelpLine, Names

UNKNOWN = "Somebody"
NAMES = DataClass.CONTACT_NAMES
HELD_S = 5.0
"""A changed name shows everywhere within this time."""
MOST_HELD = 20_000


@dataclass(frozen=True)
class Named:
    """How one person or client is called, what they do, and the drawing they picked."""

    name: str
    title: str = ""
    pronouns: str = ""
    mark: str = "kith"
    lines: tuple[HelpLine, ...] = ()
    """An organisation's crisis lines."""


SOMEBODY = Named(UNKNOWN)


class NameBook:
    """Looks names up in the people that identity told us of."""

    def __init__(self, chassis: Chassis) -> None:
        self._chassis = chassis
        self._held: dict[str, tuple[float, Named]] = {}
        self._people = chassis.mongo.crossing_tenants(
            "people", why="persons are global; clients are asked by tenant"
        )

    async def persons(self, ids: Iterable[str]) -> dict[str, Named]:
        """The names of these persons; a person nobody knows is called Somebody."""
        wanted = sorted(set(ids))
        found = await self._look_up([(f"person:{each}", "-", each) for each in wanted])
        return {each: found.get(f"person:{each}", SOMEBODY) for each in wanted}

    async def clients(self, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Named]:
        """The names of these (tenant, client) as everyone may say them."""
        wanted = sorted(set(keys))
        found = await self._look_up([(f"client:{t}:{c}", t, c) for t, c in wanted])
        return {(t, c): found.get(f"client:{t}:{c}", SOMEBODY) for t, c in wanted}

    async def client(self, tenant_id: str, client_id: str) -> Named:
        """The name of one client."""
        return (await self.clients([(tenant_id, client_id)]))[tenant_id, client_id]

    async def person(self, person_id: str) -> Named:
        """The name of one person."""
        return (await self.persons([person_id]))[person_id]

    async def _look_up(self, rows: list[tuple[str, str, str]]) -> dict[str, Named]:
        now = time.monotonic()
        found = {key: held[1] for key, *_ in rows if (held := self._held.get(key)) and held[0] > now}
        missing = {key: KeyName(tenant, subject, NAMES) for key, tenant, subject in rows if key not in found}
        if missing:
            fetched = await self._fetch(missing)
            if len(self._held) > MOST_HELD:
                self._held.clear()
            self._held.update({key: (now + HELD_S, named) for key, named in fetched.items()})
            found |= fetched
        return found

    async def _fetch(self, subjects: dict[str, KeyName]) -> dict[str, Named]:
        found = await self._people.find({"_id": {"$in": list(subjects)}})
        sealed = [row for row in found if row.get("sections", {}).get(NAMES.value)]
        boxes = [(subjects[row["_id"]], row["_id"], row["sections"][NAMES.value]) for row in sealed]
        opened = await self._chassis.keys.open_many(boxes)
        return {row["_id"]: _named(words) for row, words in zip(sealed, opened, strict=True) if words}


def _named(words: dict[str, object]) -> Named:
    names = Names.read(words)
    return Named(
        names.names.get("everyone", UNKNOWN),
        names.title or "",
        names.pronouns or "",
        names.mark or "kith",
        tuple(names.crisis_lines),
    )
