"""The one reader of views: opens exactly what the grants allow, and writes down that it did."""

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from chassis.cursors import cursor_of, unknown_place, values_of
from chassis.errors import NotFound
from chassis.mongo import Doc, TenantCollection
from chassis.runtime import Chassis
from contracts.access import AccessDocument
from contracts.care_plans import GoalChanged, LogAnswered, StrategyNoted
from contracts.classes import DataClass
from contracts.family_portal import TaskLogged
from family_portal.views.counted import CountedItems
from family_portal.views.everyone import Everyone
from family_portal.views.ledger import saw
from family_portal.views.opened import Entry, OpenedEntries
from family_portal.views.parts import COUNTED, goal_of
from family_portal.views.stored import StoredViews
from policy.caller import Caller
from policy.filters import filter as items_filter
from policy.filters import shows
from policy.grants import Grants
from policy.readers import everybody, known_to

PLAN_CLASSES = (
    DataClass.PLAN_TEAM,
    DataClass.PLAN_PLAIN,
    DataClass.PLAN_SCHOOL,
    DataClass.PLAN_OWN,
    DataClass.PLAN_PRIVATE,
)

ASIDE = frozenset({DataClass.ABOUT_ME})
"""Classes that few pages show: their views are fetched by these alone, and no other page waits for them."""
_HELD = 2_000
_NEWEST_FIRST = {"happened_at": -1, "_id": -1}


@dataclass
class Reach:
    """A caller's reach into one client in one request: what they may see there, and the facts behind it."""

    caller: Caller
    client_id: str
    grants: Grants
    document: AccessDocument
    views: list[dict[str, Any]] | None = None
    """The stored views of every class the caller may read or count, once they were asked for."""
    aside: list[dict[str, Any]] | None = None
    """Those of the classes that are fetched apart, once they were asked for."""
    opened: dict[DataClass, list[Entry]] = field(default_factory=dict)
    """The parts the caller may see of each class that was asked for, opened once."""
    alone: bool = True
    """Whether the client's id is that of one client only, of all whom this person may know of."""
    decided: OrderedDict[object, Everyone] = field(default_factory=OrderedDict)
    """What earlier requests found out about everybody; the reader keeps it from one request to the next."""

    @property
    def knows_when(self) -> bool:
        """Whether the caller may know when the client comes; a summary alone does not tell it."""
        return self.grants.may(DataClass.ATTENDANCE)

    @cached_property
    def everyone(self) -> Everyone:
        """What everybody whom this caller may know of may do with the client's record, the caller too.

        It holds as long as the decision about the caller does: nothing changes before `grants.until`.
        """
        facts, mine = self.document, self.grants
        key = (self.caller, facts.key, facts.rev, facts.closed, mine.until, mine.policy_hash)
        found = self.decided.get(key)
        if found is None:
            found = self.decided[key] = Everyone(everybody(known_to(mine, facts), datetime.now(UTC)))
            if len(self.decided) > _HELD:
                self.decided.popitem(last=False)
        return found


@dataclass(frozen=True)
class Left:
    """What stays of a part that is there no more: whom it concerned, and whether it was over."""

    data_class: DataClass
    parties: tuple[str, ...]
    goal_id: str | None
    over: bool


@dataclass(frozen=True)
class Page:
    """A page of items, newest first, and where the next one starts."""

    entries: list[Entry]
    next: str | None


