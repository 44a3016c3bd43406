"""How much each home carries, over all tenants: digests in lists, no tenant, client or task among them."""

from collections.abc import Iterable, Mapping

from care_plans.households import Load, Waiting
from chassis.journal import Tx
from chassis.mongo import Doc, GlobalCollection

LOADS = "household_load"
WHY = "a household's cap counts the live tasks of all tenants, as a number"


class LoadStore:
    """The loads of homes, inside a transaction: two commands that meet in a home run one after the other."""

    def __init__(self, rows: GlobalCollection) -> None:
        self._rows = rows

    async def get(self, keys: Iterable[str]) -> dict[str, Load]:
        """The loads of these homes; an unknown home carries nothing yet."""
        wanted = list(keys)
        rows = await self._rows.find({"_id": {"$in": wanted}}) if wanted else []
        found = {row["_id"]: _load(row) for row in rows}
        return {key: found.get(key, Load(key)) for key in wanted}

    async def save(self, loads: Mapping[str, Load]) -> None:
        """Store the loads."""
        for key, load in sorted(loads.items()):
            waiting = [{"place": entry.place, "elsewhere": entry.elsewhere} for entry in load.waiting]
            await self._rows.replace_one(
                {"_id": key}, {"_id": key, "live": load.live, "waiting": waiting}, upsert=True
            )


def load_store(tx: Tx) -> LoadStore:
    """The homes of all tenants, in this transaction."""
    return LoadStore(tx.crossing_tenants(LOADS, why=WHY))


def _load(row: Doc) -> Load:
    waiting = [Waiting(entry["place"], entry["elsewhere"]) for entry in row["waiting"]]
    return Load(row["_id"], list(row["live"]), waiting)
