"""Who did and who read what: entries of ids and class names, never a word of the record itself."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime

from chassis.mongo import Add, Doc, Mongo
from contracts.ids import new_id
from policy.caller import Caller

AUDIT = "audit"
_MOST_AT_ONCE = 1_000


def audit_entry(
    tenant_id: str,
    by: str | None,
    action: str,
    client_id: str | None,
    *,
    classes: Iterable[str] = (),
    detail_id: str | None = None,
    policy_hash: str | None = None,
    consent_ids: Iterable[str] = (),
) -> Doc:
    """One entry of the audit, ready to insert."""
    return {
        "_id": f"{tenant_id}:{new_id()}",
        "tenant_id": tenant_id,
        "client_id": client_id,
        "by": by,
        "action": action,
        "classes": sorted(map(str, classes)),
        "detail_id": detail_id,
        "policy_hash": policy_hash,
        "consent_ids": sorted(consent_ids),
        "at": datetime.now(UTC),
        "open": True,
    }


class Audit:
    """Writes reads down before they are answered; those that wait together are committed together."""

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo
        self._waiting: list[tuple[Doc, asyncio.Future[None]]] = []
        self._committing: asyncio.Task[None] | None = None

    async def prepare(self) -> None:
        """Create the collection and its indexes."""
        await self._mongo.ensure(
            AUDIT,
            [
                [("tenant_id", 1), ("client_id", 1), ("at", -1)],
                [("tenant_id", 1), ("by", 1), ("at", -1)],
            ],
        )

    async def read(
        self,
        caller: Caller,
        client_id: str | None,
        classes: Iterable[str],
        *,
        detail_id: str | None = None,
        policy_hash: str | None = None,
        consent_ids: Iterable[str] = (),
    ) -> None:
        """Return once the read is written down by a majority; an answer may leave only then."""
        entry = audit_entry(
            caller.tenant_id,
            caller.person_id,
            "read",
            client_id,
            classes=classes,
            detail_id=detail_id,
            policy_hash=policy_hash,
            consent_ids=consent_ids,
        )
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((entry, done))
        if self._committing is None or self._committing.done():
            self._committing = asyncio.create_task(self._commit())
        await done

    async def _commit(self) -> None:
        """Commit group after group: what arrives during one write goes into the next, without a timer."""
        rows = self._mongo.crossing_tenants(AUDIT, why="one group of entries of several tenants")
        while self._waiting:
            group, self._waiting = self._waiting[:_MOST_AT_ONCE], self._waiting[_MOST_AT_ONCE:]
            try:
                await rows.bulk_by_tenant(
                    [(str(entry["tenant_id"]), Add(entry)) for entry, _ in group], ordered=False
                )
            except Exception as error:
                _finish([done for _, done in group], error)
            else:
                _finish([done for _, done in group], None)


def _finish(waiting: list[asyncio.Future[None]], error: Exception | None) -> None:
    for done in waiting:
        if done.done():
            continue
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)
