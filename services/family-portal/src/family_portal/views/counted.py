"""What is counted of a client by readers who may open no single record of it, still sealed."""

import time
from collections import OrderedDict
from datetime import datetime

from chassis.mongo import Doc, Mongo
from family_portal.views.parts import COUNTED, sortable

MOST = 1_000
"""So many are counted at most, the newest."""
_HELD = 500
_HELD_S = 60.0
"""A rebuild puts rows right, and a worker of an earlier release stores them, without a word in the view."""
_Span = tuple[str, str, str, str]
"""A client, and from when until when."""


class CountedItems:
    """Reads what is counted, once for each change of it: the class's view says which event touched it last."""

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo
        self._held: OrderedDict[_Span, tuple[list[int], float, list[Doc]]] = OrderedDict()

    async def of(
        self, tenant_id: str, client_id: str, views: list[Doc], since: datetime, until: datetime
    ) -> list[Doc]:
        """One client's counted rows between two moments, newest first, at least as new as these views say."""
        touched = [view["seq"] for view in views if view["class"] == COUNTED]
        span = (tenant_id, client_id, sortable(since), sortable(until))
        held, now = self._held.get(span), time.monotonic()
        if held is None or held[0] != touched or held[1] < now:
            held = self._held[span] = (touched, now + _HELD_S, await self._stored(*span))
            if len(self._held) > _HELD:
                self._held.popitem(last=False)
        return held[2]

    async def _stored(self, tenant_id: str, client_id: str, since: str, until: str) -> list[Doc]:
        when = {"$gte": since, "$lt": until}
        query = {"gone": None, "client_id": client_id, "class": COUNTED.value, "happened_at": when}
        rows = self._mongo.tenant("items", tenant_id)
        return await rows.find(query, sort=[("happened_at", -1), ("_id", -1)], limit=MOST)
