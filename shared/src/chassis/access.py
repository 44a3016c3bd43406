"""What an API asks of the access facts: a client's document, how fresh it is, and what a caller may do."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable
from datetime import datetime
from typing import Any

from chassis.changes import changes
from chassis.clients import PeerClients
from chassis.errors import NotFound, Unavailable
from chassis.follower import ACCESS, AccessFollower
from chassis.freshness import Freshness
from chassis.mongo import Doc, Mongo
from chassis.settings import ServiceSettings
from chassis.together import Together
from contracts.access import AccessDocument, Role
from policy import cedar
from policy.caller import Caller
from policy.grants import Grants
from policy.grants import grants as decide

__all__ = ["AccessFacts", "AccessFollower"]

ASK_S = 0.25
"""How long identity may take to say which revision is current."""
_ASKED_HOLDS_S = 1.0
_HELD = 10_000
_STAFF = (Role.THERAPIST, Role.SUPERVISOR, Role.ORG_ADMIN, Role.AUDITOR)
_TOO_OLD = "Who may see this cannot be checked at the moment."


Asked = Callable[[], Awaitable[Doc | None]]
"""Reads the stored revision of one client's document."""
_REVISION = {"rev": 1, "closed": 1}


def revisions_beside(tenant_id: str, client_ids: Collection[str]) -> Doc:
    """A stage that adds the stored revisions of these clients to what a pipeline finds, by the `_id` of `facts_key`."""
    keys = [facts_key(tenant_id, client_id) for client_id in client_ids]
    match = {"$match": {"tenant_id": tenant_id, "_id": {"$in": keys}}}
    return {"$unionWith": {"coll": ACCESS, "pipeline": [match, {"$project": _REVISION}]}}


def facts_key(tenant_id: str, client_id: str) -> str:
    """The `_id` of a client's access document."""
    return f"{tenant_id}:{client_id}"


