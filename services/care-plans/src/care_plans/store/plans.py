"""The staff's plan number at rest."""

from care_plans.plans import Plan
from chassis.journal import Tx
from chassis.mongo import TenantCollection

PLANS = "plans"


class PlanStore:
    """The plans of one tenant."""

    def __init__(self, rows: TenantCollection) -> None:
        self._rows = rows

    async def get(self, client_id: str) -> Plan:
        """The client's plan; one that nobody has begun is at version 0."""
        row = await self._rows.find_one({"_id": self._rows.key(client_id)})
        return Plan(self._rows.tenant_id, client_id, row["version"] if row else 0)

    async def save(self, tx: Tx, plan: Plan) -> None:
        """Store the plan's number and tell its events."""
        key = self._rows.key(plan.client_id)
        row = {"_id": key, "client_id": plan.client_id, "version": plan.version}
        await self._rows.replace_one({"_id": key}, row, upsert=True)
        for event in plan.events:
            tx.record(event)
        plan.events.clear()
