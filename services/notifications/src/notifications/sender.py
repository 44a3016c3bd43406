"""Sends what is due: decided at send, with fresh facts or not at all; a call to duty is about nobody."""

import asyncio
import logging
from datetime import timedelta
from typing import Any

from chassis.errors import NotFound, Unavailable
from chassis.journal import Tx
from chassis.mongo import DatabaseError
from chassis.runtime import Chassis
from contracts.notifications import DeliveryFailed, DeliverySent
from notifications.clients import Gateways
from notifications.deliveries import (
    FIRST,
    State,
    Template,
    as_caller,
    channel_for,
    concerns,
    gathered,
    in_order,
    message_id,
    now,
    text_of,
)
from notifications.settings import Settings
from notifications.store.contacts import ContactStore
from notifications.store.deliveries import DeliveryStore, prepare
from notifications.store.preferences import PreferenceStore
from policy.duty import on_rota

log = logging.getLogger(__name__)
KNOWN_WITHIN_S = 3.0
"""How long a decision waits for the heartbeat after it: what was withdrawn before it must be known by then."""


class Sender:
    """One loop that turns due rows into messages, or drops them where the recipient may no longer know."""

    def __init__(self, chassis: Chassis, settings: Settings) -> None:
        self._chassis = chassis
        self._settings = settings
        self._rows = DeliveryStore(chassis.mongo)
        self._preferences = PreferenceStore(chassis.mongo)
        self._gateways = Gateways(settings)
        self._contacts = ContactStore(chassis)

    async def run(self, stop: asyncio.Event) -> None:
        """Until told to stop: look four times a second for rows that have gathered long enough."""
        await prepare(self._chassis.mongo)
        while not stop.is_set():
            sent = 0
            try:
                sent = await self.send_due()
            except (DatabaseError, Unavailable) as error:
                log.warning("nothing can be sent now: %s", type(error).__name__)
            if not sent:
                await asyncio.sleep(0.25)

    async def send_due(self) -> int:
        """Send everything due now, one message a person; answers how many rows were looked at.

        Without fresh facts what is about somebody waits. A call to duty is about nobody, and leaves.
        """
        rows = await self._rows.due(now() - timedelta(seconds=self._settings.gather_s))
        if not rows:
            return 0
        ready = rows
        try:
            await self._chassis.access.wait_known(await self._chassis.mongo.now(), KNOWN_WITHIN_S)
        except Unavailable:
            ready = [row for row in rows if row["template"] == Template.DUTY]
            await self._rows.postpone([row for row in rows if row not in ready])
        for group in gathered(ready):
            await self._try_group(group)
        return len(rows)

    async def _try_group(self, group: list[dict[str, Any]]) -> None:
        """Send one person's rows, or later: whatever is wrong with them keeps nobody else's message."""
        try:
            await self._send_group(group)
        except DatabaseError:
            raise
        except Unavailable:
            await self._rows.postpone(group)
        except Exception as error:
            log.error("a message cannot be decided: %s", type(error).__name__)
            await self._rows.postpone(group)

    async def _send_group(self, group: list[dict[str, Any]]) -> None:
        """Decide each row, then send what may be known. Raises Unavailable when that cannot be decided now."""
        decided = [(row, await self._may_know(row)) for row in group]
        if hidden := [row for row, allowed in decided if not allowed]:
            await self._settle(hidden, State.DROPPED, "none")
        if allowed := [row for row, allowed in decided if allowed]:
            await self._deliver(allowed)

    async def _may_know(self, row: dict[str, Any]) -> bool:
        if row["template"] == Template.DUTY:  # it says nothing of anybody, and duty is of the organisation
            return on_rota(await self._chassis.duty.named(row["tenant_id"]), row["person_id"])
        facts = self._chassis.access
        await facts.wait_rev(row["tenant_id"], row["client_id"], row["access_rev"], 1.0)
        document = await facts.document(row["tenant_id"], row["client_id"])
        if document is None:
            return False
        caller = as_caller(document, row["person_id"])
        await facts.ensure_fresh(caller)
        try:
            grants = await facts.grants(caller, row["client_id"])
        except NotFound:
            return False
        return concerns(grants, row)

    async def _deliver(self, rows: list[dict[str, Any]]) -> None:
        first = rows[0]
        contact = await self._contacts.for_message(first["tenant_id"], first["person_id"])
        choice = await self._preferences.choice(first["person_id"])
        wanted = in_order(choice.channels, contact.channels)
        channel = channel_for(wanted, has_email=bool(contact.email), has_phone=bool(contact.phone))
        mine = await self._rows.claim(rows)
        if not mine:
            return
        if max(row["attempts"] for row in mine) > self._settings.attempts:
            await self._settle(mine, State.FAILED, channel)  # every sender that tried it has died
            return
        told = {row["template"] for row in mine}
        text = text_of(next(each for each in FIRST if each in told), self._settings.public_url)
        try:
            await self._gateways.send(channel, contact, text, message_id=message_id(mine[0]["message"]))
        except Exception as error:  # one message that cannot leave must not keep all others
            await self._failed(mine, channel, type(error).__name__)
            return
        await self._settle(mine, State.SENT, channel)

    async def _failed(self, rows: list[dict[str, Any]], channel: str, reason: str) -> None:
        attempts = max(row["attempts"] for row in rows)
        log.warning("a message by %s did not leave (%s), attempt %d", channel, reason, attempts)
        if attempts < self._settings.attempts:
            await self._rows.postpone(rows)
        else:
            await self._settle(rows, State.FAILED, channel)

    async def _settle(self, rows: list[dict[str, Any]], state: State, channel: str) -> None:
        """Write how rows of one tenant ended, the first for all, and tell others in the same transaction.

        Rows that another sender has taken since are its to settle, and to tell of.
        """
        first = rows[0]
        kind = {State.SENT: DeliverySent, State.FAILED: DeliveryFailed}.get(state)

        async def work(tx: Tx) -> None:
            settled: list[dict[str, Any]] = []
            for row in rows:
                ends = State.MERGED if settled and state is State.SENT else state
                if await self._rows.settle(tx, row, ends, channel):
                    settled.append(row)
            if kind and settled:
                tx.record(
                    kind(
                        tenant_id=settled[0]["tenant_id"],
                        client_id=settled[0]["client_id"],
                        delivery_id=settled[0]["_id"].split(":")[1],
                        channel=channel,
                    )
                )

        await self._chassis.journal.write(
            work, tenant_id=first["tenant_id"], by=None, client_id=first["client_id"]
        )
