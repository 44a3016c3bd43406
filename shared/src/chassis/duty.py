"""Whether anybody reads what is written: each organisation's rota, from identity's facts; no rota, no words."""

import time

from chassis.errors import Invalid
from chassis.follower import PEOPLE
from chassis.mongo import Mongo
from contracts.duty import DutyFact

HELD_S = 2.0
"""A changed rota holds everywhere within this time."""
NOBODY = "Nobody is named here yet who reads what is written, so it cannot be taken."
_MOST_HELD = 10_000


class DutyBook:
    """Looks an organisation's rota up in what identity told of it."""

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo
        self._held: dict[str, tuple[float, DutyFact | None]] = {}

    async def of(self, tenant_id: str) -> DutyFact | None:
        """The rota by which words are read; None where there is none, or one without any hours."""
        duty = await self.named(tenant_id)
        return duty if duty and duty.rota else None

    async def named(self, tenant_id: str) -> DutyFact | None:
        """Whom the organisation names: what waits for them stays theirs when nobody has hours any more."""
        now = time.monotonic()
        until, held = self._held.get(tenant_id, (0.0, None))
        if until > now:
            return held
        row = await self._mongo.tenant(PEOPLE, tenant_id).find_one(
            {"_id": f"client:{tenant_id}:{tenant_id}"}, projection={"duty": 1}
        )
        told = (row or {}).get("duty")
        found = DutyFact.model_validate(told) if told else None
        if len(self._held) > _MOST_HELD:
            self._held.clear()
        self._held[tenant_id] = (now + HELD_S, found)
        return found

    async def check(self, tenant_id: str, words: str | None, field: str = "words") -> None:
        """Raises Invalid for words that nobody would read."""
        if words and await self.of(tenant_id) is None:
            raise Invalid(
                NOBODY,
                field=field,
                fix="Leave the words out and tell the people there yourself. The organisation can set its duty rota.",
            )
