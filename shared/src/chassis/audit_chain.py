"""Seals audit entries into a hash chain for each tenant, so that a later change or removal shows."""

import asyncio
import hashlib
import json
import logging
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from pymongo import IndexModel

from chassis.audit import AUDIT
from chassis.lease import Lease
from chassis.mongo import Change, Doc, Mongo, Session

HEADS = "audit_heads"
SEAL_S = 1.0
_AT_ONCE = 500
_TENANTS_AT_ONCE = 200
_LEASE_MS = 10_000
_START = "0" * 64
_CHAINED = {"command": 0}

_alarm = logging.getLogger("chassis.alarm")


def link_hash(previous: str, entry: Mapping[str, Any]) -> str:
    """The hash that ties an entry to all before it: who did what; not how a request is recognised again."""
    told = {name: value for name, value in entry.items() if name not in ("link", "open", "command")}
    text = json.dumps(told, sort_keys=True, separators=(",", ":"), default=_plain)
    return hashlib.sha256(previous.encode() + text.encode()).hexdigest()


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"an audit entry holds no {type(value).__name__}")


class AuditChain:
    """One service's chains. It proves tampering after sealing, not in the second before."""

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo
        self._entries = mongo.crossing_tenants(AUDIT, why="which tenants have entries to seal")
        self._lease = Lease(mongo, "audit-chain", lives_ms=_LEASE_MS)

    async def prepare(self) -> None:
        """Create the collection of heads and the chain's indexes."""
        await self._mongo.ensure(HEADS, [])
        await self._mongo.ensure(AUDIT, [[("tenant_id", 1), ("link.n", 1)]])
        unsealed = IndexModel([("open", 1), ("tenant_id", 1)], partialFilterExpression={"open": True})
        await self._mongo.ensure(AUDIT, [unsealed], across=True)

    async def run(self, stop: asyncio.Event) -> None:
        """Seal every second until told to stop; outages of the database only delay it."""
        while not stop.is_set():
            try:
                if await self._lease.hold():
                    await self.seal_all()
            except Exception as error:
                _alarm.warning("audit entries wait to be sealed: %s", type(error).__name__)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), SEAL_S)
        with suppress(Exception):
            await self._lease.give_up()

    async def seal_all(self) -> int:
        """Seal what is unsealed in every tenant. Returns how many entries."""
        grouped: list[Doc] = [
            {"$match": {"open": True}},
            {"$group": {"_id": "$tenant_id"}},
            {"$limit": _TENANTS_AT_ONCE},
        ]
        sealed = 0
        for row in await self._entries.aggregate(grouped):
            sealed += await self._seal(row["_id"])
        return sealed

    async def _seal(self, tenant_id: str) -> int:
        """Tie one tenant's next entries to its chain, entries and head in one transaction."""

        async def work(session: Session) -> int:
            entries = self._mongo.tenant(AUDIT, tenant_id, session=session)
            heads = self._mongo.tenant(HEADS, tenant_id, session=session)
            head = await heads.find_one({"_id": heads.key("head")}) or {"n": 0, "hash": _START}
            n, last = head["n"], head["hash"]
            changes = []
            unsealed = await entries.find(
                {"open": True}, sort=[("at", 1)], limit=_AT_ONCE, projection=_CHAINED
            )
            for entry in unsealed:
                n, last = n + 1, link_hash(last, entry)
                sealed = {"$set": {"link": {"n": n, "hash": last}}, "$unset": {"open": ""}}
                changes.append(Change({"_id": entry["_id"]}, sealed))
            if changes:
                await entries.bulk(changes)
                await heads.replace_one({"_id": heads.key("head")}, {"n": n, "hash": last}, upsert=True)
            return len(changes)

        return await self._mongo.transaction(work)

    async def first_broken(self, tenant_id: str) -> int | None:
        """The number of the first link that no longer holds, None when the whole chain does."""
        entries, heads = self._mongo.tenant(AUDIT, tenant_id), self._mongo.tenant(HEADS, tenant_id)
        head = await heads.find_one({"_id": heads.key("head")}) or {"n": 0, "hash": _START}
        n, last = 0, _START
        while n < head["n"]:
            where = {"link.n": {"$gt": n}}
            rows = await entries.find(where, sort=[("link.n", 1)], limit=_AT_ONCE, projection=_CHAINED)
            for entry in rows:
                n, last = n + 1, link_hash(last, entry)
                if entry["link"] != {"n": n, "hash": last}:
                    return n
            if not rows:
                return n + 1
        return None if last == head["hash"] else n
