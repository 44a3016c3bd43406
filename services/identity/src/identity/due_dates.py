"""Due dates: at the moment an access document said it would change, it is computed and published again."""

from collections.abc import Callable
from typing import Any

from chassis.journal import Tx
from chassis.seal import Keyring
from chassis.timers import Timer, timer
from identity.clock import now
from identity.store.desk import Desk
from identity.store.publishing import ACCESS_TIMER, publish_access


def access_timer(keyring: Callable[[], Keyring]) -> Timer:
    """The timer for expiries, ends, begins and birthdays; `keyring` gives the worker's keys once it runs."""

    @timer(ACCESS_TIMER)
    async def on_access_change(payload: dict[str, Any], tx: Tx) -> None:
        moment = now()
        desk = Desk.writing(tx, keyring())
        client_id = payload["client_id"]
        for consent in await desk.consents.of_client(client_id):
            if consent.due_to_expire(moment):
                await desk.consents.save(consent.expired())
        await publish_access(tx, desk, client_id, moment)

    return on_access_change