class AccessFacts:
    """This service's own copy of the access documents, kept by its worker."""

    def __init__(self, mongo: Mongo, peers: PeerClients, settings: ServiceSettings) -> None:
        self._mongo = mongo
        self._limit_s = settings.freshness_limit_s
        self._fresh = Freshness(mongo)
        self._asking = _Revisions(peers)
        self._revisions: dict[str, Together[str, Doc]] = {}
        self._documents: OrderedDict[str, AccessDocument] = OrderedDict()
        self._grants: OrderedDict[tuple[Caller, str, int, str], Grants] = OrderedDict()

    async def document(
        self, tenant_id: str, client_id: str, asked: Asked | None = None
    ) -> AccessDocument | None:
        """The newest stored document of a client, None when there is none.

        `asked` reads its revision in a trip of its own, with `revisions_beside`.
        """
        key = facts_key(tenant_id, client_id)
        found = await (asked() if asked else self._stored(tenant_id).get(key))
        if found is None:
            return None
        held = self._documents.get(key)
        if held is None or (held.rev, held.closed) != (found["rev"], found["closed"]):
            row = await self._mongo.tenant(ACCESS, tenant_id).find_one({"_id": key})
            held = AccessDocument.model_validate(row)
            _hold(self._documents, key, held)
        return held

    def _stored(self, tenant_id: str) -> Together[str, Doc]:
        """The revisions that are stored now, asked for by all readers of a tenant together."""
        if tenant_id not in self._revisions:
            rows = self._mongo.tenant(ACCESS, tenant_id)

            async def ask(keys: list[str]) -> dict[str, Doc]:
                found = await rows.find({"_id": {"$in": keys}}, projection=_REVISION)
                return {row["_id"]: row for row in found}

            self._revisions[tenant_id] = Together(ask)
        return self._revisions[tenant_id]

    async def clients_of(self, person_id: str, tenant_ids: Iterable[str]) -> list[AccessDocument]:
        """Every document in these tenants that names the person; what it grants is another question."""
        found: list[AccessDocument] = []
        for tenant_id in sorted(set(tenant_ids)):
            rows = await self._mongo.tenant(ACCESS, tenant_id).find({"persons": person_id}, sort=[("_id", 1)])
            found += [AccessDocument.model_validate(row) for row in rows]
        return found

    async def age_s(self) -> float:
        """How old the facts are; infinite before the first heartbeat."""
        return await self._fresh.age_s()

    async def now(self) -> datetime:
        """The time by which decisions are made: the database's."""
        return await self._fresh.now()

    async def ensure_fresh(self, caller: Caller) -> None:
        """Raises Unavailable when a family, school or network reader's facts may be outdated."""
        if _goes_on(caller) or await self._fresh.age_s() <= self._limit_s:
            return
        own = await self.clients_of(caller.person_id, [caller.tenant_id])
        await self._check({doc.key: doc.rev for doc in own if doc.client_person_id != caller.person_id})

    async def grants(self, caller: Caller, client_id: str) -> Grants:
        """What the caller may do with this client's record. NotFound to whom it opens no word, Unavailable."""
        return (await self.decided(caller, client_id))[1]

    async def decided(
        self, caller: Caller, client_id: str, asked: Asked | None = None, *, however_old: bool = False
    ) -> tuple[AccessDocument, Grants]:
        """The client's document and what it grants the caller, read once. NotFound, Unavailable.

        `asked` as for `document`; how fresh the facts are is looked at before. `however_old`: nothing of the record
        is shown by this decision, and whoever holds what is shown decides about it anew.
        """
        stale = not (however_old or _goes_on(caller)) and await self._fresh.age_s() > self._limit_s
        doc = await self.document(caller.tenant_id, client_id, asked)
        key = facts_key(caller.tenant_id, client_id)
        if stale and (doc is None or doc.client_person_id != caller.person_id):
            await self._check({key: doc.rev if doc else 0})
        if doc is None:
            raise NotFound
        found = await self._decide(caller, doc)
        if found.reads_nothing:
            raise NotFound
        return doc, found

    async def _decide(self, caller: Caller, doc: AccessDocument) -> Grants:
        now = await self._fresh.now()
        key = (caller, doc.key, doc.rev if not doc.closed else -doc.rev, cedar.shipped().hash)
        held = self._grants.get(key)
        if held is None or held.until <= now:
            held = decide(caller, doc, now)
            _hold(self._grants, key, held)
        return held

    async def _check(self, revs: dict[str, int]) -> None:
        """Raises Unavailable unless identity itself says that these revisions are the current ones."""
        current = await self._asking.current(revs)
        if any(current.get(key, 0) > rev for key, rev in revs.items()):
            raise Unavailable(_TOO_OLD)

    async def wait_known(self, moment: datetime, within_s: float) -> None:
        """Wait until every fact up to `moment` is stored: for what cannot be taken back. Raises Unavailable."""
        deadline = time.monotonic() + within_s
        while (beat := await self._fresh.beat_at()) is None or beat < moment:
            if time.monotonic() > deadline:
                raise Unavailable(_TOO_OLD)
            await asyncio.sleep(0.05)

    async def wait_rev(self, tenant_id: str, client_id: str, rev: int, within_s: float) -> None:
        """Wait until the stored facts have reached a revision. Raises Unavailable when they are late."""
        deadline, pause = time.monotonic() + within_s, 0.005
        rows = self._mongo.tenant(ACCESS, tenant_id)
        where = {"_id": f"{tenant_id}:{client_id}", "rev": {"$gte": rev}}
        while rev > 0 and await rows.find_one(where, projection={"_id": 1}) is None:
            if time.monotonic() + pause > deadline:
                raise Unavailable(_TOO_OLD)
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, 0.1)

    async def changes(self) -> AsyncIterator[tuple[str, str] | None]:
        """(tenant, client) of each document that changes from now on; None after a break."""
        async for change in changes(self._mongo, [ACCESS]):
            if change is None:
                yield None
            else:
                tenant_id, _, client_id = change.key.partition(":")
                yield tenant_id, client_id


class _Revisions:
    """Asks identity for current revisions, many readers in one call, and holds an answer for a second."""

    def __init__(self, peers: PeerClients) -> None:
        self._peers = peers
        self._held: dict[str, tuple[float, int]] = {}
        self._asking = Together(self._ask)

    async def current(self, keys: Iterable[str]) -> dict[str, int]:
        """The current revision of each key, 0 for one that identity does not know. Raises Unavailable."""
        found = await asyncio.gather(*(self._one(key) for key in keys))
        return dict(found)

    async def _one(self, key: str) -> tuple[str, int]:
        held = self._held.get(key)
        if held is not None and time.monotonic() - held[0] <= _ASKED_HOLDS_S:
            return key, held[1]
        return key, await self._asking.get(key) or 0

    async def _ask(self, keys: list[str]) -> dict[str, int]:
        try:
            async with asyncio.timeout(ASK_S):
                answer = await self._peers.call(
                    "identity", "POST", "/internal/access/revs", json={"keys": sorted(keys)}
                )
                answer.raise_for_status()
                revs = answer.json()["revs"]
        except Exception as error:
            raise Unavailable(_TOO_OLD) from error
        at = time.monotonic()
        if len(self._held) > _HELD:
            self._held.clear()
        found = {key: int(revs.get(key, 0)) for key in keys}
        self._held |= {key: (at, rev) for key, rev in found.items()}
        return found


def _goes_on(caller: Caller) -> bool:
    """Staff go on until their token ends, whatever the broker does."""
    if caller.area in ("staff", "service"):
        return True
    return caller.area == "api" and bool(caller.hats) and all(hat.role in _STAFF for hat in caller.hats)


def _hold(cache: OrderedDict[Any, Any], key: Any, value: Any) -> None:
    cache[key] = value
    if len(cache) > _HELD:
        cache.popitem(last=False)
