"""A read is written down before it is answered, and readers who come together share a commit."""

import asyncio
from typing import Any

import pytest
from pymongo import monitoring
from pymongo.errors import InvalidOperation

from chassis.audit import Audit
from chassis.audit_chain import AuditChain
from chassis.mongo import Mongo
from contracts.access import Role
from policy.caller import Caller, Hat


class _Inserts(monitoring.CommandListener):
    """Counts the insert commands that leave for an audit collection."""

    def __init__(self) -> None:
        self.sent = 0

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        self.sent += event.command.get("insert") == "audit"

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None: ...

    def failed(self, event: monitoring.CommandFailedEvent) -> None: ...


INSERTS = _Inserts()
monitoring.register(INSERTS)


def _caller(tenant: str, person: str = "p1") -> Caller:
    return Caller(tenant, person, (Hat(role=Role.GUARDIAN),), "family", "sid", frozenset({"care"}))


async def test_a_read_is_written_down_before_it_returns(core: Any, tenant: str) -> None:
    await core.audit.read(_caller(tenant), "c1", ["task", "measure"], policy_hash="abc", consent_ids=["k1"])
    entry = await core.mongo.tenant("audit", tenant).find_one({"client_id": "c1"})
    assert (entry["by"], entry["action"], entry["classes"]) == ("p1", "read", ["measure", "task"])
    assert (entry["policy_hash"], entry["consent_ids"]) == ("abc", ["k1"])


async def test_many_reads_of_two_tenants_share_few_commits(core: Any, tenant: str, twin: str) -> None:
    readers = [_caller(owner, f"p{n}") for n in range(50) for owner in (tenant, twin)]
    before = INSERTS.sent
    await asyncio.gather(*(core.audit.read(reader, "c1", ["task"]) for reader in readers))
    assert 1 <= INSERTS.sent - before <= 3
    assert await core.mongo.tenant("audit", tenant).count() == 50
    assert await core.mongo.tenant("audit", twin).count() == 50


async def test_entries_are_chained_by_tenant_and_every_later_change_shows(
    core: Any, tenant: str, twin: str
) -> None:
    chain = AuditChain(core.mongo)
    await chain.prepare()
    for owner in (tenant, twin):
        for n in range(3):
            await core.audit.read(_caller(owner, f"p{n}"), "c1", ["task"])
    assert await chain.seal_all() >= 6
    await core.audit.read(_caller(tenant, "p3"), "c1", ["task"])
    assert await chain.seal_all() == 1
    assert (await chain.first_broken(tenant), await chain.first_broken(twin)) == (None, None)
    entries = core.mongo.tenant("audit", tenant)
    await entries.update_one({"link.n": 2}, {"$set": {"by": "another"}})
    assert (await chain.first_broken(tenant), await chain.first_broken(twin)) == (2, None)
    theirs = core.mongo.tenant("audit", twin)
    await theirs.delete_one({"link.n": 3})
    assert await chain.first_broken(twin) == 3


async def test_nobody_is_answered_when_the_entry_cannot_be_written(core: Any, tenant: str) -> None:
    mongo = Mongo(core.settings)
    audit = Audit(mongo)
    mongo.close()
    readers = [audit.read(_caller(tenant, f"p{n}"), "c1", ["task"]) for n in range(5)]
    found = await asyncio.gather(*readers, return_exceptions=True)
    assert [type(error) for error in found] == [InvalidOperation] * 5
    with pytest.raises(InvalidOperation):
        await audit.read(_caller(tenant), "c1", ["task"])