class Reader:
    """Reads views and items for one caller; every read is authorised and audited here."""

    def __init__(self, chassis: Chassis) -> None:
        self._chassis = chassis
        self._decided: OrderedDict[object, Everyone] = OrderedDict()
        self._stored = StoredViews(chassis.mongo)
        self._readable: OrderedDict[tuple[Caller, str], frozenset[DataClass]] = OrderedDict()
        self._opened = OpenedEntries(chassis.keys)
        self._counted = CountedItems(chassis.mongo)

    async def reach(self, caller: Caller, client_id: str, *, however_old: bool = False) -> Reach:
        """Decide what the caller may see of this client. Raises NotFound, or Unavailable when facts are stale.

        `however_old`: also by stale ones, where identity itself decides about all that is shown.

        The facts come in one trip with the views that the last decision let them read. Those are still sealed,
        and are dropped unless this decision says the same.
        """
        known = self._readable.get((caller, client_id))
        reading = self._stored.reading(caller.tenant_id, client_id, known) if known else None
        document, grants = await self._chassis.access.decided(
            caller, client_id, reading, however_old=however_old
        )
        reach = Reach(caller, client_id, grants, document, decided=self._decided)
        if reading is not None and known == _asked_for(grants):
            reach.views = reading.views
        return reach

    async def parts(self, reach: Reach, classes: Iterable[DataClass], *, shown: bool = True) -> list[Entry]:
        """The goals and tasks of these classes that the caller may see, opened; the read is audited.

        Not `shown`: only looked at to decide a write, whose own audit entry says all there is to say.
        """
        wanted = [c for c in classes if reach.grants.may(c)]
        if not wanted:
            return []
        rows = [(DataClass(row["class"]), row) for row in await self._views(reach, wanted)]
        await self._open_parts(reach, [(c, row) for c, row in rows if c in wanted and c not in reach.opened])
        entries = [entry for c, _ in rows if c in wanted for entry in reach.opened[c]]
        if shown:
            await saw(
                self._chassis.audit, reach.caller, reach.grants, {entry.data_class for entry in entries}
            )
        return entries

    async def left(self, reach: Reach, classes: Iterable[DataClass], record_id: str) -> Left | None:
        """A part that was there for this caller and has left; of what was never theirs nothing is said."""
        wanted = {c for c in classes if reach.grants.may(c)}
        rows = [(DataClass(row["class"]), row) for row in await self._views(reach)]
        found = [
            Left(data_class, tuple(part["parties"]), goal_of(part), bool(part.get("over")))
            for data_class, row in rows
            for part in row.get("parts", {}).values()
            if data_class in wanted
            and part["record_id"] == record_id
            and part.get("gone")
            and shows(reach.grants, data_class, part["parties"], goal_of(part))
        ]
        return found[0] if found else None

    async def _open_parts(self, reach: Reach, rows: list[tuple[DataClass, dict[str, Any]]]) -> None:
        seen = [
            (data_class, part)
            for data_class, row in rows
            for part in row.get("parts", {}).values()
            if not part.get("gone") and shows(reach.grants, data_class, part["parties"], goal_of(part))
        ]
        reach.opened |= {data_class: [] for data_class, _ in rows}
        for entry in await self._opened.of(reach.caller.tenant_id, reach.client_id, seen):
            reach.opened[entry.data_class].append(entry)

    async def _views(self, reach: Reach, wanted: Iterable[DataClass] = ()) -> list[dict[str, Any]]:
        """The stored views of what the caller may read, and of the classes aside where they are wanted."""
        views = await self._usual(reach)
        if ASIDE.isdisjoint(wanted):
            return views
        if reach.aside is None:
            reach.aside = await self._stored.of(reach.caller.tenant_id, reach.client_id, ASIDE)
        return [*views, *reach.aside]

    async def _usual(self, reach: Reach) -> list[dict[str, Any]]:
        if reach.views is None:
            classes = _asked_for(reach.grants)
            reach.views = await self._stored.of(reach.caller.tenant_id, reach.client_id, classes)
            self._readable[reach.caller, reach.client_id] = classes
            if len(self._readable) > _HELD:
                self._readable.popitem(last=False)
        return reach.views

    async def items(
        self,
        reach: Reach,
        classes: Iterable[DataClass],
        *,
        limit: int = 50,
        after: str | None = None,
        match: Mapping[str, Any] | None = None,
    ) -> Page:
        """A page of items of these classes that the caller may see, newest first; the read is audited.

        An answer to a log that was taken back is passed over, so a page may hold fewer than there is room for. What
        school said of a goal is there while the goal is school's. Raises Invalid where `after` is no place here.
        """
        wanted = [c for c in classes if reach.grants.may(c)]
        if not wanted:
            return Page([], None)
        beyond = [await self._beyond(reach, wanted, after)] if after else []
        query = _shown(reach, wanted, match, *beyond, *await self._while_shared(reach, wanted))
        rows = self._chassis.mongo.tenant("items", reach.caller.tenant_id)
        found = await rows.find(query, sort=list(_NEWEST_FIRST.items()), limit=limit + 1)
        page = list(found)[:limit]
        cursor = cursor_of([_name_of(page[-1], reach)]) if len(found) > limit else None
        return Page(await self._open_items(reach, await self._standing(rows, reach, page)), cursor)

    @staticmethod
    async def _standing(rows: TenantCollection, reach: Reach, page: list[Doc]) -> list[Doc]:
        """What of a page still stands: the answer to a log leaves with the log.

        Both come in streams of their own, in whatever order, so it is found at each read and kept nowhere.
        """
        logs = {row["meta"]["log_id"] for row in page if row["type"] == LogAnswered.TYPE}
        if not logs:
            return page
        names = [f"{c}:{TaskLogged.producer()}:{log}" for c in TaskLogged.SECTIONS for log in sorted(logs)]
        keys = [f"{reach.caller.tenant_id}:{reach.client_id}:{name}" for name in names]
        left = await rows.find({"_id": {"$in": keys}, "gone": True})
        gone = {row["record_id"] for row in left}
        return [row for row in page if row["type"] != LogAnswered.TYPE or row["meta"]["log_id"] not in gone]

    async def _while_shared(self, reach: Reach, wanted: Iterable[DataClass]) -> list[dict[str, Any]]:
        """What was said of strategies leaves school with the goal they stand in, and comes back with it.

        The goal's own event takes both away: it is found at each read, and kept nowhere. The team reads it on.
        """
        if DataClass.PLAN_SCHOOL not in wanted or "team" in reach.grants.labels:
            return []
        views = [row for row in await self._views(reach) if row["class"] == DataClass.PLAN_SCHOOL]
        parts = [part for row in views for part in row.get("parts", {}).values() if not part.get("gone")]
        goals = [part for part in parts if part["type"] == GoalChanged.TYPE]
        shared = [
            str(goal["record_id"])
            for goal in goals
            if shows(reach.grants, DataClass.PLAN_SCHOOL, goal["parties"], goal_of(goal))
        ]
        return [{"$or": [{"type": {"$ne": StrategyNoted.TYPE}}, {"goal_id": {"$in": sorted(shared)}}]}]

    async def _beyond(self, reach: Reach, wanted: Iterable[DataClass], after: str) -> dict[str, Any]:
        """What comes after an item of the list.

        A place is named by its item and never by a time: it would tell, or let somebody find out step by step,
        when a session was whose summary alone they may read.
        """
        [name, *more] = values_of(after) or [None]
        where = {"_id": f"{reach.caller.tenant_id}:{reach.client_id}:{name}", "gone": {"$in": [None, True]}}
        rows = self._chassis.mongo.tenant("items", reach.caller.tenant_id)
        found = None if more else await rows.find_one(_shown(reach, wanted, where))
        if found is None:
            raise unknown_place()
        return _before(found["happened_at"], found["_id"])

    async def oldest(
        self, reach: Reach, classes: Iterable[DataClass], *, limit: int, match: Mapping[str, Any]
    ) -> list[Entry]:
        """Of the items that match, those that have waited longest, the oldest first; the read is audited."""
        wanted = [c for c in classes if reach.grants.may(c)]
        if not wanted:
            return []
        rows = self._chassis.mongo.tenant("items", reach.caller.tenant_id)
        oldest_first = [(name, -order) for name, order in _NEWEST_FIRST.items()]
        found = await rows.find(_shown(reach, wanted, match), sort=oldest_first, limit=limit)
        return await self._open_items(reach, list(found))

    async def latest(
        self, reach: Reach, classes: Iterable[DataClass], *, match: Mapping[str, Any]
    ) -> list[Entry]:
        """Of the items that match, the newest of each goal and party that the caller may see, newest first.

        However much was said before, these are as many as there are goals and people; the read is audited.
        """
        wanted = [c for c in classes if reach.grants.may(c)]
        if not wanted:
            return []
        of_each = {"_id": {"goal": "$goal_id", "parties": "$parties"}, "newest": {"$first": "$$ROOT"}}
        rows = self._chassis.mongo.tenant("items", reach.caller.tenant_id)
        found = await rows.aggregate(
            [
                {"$match": _shown(reach, wanted, match)},
                {"$sort": _NEWEST_FIRST},
                {"$group": of_each},
                {"$replaceRoot": {"newRoot": "$newest"}},
                {"$sort": _NEWEST_FIRST},
            ]
        )
        return await self._open_items(reach, found)

    async def school_saw(
        self, reach: Reach, goals: Collection[str], since: datetime, until: datetime
    ) -> list[Entry]:
        """What school noted of these goals, which the caller sees, between two moments: to be counted, for somebody
        who may know how often in a week and of no single one. The read is audited."""
        if not goals or not reach.grants.may(COUNTED, "metadata"):
            return []
        views = await self._views(reach)
        rows = await self._counted.of(reach.caller.tenant_id, reach.client_id, views, since, until)
        found = [row for row in rows if row["goal_id"] in goals]
        await saw(
            self._chassis.audit,
            reach.caller,
            reach.grants,
            {COUNTED} if found else (),
            counted=True,
        )
        sealed = [(COUNTED, row) for row in found]
        return await self._opened.of(reach.caller.tenant_id, reach.client_id, sealed)

    async def _open_items(self, reach: Reach, rows: list[dict[str, Any]]) -> list[Entry]:
        read = [(DataClass(row["class"]), row) for row in rows]
        await saw(self._chassis.audit, reach.caller, reach.grants, {data_class for data_class, _ in read})
        return await self._opened.of(reach.caller.tenant_id, reach.client_id, read)

    async def own(self, callers: Iterable[Caller]) -> tuple[Caller, str] | None:
        """The person's own record, which depends on nobody else's; None where they are no client."""
        for caller in callers:
            for document in await self._chassis.access.clients_of(caller.person_id, [caller.tenant_id]):
                if document.client_person_id == caller.person_id:
                    return caller, document.client_id
        return None

    async def clients(self, callers: Iterable[Caller]) -> list[Reach]:
        """Every client the person has any reach into, over all their tenants, in a stable order."""
        named = [
            (caller, document.client_id)
            for caller in callers
            for document in await self._chassis.access.clients_of(caller.person_id, [caller.tenant_id])
        ]
        found = filter(None, await asyncio.gather(*(self.reach_or_none(*each) for each in named)))
        reached = sorted(found, key=lambda reach: (reach.caller.tenant_id, reach.client_id))
        ids = Counter(reach.client_id for reach in reached)
        for reach in reached:
            reach.alone = ids[reach.client_id] == 1
        return reached

    async def reach_or_none(
        self, caller: Caller, client_id: str, *, however_old: bool = False
    ) -> Reach | None:
        """As `reach`; None where the caller has none."""
        try:
            return await self.reach(caller, client_id, however_old=however_old)
        except NotFound:
            return None


def _asked_for(grants: Grants) -> frozenset[DataClass]:
    """The classes whose views a reader needs: what may be read, and what may be counted."""
    wanted = {data_class for data_class in grants.classes if grants.may(data_class)} - ASIDE
    return frozenset(wanted | {COUNTED} if grants.may(COUNTED, "metadata") else wanted)


def _shown(
    reach: Reach, wanted: Iterable[DataClass], match: Mapping[str, Any] | None, *more: Mapping[str, Any]
) -> dict[str, Any]:
    """The items of these classes that the caller may see."""
    return {
        "$and": [
            {"gone": None, **(match or {}), "client_id": reach.client_id},
            {"class": {"$in": [c.value for c in wanted]}},
            items_filter(reach.grants),
            *more,
        ]
    }


def _name_of(row: Mapping[str, Any], reach: Reach) -> str:
    """An item's own name among those of its client."""
    return str(row["_id"]).removeprefix(f"{reach.caller.tenant_id}:{reach.client_id}:")


def _before(moment: str, key: str) -> dict[str, Any]:
    return {"$or": [{"happened_at": {"$lt": moment}}, {"happened_at": moment, "_id": {"$lt": key}}]}
