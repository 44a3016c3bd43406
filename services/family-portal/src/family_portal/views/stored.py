"""The stored views of clients, asked for by all who read at the same moment together."""

from chassis.mongo import Doc, Mongo
from chassis.together import Together
from contracts.classes import DataClass

_Asked = tuple[str, frozenset[DataClass]]
"""A client, and the classes of theirs that are read."""


class StoredViews:
    """Reads view documents, still sealed; one trip to the database serves all who wait for one."""

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo
        self._tenants: dict[str, Together[_Asked, list[Doc]]] = {}

    async def of(self, tenant_id: str, client_id: str, classes: frozenset[DataClass]) -> list[Doc]:
        """One client's views of these classes as they are stored now; whoever reads them changes nothing."""
        if tenant_id not in self._tenants:
            self._tenants[tenant_id] = self._asking(tenant_id)
        return await self._tenants[tenant_id].get((client_id, classes)) or []

    def _asking(self, tenant_id: str) -> Together[_Asked, list[Doc]]:
        rows = self._mongo.tenant("views", tenant_id)

        async def ask(asked: list[_Asked]) -> dict[_Asked, list[Doc]]:
            found = await rows.find(
                {
                    "$or": [
                        {"client_id": client_id, "class": {"$in": sorted(c.value for c in classes)}}
                        for client_id, classes in asked
                    ]
                }
            )
            return {key: [row for row in found if _belongs(row, key)] for key in asked}

        return Together(ask, at_once=100)


def _belongs(row: Doc, asked: _Asked) -> bool:
    client_id, classes = asked
    return row["client_id"] == client_id and row["class"] in classes
