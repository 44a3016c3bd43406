"""The stored views of clients, asked for by all who read at the same moment together."""

from collections.abc import Iterable
from dataclasses import dataclass

from chassis.access import facts_key, revisions_beside
from chassis.mongo import Doc, Mongo
from chassis.together import Together
from contracts.classes import DataClass

_Asked = tuple[str, frozenset[DataClass]]
"""A client, and the classes of theirs that are read."""


@dataclass(frozen=True)
class Found:
    """What one trip found of a client: view documents, still sealed, and the revision of the access facts."""

    views: list[Doc]
    revision: Doc | None


@dataclass
class Reading:
    """A trip not yet taken. Called, it gives the revision of the access facts and keeps the views beside it."""

    asking: Together[_Asked, Found]
    asked: _Asked
    views: list[Doc] | None = None

    async def __call__(self) -> Doc | None:
        """The revision, None where there is none."""
        found = await self.asking.get(self.asked)
        self.views = found.views if found else []
        return found.revision if found else None


class StoredViews:
    """Reads view documents; one trip to the database serves all who wait for one."""

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo
        self._tenants: dict[str, Together[_Asked, Found]] = {}

    async def of(self, tenant_id: str, client_id: str, classes: frozenset[DataClass]) -> list[Doc]:
        """One client's views of these classes as they are stored now; whoever reads them changes nothing."""
        reading = self.reading(tenant_id, client_id, classes)
        await reading()
        return reading.views or []

    def reading(self, tenant_id: str, client_id: str, classes: frozenset[DataClass]) -> Reading:
        """A trip for one client's views of these classes and the revision of the access facts about them."""
        if tenant_id not in self._tenants:
            self._tenants[tenant_id] = self._asking(tenant_id)
        return Reading(self._tenants[tenant_id], (client_id, classes))

    def _asking(self, tenant_id: str) -> Together[_Asked, Found]:
        rows = self._mongo.tenant("views", tenant_id)

        async def ask(asked: list[_Asked]) -> dict[_Asked, Found]:
            clients = {client_id for client_id, _ in asked}
            found = await rows.aggregate([_match(asked), revisions_beside(tenant_id, clients)])
            revisions = {row["_id"]: row for row in found if "class" not in row}
            views = [row for row in found if "class" in row]
            return {
                (client_id, classes): Found(
                    [row for row in views if row["client_id"] == client_id and row["class"] in classes],
                    revisions.get(facts_key(tenant_id, client_id)),
                )
                for client_id, classes in asked
            }

        return Together(ask, at_once=100)


def _match(asked: Iterable[_Asked]) -> Doc:
    wanted = [
        {"client_id": client_id, "class": {"$in": sorted(c.value for c in classes)}}
        for client_id, classes in asked
    ]
    return {"$match": {"$or": wanted}}
